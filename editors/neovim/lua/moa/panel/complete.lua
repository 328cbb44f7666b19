-- Completion in the prompt: the commands, the names of architects and presets behind them, and `@file`, as the server offers
-- them, in Neovim's own menu. It comes by itself behind a `/` at the beginning and an `@`, and by `<C-x><C-o>` anywhere.

local client = require("moa.client")
local compat = require("moa.compat")
local unseen = require("moa.panel.unseen")

local M = {}

--- Behind these commands stands a name.
local NAMED = { drop = true, preset = true, once = true }

--- Of each question only the last one's answer counts.
local asked = 0

--- Whether something can be offered at the end of this text, without being asked to. Pure.
---@param before string All that stands in front of the cursor
---@return boolean
function M.offers(before)
  local command = before:match("^/(%a+)%s+%S*$")
  return before:find("^/%S*$") ~= nil or NAMED[command] or (" " .. before):find("%s@%S*$") ~= nil
end

--- The server's rows as Neovim's menu takes them. Pure.
---@param rows moa.Completion[]
---@return table[]
function M.items(rows)
  return vim.tbl_map(function(row)
    local inserted = row.insertText
    return {
      word = vim.endswith(inserted, " ") and inserted or inserted .. " ",
      abbr = unseen.on_one_line(row.label),
      menu = unseen.on_one_line(row.detail),
      dup = 1,
    }
  end, rows)
end

---@param buffer integer
---@return string before All that stands in front of the cursor
---@return string line The cursor's line up to it
local function before_cursor(buffer)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, row, true)
  lines[#lines] = lines[#lines]:sub(1, column)
  return table.concat(lines, "\n"), lines[#lines]
end

--- Asks for what fits at the cursor, and shows it if nobody typed on meanwhile.
---@param buffer integer
function M.ask(buffer)
  asked = asked + 1
  local number = asked
  local before, line = before_cursor(buffer)
  if client.state().kind ~= "running" then
    return
  end
  local argument = { text = before, position = compat.to_units(before, #before, client.encoding()) }
  client.request("complete", argument, function(failure, rows)
    local is_late = number ~= asked or failure or vim.api.nvim_get_current_buf() ~= buffer
    if is_late or not vim.startswith(vim.api.nvim_get_mode().mode, "i") or before_cursor(buffer) ~= before then
      return
    end
    local items = M.items(rows)
    if #items == 1 and items[1].word == line:match("%S*$") .. " " then
      items = {}
    end
    vim.fn.complete(#line - #line:match("%S*$") + 1, items)
  end)
end

--- What was typed since may be offered something.
---@param buffer integer
function M.typed(buffer)
  if M.offers((before_cursor(buffer))) then
    M.ask(buffer)
  end
end

--- As 'omnifunc': asks, and the menu comes with the answer.
---@param find_start integer
---@return integer|table
function M.omnifunc(find_start)
  if find_start == 1 then
    M.ask(vim.api.nvim_get_current_buf())
    -- Stay in completion mode's reach, but offer nothing yet.
    return -3
  end
  return {}
end

return M
