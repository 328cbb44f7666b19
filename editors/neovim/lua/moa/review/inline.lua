-- The pending hunks in the buffers: old lines in their group, the new ones drawn below them, a sign beside them, and at
-- the end of the first line who wants it. Its rules: each meaning has a shape of its own, since colour is never the
-- only sign; the text itself is never touched; what is drawn moves with the text by itself, and is drawn anew only when
-- hunks moved otherwise. Never here: where hunks stand (`places.lua`).

local buffers = require("moa.review.buffers")
local config = require("moa.config")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local looking = require("moa.discussion.looking")
local places = require("moa.review.places")
local regions = require("moa.discussion.regions")
local syntax = require("moa.review.syntax")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("moa.review")
--- Lines of one hunk's new text that are drawn; the preview shows all.
local MOST_LINES = 60

--- Beside a hunk's first line its stand's glyph stands with the shape, where both fit.
local SIGN_CELLS = 2
local SIGNS = { replace = "┃", insert = "▾", remove = "━", stale = "┆" }

--- Buffers in which nothing but signs is drawn: they stand beside the proposal itself.
---@type table<integer, boolean>
local muted = {}
--- The change under review; nil: those that were proposed last.
---@type string?
local reviewed

---@param name string
---@return string group
function M.colour(name)
  local discussion = current.state().discussion
  return discussion and require("moa.colours").of(discussion, name) or "MoaHunkSign"
end

---@param spot moa.Spot
---@return "replace"|"insert"|"remove"
local function shape_of(spot)
  if spot.span.stop == spot.span.start then
    return "insert"
  end
  return spot.hunk.newText == "" and "remove" or "replace"
end

--- Which changes are drawn in full, by their ids.
---@return table<string, boolean>
local function in_full()
  if reviewed then
    return { [reviewed] = true }
  end
  local ids = {}
  for _, change in ipairs(hunks.latest(current.state())) do
    ids[change.id] = true
  end
  return ids
end

