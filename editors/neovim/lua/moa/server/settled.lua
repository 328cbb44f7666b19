-- With what configuration Neovim's client of the server is started: ours, the options of `setup`, and what the user gave
-- `vim.lsp.config("moa", …)`, of which ours is only what has to be so. Never here: when it is started.

local compat = require("moa.compat")
local config = require("moa.config")
local handlers = require("moa.server.handlers")
local workspace = require("moa.server.workspace")

local M = {}

---@param one any
---@return any[]
local function listed(one)
  return type(one) == "table" and one or { one }
end

---@param spawn fun(dispatchers: table, env?: table<string, string>): table Starts the program
---@param folders string[] Full paths
---@param trusted boolean
---@param on_init fun(client: vim.lsp.Client, answer: table) Called with what `initialize` was answered
---@return vim.lsp.ClientConfig
function M.client(spawn, folders, trusted, on_init)
  local user = compat.lsp_config() or {}
  local settings = vim.tbl_deep_extend("force", vim.tbl_get(user, "settings", "moa") or {}, config.options.settings)
  local base = vim.tbl_deep_extend("force", handlers.config(), {
    capabilities = vim.tbl_deep_extend(
      "force",
      vim.lsp.protocol.make_client_capabilities(),
      handlers.config().capabilities
    ),
  })
  local result = vim.tbl_deep_extend("force", base, user)
  result.name = "moa"
  result.cmd = function(dispatchers)
    return spawn(dispatchers, user.cmd_env)
  end
  result.root_dir = folders[1]
  result.workspace_folders = workspace.as_wire(folders)
  result.settings = next(settings) and { moa = settings } or vim.empty_dict()
  result.init_options = {
    trusted = trusted,
    -- The palette of actions stays small: what the server offers everywhere, `:Moa` does.
    ownCommands = true,
    events = true,
    settings = next(settings) and settings or vim.empty_dict(),
  }
  result.on_init = vim.list_extend(listed(user.on_init), { on_init })
  return result
end

return M
