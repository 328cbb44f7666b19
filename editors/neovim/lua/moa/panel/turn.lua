-- A turn, or a `/code`, as lines of the panel: who speaks and what it cost, the reasons (which fold to their first line), the card of
-- the proposal with its hunks, and how it ended. One that runs grows at its end. Pure.

local asked = require("moa.panel.asked")
local card_of = require("moa.panel.card")
local colours = require("moa.colours")
local money = require("moa.discussion.money")
local reduce = require("moa.discussion.state")
local reply = require("moa.panel.reply")
local rows = require("moa.panel.rows")
local stances = require("moa.panel.stances")
local unseen = require("moa.panel.unseen")

local M = {}

--- So many lines of reasons aren't worth a fold.
local SHORT = 3
--- So many cells of a role stand below a name.
local ROLE_CELLS = 40
--- So many characters tell what a folded turn is about.
local GIST_CHARACTERS = 60

---@type table<moa.Seat, string>
local SEATS = { aggregator = "answers for all", arbiter = "judges" }

---@class moa.panel.About What beside the run itself decides how it is shown
---@field who string
---@field discussion moa.Discussion
---@field architect? moa.Architect
---@field activity? moa.Activity
---@field seat? moa.Seat
---@field folded boolean Whether another turn answers for it
---@field round integer 0 of a `/code`
---@field said moa.panel.Said[] What others say of its proposal
---@field looking moa.Looking
---@field selected table<string, boolean> Hunks that are to be put together
---@field retry boolean
---@field replaced boolean

--- A model's name as short as people say it: without provider, date and the maker's prefix.
---@param model string
---@return string
function M.short_model(model)
  if vim.startswith(model, "replay:") then
    return "replay"
  end
  local name = model:match("[^/]*$")
  name = name:gsub("[-@]%d%d%d%d%-%d%d%-%d%d$", ""):gsub("[-@]%d%d%d%d%d%d%d%d$", ""):gsub("[-@]latest$", "")
  name = name:gsub("^claude%-", ""):gsub(":latest$", "")
  return unseen.on_one_line(name ~= "" and name or model)
end

---@param number integer
---@return string
local function with_commas(number)
  local text = tostring(number):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

