-- The whole proposed text of a file, afloat over the others: how it would read, with what is new marked. Never here:
-- the text (`proposal.lua`), and the comparison side by side (`diff.lua`).

local buffers = require("moa.review.buffers")
local client = require("moa.client")
local hunks = require("moa.review.hunks")
local keys = require("moa.review.keys")
local proposal = require("moa.review.proposal")
local syntax = require("moa.review.syntax")

local M = {}

local window = nil ---@type integer?

---@param change moa.Change
---@param file moa.FileChange
---@return string
local function title(change, file)
  local words = ("%s of %s"):format(hunks.name_of(change), buffers.name(file.newUri or file.uri))
  return " " .. syntax.visible(words) .. " "
end

function M.close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

---@return boolean
function M.is_open()
  return window ~= nil and vim.api.nvim_win_is_valid(window)
end

--- Closes it once nothing in the file waits any more.
function M.close_settled()
  if not M.is_open() then
    return
  end
  local shown, change = proposal.at(vim.api.nvim_win_get_buf(window --[[@as integer]]))
  if shown and (not change or hunks.count_of(change, "pending", shown.file) == 0) then
    M.close()
  end
end

---@return vim.api.keyset.win_config
local function shape(change, file)
  local width = math.min(math.max(80, math.floor(vim.o.columns * 0.7)), vim.o.columns - 4)
  local height = math.max(math.floor((vim.o.lines - vim.o.cmdheight) * 0.8), 5)
  return {
    relative = "editor",
    width = width,
    height = height,
    row = math.max(math.floor((vim.o.lines - vim.o.cmdheight - height) / 2) - 1, 0),
    col = math.floor((vim.o.columns - width) / 2),
    border = "rounded",
    title = title(change, file),
    title_pos = "center",
    footer = " a accept · x reject · A all of the file · ]m next · q close · g? keys ",
    footer_pos = "center",
  }
end

--- Shows a file as it would be with all that is pending in it.
---@param change moa.Change
---@param file moa.FileChange
function M.open(change, file)
  proposal.open(change, file, { side = "after", plain = false }, function(failure, buffer)
    if failure then
      client.complain(failure)
      return
    end
    keys.for_proposal(buffer, { { lhs = "q", method = "close_view", says = "close" } })
    local config = shape(change, file)
    if M.is_open() then
      vim.api.nvim_win_set_buf(window, buffer)
      vim.api.nvim_win_set_config(window, config)
      vim.api.nvim_set_current_win(window)
    else
      window = vim.api.nvim_open_win(buffer, true, config)
    end
    vim.wo[window].number = true
    vim.wo[window].relativenumber = false
    vim.wo[window].signcolumn = "yes"
    vim.wo[window].wrap = false
    vim.wo[window].foldenable = false
    vim.wo[window].winhighlight = "NormalFloat:Normal"
    local shown = proposal.at(buffer)
    local first = shown and shown.hunks[1]
    local line = math.min((first and first.start or 0) + 1, vim.api.nvim_buf_line_count(buffer))
    vim.api.nvim_win_set_cursor(window, { line, 0 })
  end)
end

return M
