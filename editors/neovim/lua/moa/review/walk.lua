-- Which hunk the user is at, and the way to the next one, across files. The cursor counts in the file itself as well as
-- in a proposal's buffer. Never here: what is done to a hunk (`deeds.lua`).

local buffers = require("moa.review.buffers")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local places = require("moa.review.places")
local proposal = require("moa.review.proposal")
local say = require("moa.say")

local M = {}

---@class moa.Here A hunk that waits for the user, at a place that can be gone to
---@field change moa.Change
---@field file moa.FileChange
---@field spot moa.Spot

---@param change moa.Change
---@param ids string[]
---@return moa.Here[]
local function pending_of(change, ids)
  local wanted = {}
  for _, id in ipairs(ids) do
    wanted[id] = true
  end
  local found = {}
  for _, spot in ipairs(places.spots("pending", { change })) do
    if wanted[spot.hunk.id] then
      found[#found + 1] = { change = change, file = spot.file, spot = spot }
    end
  end
  return found
end

--- Of several, those of the change under review; without one those that are up for review, which are drawn in full.
---@param spots moa.Spot[]
---@param reviewed? string
---@return moa.Here[]
local function foremost(spots, reviewed)
  local ids = {}
  for _, change in ipairs(reviewed and { { id = reviewed } } or hunks.latest(current.state())) do
    ids[change.id] = true
  end
  local own = {}
  for _, spot in ipairs(spots) do
    own[#own + 1] = hunks.as_in(spot, ids)
  end
  return vim.tbl_map(function(spot)
    return { change = spot.change, file = spot.file, spot = spot }
  end, #own > 0 and own or spots)
end

--- The pending hunks at the cursor: several where several architects want different things of one line.
---@param reviewed? string The change under review, whose hunks come first
---@return moa.Here[]
function M.here(reviewed)
  local buffer = vim.api.nvim_get_current_buf()
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local shown, change, file = proposal.at(buffer)
  if shown then
    if not change or not file then
      return {}
    elseif file.kind == "delete" or shown.side == "before" then
      return pending_of(change, hunks.ids_of(change, "pending", file.uri))
    end
    return pending_of(change, proposal.hunks_at(shown, line))
  end
  local pending = places.spots_in(buffer, "pending")
  local about = vim.tbl_filter(function(spot)
    return hunks.is_about(spot.span, line)
  end, pending)
  if #about == 0 then
    -- Of an insertion the line after it will do as well: it is drawn between the two.
    about = vim.tbl_filter(function(spot)
      return spot.span.start == spot.span.stop and spot.span.start == line
    end, pending)
  end
  return foremost(about, reviewed)
end

--- The file that is being looked at and that a change has pending hunks in.
---@param reviewed? string
---@return moa.Change?
---@return moa.FileChange?
function M.file(reviewed)
  local buffer = vim.api.nvim_get_current_buf()
  local shown, change, file = proposal.at(buffer)
  if shown then
    return change, file
  end
  local first = foremost(places.spots_in(buffer, "pending"), reviewed)[1]
  if first then
    return first.change, first.file
  end
end

---@param spots moa.Spot[]
---@return moa.Stop[]
local function stops_of(spots)
  return vim.tbl_map(function(spot)
    return { file = spot.uri, line = hunks.line_of(spot.span) }
  end, spots)
end

--- Goes to a line of a file's buffer, in a window that suits.
---@param uri moa.Uri
---@param line integer
function M.show_line(uri, line)
  local buffer = buffers.load(uri)
  buffers.show(buffer)
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { math.min(line + 1, vim.api.nvim_buf_line_count(buffer)), 0 })
  vim.cmd("normal! zv^")
  -- What is drawn below a line counts: the hunk is brought to the middle where it might not fit.
  local window = vim.api.nvim_get_current_win()
  if vim.fn.winline() > vim.api.nvim_win_get_height(window) * 2 / 3 or vim.fn.winline() < 2 then
    vim.cmd("normal! zz")
  end
end

--- Shows a pending hunk where the user can see it: in its file; of a file that isn't there yet, the proposed text.
---@param spot moa.Spot
---@param number? integer Which of how many it is; said where it is given
---@param all? integer
function M.show(spot, number, all)
  if spot.file.kind == "create" then
    require("moa.review.preview").open(spot.change, spot.file)
  else
    M.show_line(spot.uri, hunks.line_of(spot.span))
  end
  if number then
    say.in_passing(("%d of %d · %s"):format(number, all, hunks.said(spot, buffers.name)))
  end
end

---@param by 1|-1
local function go_in_proposal(by)
  local shown = proposal.at(vim.api.nvim_get_current_buf()) --[[@as moa.Proposal]]
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local stops = vim.tbl_map(function(one)
    return { file = "", line = one.start }
  end, shown.hunks)
  local index = hunks.step(stops, { file = "", line = line }, by)
  if not index then
    say.briefly("No proposed hunk waits in this file.")
    return
  end
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_win_set_cursor(0, { math.min(stops[index].line + 1, last), 0 })
  vim.cmd("normal! zv")
end

--- Goes to the next (1) or previous (-1) pending hunk; of the change under review where there is one, else of those up
--- for review, else of any.
---@param by 1|-1
---@param reviewed? string
function M.go(by, reviewed)
  local buffer = vim.api.nvim_get_current_buf()
  if proposal.at(buffer) and vim.wo.diff then
    go_in_proposal(by)
    return
  end
  local state = current.state()
  local spots = places.spots("pending", reviewed and { state.changes[reviewed] } or hunks.latest(state))
  if #spots == 0 then
    spots = places.spots("pending")
  end
  local shown = proposal.at(buffer)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local here
  for _, spot in ipairs(spots) do
    if shown and shown.file == spot.uri then
      here = { file = spot.uri, line = hunks.line_of(spot.span) }
    elseif buffers.of(spot.uri) == buffer then
      here = { file = spot.uri, line = line }
    end
  end
  local index = hunks.step(stops_of(spots), here, by)
  if not index then
    say.briefly("No proposed hunk waits for you.")
    return
  end
  M.show(spots[index], index, #spots)
end

return M
