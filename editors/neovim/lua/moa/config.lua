-- The options with their defaults: what `require("moa").setup{…}` may override. Nobody has to call it. Its rule: this
-- is the one place where a default is written. Never here: what the server is configured with otherwise (its own
-- `moa.toml`).

local M = {}

--- The plugin's version; the server's has to agree in its first two numbers.
M.VERSION = "0.1.0"

---@class moa.ServerOptions
---@field cmd? string|string[] The server's program by its full path, and its arguments; nothing else is tried then
---@field workspace_environment boolean Whether the `.venv` of the workspace may hold the server, and is run
---@field autostart boolean Whether the server starts with a project's first file, not with the first `:Moa`

---@class moa.PanelOptions
---@field position "right"|"left"|"bottom"|"float" Where the panel opens
---@field width number Of a panel at the side or afloat: columns, or below 1 the part of the screen
---@field height number Of a panel at the bottom or afloat: lines, or below 1 the part of the screen

---@class moa.ReviewOptions
---@field signs boolean Whether hunks are marked in the sign column
---@field inline boolean Whether old and new text of pending hunks are shown in the buffer

---@class moa.Options
---@field server moa.ServerOptions
---@field settings table The server's settings, as its `moa` section (keys `likeThis`); they win over `moa.toml`
---@field root_markers string[] What stands in a project's root: the nearest folder with one is the workspace
---@field panel moa.PanelOptions
---@field review moa.ReviewOptions
---@field save_after_apply boolean Whether files are written to disk once an edit was applied in them

---@type moa.Options
local DEFAULTS = {
  server = { cmd = nil, workspace_environment = false, autostart = false },
  settings = {},
  root_markers = { "moa.toml", ".git", ".hg", ".jj" },
  panel = { position = "right", width = 0.4, height = 0.4 },
  review = { signs = true, inline = true },
  save_after_apply = false,
}

--- What may be set although its default is nothing.
local WITHOUT_DEFAULT = { ["server.cmd"] = true }

---@type moa.Options
M.options = vim.deepcopy(DEFAULTS)

---@param given table
---@param known table
---@param path string
---@param wrong string[]
local function check(given, known, path, wrong)
  for key, value in pairs(given) do
    local name = path .. tostring(key)
    local default = known[key]
    if default == nil then
      if not WITHOUT_DEFAULT[name] then
        wrong[#wrong + 1] = ("there is no option `%s`"):format(name)
      end
    elseif type(default) ~= type(value) then
      wrong[#wrong + 1] = ("`%s` is to be a %s, not a %s"):format(name, type(default), type(value))
    elseif type(default) == "table" and not vim.islist(default) then
      check(value, default, name .. ".", wrong)
    end
  end
end

--- Sets options; what isn't named keeps its default. A mistake is told, and that option keeps its default.
---@param given? table In the shape of `moa.Options`, any part of it
---@return string[] wrong What was wrong with them, in words
function M.set(given)
  local settings = (given or {}).settings
  local rest = vim.tbl_extend("force", {}, given or {})
  rest.settings = nil
  local wrong = {} ---@type string[]
  check(rest, DEFAULTS, "", wrong)
  if settings ~= nil and type(settings) ~= "table" then
    wrong[#wrong + 1] = "`settings` is to be a table"
    settings = nil
  end
  if #wrong == 0 then
    M.options = vim.tbl_deep_extend("force", vim.deepcopy(DEFAULTS), rest)
    M.options.settings = settings or {}
  end
  return wrong
end

return M
