-- What the plugin says outside of its own windows. Its rule: typing is never stopped. What fits into the message line
-- is said there; what doesn't, and would make Neovim wait for Enter, is shown whole in a small window above it for as
-- long as it takes to read, and is kept in `:messages`. Never here: what is said, and questions.

local compat = require("moa.compat")

local M = {}

--- Neovim keeps so many cells of the message line for the keys that are being typed.
local KEPT_CELLS = 12
--- The second of two messages in so short a time would scroll the first one up, and so stop whoever types.
local TOGETHER_MS = 200
local SHOWN_MS = 5000
local SHOWN_MS_PER_CHARACTER = 50
local WIDEST = 72

local GROUPS = { [vim.log.levels.WARN] = "WarningMsg", [vim.log.levels.ERROR] = "ErrorMsg" }

local said_at = -TOGETHER_MS
---@type integer?
local window

---@param words string
---@return boolean
local function fits(words)
  local cells = vim.fn.strdisplaywidth(words)
  return vim.o.cmdheight > 0 and not words:find("\n", 1, true) and cells <= vim.o.columns - KEPT_CELLS
end

--- Whether the message line is free: nobody types a command in it, and nothing was said just now.
---@return boolean
local function is_free()
  return not vim.api.nvim_get_mode().mode:match("^[cr]") and vim.uv.now() - said_at > TOGETHER_MS
end

--- Breaks words between words so that no line is wider.
---@param words string
---@param width integer Cells
---@return string[]
function M.wrapped(words, width)
  local lines = {}
  for paragraph in vim.gsplit(words, "\n", { plain = true }) do
    local line = ""
    for word in (paragraph:gsub("%c", " ")):gmatch("%S+") do
      local longer = line == "" and word or line .. " " .. word
      if vim.fn.strdisplaywidth(longer) <= width then
        line = longer
      else
        lines[#lines + 1] = line ~= "" and line or nil
        while vim.fn.strdisplaywidth(word) > width do
          local head = vim.fn.strcharpart(word, 0, math.floor(width / 2))
          lines[#lines + 1] = head
          word = word:sub(#head + 1)
        end
        line = word
      end
    end
    lines[#lines + 1] = line
  end
  return lines
end

local function close()
  if window and vim.api.nvim_win_is_valid(window) then
    pcall(vim.api.nvim_win_close, window, true)
  end
  window = nil
end

---@param words string
---@param group string
local function show(words, group)
  close()
  local width = math.max(1, math.min(WIDEST, vim.o.columns - 4))
  local lines = M.wrapped(words, width)
  local widest = 1
  for _, line in ipairs(lines) do
    widest = math.max(widest, vim.fn.strdisplaywidth(line))
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  local mine = vim.api.nvim_open_win(buffer, false, {
    relative = "editor",
    anchor = "SE",
    row = vim.o.lines - vim.o.cmdheight - (vim.o.laststatus > 0 and 1 or 0),
    col = vim.o.columns,
    width = widest,
    height = math.max(1, math.min(#lines, vim.o.lines - 6)),
    style = "minimal",
    border = "rounded",
    focusable = false,
    noautocmd = true,
    zindex = 200,
  })
  window = mine
  vim.wo[mine].winhighlight = ("NormalFloat:NormalFloat,FloatBorder:%s"):format(group)
  vim.defer_fn(function()
    if window == mine then
      close()
    end
  end, SHOWN_MS + SHOWN_MS_PER_CHARACTER * #words)
  if vim.api.nvim_get_mode().mode:match("^[cr]") then
    -- While a command is typed nothing draws by itself.
    vim.cmd.redraw()
  end
end

--- Puts words into `:messages`, in pieces of which each fits into the message line.
---@param words string
---@param group string
local function keep(words, group)
  local width = vim.o.columns - KEPT_CELLS
  if width < 10 or not is_free() then
    return
  end
  for _, line in ipairs(M.wrapped(words, width)) do
    -- What stands there, this one's first lines or a question that was answered, would be pushed up.
    vim.cmd.redraw()
    vim.api.nvim_echo({ { line, group } }, true, {})
  end
  vim.cmd.redraw()
  vim.api.nvim_echo({ { "" } }, false, {})
end

--- Says something. Where the user has put a `vim.notify` of their own in the place of Neovim's, that shows it.
---@param words string
---@param level? integer Of `vim.log.levels`
function M.say(words, level)
  words = "moa: " .. words
  local shown = #vim.api.nvim_list_uis() > 0 and compat.notifies_in_message_line()
  if not shown then
    vim.notify(words, level)
  elseif fits(words) and is_free() then
    -- An answered question may stand there still.
    vim.cmd.redraw()
    vim.notify(words, level)
  else
    local group = GROUPS[level] or "Normal"
    keep(words, group)
    show(words, group)
  end
  said_at = vim.uv.now()
end

--- Says how something stands that the user just did, without keeping it in `:messages`.
---@param words string
---@param group? string
function M.briefly(words, group)
  words = words:gsub("%c", " ")
  if fits(words) or #vim.api.nvim_list_uis() == 0 then
    vim.api.nvim_echo({ { words, group } }, false, {})
  else
    show(words, group or "Normal")
  end
end

--- Says what is said at each step of a review: what doesn't fit into the message line is cut.
---@param words string
function M.in_passing(words)
  words = words:gsub("%c", " ")
  local room = math.max(1, vim.o.columns - KEPT_CELLS)
  if vim.fn.strdisplaywidth(words) > room then
    words = vim.fn.strcharpart(words, 0, room - 1) .. "…"
  end
  vim.api.nvim_echo({ { words } }, false, {})
end

--- Says that a part of the plugin broke, with where it did.
---@param problem string With the traceback
function M.broke(problem)
  M.say(problem, vim.log.levels.ERROR)
end

return M
