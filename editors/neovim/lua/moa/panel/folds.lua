-- The folds of the discussion in each window that shows it: a turn's reasons, closed to their first line, and each turn as a whole.
-- They are made once and then Neovim's own: what the user opened or closed stays so.

local M = {}

--- What was folded in each window, by block: the list of folds that it was made of.
---@type table<integer, table<string, moa.panel.Fold[]>>
local made = {}
--- Where what a turn is about would have fewer cells, its model isn't named.
local LEAST_GIST = 20
--- The one that is shown, for the text of a closed fold.
---@type moa.panel.Shown?
local on_show

---@param one moa.panel.Fold[]
---@param other moa.panel.Fold[]
---@return boolean
local function alike(one, other)
  return one == other or vim.deep_equal(one, other)
end

---@param start integer
---@param block moa.panel.Block
---@param was? moa.panel.Fold[]
---@param follows boolean
---@param afresh boolean The window shows all of it for the first time
local function fold(start, block, was, follows, afresh)
  local closed, meant = {}, {} ---@type table<string, boolean>, table<string, boolean>
  if was and #was > 0 then
    for index, one in ipairs(was) do
      local name = one.kind .. (one.kind == "written" and index or "")
      closed[name] = vim.fn.foldclosed(start + one.from + 1) ~= -1
      meant[name] = one.closed
    end
    vim.cmd(("silent! keepjumps %d,%dfoldopen!"):format(start + 1, start + #block.lines))
    vim.api.nvim_win_set_cursor(0, { start + 1, 0 })
    vim.cmd("silent! keepjumps normal! zD")
  end
  for index, one in ipairs(block.folds) do
    local first, last = start + one.from + 1, start + one.to + 1
    vim.cmd(("silent! keepjumps %d,%dfold"):format(first, last))
    local name = one.kind .. (one.kind == "written" and index or "")
    local is_closed = closed[name]
    if is_closed == nil or meant[name] ~= one.closed and follows then
      -- Who read on while it streamed, away from the end, isn't moved by a fold.
      is_closed = one.closed and (follows or afresh)
    end
    if not is_closed then
      vim.cmd(("silent! keepjumps %dfoldopen"):format(first))
    end
  end
end

--- Makes the folds of those blocks, from the one at `from` on, whose folds are other than before.
---@param shown moa.panel.Shown
---@param window integer
---@param follows boolean Whether it shows the end
---@param from integer
---@return boolean renewed Whether there were any
function M.renew(shown, window, follows, from)
  on_show = shown
  local known = made[window]
  local afresh = known == nil
  known = known or {}
  made[window] = known
  local due = {}
  for place = afresh and 1 or from, #shown.blocks do
    local block = shown.blocks[place]
    local was = known[block.key]
    if not (was and alike(was, block.folds)) and (was or #block.folds > 0) then
      due[#due + 1] = place
    end
  end
  if #due == 0 then
    return false
  end
  vim.api.nvim_win_call(window, function()
    local view = vim.fn.winsaveview()
    for _, place in ipairs(due) do
      local block = shown.blocks[place]
      fold(shown.starts[place], block, known[block.key], follows, afresh)
      known[block.key] = block.folds
    end
    vim.fn.winrestview(view)
  end)
  return true
end

--- The window shows the discussion no longer.
---@param window integer
function M.drop(window)
  made[window] = nil
end

--- All is drawn anew.
function M.forget()
  for window in pairs(made) do
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_call(window, function()
        vim.cmd("silent! normal! zE")
      end)
    end
  end
  made = {}
end

--- What a closed fold shows: its first line, and how much it hides.
---@return {[1]: string, [2]: string}[]
function M.text()
  local first = vim.v.foldstart
  local text = vim.fn.getline(first)
  if not on_show then
    return { { text, "MoaQuiet" } }
  end
  local draw = require("moa.panel.draw")
  local place = draw.place_at(on_show, first - 1)
  local block = place and on_show.blocks[place]
  if not block then
    return { { text, "MoaQuiet" } }
  end
  local label, is_turn, is_gist = "", false, false
  for _, one in ipairs(block.folds) do
    if on_show.starts[place] + one.from + 1 == first and one.to - one.from == vim.v.foldend - first then
      label, is_turn, is_gist = one.label, one.kind == "turn", one.kind == "turn" and one.closed
    end
  end
  label = label ~= "" and "  " .. label or ("  %d lines"):format(vim.v.foldend - first)
  -- What a fold says takes one line of the window, beside what is shown at its right; who speaks is the last to be cut.
  local cut, room = require("moa.panel.rows").cut, vim.api.nvim_win_get_width(0) - 6
  for _, chunk in ipairs((block.lines[first - on_show.starts[place]] or {}).right or {}) do
    room = room - vim.api.nvim_strwidth(chunk[1])
  end
  local plain = (text:gsub("[`*]", ""))
  if is_gist and block.who and room - vim.api.nvim_strwidth(plain) < LEAST_GIST then
    plain = plain:match("^(.-)  ") or plain
  end
  label = cut(label, math.max(6, room - vim.api.nvim_strwidth(plain)))
  plain = cut(plain, math.max(10, room - vim.api.nvim_strwidth(label)))
  return { { "▸ ", "MoaKey" }, { plain, is_turn and block.group or "MoaFolded" }, { label, "MoaQuiet" } }
end

return M
