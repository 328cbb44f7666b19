-- What architects think of each other's proposals, what they gave up, and what they ask the user, as rows of a turn: what is
-- said about a proposal stands in its card, and in the turn of whoever said it. Pure.

local asked = require("moa.panel.asked")
local card_of = require("moa.panel.card")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")
local rows = require("moa.panel.rows")
local unseen = require("moa.panel.unseen")

local M = {}

---@class moa.panel.Said What somebody said of a turn's proposal
---@field architect string
---@field stance moa.Stance

--- What was said about each turn's proposal, the newest word of each architect about each part of it.
---@param discussion moa.Discussion
---@return table<moa.Turn, moa.panel.Said[]>
function M.about(discussion)
  local by_change, latest, found = {}, {}, {} ---@type table<string, moa.Turn>, table<string, moa.Turn>
  for _, round in ipairs(discussion.rounds or {}) do
    for _, turn in ipairs(round.turns) do
      for _, stance in ipairs(turn.stances or {}) do
        local target = by_change[stance.change or ""] or latest[stance.architect]
        if target then
          local all = vim.tbl_filter(function(one)
            return one.architect ~= turn.architect or one.stance.target ~= stance.target
          end, found[target] or {})
          all[#all + 1] = { architect = turn.architect, stance = stance }
          found[target] = all
        end
      end
      if turn.proposal then
        latest[turn.architect] = turn
      end
      if turn.change then
        by_change[turn.change.id] = turn
      end
    end
  end
  return found
end

--- A part of a proposal, as it was named.
---@param target string
---@return string
local function part(target)
  return target:match("^%d+$") and "step " .. target or target
end

---@param out moa.panel.Writer
---@param stance moa.Stance
---@param who string Empty in the turn of whoever said it
---@param group string?
---@param what string
local function put(out, stance, who, group, what)
  local verb = regions.VERBS[stance.kind] or stance.kind
  if what ~= "" and stance.kind == "object" then
    verb = verb .. " to"
  end
  local reason = unseen.on_one_line(vim.trim(stance.reason or ""))
  local text, marks = rows.joined({
    { (regions.ATTITUDES[stance.kind] or "·") .. " ", regions.ATTITUDE_GROUPS[stance.kind] },
    { who ~= "" and unseen.on_one_line(who) .. " " or "", group },
    { verb .. (what ~= "" and " " .. unseen.on_one_line(what) or ""), "MoaQuiet" },
    { reason ~= "" and ": " .. reason or "" },
  })
  local at = stance.change and stance.hunks[1] and { change = stance.change, hunk = stance.hunks[1] } or nil
  out.put({ text = text, marks = marks, target = { kind = "place", at = at } })
end

--- In a card: what others say of it.
---@param out moa.panel.Writer
---@param said moa.panel.Said[]
---@param card? moa.panel.Card
---@param colour fun(who: string): string
function M.of_proposal(out, said, card, colour)
  for _, one in ipairs(said) do
    local meant, numbers = {}, {}
    for _, id in ipairs(one.stance.hunks) do
      meant[id] = true
    end
    for _, row in ipairs(card and card.hunks or {}) do
      numbers[#numbers + 1] = meant[row.id] and tostring(row.number) or nil
    end
    local all = card and #numbers == #card.hunks
    local what = one.stance.target == "" and "" or part(one.stance.target)
    if #numbers > 0 then
      what = all and #numbers > 1 and "" or table.concat(numbers, ", ")
    end
    put(out, one.stance, one.architect, colour(one.architect), what)
  end
end

--- In the turn of whoever said it.
---@param out moa.panel.Writer
---@param turn moa.Turn
function M.own(out, turn)
  for _, stance in ipairs(turn.stances or {}) do
    local what = stance.target == "" and "proposal" or part(stance.target)
    put(out, stance, "", nil, ("%s's %s"):format(stance.architect, what))
  end
end

--- What it gave up for another's, quietly.
---@param out moa.panel.Writer
---@param turn moa.Turn
---@param discussion moa.Discussion
function M.gave_up(out, turn, discussion)
  for _, one in ipairs(turn.gaveUp or {}) do
    local places = {}
    for _, run in ipairs(reduce.runs(discussion)) do
      for _, row in ipairs(run.change and run.change.id == one.change and card_of.of(run.change).hunks or {}) do
        if vim.tbl_contains(one.hunks, row.id) then
          places[#places + 1] = asked.literal(unseen.on_one_line(row.place))
        end
      end
    end
    local edits = #one.hunks == 1 and "its edit" or ("its %d edits"):format(#one.hunks)
    local where = #places > 0 and " of " .. table.concat(places, ", ") or ""
    local words = ("gave up %s%s for %s's"):format(edits, where, unseen.on_one_line(one.to))
    out.put({ text = words, marks = { { from = 0, to = -1, group = "MoaQuiet" } } })
  end
end

--- What it asks the user: the choices can be answered with, and so can other words.
---@param out moa.panel.Writer
---@param turn moa.Turn
---@param round integer
function M.questions(out, turn, round)
  for _, one in ipairs(turn.questions or {}) do
    local ask = { round = round, turn = turn.number, question = one.number, text = one.text }
    local answer, known = one.answer, false
    for index, line in ipairs(vim.split(unseen.visible(vim.trim(one.text)), "\n", { plain = true })) do
      local text, marks = rows.joined({ { index == 1 and "? " or "  ", "MoaQuestion" }, { line, "MoaQuestion" } })
      out.put({ text = text, marks = marks, target = { kind = "choice", ask = ask } })
    end
    for index, choice in ipairs(one.choices) do
      local is_it = answer == choice
      known = known or is_it
      local text, marks = rows.joined({
        { is_it and "  ✓ " or ("  %d "):format(index), is_it and "MoaSettled" or "MoaKey" },
        { unseen.on_one_line(choice), answer and not is_it and "MoaQuiet" or nil },
      })
      out.put({ text = text, marks = marks, target = { kind = "choice", ask = ask, answer = choice } })
    end
    if answer and not known then
      local text, marks = rows.joined({ { "  ✓ ", "MoaSettled" }, { unseen.on_one_line(answer) } })
      out.put({ text = text, marks = marks, target = { kind = "choice", ask = ask } })
    elseif not answer then
      local text, marks =
        rows.joined({ { "  ⏎ ", "MoaKey" }, { #one.choices > 0 and "another answer" or "answer", "MoaQuiet" } })
      out.put({ text = text, marks = marks, target = { kind = "choice", ask = ask } })
    end
  end
end

--- What is left of a piece of a reply without the lines that are shown as rows; nil: nothing. What wasn't read stays words.
---@param piece moa.panel.Piece
---@param turn moa.Turn
---@return moa.panel.Piece?
function M.left_over(piece, turn)
  if not piece.part then
    return piece
  end
  local function is_read(line)
    local bare = line:lower()
    for _, stance in ipairs(piece.part == "stances" and turn.stances or {}) do
      local reason = vim.trim(stance.reason or "")
      if
        bare:find(stance.kind:lower(), 1, true)
        and bare:find(stance.architect:lower(), 1, true)
        and (reason ~= "" and line:find(reason, 1, true) or reason == "" and not line:find(":%s*%S"))
      then
        return true
      end
    end
    local said = vim.trim(line:gsub("^%s*[-*+]%s+", ""))
    for _, question in ipairs(piece.part == "question" and turn.questions or {}) do
      if question.text:find(said, 1, true) or vim.tbl_contains(question.choices, said) then
        return true
      end
    end
    return false
  end
  local lines = vim.tbl_filter(function(line)
    return not is_read(line)
  end, vim.split(piece.text, "\n", { plain = true }))
  local text = vim.trim(table.concat(lines, "\n"))
  return text ~= "" and vim.tbl_extend("force", piece, { text = text, lines = #lines }) or nil
end

return M