--- What a use was, in full sentences.
---@param usage moa.Usage
---@return string[]
function M.in_full(usage)
  local facts = {}
  if usage.inputTokens then
    local out = with_commas(usage.outputTokens or 0)
    facts[1] = ("%s tokens in, %s out"):format(with_commas(usage.inputTokens), out)
  else
    facts[1] = "The provider told no tokens"
  end
  facts[#facts + 1] = money.cached(usage)
  local price = money.usd(usage)
  facts[#facts + 1] = price == money.UNKNOWN and "The price isn't known" or price
  return facts
end

---@param run moa.Turn|moa.Coding
---@return string
local function figures(run)
  if run.composed then
    return money.NOTHING
  end
  local parts = { ("%.1f s"):format(run.seconds) }
  local tokens = money.tokens_of(run.usage)
  parts[#parts + 1] = tokens and money.tokens(tokens) or nil
  parts[#parts + 1] = money.usd(run.usage)
  return table.concat(parts, " · ")
end

--- How a run ended, where that is worth a word.
---@param run moa.Turn|moa.Coding
---@return string?
local function ending(run)
  local message = run.error and run.error.message
  if run.status == "failed" then
    return message or "It ended without a reason."
  end
  -- One that nobody stopped says why it ended: its server did.
  return run.status == "cancelled" and (message or "Stopped. What had arrived is kept.") or nil
end

---@param run moa.Turn|moa.Coding
---@return string[]
local function notes(run)
  local found = vim.list_extend({}, run.notes or {})
  if run.repair and run.status ~= "running" then
    local failed = run.repair.error and " That failed: " .. run.repair.error.message or ""
    found[#found + 1] = "Edits that didn't fit were asked for once more." .. failed
  end
  return found
end

--- A finished reply's pieces: what stands outside of the proposal, and the proposal's own words.
---@param run moa.Turn|moa.Coding
---@param is_coding boolean
---@param has_card boolean
---@return moa.panel.Piece[] why
---@return moa.panel.Piece[] words
local function apart(run, is_coding, has_card)
  local all = reply.pieces(run.text, false)
  if is_coding then
    return vim.tbl_filter(function(piece)
      return piece.kind == "prose" or not has_card
    end, all), {}
  end
  local why, words = {}, {}
  for _, piece in ipairs(all) do
    table.insert(piece.proposed and words or why, piece)
  end
  local proposal = run.proposal
  if #words > 0 or not proposal or vim.trim(proposal) == vim.trim(run.text) then
    -- The lines that a turn's hunks came from are counted in its proposal.
    local first = words[1] and words[1].line or 0
    for _, piece in ipairs(words) do
      piece.line = piece.line - first
    end
    return why, words
  end
  -- The server read it more leniently than is done here: where the proposal stands in the text, it is taken out.
  local at, last = run.text:find(proposal, 1, true)
  if not at then
    return {}, reply.pieces(proposal, false)
  end
  why = reply.pieces(run.text:sub(1, at - 1), false)
  return vim.list_extend(why, reply.pieces(run.text:sub(last + 1), false)), reply.pieces(proposal, false)
end

--- The pieces without what is shown as rows of its own.
---@param pieces moa.panel.Piece[]
---@param turn moa.Turn
---@return moa.panel.Piece[]
local function unread(pieces, turn)
  local found = {}
  for _, piece in ipairs(pieces) do
    found[#found + 1] = stances.left_over(piece, turn)
  end
  return found
end

---@param out moa.panel.Writer
---@param pieces moa.panel.Piece[]
---@param card? moa.panel.Card
local function put_pieces(out, pieces, card)
  for index, piece in ipairs(pieces) do
    if index > 1 then
      out.put({ text = "" })
    end
    if piece.kind == "prose" then
      out.prose(piece.text)
    else
      rows.written(out, piece, card)
    end
  end
end

---@param out moa.panel.Writer
---@param run moa.Turn|moa.Coding
---@param about moa.panel.About
---@param card? moa.panel.Card
local function put_finished(out, run, about, card)
  local is_coding = about.who == reduce.EDITOR
  local why, words = apart(run, is_coding, card ~= nil)
  if not is_coding then
    why, words = unread(why, run), unread(words, run)
  end
  local shows_card = card ~= nil or #words > 0
  if #why > 0 then
    local from = out.count()
    put_pieces(out, why, #words == 0 and card or nil)
    local texts = {}
    for index, piece in ipairs(why) do
      texts[index] = piece.text
    end
    local length = reply.lines_of_prose(table.concat(texts, "\n"))
    if shows_card and length > SHORT then
      out.fold(from, "why", ("why (%d lines)"):format(length), true)
    end
  end
  if shows_card then
    out.sign = "┃"
    rows.card_head(out, is_coding and "edits" or "proposal", card)
    put_pieces(out, words, card)
    if card then
      rows.hunks(out, card, about.looking, about.selected)
    end
    stances.of_proposal(out, about.said, card, function(who)
      return colours.of(about.discussion, who)
    end)
    if card then
      rows.problems(out, card)
      rows.actions(out, card)
    end
    out.sign = out.line
  end
  if not is_coding then
    stances.own(out, run)
    stances.questions(out, run, about.round)
    stances.gave_up(out, run, about.discussion)
  end
  for _, note in ipairs(notes(run)) do
    out.put({ text = unseen.on_one_line(note), marks = { { from = 0, to = -1, group = "MoaQuiet" } } })
  end
  local words_at_end = ending(run)
  if words_at_end then
    local offers_drop = not is_coding and run.status == "failed" and not about.replaced
    local drop = offers_drop and about.architect ~= nil and not about.architect.dropped
    rows.ending(out, unseen.visible(words_at_end), run.status == "failed", about.retry, drop)
  end
end

--- What goes on in one that runs, where no words say it.
---@param text string
---@param activity? moa.Activity
---@return string?
local function doing(text, activity)
  if activity and activity.waiting then
    local seconds, reason = activity.waiting.seconds, activity.waiting.reason
    return seconds > 0 and ("waits %.0f s: %s"):format(seconds, reason) or reason
  elseif activity and activity.repairing > 0 then
    local count = activity.repairing
    local edits = count == 1 and "One edit doesn't" or ("%d edits don't"):format(count)
    return edits .. " fit; asking for it once more…"
  end
  return text == "" and "is thinking…" or nil
end

---@param out moa.panel.Writer
---@param run moa.Turn|moa.Coding
---@param about moa.panel.About
local function put_growing(out, run, about)
  local is_coding = about.who == reduce.EDITOR
  local in_card, put_any = false, false
  for _, piece in ipairs(reply.pieces(run.text, true)) do
    local proposed = piece.proposed and not is_coding
    out.sign = proposed and "┃" or out.line
    if proposed and not in_card then
      rows.card_head(out, "proposal", nil)
    elseif put_any then
      out.put({ text = "" })
    end
    in_card, put_any = proposed, true
    if piece.kind == "prose" then
      out.prose(piece.text)
    else
      rows.growing_edit(out, piece, about.activity)
    end
  end
  local words = doing(run.text, about.activity)
  if words then
    out.put({ text = unseen.on_one_line(words), marks = { { from = 0, to = -1, group = "MoaQuiet" } } })
  end
end

--- What an architect is there for, and what it looks at.
---@param out moa.panel.Writer
---@param about moa.panel.About
local function put_part(out, about)
  local role = about.architect and unseen.on_one_line(about.architect.role or "") or ""
  local seat = SEATS[about.seat] or ""
  if seat .. role ~= "" then
    local text, marks = rows.joined({
      { seat, about.seat == "aggregator" and "MoaAnswer" or "MoaQuiet" },
      { seat ~= "" and role ~= "" and " · " or "" },
      { rows.cut(role, ROLE_CELLS), "MoaQuiet" },
    })
    out.put({ text = text, marks = marks })
  end
end

--- The first words of what a turn proposes.
---@param run moa.Turn|moa.Coding
---@return string
local function gist(run)
  local text = vim.trim(run.proposal or run.text):match("^[^\n]*")
  return vim.fn.strcharpart(unseen.on_one_line((text:gsub("[`*#]", ""))), 0, GIST_CHARACTERS)
end

--- The block of a turn or a `/code`.
---@param key string
---@param run moa.Turn|moa.Coding
---@param about moa.panel.About
---@return moa.panel.Block
function M.block(key, run, about)
  local is_coding = about.who == reduce.EDITOR
  local architect = about.architect
  local dropped = architect ~= nil and architect.dropped
  local group = dropped and "MoaDropped" or colours.of(about.discussion, about.who)
  local out = rows.writer(group)
  local name = is_coding and "editor" or unseen.on_one_line(about.who)
  local answers = about.seat == "aggregator"
  local head = run.model ~= "" and name .. "  " .. M.short_model(run.model) or name
  local marks = {
    { from = 0, to = #name, group = group },
    { from = 0, to = #name, group = "MoaName" },
    { from = #name, to = -1, group = "MoaQuiet" },
  }
  local quiet = { (not is_coding and run.retries) and "once more" or nil }
  quiet[#quiet + 1] = run.composed and "put together without a model" or nil
  quiet[#quiet + 1] = dropped and "dropped" or nil
  local running = run.status == "running"
  out.put({
    text = #quiet > 0 and ("%s  %s"):format(head, table.concat(quiet, " · ")) or head,
    marks = marks,
    -- A folded one needs the room for what it is about.
    right = not running and { { "  " .. (about.folded and money.usd(run.usage) or figures(run)), "MoaPrice" } } or nil,
    sign = dropped and "◌" or answers and "★" or "●",
  })
  out.line = answers and "║" or "│"
  out.sign = out.line
  put_part(out, about)
  if is_coding then
    local told = unseen.visible(vim.trim(run.message))
    -- What was put together by hand was asked of nobody.
    for index, text in ipairs(run.composed and told == "" and {} or reply.closed(told)) do
      local code = { { from = 0, to = 5, group = "MoaKey" } }
      out.put(index == 1 and { text = vim.trim("/code " .. text), marks = code } or { text = text })
    end
  end
  local card = run.change and card_of.of(run.change) or nil
  card = card and (#card.hunks > 0 or #card.problems > 0) and card or nil
  if running then
    put_growing(out, run, about)
  else
    put_finished(out, run, about, card)
  end
  local facts = { run.model ~= "" and run.model or nil }
  facts[#facts + 1] = architect and architect.role
  facts[#facts + 1] = about.seat == "aggregator" and "It answers for all of them." or nil
  facts[#facts + 1] = about.seat == "arbiter" and "It judges how far the others got." or nil
  if run.composed then
    facts[#facts + 1] = "It was put together of what was taken, without a model, and cost nothing."
  elseif not running then
    facts[#facts + 1] = ("%.1f s in all"):format(run.seconds)
    vim.list_extend(facts, M.in_full(run.usage))
  end
  return {
    key = key,
    kind = is_coding and "coding" or "turn",
    who = about.who,
    group = group,
    lines = out.finish(dropped, about.folded and gist(run) or nil),
    -- While it grows there is nothing to fold.
    folds = running and {} or out.folds,
    status = run.status,
    since = running and about.activity and about.activity.since or nil,
    retry = about.retry,
    dropped = dropped,
    card = card,
    change = card and card.id,
    raw = run.text,
    model = run.model,
    facts = facts,
  }
end

return M