--- The lines to be drawn of a hunk's new text.
---@param spot moa.Spot
---@param buffer integer
---@param heading boolean Whether to say whose it is above them: several want different things of one place
---@return moa.Chunk[][]
local function new_lines(spot, buffer, heading)
  local lines = hunks.lines_of(spot.hunk.newText)
  local left = #lines - MOST_LINES
  local shown = left > 1 and vim.list_slice(lines, 1, MOST_LINES) or lines
  local drawn = {}
  if heading then
    local words = ("╶ %s: %s "):format(M.heading(spot):gsub("^● ", ""), hunks.deed(spot, buffers.name))
    drawn[1] = { { syntax.visible(words), M.colour(spot.sources[1] or "") } }
  end
  local width = vim.o.columns
  for _, chunks in ipairs(syntax.chunks(shown, vim.bo[buffer].filetype, "MoaHunkNew", vim.bo[buffer].tabstop)) do
    local line, taken = vim.list_extend({}, chunks), 0
    for _, chunk in ipairs(chunks) do
      taken = taken + vim.fn.strdisplaywidth(chunk[1])
    end
    -- The colour goes on to the window's edge, as that of the old lines does.
    line[#line + 1] = { (" "):rep(math.max(width - taken, 1)), "MoaHunkNew" }
    drawn[#drawn + 1] = line
  end
  if left > 1 then
    local words = ("… %s: `:Moa preview` shows all"):format(hunks.count(left, "more line"))
    drawn[#drawn + 1] = { { words, "MoaStale" } }
  end
  return drawn
end

--- How a hunk stands, and which of its region's alternatives it is: "◆ 2 bravo". One that belongs to no architect alone, or
--- that nobody said anything about, has no glyph of its own.
---@param spot moa.Spot
---@return string
function M.heading(spot)
  local stand = regions.stand(spot.hunk)
  local region, place = regions.of_hunk(current.state().disagreement, spot.hunk.id)
  local number = region and stand == "contested" and #region.alternatives > 1 and place .. " " or ""
  return ("%s %s%s"):format(regions.GLYPHS[stand] or "●", number, hunks.names(spot.sources))
end

--- What else is said of it, in signs: " +charlie !bravo".
---@param spot moa.Spot
---@return moa.Chunk[]
local function attitudes(spot)
  return vim.tbl_map(function(view)
    return {
      syntax.visible((" %s%s"):format(regions.ATTITUDES[view.kind] or "·", view.architect)),
      M.colour(view.architect),
    }
  end, spot.hunk.views or {})
end

---@param spot moa.Spot
---@return boolean
local function has_notice(spot)
  for _, problem in ipairs(spot.change.problems) do
    local name = problem.file
    if problem.notice and name and spot.uri:sub(-#name) == name then
      return true
    end
  end
  return false
end

---@param buffer integer
---@param row integer
---@param opts table
local function draw(buffer, row, opts)
  opts.strict = false
  vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, 0, opts)
end

--- New lines above the first one can be seen only where the window is told to show what is above it.
---@param buffer integer
---@param count integer
local function reveal_above(buffer, count)
  for _, window in ipairs(buffers.windows(buffer)) do
    vim.api.nvim_win_call(window, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 and view.topfill ~= count then
        vim.fn.winrestview({ topline = 1, topfill = count })
      end
    end)
  end
end

---@param buffer integer
---@param spot moa.Spot
---@param full boolean
---@param contested boolean
---@param end_texts table<integer, moa.Chunk[]>
---@param below table<integer, moa.Chunk[][]> The new lines by the line that they are drawn below; -1: above the first one
local function draw_pending(buffer, spot, full, contested, end_texts, below)
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  local span, colour = spot.span, M.colour(spot.sources[1] or "")
  local line = math.min(hunks.line_of(span), last)
  local shape = shape_of(spot)
  local sign = config.options.review.signs and SIGNS[shape] or nil
  local glyph = regions.GLYPHS[regions.stand(spot.hunk)] or ""
  local first = sign and glyph .. sign
  first = first and vim.api.nvim_strwidth(first) <= SIGN_CELLS and first or sign
  for row = line, math.max(math.min(span.stop - 1, last), line) do
    local old = full and shape ~= "insert"
    draw(buffer, row, {
      sign_text = row == line and first or sign,
      sign_hl_group = sign and colour,
      priority = full and 30 or 20,
      line_hl_group = old and spot.file.kind ~= "rename" and "MoaHunkOld" or nil,
    })
  end
  if not full then
    return
  end
  if not muted[buffer] and spot.hunk.newText ~= "" and spot.file.kind ~= "create" then
    local first_of_all = shape == "insert" and span.start == 0
    local at = first_of_all and -1 or math.min(math.max(span.stop - 1, 0), last)
    below[at] = vim.list_extend(below[at] or {}, new_lines(spot, buffer, contested))
  end
  if not muted[buffer] then
    local chunks = end_texts[line] or { { "  " } }
    end_texts[line] = chunks
    -- What it does can be seen below, except where it only takes away.
    local words = M.heading(spot)
    if spot.hunk.newText == "" then
      words = words .. ": " .. hunks.deed(spot, buffers.name)
    end
    chunks[#chunks + 1] = { (#chunks > 1 and "   " or "") .. syntax.visible(words), colour }
    vim.list_extend(chunks, attitudes(spot))
    if has_notice(spot) then
      chunks[#chunks + 1] = { " ⚠ look closely", "DiagnosticWarn" }
    end
  end
end

--- Draws a buffer's hunks anew.
---@param buffer integer
function M.draw(buffer)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  if not config.options.review.inline and not config.options.review.signs then
    return
  end
  local ids, end_texts, below = in_full(), {}, {}
  local now = looking.now()
  local pending = vim.tbl_filter(function(spot)
    return regions.shows(now, spot.hunk)
  end, places.spots_in(buffer, "pending"))
  -- What is contested, or was taken and waits, is drawn whenever it was proposed.
  local function is_full(spot)
    local stand = config.options.review.inline and regions.stand(spot.hunk)
    return stand ~= false and (hunks.as_in(spot, ids) ~= nil or stand == "contested" or stand == "settled")
  end
  for index, spot in ipairs(pending) do
    local full = is_full(spot)
    local contested = false
    for other_index, other in ipairs(pending) do
      local same_line = other.span.start < spot.span.stop and spot.span.start < other.span.stop
      local same_place = other.span.start == spot.span.start
      contested = contested or (other_index ~= index and is_full(other) and (same_line or same_place))
    end
    draw_pending(buffer, spot, full, contested, end_texts, below)
  end
  -- What several want at one place is one mark: else their order is nobody's.
  for line, lines in pairs(below) do
    draw(buffer, math.max(line, 0), { virt_lines = lines, virt_lines_above = line < 0 })
  end
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  local said = {}
  for _, spot in ipairs(places.spots_in(buffer, "stale")) do
    local line = math.min(hunks.line_of(spot.span), last)
    for row = line, math.max(math.min(spot.span.stop - 1, last), line) do
      draw(buffer, row, {
        sign_text = config.options.review.signs and SIGNS.stale or nil,
        sign_hl_group = "MoaStale",
        priority = 10,
      })
    end
    if not said[line] then
      said[line] = true
      local words = ("┆ you changed these lines (%s: stale)"):format(hunks.names(spot.sources))
      local chunks = end_texts[line] or { { "  " } }
      end_texts[line] = chunks
      chunks[#chunks + 1] = { (#chunks > 1 and "   " or "") .. syntax.visible(words), "MoaStale" }
    end
  end
  for line, chunks in pairs(end_texts) do
    draw(buffer, line, { virt_text = chunks, virt_text_pos = "eol", hl_mode = "combine", priority = 30 })
  end
  if below[-1] then
    reveal_above(buffer, #below[-1])
  end
end

function M.draw_all()
  for _, buffer in ipairs(places.buffers()) do
    M.draw(buffer)
  end
end

--- Draws only signs in a buffer from now on, or all again.
---@param buffer integer
---@param on boolean
function M.mute(buffer, on)
  muted[buffer] = on or nil
  M.draw(buffer)
end

--- Draws this change in full, and of others only signs; nil: those that were proposed last.
---@param change? string
function M.focus(change)
  if reviewed ~= change then
    reviewed = change
    M.draw_all()
  end
end

function M.attach()
  places.on_move(function(moved)
    for _, buffer in ipairs(moved) do
      M.draw(buffer)
    end
  end)
  looking.subscribe(M.draw_all)
  local told
  current.subscribe(function(state)
    -- Which alternative a hunk is, the disagreement says.
    if state.disagreement ~= told then
      told = state.disagreement
      M.draw_all()
    end
  end)
  vim.api.nvim_create_autocmd("BufWinEnter", {
    group = vim.api.nvim_create_augroup("moa.inline", { clear = true }),
    desc = "moa: show lines above the first one in a new window",
    callback = function(event)
      if #places.spots_in(event.buf, "pending") > 0 then
        M.draw(event.buf)
      end
    end,
  })
end

return M
