-- The plan as a Markdown buffer: what the architects propose to do, step by step, which the user strikes, edits, adds to and puts in
-- order before a `/code`. Writing it (`:w`) sets it; the editor model is held to it from then on. How the text is read,
-- and what a step is, the server says.

local client = require("moa.client")
local current = require("moa.discussion.current")
local say = require("moa.say").say

local M = {}

local NAME = "moa://plan"
--- The window of the plan is never higher.
local MOST_ROWS = 20

---@return string?
local function discussion_id()
  local discussion = current.state().discussion
  return discussion and discussion.id
end

--- How a plan stands, in words. Pure.
---@param plan moa.Plan
---@return string
function M.words(plan)
  local counts, parts = {}, {}
  for _, step in ipairs(plan.steps) do
    counts[step.stand] = (counts[step.stand] or 0) + 1
  end
  for _, stand in ipairs({ "open", "contested", "settled", "struck" }) do
    parts[#parts + 1] = counts[stand] and ("%d %s"):format(counts[stand], stand) or nil
  end
  parts[#parts + 1] = plan.edited and "yours" or nil
  parts[#parts + 1] = plan.free and "/code asks nobody: 0 ¢" or nil
  return #parts > 0 and table.concat(parts, " · ") or "no steps yet"
end

---@param buffer integer
---@param plan moa.Plan
local function show(buffer, plan)
  local lines = vim.split(plan.markdown:gsub("\n+$", ""), "\n", { plain = true })
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modified = false
  local window = vim.fn.bufwinid(buffer)
  if window ~= -1 then
    local words = M.words(plan):gsub("%%", "%%%%")
    vim.wo[window].winbar = (" Plan  %%#MoaQuiet#%s%%*%%=%%#MoaKey#:w%%* sets it "):format(words)
  end
end

---@param buffer integer
local function write(buffer)
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  local argument = { markdown = table.concat(lines, "\n") .. "\n", discussion = discussion_id() }
  current.request("set-plan", argument, function(failure, plan)
    if failure then
      client.complain(failure)
      return
    end
    -- What was typed meanwhile isn't part of it, and isn't lost.
    if vim.api.nvim_buf_is_valid(buffer) and vim.api.nvim_buf_get_changedtick(buffer) == tick then
      show(buffer, plan)
    end
    say(("The plan is set: %s."):format(M.words(plan)))
  end)
end

---@param plan moa.Plan
local function open(plan)
  require("moa.panel.window").to_editing()
  local known = vim.fn.bufnr("^" .. NAME .. "$")
  if known > 0 then
    vim.api.nvim_buf_delete(known, { force = true })
  end
  vim.cmd.new()
  local buffer = vim.api.nvim_get_current_buf()
  vim.api.nvim_buf_set_name(buffer, NAME)
  vim.bo[buffer].buftype = "acwrite"
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].modeline = false
  vim.wo[0].wrap, vim.wo[0].linebreak = true, true
  show(buffer, plan)
  vim.bo[buffer].filetype = "markdown"
  vim.api.nvim_win_set_height(0, math.min(MOST_ROWS, math.max(vim.api.nvim_buf_line_count(buffer) + 2, 6)))
  vim.api.nvim_create_autocmd("BufWriteCmd", {
    buffer = buffer,
    callback = function()
      write(buffer)
    end,
  })
end

--- Shows the plan in a buffer, to be edited.
---@param anew? boolean Whether it is compiled anew from the proposals first: what the user edited is gone then
function M.open(anew)
  current.ask(anew and "set-plan" or "plan", { discussion = discussion_id() }, open)
end

return M
