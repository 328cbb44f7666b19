-- The hunks as a quickfix list: where, who, what, and how it stands. It is kept in step for as long as it is one of the
-- lists; which entry the user is at stays. Never here: any other list than our own.

local buffers = require("moa.review.buffers")
local hunks = require("moa.review.hunks")
local places = require("moa.review.places")
local regions = require("moa.discussion.regions")
local syntax = require("moa.review.syntax")

local M = {}

local WORDS = { pending = "to review", applied = "applied", rejected = "rejected", stale = "stale" }

local id = nil ---@type integer?
local changes_shown = {} ---@type table<string, boolean>

---@param spot moa.Spot
---@return table
local function item(spot)
  local span = spot.span
  local line = spot.hunk.status == "applied" and span.start or hunks.line_of(span)
  local parts = { WORDS[spot.hunk.status], hunks.names(spot.sources), hunks.deed(spot, buffers.name) }
  local glyph = regions.GLYPHS[regions.stand(spot.hunk)]
  local words = (glyph and glyph .. " " or "") .. table.concat(parts, " · ")
  return {
    filename = vim.uri_to_fname(spot.uri),
    bufnr = buffers.of(spot.uri),
    lnum = line + 1,
    end_lnum = math.max(span.stop, line + 1),
    col = 1,
    text = syntax.visible(words),
    user_data = { moa = { change = spot.change.id, hunk = spot.hunk.id } },
  }
end

---@return table[] items
---@return string title
local function content()
  local changes = vim.tbl_filter(function(change)
    return changes_shown[change.id]
  end, places.changes())
  local items, waiting = {}, 0
  for _, spot in ipairs(places.spots(nil, changes)) do
    local one = item(spot)
    if one.bufnr then
      one.filename = nil
    end
    items[#items + 1] = one
    waiting = waiting + (spot.hunk.status == "pending" and 1 or 0)
  end
  local what = #changes == 1 and hunks.name_of(changes[1]) or hunks.count(#changes, "proposal")
  return items, ("moa: %s, %d of %s to review"):format(what, waiting, hunks.count(#items, "hunk"))
end

---@return boolean
local function stands()
  return id ~= nil and vim.fn.getqflist({ id = id }).id == id
end

--- Fills the list with the hunks of these changes, and opens it.
---@param changes moa.Change[]
function M.open(changes)
  changes_shown = {}
  for _, change in ipairs(changes) do
    changes_shown[change.id] = true
  end
  local items, title = content()
  if stands() then
    vim.fn.setqflist({}, "r", { id = id, items = items, title = title })
  else
    vim.fn.setqflist({}, " ", { items = items, title = title })
    id = vim.fn.getqflist({ id = 0 }).id
  end
  vim.cmd("botright copen")
end

local function update()
  if not stands() then
    return
  end
  local items, title = content()
  local before = vim.fn.getqflist({ id = id, items = 0, idx = 0, title = 0 })
  local same = before.title == title and #before.items == #items
  for index, one in ipairs(items) do
    local old = before.items[index]
    same = same and old.text == one.text and old.lnum == one.lnum
  end
  if not same then
    local idx = math.min(before.idx, math.max(#items, 1))
    vim.fn.setqflist({}, "r", { id = id, items = items, title = title, idx = idx })
  end
end

function M.attach()
  local waiting = false
  places.on_move(function()
    -- Several buffers move at once.
    if id and not waiting then
      waiting = true
      vim.schedule(function()
        waiting = false
        update()
      end)
    end
  end)
end

return M
