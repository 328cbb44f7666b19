-- What the panel shows, as blocks: each message of the user's and each turn and `/code` behind it, out of the state. Pure. A
-- block is made anew only where what it is made of moved, so a long discussion costs no more than a short one while text
-- streams. How a block becomes lines is told in `asked.lua` and `turn.lua`.

local asked = require("moa.panel.asked")
local reduce = require("moa.discussion.state")
local turn = require("moa.panel.turn")

local M = {}

---@class moa.panel.Mark
---@field from integer Byte in the line, from 0
---@field to integer Byte, excluded; -1: all of the line
---@field group string

---@class moa.panel.Target What stands on a line, for the keys
---@field kind "card"|"hunk"|"ending"|"button"
---@field change? string
---@field hunk? string
---@field status? moa.HunkStatus
---@field run? fun() button

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
---@field kind "asked"|"turn"|"coding"|"notice"
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
---@field round? moa.Round Of what was asked
---@field run? moa.Turn|moa.Coding
---@field who? string
---@field again boolean Whether it can be asked for once more, as soon as nothing runs
---@field replaced boolean Whether another turn was asked in its place

---@param run moa.Turn
---@return boolean
local function ended_early(run)
  return run.status == "failed" or run.status == "cancelled"
end

--- Rounds with their turns, and each `/code` behind the round it came after. The keys stay an entry's own for good.
---@param discussion moa.Discussion
---@return moa.panel.Entry[]
function M.in_order(discussion)
  local rounds, codings = discussion.rounds or {}, discussion.codings or {}
  local entries = {} ---@type moa.panel.Entry[]
  local function code(from, below)
    for _, coding in ipairs(codings) do
      if coding.afterRound >= from and coding.afterRound < below then
        entries[#entries + 1] = {
          key = ("%s/code-%d"):format(discussion.id, coding.number),
          run = coding,
          who = reduce.EDITOR,
          again = false,
          replaced = false,
        }
      end
    end
  end
  code(-math.huge, rounds[1] and rounds[1].number or math.huge)
  for place, round in ipairs(rounds) do
    local key = ("%s/%d"):format(discussion.id, round.number)
    entries[#entries + 1] = { key = key, round = round, again = false, replaced = false }
    local last_of = {}
    for index, one in ipairs(round.turns) do
      last_of[one.architect] = index
    end
    for index, one in ipairs(round.turns) do
      -- Only the architect's last word in the last round can be asked for once more.
      local replaced = last_of[one.architect] ~= index
      entries[#entries + 1] = {
        key = ("%s/%d"):format(key, index),
        run = one,
        who = one.architect,
        again = place == #rounds and not replaced and ended_early(one),
        replaced = replaced,
      }
    end
    code(round.number, rounds[place + 1] and rounds[place + 1].number or math.huge)
  end
  return entries
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
---@return moa.panel.Made
function M.made(state, before)
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
  local blocks, sources = {}, {}
  local function put(key, from, count, make)
    local old = known[key]
    sources[key] = from
    blocks[#blocks + 1] = old and same_each(before.sources[key], from, count) and old or make()
  end
  for _, entry in ipairs(M.in_order(discussion)) do
    local round, run = entry.round, entry.run
    if round then
      put(entry.key, { round.message, round.files, round.leftOut, round.usage }, 4, function()
        return asked.block(entry.key, round)
      end)
    elseif run then
      local activity = run.status == "running" and state.activities[entry.who] or nil
      local place = places[entry.who]
      local architect = place and discussion.architects[place]
      -- Who is dropped is asked no more, so not once more either.
      local again = entry.again and not state.running and not (architect and architect.dropped)
      put(entry.key, { run, activity, architect, place, again, entry.replaced }, 6, function()
        return turn.block(entry.key, run, {
          who = entry.who,
          discussion = discussion,
          architect = architect,
          activity = activity,
          retry = again,
          replaced = entry.replaced,
        })
      end)
    end
  end
  return { blocks = blocks, sources = sources }
end

return M
