-- Who wants a hunk, on demand and afloat: everybody who proposes it, who supports, amends or objects and why, what else is
-- proposed for these lines, what to look at before applying it, and why somebody rejected the like. Never here: anything that is done about it.

local buffers = require("moa.review.buffers")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local inline = require("moa.review.inline")
local places = require("moa.review.places")
local regions = require("moa.discussion.regions")
local syntax = require("moa.review.syntax")

local M = {}

--- Lines of another proposal's text that are shown.
local MOST_LINES = 8

---@class moa.WhoLine
---@field text string
---@field group? string

--- The words about a hunk. Pure.
---@param spot moa.Spot
---@param others moa.Spot[] What else is pending for these lines
---@param name fun(uri: moa.Uri): string
---@param colour fun(who: string): string
---@return moa.WhoLine[]
function M.lines(spot, others, name, colour)
  local lines = {}
  local function add(text, group)
    for _, line in ipairs(vim.split(text, "\n", { plain = true })) do
      lines[#lines + 1] = { text = syntax.visible(line), group = group }
    end
  end
  local function add_views(of)
    for _, view in ipairs(of.hunk.views or {}) do
      add(("  %s %s"):format(regions.ATTITUDES[view.kind] or "·", regions.said(view)), colour(view.architect))
    end
  end
  local function with_glyph(of, words)
    local glyph = regions.GLYPHS[regions.stand(of.hunk)]
    return glyph and glyph .. " " .. words or words
  end
  add(with_glyph(spot, hunks.said(spot, name)), colour(spot.sources[1] or ""))
  add_views(spot)
  if spot.change.title ~= "" then
    add("in: " .. spot.change.title, "MoaStale")
  end
  for _, other in ipairs(others) do
    add("")
    add(with_glyph(other, "Instead, " .. hunks.said(other, name)), colour(other.sources[1] or ""))
    add_views(other)
    local new = hunks.lines_of(other.hunk.newText)
    for index = 1, math.min(#new, MOST_LINES) do
      add("+ " .. new[index], "MoaHunkNew")
    end
    if #new > MOST_LINES then
      add(("  … %s"):format(hunks.count(#new - MOST_LINES, "more line")), "MoaStale")
    end
  end
  for _, problem in ipairs(spot.change.problems) do
    if not problem.file or spot.uri:sub(-#problem.file) == problem.file then
      add("")
      local words = problem.message .. (problem.hint and " " .. problem.hint or "")
      add((problem.notice and "⚠ " or "✗ not placed: ") .. words, problem.notice and "DiagnosticWarn" or "MoaError")
    end
  end
  for _, reason in ipairs(spot.change.reasons or {}) do
    add("")
    add("Rejected before: " .. reason, "MoaStale")
  end
  return lines
end

--- Shows it beside the cursor; it goes with the next move of the cursor.
---@param spot moa.Spot
function M.open(spot)
  local state = current.state()
  local recent, mine = {}, regions.of_hunk(state.disagreement, spot.hunk.id)
  for _, change in ipairs(hunks.latest(state)) do
    recent[change.id] = true
  end
  -- What was proposed last, and what contradicts it, however old that is.
  local others = vim.tbl_filter(function(other)
    local same = other.change.id == spot.change.id and other.hunk.id == spot.hunk.id
    local at = other.uri == spot.uri and other.span.start <= spot.span.stop and spot.span.start <= other.span.stop
    local counts = recent[other.change.id] or mine ~= nil and regions.of_hunk(state.disagreement, other.hunk.id) == mine
    return at and counts and not same and other.hunk.newText ~= spot.hunk.newText
  end, places.spots("pending"))
  local lines = M.lines(spot, others, buffers.name, inline.colour)
  local texts = vim.tbl_map(function(line)
    return line.text
  end, lines)
  local buffer, window = vim.lsp.util.open_floating_preview(texts, "", {
    border = "rounded",
    focus_id = "moa.who",
    max_width = math.min(90, vim.o.columns - 4),
    wrap = true,
  })
  local namespace = vim.api.nvim_create_namespace("moa.who")
  for index, line in ipairs(lines) do
    if line.group and vim.api.nvim_buf_is_valid(buffer) then
      vim.api.nvim_buf_set_extmark(buffer, namespace, index - 1, 0, {
        end_row = index,
        hl_group = line.group,
        strict = false,
      })
    end
  end
  return window
end

return M
