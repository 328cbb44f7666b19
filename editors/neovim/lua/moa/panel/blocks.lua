-- What the panel shows, as blocks: each message of the user's and each turn and `/code` behind it, out of the state; between
-- them the headings of a round's stages, and its notes. Pure. A block is made anew only where what it is made of moved, so a
-- long discussion costs no more than a short one while text streams. How a block becomes lines is told in `asked.lua`,
-- `stage.lua` and `turn.lua`.

local asked = require("moa.panel.asked")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")
local stage = require("moa.panel.stage")
local stages = require("moa.discussion.stages")
local stances = require("moa.panel.stances")
local turn = require("moa.panel.turn")

local M = {}

---@class moa.panel.Mark
---@field from integer Byte in the line, from 0
---@field to integer Byte, excluded; -1: all of the line
---@field group string

---@class moa.panel.Target What stands on a line, for the keys
---@field kind "card"|"hunk"|"ending"|"button"|"place"|"choice"
---@field change? string
---@field hunk? string
---@field status? moa.HunkStatus
---@field run? fun() button
---@field at? {change: string, hunk: string} place: where it is; no deed is meant by it
---@field ask? {round: integer, turn?: integer, question: integer, text: string} choice
---@field answer? string choice; nil: in the user's words

---@class moa.panel.Line
---@field text string Without control characters
---@field marks? moa.panel.Mark[]
---@field right? {[1]: string, [2]: string}[] Shown at the line's right
---@field eol? {[1]: string, [2]: string}[] Shown behind it
---@field sign? string The glyph in front of it, one cell
---@field sign_group? string
---@field target? moa.panel.Target

---@class moa.panel.Fold Lines of a block, counted from 0 in it, `to` included
---@field from integer
---@field to integer
---@field kind "turn"|"why"|"written"
---@field label string What a closed one says behind its first line
---@field closed boolean Whether it is closed as long as nobody opened it

---@class moa.panel.Block
---@field key string
---@field kind "asked"|"stage"|"note"|"turn"|"coding"|"notice"
---@field who? string The architect, or `editor`
---@field group? string The highlight group in which it speaks
---@field lines moa.panel.Line[]
---@field folds moa.panel.Fold[] Inner ones before outer ones
---@field status? moa.RunStatus
---@field since? number Of one that runs: epoch milliseconds
---@field round? integer
---@field retry? boolean Whether it can be asked for once more
---@field dropped? boolean
---@field card? moa.panel.Card
---@field raw? string The reply, or the message, to the letter
---@field model? string In full
---@field facts? string[] What else is known of it, in sentences
---@field change? string

---@class moa.panel.Made
---@field blocks moa.panel.Block[]
---@field sources table<string, any[]> What each was made of

---@class moa.panel.Entry
---@field key string
---@field kind "asked"|"stage"|"note"|"turn"|"coding"
---@field round? moa.Round Of what was asked
---@field number? integer Of a turn: that of its round
---@field stage? moa.Stage
---@field notes? string[]
---@field settled? boolean Whether these are what the user settled
---@field run? moa.Turn|moa.Coding
---@field who? string
---@field again? boolean Whether it can be asked for once more, as soon as nothing runs
---@field replaced? boolean Whether another turn was asked in its place
---@field folded? boolean Whether another turn answers for it

---@type moa.Looking
local ALL = { contested = false }
---@type table<string, boolean>
local NONE = {}
--- Which decisions stand in the discussion by themselves.
local SETTLED = { taken = true, left = true, reopened = true }

---@param run moa.Turn
---@return boolean
local function ended_early(run)
  return run.status == "failed" or run.status == "cancelled"
end

