-- Where architects differ, in the user's files: which contested or settled region the cursor is in, the way from one contested region to
-- the next across files, and all of them as a quickfix list; and which of them a deed is about. The places follow the
-- typing, as hunks do. Never here: how something is settled (`moa.settle`).

local buffers = require("moa.review.buffers")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local looking = require("moa.discussion.looking")
local places = require("moa.review.places")
local proposal = require("moa.review.proposal")
local regions = require("moa.discussion.regions")
local say = require("moa.say")
local settle = require("moa.settle")
local syntax = require("moa.review.syntax")
local walk = require("moa.review.walk")

local M = {}

local list ---@type integer? The quickfix list's id

---@class moa.PlacedRegion
---@field region moa.Region
---@field span moa.Span Where it stands now
---@field spot? moa.Spot One of its hunks

--- The regions that the user looks at, each where it stands now.
---@param keep fun(region: moa.Region): boolean
---@return moa.PlacedRegion[]
local function placed(keep)
  local state = current.state()
  local by_hunk = {}
  for _, spot in ipairs(places.spots("pending")) do
    by_hunk[spot.hunk.id] = spot
    for _, twin in ipairs(spot.twins) do
      by_hunk[twin.hunk.id] = spot
    end
  end
  local found = {}
  for _, region in ipairs(state.disagreement and state.disagreement.regions or {}) do
    if keep(region) then
      local span, first = nil, nil ---@type moa.Span?, moa.Spot?
      for _, id in ipairs(regions.all_ids(region)) do
        local spot = by_hunk[id]
        if spot then
          first = first or spot
          span = span or { start = spot.span.start, stop = spot.span.stop }
          span.start = math.min(span.start, spot.span.start)
          span.stop = math.max(span.stop, spot.span.stop)
        end
      end
      found[#found + 1] = { region = region, span = span or regions.span(region), spot = first }
    end
  end
  return found
end

---@param region moa.Region
---@return boolean
local function is_contested(region)
  return region.stand == "contested" and regions.shows_region(looking.now(), region)
end

--- The region under the cursor, contested ones first; nil where there is none.
---@return moa.Region?
function M.here()
  local here = walk.here()
  local found
  for _, one in ipairs(here) do
    local region = regions.of_hunk(current.state().disagreement, one.spot.hunk.id)
    if region and (not found or region.stand == "contested") then
      found = region
    end
  end
  if found then
    return found
  end
  local buffer = vim.api.nvim_get_current_buf()
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, one in
    ipairs(placed(function(region)
      return buffers.of(region.uri) == buffer
    end))
  do
    if hunks.is_about(one.span, line) and (not found or one.region.stand == "contested") then
      found = one.region
    end
  end
  return found
end

--- Shows a region where the user can see it.
---@param region moa.Region
function M.show(region)
  local one = placed(function(other)
    return other.id == region.id
  end)[1]
  if one and one.spot and one.spot.file.kind == "create" then
    walk.show(one.spot)
  else
    walk.show_line(region.uri, hunks.line_of(one and one.span or regions.span(region)))
  end
end

--- Goes to the next (1) or previous (-1) contested region, across files and round again.
---@param by 1|-1
---@return boolean went
function M.go(by)
  local all = placed(is_contested)
  local stops = vim.tbl_map(function(one)
    return { file = one.region.uri, line = hunks.line_of(one.span) }
  end, all)
  local buffer = vim.api.nvim_get_current_buf()
  local shown, here = proposal.at(buffer), nil ---@type moa.Proposal?, moa.Stop?
  for _, one in ipairs(all) do
    if shown and shown.file == one.region.uri then
      here = { file = one.region.uri, line = hunks.line_of(one.span) }
    elseif buffers.of(one.region.uri) == buffer then
      here = { file = one.region.uri, line = vim.api.nvim_win_get_cursor(0)[1] - 1 }
    end
  end
  local index = hunks.step(stops, here, by)
  if not index then
    local words = regions.looking_words(looking.now())
    say.briefly(words and ("Nothing contested is shown (%s)."):format(words) or "Nothing is contested.")
    return false
  end
  M.show(all[index].region)
  local region = all[index].region
  say.in_passing(("%s %d of %d · %s"):format(regions.GLYPHS.contested, index, #all, region.message))
  return true
end

---@return table[] items
local function items()
  return vim.tbl_map(function(one)
    local buffer = buffers.of(one.region.uri)
    local line = hunks.line_of(one.span)
    return {
      filename = not buffer and vim.uri_to_fname(one.region.uri) or nil,
      bufnr = buffer,
      lnum = line + 1,
      end_lnum = math.max(one.span.stop, line + 1),
      col = 1,
      type = "W",
      text = syntax.visible(("%s %s"):format(regions.GLYPHS.contested, one.region.message):gsub("%c", " ")),
      user_data = { moa = { region = one.region.id } },
    }
  end, placed(is_contested))
end

---@return boolean
local function stands()
  return list ~= nil and vim.fn.getqflist({ id = list }).id == list
end

---@param all table[]
---@return string
local function title(all)
  return ("moa: %s contested"):format(hunks.count(#all, "place"))
end

--- All that is contested as a quickfix list, which is kept in step for as long as it is one of the lists.
function M.quickfix()
  local all = items()
  if #all == 0 then
    say.briefly("Nothing is contested.")
    return
  end
  if stands() then
    vim.fn.setqflist({}, "r", { id = list, items = all, title = title(all) })
  else
    vim.fn.setqflist({}, " ", { items = all, title = title(all) })
    list = vim.fn.getqflist({ id = 0 }).id
  end
  vim.cmd("botright copen")
end

function M.attach()
  local known, due = nil, false
  local function update()
    due = false
    if stands() then
      local all = items()
      local idx = math.min(vim.fn.getqflist({ id = list, idx = 0 }).idx, math.max(#all, 1))
      vim.fn.setqflist({}, "r", { id = list, items = all, title = title(all), idx = idx })
    end
  end
  current.subscribe(function(state)
    if state.disagreement ~= known then
      known = state.disagreement
      if not due then
        due = true
        vim.schedule(update)
      end
    end
  end)
end

--- The region under the cursor; where there is none, or it was settled already, that is said.
---@param done fun(region: moa.Region)
---@param also_settled? boolean
local function with_here(done, also_settled)
  local region = M.here()
  if not region then
    say.briefly("Nothing to settle on this line. `:Moa next-contested` goes to where architects differ.")
  elseif region.stand == "settled" and not also_settled then
    say.briefly("This was settled already; `:Moa reopen` opens it again.")
  else
    done(region)
  end
end

--- Takes what is meant of the region under the cursor: by the architect's name, by a count, else by the user's choice.
---@param given? {text: string}
function M.take(given)
  local name, count = given and vim.trim(given.text), vim.v.count
  with_here(function(region)
    settle.take_in(region, name, count)
  end)
end

--- Leaves the lines under the cursor as they are.
---@param given? {text: string} With the reason
function M.leave(given)
  with_here(function(region)
    settle.leave(region, given and given.text)
  end)
end

--- Asks for another round on just the region under the cursor.
---@param given? {text: string} With the message
function M.another(given)
  with_here(function(region)
    settle.another(region, given and given.text)
  end, true)
end

--- Opens a decision again: the one under the cursor, the only one, or the user's choice. What was decided against stands
--- nowhere in the file any more, so all that was is looked at.
function M.reopen()
  local all = vim.tbl_filter(function(spot)
    return spot.hunk.settled ~= nil and spot.hunk.status ~= "applied"
  end, places.spots())
  local buffer, line = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] - 1
  local here = vim.tbl_filter(function(spot)
    return buffers.of(spot.uri) == buffer and hunks.is_about(spot.span, line)
  end, all)
  local function open(spots)
    settle.reopen(vim.tbl_map(function(spot)
      return spot.hunk.id
    end, spots))
  end
  if #all == 0 then
    say.briefly("Nothing was settled that could be opened again.")
  elseif #here > 0 or #all == 1 then
    open(#here > 0 and here or all)
  else
    local given = {
      prompt = "Open which decision again?",
      kind = "moa.hunk",
      format_item = function(spot)
        local how = spot.hunk.settled == "taken" and "taken" or "decided against"
        local where = ("%s:%d"):format(buffers.name(spot.uri), spot.span.start + 1)
        return (("%s  %s: %s"):format(where, how, hunks.said(spot, buffers.name)):gsub("%c", " "))
      end,
    }
    vim.ui.select(all, given, function(spot)
      if spot then
        open({ spot })
      end
    end)
  end
end

return M
