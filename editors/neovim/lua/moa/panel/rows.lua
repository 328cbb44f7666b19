-- The rows of which a turn's lines are made: prose, a card's head, its hunks, problems and keys, an edit in its place among
-- the words, and the words at a turn's end. Pure. Names and code stand as Markdown code, so that their marks stay as they are.

local asked = require("moa.panel.asked")
local card_of = require("moa.panel.card")
local regions = require("moa.discussion.regions")
local reply = require("moa.panel.reply")
local unseen = require("moa.panel.unseen")

local M = {}

local GLYPHS = { pending = "○", applied = "✓", rejected = "✗", stale = "~" }
local GROUPS = { pending = "MoaProposal", applied = "MoaApplied", rejected = "MoaRejected", stale = "MoaStale" }

---@class moa.panel.Writer Gathers a turn's lines
---@field sign string The glyph in front of lines to come
---@field line string The one in front of those outside of the proposal
---@field put fun(line: moa.panel.Line)
---@field prose fun(text: string)
---@field count fun(): integer
---@field fold fun(from: integer, kind: "why"|"written", label: string, closed: boolean)
---@field folds moa.panel.Fold[]
---@field finish fun(dropped: boolean, gist?: string): moa.panel.Line[] With a gist the turn is folded to it

---@param group string The group of the glyphs
---@return moa.panel.Writer
function M.writer(group)
  local lines = {} ---@type moa.panel.Line[]
  local out = { sign = "│", line = "│", folds = {} }
  function out.put(line)
    line.sign, line.sign_group = line.sign or out.sign, group
    lines[#lines + 1] = line
  end
  function out.prose(text)
    for _, line in ipairs(reply.closed(unseen.visible(text))) do
      out.put({ text = line })
    end
  end
  function out.count()
    return #lines
  end
  function out.fold(from, kind, label, closed)
    out.folds[#out.folds + 1] = { from = from, to = #lines - 1, kind = kind, label = label, closed = closed }
  end
  function out.finish(dropped, gist)
    out.fold(0, "turn", gist or ("%d lines"):format(#lines - 1), gist ~= nil)
    if dropped then
      for _, line in ipairs(lines) do
        line.marks = { { from = 0, to = -1, group = "MoaDropped" } }
      end
    end
    lines[#lines + 1] = { text = "" }
    return lines
  end
  return out
end

--- A text that is made of parts, each in its group.
---@param parts {[1]: string, [2]: string?}[]
---@return string text
---@return moa.panel.Mark[] marks
local function joined(parts)
  local text, marks = "", {}
  for _, part in ipairs(parts) do
    if part[2] and part[1] ~= "" then
      marks[#marks + 1] = { from = #text, to = #text + #part[1], group = part[2] }
    end
    text = text .. part[1]
  end
  return text, marks
end

---@param text string
---@param cells integer
---@return string
local function cut(text, cells)
  if vim.api.nvim_strwidth(text) <= cells then
    return text
  end
  local short = vim.fn.strcharpart(text, 0, cells)
  while vim.api.nvim_strwidth(short) >= cells do
    short = vim.fn.strcharpart(short, 0, vim.fn.strchars(short) - 1)
  end
  return short .. "…"
end

---@param out moa.panel.Writer
---@param title string
---@param card? moa.panel.Card
function M.card_head(out, title, card)
  local standing = card and card_of.standing(card) or ""
  local text, marks = joined({ { title, "MoaProposal" }, { standing ~= "" and "  " .. standing or "", "MoaQuiet" } })
  local target = card and { kind = "card", change = card.id } or nil
  out.put({ text = text, marks = marks, sign = "┏", target = target })
end

---@param row moa.panel.HunkRow
---@return string
local function counts(row)
  local parts = {}
  parts[#parts + 1] = row.added > 0 and "+" .. row.added or nil
  parts[#parts + 1] = row.removed > 0 and "−" .. row.removed or nil
  return table.concat(parts, " ")
end

--- What of a card isn't shown because the user looks at other things.
---@param out moa.panel.Writer
---@param hidden integer
---@param looking moa.Looking
local function hidden_ones(out, hidden, looking)
  if hidden > 0 then
    local words = ("%d more: %s is shown"):format(hidden, regions.looking_words(looking))
    out.put({ text = words, marks = { { from = 0, to = -1, group = "MoaQuiet" } } })
  end
end

--- The hunks of a card, in columns: those that the user wants to see.
---@param out moa.panel.Writer
---@param card moa.panel.Card
---@param looking moa.Looking
---@param selected table<string, boolean> Those that are to be put together
function M.hunks(out, card, looking, selected)
  local place_cells, count_cells = 0, 0
  local shown = vim.tbl_filter(function(row)
    return regions.shows(looking, row.hunk)
  end, card.hunks)
  for _, row in ipairs(shown) do
    place_cells = math.max(place_cells, vim.api.nvim_strwidth(row.place))
    count_cells = math.max(count_cells, vim.api.nvim_strwidth(counts(row)))
  end
  for _, row in ipairs(shown) do
    local is_selected = selected[row.id] and row.status == "pending"
    local place = unseen.on_one_line(row.place)
    local added = row.added > 0 and "+" .. row.added or ""
    local removed = row.removed > 0 and "−" .. row.removed or ""
    local figures = vim.api.nvim_strwidth(counts(row))
    local text, marks = joined({
      {
        (is_selected and "▣" or GLYPHS[row.status]) .. " ",
        is_selected and "MoaKey" or GROUPS[row.status],
      },
      { ("%" .. #tostring(#card.hunks) .. "d "):format(row.number), "MoaQuiet" },
      { asked.literal(place), row.status == "pending" and "MoaPlace" or GROUPS[row.status] },
      { (" "):rep(place_cells - vim.api.nvim_strwidth(place) + 2) },
      { added, "MoaAdded" },
      { added ~= "" and removed ~= "" and " " or "" },
      { removed, "MoaRemoved" },
      { (" "):rep(count_cells - figures) },
      { " " .. (regions.GLYPHS[row.stand] or " "), regions.GROUPS[row.stand] },
      {
        row.status_words ~= "" and " " .. row.status_words or "",
        row.settled == "taken" and "MoaSettled" or GROUPS[row.status],
      },
    })
    -- What it is about is shown behind the line, cut at the window's edge: a row stays a row.
    local bare = text:gsub("%s+$", "")
    local what = { { (" "):rep(#text - #bare + 1) .. row.what, row.code and "MoaCode" or "MoaQuiet" } }
    local target = { kind = "hunk", change = card.id, hunk = row.id, status = row.status }
    out.put({ text = bare, marks = marks, eol = what, target = target })
  end
  hidden_ones(out, #card.hunks - #shown, looking)
end

---@param out moa.panel.Writer
---@param card moa.panel.Card
function M.problems(out, card)
  for _, problem in ipairs(card.problems) do
    local text, marks = joined({
      { problem.notice and "! " or "✗ ", problem.notice and "MoaNotice" or "MoaError" },
      { unseen.on_one_line(problem.message) },
      { problem.hint and " " .. unseen.on_one_line(problem.hint) or "", "MoaQuiet" },
    })
    out.put({ text = text, marks = marks, target = { kind = "card", change = card.id } })
  end
end

--- Keys with what they do, in a row.
---@param pairs_of {[1]: string, [2]: string}[]
---@return string text
---@return moa.panel.Mark[] marks
local function keys(pairs_of)
  local parts = {}
  for index, one in ipairs(pairs_of) do
    parts[#parts + 1] = { index > 1 and "  " or "" }
    parts[#parts + 1] = { one[1], "MoaKey" }
    -- With a space at which no line is broken: a key and its word stay together.
    parts[#parts + 1] = { "\u{a0}" .. one[2]:gsub(" ", "\u{a0}"), "MoaQuiet" }
  end
  return joined(parts)
end

--- What can be done with a card, by which keys.
---@param out moa.panel.Writer
---@param card moa.panel.Card
function M.actions(out, card)
  local offered = {}
  local function offer(when, key, words)
    if when then
      offered[#offered + 1] = { key, words }
    end
  end
  offer(#card.hunks > 0, "⏎", "review")
  offer(card.pending > 0, "a", "apply")
  offer(card.pending > 0, "x", "reject")
  offer(card.applied > 0, "u", "undo")
  offer(card.applied == 0 and card.rejected > 0, "u", "take back the no")
  offer(true, "c", "ask about this")
  local text, marks = keys(offered)
  out.put({ text = text, marks = marks, sign = "┗", target = { kind = "card", change = card.id } })
end

--- The words at a turn's end that wasn't a good one, and what can be done.
---@param out moa.panel.Writer
---@param words string
---@param failed boolean
---@param retry boolean
---@param drop boolean
function M.ending(out, words, failed, retry, drop)
  for index, line in ipairs(vim.split(vim.trim(words), "\n", { plain = true })) do
    local text, marks = joined({
      { index == 1 and (failed and "✗ " or "■ ") or "  ", failed and "MoaError" or "MoaNotice" },
      { line, failed and "MoaError" or "MoaQuiet" },
    })
    out.put({ text = text, marks = marks, target = { kind = "ending" } })
  end
  local offered = {}
  offered[#offered + 1] = retry and { "r", "retry" } or nil
  offered[#offered + 1] = drop and { "d", "drop" } or nil
  if #offered > 0 then
    local text, marks = keys(offered)
    out.put({
      text = "  " .. text,
      marks = vim.tbl_map(function(mark)
        return { from = mark.from + 2, to = mark.to + 2, group = mark.group }
      end, marks),
      target = { kind = "ending" },
    })
  end
end

--- An edit's lines without the fence around them.
---@param text string
---@return string[]
local function bare(text)
  return vim.tbl_filter(function(line)
    return not line:find("^%s*```") and not line:find("^%s*~~~")
  end, vim.split(text, "\n", { plain = true }))
end

--- An edit of the reply, in its place among the words: a pointer to its hunks, or as it was written where it made none.
---@param out moa.panel.Writer
---@param piece moa.panel.Piece
---@param card? moa.panel.Card
function M.written(out, piece, card)
  local name = piece.path and asked.literal(unseen.on_one_line(piece.path))
  local numbers, target = {}, nil
  for _, row in ipairs(card and card.hunks or {}) do
    for _, line in ipairs(row.reply_lines) do
      if line >= piece.line and line < piece.line + piece.lines then
        numbers[#numbers + 1] = tostring(row.number)
        target = target or { kind = "hunk", change = card.id, hunk = row.id, status = row.status }
        break
      end
    end
  end
  if target then
    local text, marks =
      joined({ { "→ " .. (name or "edit") .. " ", "MoaQuiet" }, { table.concat(numbers, " "), "MoaPlace" } })
    out.put({ text = text, marks = marks, target = target })
    return
  end
  local from = out.count()
  local lines = bare(unseen.visible(piece.text))
  -- A fence of more marks than any in it can't be ended by what stands in it.
  if card then
    out.put({
      text = (name or "An edit") .. ", as it was written",
      marks = { { from = 0, to = -1, group = "MoaQuiet" } },
    })
  end
  out.put({ text = "~~~~~~" })
  for _, line in ipairs(lines) do
    out.put({ text = line })
  end
  out.put({ text = "~~~~~~" })
  if card then
    out.fold(from, "written", ("%d lines"):format(#lines), true)
  end
end

--- An edit that is being written: a row with how far it is.
---@param out moa.panel.Writer
---@param piece moa.panel.Piece
---@param activity? moa.Activity
function M.growing_edit(out, piece, activity)
  local read, refused = 0, nil ---@type integer, moa.ReadEdit?
  for _, edit in ipairs(activity and activity.edits or {}) do
    if piece.path and vim.endswith(edit.path, piece.path) then
      read = read + 1
      refused = refused or (edit.fits == false and edit or nil)
    end
  end
  local glyph = refused and "✗" or piece.closed and read > 0 and "✓" or "✎"
  local said = not piece.closed and ("%d lines so far"):format(piece.lines) or refused and refused.problem or ""
  local text, marks = joined({
    { glyph .. " ", refused and "MoaError" or glyph == "✓" and "MoaApplied" or "MoaProposal" },
    { piece.path and asked.literal(unseen.on_one_line(piece.path)) or "an edit", piece.path and "MoaPlace" or nil },
    { said ~= "" and "  " .. unseen.on_one_line(said) or "", refused and "MoaError" or "MoaQuiet" },
  })
  out.put({ text = text, marks = marks })
end

M.joined, M.cut, M.keys = joined, cut, keys

return M