--- The turns of a round, each behind the heading of its stage, and the notes where they belong. An architect's so-many-th
--- turn in the round keeps its key, whoever else speaks meanwhile.
---@param round moa.Round
---@param key string
---@param is_last boolean
---@param put fun(entry: moa.panel.Entry)
local function turns_of(round, key, is_last, put)
  local held, notes, answer = stages.of(round), stages.notes(round), stages.answer(round)
  local last_of, count_of = {}, {} ---@type table<string, integer>, table<string, integer>
  for index, one in ipairs(round.turns) do
    last_of[one.architect] = index
  end
  local step, noted = 0, 0
  local function put_notes(after)
    local texts, from = {}, noted + 1
    while notes[noted + 1] and notes[noted + 1].after <= after do
      noted = noted + 1
      texts[#texts + 1] = notes[noted].text
    end
    if #texts > 0 then
      put({ key = ("%s/note-%d"):format(key, from), kind = "note", notes = texts })
    end
  end
  local function put_stages(to)
    while step < to do
      step = step + 1
      if held[step] then
        put({ key = ("%s/stage-%d"):format(key, step), kind = "stage", stage = held[step] })
      end
    end
  end
  for index, one in ipairs(round.turns) do
    put_notes(index - 1)
    put_stages(one.step or 1)
    local count = (count_of[one.architect] or 0) + 1
    count_of[one.architect] = count
    -- Who is asked again in the same stage after a failure is asked in its place.
    local replaced = false
    for later = index + 1, ended_early(one) and #round.turns or 0 do
      local other = round.turns[later]
      replaced = replaced or other.architect == one.architect and (other.step or 1) == (one.step or 1)
    end
    put({
      key = ("%s/%s/%d"):format(key, one.architect, count),
      kind = "turn",
      run = one,
      number = round.number,
      who = one.architect,
      -- Only the architect's last word in the last round can be asked for once more.
      again = is_last and last_of[one.architect] == index and ended_early(one),
      replaced = replaced,
      folded = answer ~= nil and answer ~= one and one.status == "done",
    })
  end
  put_notes(#round.turns)
  local last = 0
  for at in pairs(held) do
    last = math.max(last, at)
  end
  put_stages(last)
end

--- Rounds with their turns, and each `/code` behind the round it came after. The keys stay an entry's own for good.
---@param discussion moa.Discussion
---@return moa.panel.Entry[]
function M.in_order(discussion)
  local rounds, codings = discussion.rounds or {}, discussion.codings or {}
  local entries = {} ---@type moa.panel.Entry[]
  local function put(entry)
    entries[#entries + 1] = entry
  end
  local function code(from, below)
    for _, coding in ipairs(codings) do
      if coding.afterRound >= from and coding.afterRound < below then
        put({
          key = ("%s/code-%d"):format(discussion.id, coding.number),
          kind = "coding",
          run = coding,
          who = reduce.EDITOR,
        })
      end
    end
  end
  -- An answer stands at its question, and what was put together is a change of its own.
  local function decided(key, round)
    local texts = {}
    for _, one in ipairs(discussion.decisions or {}) do
      texts[#texts + 1] = one.afterRound == round and (SETTLED[one.kind] and one.text) or nil
    end
    if #texts > 0 then
      put({ key = key .. "/decisions", kind = "note", notes = texts, settled = true })
    end
  end
  code(-math.huge, rounds[1] and rounds[1].number or math.huge)
  for place, round in ipairs(rounds) do
    local key = ("%s/%d"):format(discussion.id, round.number)
    put({ key = key, kind = "asked", round = round })
    turns_of(round, key, place == #rounds, put)
    decided(key, round.number)
    code(round.number, rounds[place + 1] and rounds[place + 1].number or math.huge)
  end
  return entries
end

--- Whether a turn is among what the user wants to see: one that runs always, one of the architect that is looked at, and
--- whose change holds something to be seen.
---@param run moa.Turn|moa.Coding
---@param who string
---@param looking moa.Looking
---@return boolean
local function is_looked_at(run, who, looking)
  if run.status == "running" or not looking.contested and (not looking.architect or looking.architect == who) then
    return true
  end
  for _, file in ipairs(run.change and run.change.files or {}) do
    for _, hunk in ipairs(file.hunks) do
      if regions.shows(looking, hunk) then
        return true
      end
    end
  end
  return false
end

--- By position up to `count`: any of them may be nil.
---@param one? any[]
---@param other any[]
---@param count integer
---@return boolean
local function same_each(one, other, count)
  if not one then
    return false
  end
  for index = 1, count do
    if one[index] ~= other[index] then
      return false
    end
  end
  return true
end

--- The blocks of this state. `before` is what was made last, whose blocks are taken over where nothing moved.
---@param state moa.State
---@param before? moa.panel.Made
---@param looking? moa.Looking What the user wants to see; all where it isn't given
---@param selected? table<string, boolean> Hunks that are to be put together; another table after each change
---@return moa.panel.Made
function M.made(state, before, looking, selected)
  looking, selected = looking or ALL, selected or NONE
  local discussion = state.discussion
  if not discussion then
    return { blocks = {}, sources = {} }
  end
  local known = {}
  for _, block in ipairs(before and before.blocks or {}) do
    known[block.key] = block
  end
  local places = {}
  for place, one in ipairs(discussion.architects) do
    places[one.name] = place
  end
  local said = stances.about(discussion)
  local blocks, sources = {}, {}
  local function put(key, from, count, make)
    local old = known[key]
    sources[key] = from
    blocks[#blocks + 1] = old and same_each(before.sources[key], from, count) and old or make()
  end
  for _, entry in ipairs(M.in_order(discussion)) do
    local round, run = entry.round, entry.run
    if round then
      put(entry.key, { round.message, round.files, round.leftOut, round.usage, round.preset }, 5, function()
        return asked.block(entry.key, round)
      end)
    elseif entry.stage then
      local from = vim.list_extend({ entry.stage.stage, entry.stage.parallel }, entry.stage.architects)
      put(entry.key, from, #from + 1, function()
        return stage.heading(entry.key, discussion, entry.stage)
      end)
    elseif entry.notes then
      put(entry.key, entry.notes, #entry.notes + 1, function()
        local glyph = entry.settled and regions.GLYPHS.settled or nil
        return stage.notes(entry.key, entry.notes, glyph, glyph and regions.GROUPS.settled)
      end)
    elseif run and is_looked_at(run, entry.who, looking) then
      local activity = run.status == "running" and state.activities[entry.who] or nil
      local place = places[entry.who]
      local architect = place and discussion.architects[place]
      local is_turn = entry.kind == "turn"
      local seat = is_turn and stages.seat(run --[[@as moa.Turn]]) or nil
      -- Who is dropped is asked no more, so not once more either.
      local again = entry.again and not state.running and not (architect and architect.dropped)
      local about = is_turn and said[run] or NONE
      local from =
        { run, activity, architect, place, again, entry.replaced, entry.folded, seat, looking, selected, #about }
      for index, one in ipairs(about) do
        from[11 + index] = one.stance
      end
      put(entry.key, from, 11 + #about, function()
        return turn.block(entry.key, run, {
          who = entry.who,
          discussion = discussion,
          architect = architect,
          activity = activity,
          seat = seat,
          folded = entry.folded or false,
          retry = again or false,
          replaced = entry.replaced or false,
          round = entry.number or 0,
          said = about,
          looking = looking,
          selected = selected,
        })
      end)
    end
  end
  return { blocks = blocks, sources = sources }
end

return M
