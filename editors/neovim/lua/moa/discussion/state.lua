-- A discussion as it is known here: what `moa/show-discussion` said, and each `moa/event` since. Pure: a state and an
-- event give the next state, and no table is ever changed after it was handed out. No rule of a discussion is decided
-- here; what the server says is what stands.

local stages = require("moa.discussion.stages")

local M = {}

---@class moa.ReadEdit
---@field path string
---@field edit moa.FileKind|"rewrite"
---@field fits? boolean
---@field problem? string

---@class moa.Activity What an architect (or, for `/code`, the editor model) does now, beyond the words in its turn
---@field since number Epoch milliseconds at which its turn began
---@field waiting? {seconds: number, reason: string}
---@field edits moa.ReadEdit[] The edits that closed in its reply so far
---@field repairing integer So many edits are asked for once more; 0 outside of that

---@class moa.State
---@field discussion? moa.Discussion With `rounds` and `codings`, also those that run; nil: there is none yet
---@field running boolean Whether a round or a `/code` is under way
---@field activities table<string, moa.Activity> By architect's name, and `EDITOR`; only of those who are at work
---@field changes table<string, moa.Change> Every change of the discussion that was heard of, as it stands now
---@field disagreement? moa.Disagreement Where the architects differ, as it was told last; nil: not told yet

--- The editor model's place in `activities`; no architect can be called so.
M.EDITOR = "editor"

---@return moa.State
function M.nothing()
  return { discussion = nil, running = false, activities = {}, changes = {} }
end

---@generic T: table
---@param one T
---@param changed table
---@return T
local function with(one, changed)
  local copy = {}
  for key, value in pairs(one) do
    copy[key] = value
  end
  for key, value in pairs(changed) do
    copy[key] = value
  end
  return copy
end

---@return moa.Usage
local function unknown()
  return { knownCostUsd = 0 }
end

---@generic T
---@param all T[]
---@param change fun(one: T): T
---@return T[]
local function mapped(all, change)
  local result = {}
  for index, one in ipairs(all) do
    result[index] = change(one)
  end
  return result
end

---@generic T
---@param all T[]
---@param which fun(one: T): boolean
---@param change fun(one: T): T
---@return T[]
local function with_last(all, which, change)
  for index = #all, 1, -1 do
    if which(all[index]) then
      local result = { unpack(all) }
      result[index] = change(all[index])
      return result
    end
  end
  return all
end

--- All turns and codings of a discussion, in the order of its rounds.
---@param discussion moa.Discussion
---@return (moa.Turn|moa.Coding)[]
function M.runs(discussion)
  local result = {}
  for _, round in ipairs(discussion.rounds or {}) do
    vim.list_extend(result, round.turns)
  end
  return vim.list_extend(result, discussion.codings or {})
end

---@param given moa.Discussion
---@param before moa.Discussion
---@return moa.Discussion
local function heard_further(given, before)
  local heard = {} ---@type table<integer, moa.Round>
  for _, round in ipairs(before.rounds or {}) do
    heard[round.number] = round
  end
  local function longer(run, was)
    return was and #was.text > #run.text and with(run, { text = was.text }) or run
  end
  local function longer_turn(turn, number)
    if turn.status == "running" then
      for _, was in ipairs((heard[number] or { turns = {} }).turns) do
        if was.architect == turn.architect and was.status == "running" then
          return longer(turn, was)
        end
      end
    end
    return turn
  end
  local rounds = mapped(given.rounds or {}, function(round)
    return with(round, {
      heard = (heard[round.number] or {}).heard,
      turns = mapped(round.turns, function(turn)
        return longer_turn(turn, round.number)
      end),
    })
  end)
  local codings = mapped(given.codings or {}, function(coding)
    for _, was in ipairs(before.codings or {}) do
      if coding.status == "running" and was.status == "running" and was.number == coding.number then
        return longer(coding, was)
      end
    end
    return coding
  end)
  return with(given, { rounds = rounds, codings = codings })
end

--- The state of a discussion as `moa/show-discussion` gives it (with all rounds). What is running may have been heard
--- of further than the server had stored: of the words in `before` and those given, the longer ones stand.
---@param given moa.Discussion
---@param before? moa.State
---@return moa.State
function M.shown(given, before)
  before = before or M.nothing()
  local same = before.discussion ~= nil and before.discussion.id == given.id
  local discussion = same and heard_further(given, before.discussion) or given
  local changes, runs = {}, false
  for _, run in ipairs(M.runs(discussion)) do
    if run.change then
      changes[run.change.id] = run.change
    end
    runs = runs or run.status == "running"
  end
  local running = discussion.running
  if running == nil then
    running = runs
  end
  local activities = same and running and before.activities or {}
  local shown = { discussion = discussion, running = running, activities = activities, changes = changes }
  shown.disagreement = same and before.disagreement or nil
  return shown
end

---@param state moa.State
---@param rounds moa.Round[]
---@return moa.State
local function with_rounds(state, rounds)
  return with(state, { discussion = with(state.discussion, { rounds = rounds }) })
end

--- The round in the place of the one of its number, else as the last one. What only the events said of it stays.
---@param state moa.State
---@param round moa.Round
---@return moa.State
local function with_round(state, round)
  local rounds, known = {}, false
  for index, one in ipairs(state.discussion.rounds or {}) do
    known = known or one.number == round.number
    rounds[index] = one.number == round.number and with(round, { heard = round.heard or one.heard }) or one
  end
  if not known then
    rounds[#rounds + 1] = round
  end
  return with_rounds(state, rounds)
end

---@param state moa.State
---@param change fun(round: moa.Round): moa.Round
---@return moa.State
local function with_last_round(state, change)
  return with_rounds(
    state,
    with_last(state.discussion.rounds or {}, function()
      return true
    end, change)
  )
end

--- Changes the running turn of an architect in the last round; where none runs, the state stays.
---@param state moa.State
---@param architect string
---@param change fun(turn: moa.Turn): moa.Turn
---@return moa.State
local function with_turn(state, architect, change)
  return with_last_round(state, function(round)
    return with(round, {
      turns = with_last(round.turns, function(turn)
        return turn.architect == architect and turn.status == "running"
      end, change),
    })
  end)
end

---@param state moa.State
---@param change fun(coding: moa.Coding): moa.Coding
---@return moa.State
local function with_last_coding(state, change)
  local codings = with_last(state.discussion.codings or {}, function(one)
    return one.status == "running"
  end, change)
  return with(state, { discussion = with(state.discussion, { codings = codings }) })
end

---@param now number
---@return moa.Activity
local function idle_since(now)
  return { since = now, waiting = nil, edits = {}, repairing = 0 }
end

---@param state moa.State
---@param who string
---@param change fun(activity: moa.Activity): moa.Activity
---@return moa.State
local function with_activity(state, who, change)
  local activity = change(state.activities[who] or idle_since(0))
  return with(state, { activities = with(state.activities, { [who] = activity }) })
end

---@param state moa.State
---@param who string
---@return moa.State
local function without_activity(state, who)
  local activities = with(state.activities, {})
  activities[who] = nil
  return with(state, { activities = activities })
end

---@param activity moa.Activity
---@return moa.Activity
local function no_longer_waiting(activity)
  local copy = with(activity, {})
  copy.waiting = nil
  return copy
end

--- The state with a change as an answer gave it, wherever in the discussion it stands.
---@param state moa.State
---@param change? moa.Change
---@return moa.State
function M.with_change(state, change)
  if not change or not state.discussion or state.discussion.id ~= change.discussion then
    return state
  end
  local function put(run)
    return run.change and run.change.id == change.id and with(run, { change = change }) or run
  end
  local rounds = mapped(state.discussion.rounds or {}, function(round)
    for _, turn in ipairs(round.turns) do
      if turn.change and turn.change.id == change.id then
        return with(round, { turns = mapped(round.turns, put) })
      end
    end
    return round
  end)
  return with(state, {
    discussion = with(state.discussion, { rounds = rounds, codings = mapped(state.discussion.codings or {}, put) }),
    changes = with(state.changes, { [change.id] = change }),
  })
end

--- The state with what the user settled, as the discussion says it now.
---@param state moa.State
---@param told moa.Discussion
---@return moa.State
function M.with_decisions(state, told)
  local known = state.discussion
  local same = known ~= nil and known.id == told.id
  return same and with(state, { discussion = with(known, { decisions = told.decisions or {} }) }) or state
end

---@type table<string, fun(state: moa.State, event: moa.Event, now: number): moa.State>
local AFTER = {
  discussionUpdated = function(state, event)
    return with(state, {
      discussion = with(state.discussion, event.discussion --[[@as moa.Discussion]]),
    })
  end,
  roundStarted = function(state, event)
    local round = {
      discussion = state.discussion.id,
      number = event.number,
      message = event.message,
      preset = event.preset,
      notes = {},
      turns = {},
      usage = unknown(),
      seconds = 0,
      heard = { stages = {}, noted = {} },
    }
    return with(with_round(state, round), { running = true })
  end,
  stageStarted = function(state, event)
    local stage =
      { step = event.step, stage = event.stage, architects = event.architects, parallel = event.parallel or false }
    return with_last_round(state, function(round)
      local heard = round.heard or { stages = {}, noted = {} }
      return with(round, { heard = with(heard, { stages = with(heard.stages, { [event.step] = stage }) }) })
    end)
  end,
  roundNoted = function(state, event)
    return with_last_round(state, function(round)
      local heard, notes = round.heard or { stages = {}, noted = {} }, round.notes or {}
      return with(round, {
        notes = vim.list_extend({ unpack(notes) }, { event.text }),
        heard = with(heard, { noted = with(heard.noted, { [#notes + 1] = #round.turns }) }),
      })
    end)
  end,
  turnStarted = function(state, event, now)
    -- Who speaks by another preset than the discussion's own isn't known here; what it finished says its model.
    local known = stages.architect(state.discussion, event.architect)
    local turn = {
      architect = event.architect,
      model = known and known.model or "",
      stage = event.stage,
      step = event.step,
      status = "running",
      text = "",
      usage = unknown(),
      seconds = 0,
    }
    local next_state = with_last_round(state, function(round)
      local stage = round.heard and round.heard.stages[event.step or 1]
      local begun = with(turn, { parallel = stage and stage.parallel })
      return with(round, { turns = vim.list_extend({ unpack(round.turns) }, { begun }) })
    end)
    return with(
      with_activity(next_state, event.architect, function()
        return idle_since(now)
      end),
      { running = true }
    )
  end,
  turnDelta = function(state, event)
    local next_state = with_turn(state, event.architect, function(turn)
      return with(turn, { text = turn.text .. event.text })
    end)
    return with_activity(next_state, event.architect, no_longer_waiting)
  end,
  turnWaiting = function(state, event)
    return with_activity(state, event.architect, function(activity)
      return with(activity, { waiting = { seconds = event.seconds, reason = event.reason } })
    end)
  end,
  turnFinished = function(state, event)
    local turn = event.turn --[[@as moa.Turn]]
    local next_state = with_turn(state, turn.architect, function()
      return turn
    end)
    return without_activity(M.with_change(next_state, turn.change), turn.architect)
  end,
  roundFinished = function(state, event)
    return with(with_round(state, event.round), { running = false, activities = {} })
  end,
  editRead = function(state, event)
    local edit = { path = event.path, edit = event.edit, fits = event.fits, problem = event.problem }
    return with_activity(state, event.architect or M.EDITOR, function(activity)
      return with(activity, { edits = vim.list_extend({ unpack(activity.edits) }, { edit }) })
    end)
  end,
  repairStarted = function(state, event)
    return with_activity(state, event.architect or M.EDITOR, function(activity)
      return with(activity, { repairing = #event.problems })
    end)
  end,
  repairFinished = function(state, event)
    return with_activity(state, event.architect or M.EDITOR, function(activity)
      return with(activity, { repairing = 0 })
    end)
  end,
  codeStarted = function(state, event, now)
    local number, after_round = 1, 0
    for _, one in ipairs(state.discussion.codings or {}) do
      number = math.max(number, one.number + 1)
    end
    for _, round in ipairs(state.discussion.rounds or {}) do
      after_round = math.max(after_round, round.number)
    end
    local coding = {
      discussion = state.discussion.id,
      number = number,
      afterRound = after_round,
      message = event.message,
      model = event.model,
      status = "running",
      text = "",
      usage = unknown(),
      seconds = 0,
    }
    local codings = vim.list_extend({ unpack(state.discussion.codings or {}) }, { coding })
    local next_state = with(state, { discussion = with(state.discussion, { codings = codings }), running = true })
    return with_activity(next_state, M.EDITOR, function()
      return idle_since(now)
    end)
  end,
  codeDelta = function(state, event)
    local next_state = with_last_coding(state, function(coding)
      return with(coding, { text = coding.text .. event.text })
    end)
    return with_activity(next_state, M.EDITOR, no_longer_waiting)
  end,
  codeWaiting = function(state, event)
    return with_activity(state, M.EDITOR, function(activity)
      return with(activity, { waiting = { seconds = event.seconds, reason = event.reason } })
    end)
  end,
  codeFinished = function(state, event)
    local next_state = with_last_coding(state, function()
      return event.coding
    end)
    return with(without_activity(M.with_change(next_state, event.coding.change), M.EDITOR), { running = false })
  end,
  changeReady = function(state, event)
    return M.with_change(state, event.change)
  end,
  changeUpdated = function(state, event)
    return M.with_change(state, event.change)
  end,
  disagreementUpdated = function(state, event)
    return with(state, { disagreement = event.disagreement })
  end,
}

--- The state after an event of this discussion; events of others, and kinds that aren't known, change nothing.
---@param state moa.State
---@param event moa.Event
---@param now number Epoch milliseconds
---@return moa.State
function M.after(state, event, now)
  local told = event.discussion
  local id = type(told) == "table" and told.id or told
  local step = AFTER[event.kind]
  if not step or not state.discussion or state.discussion.id ~= id then
    return state
  end
  return step(state, event, now)
end

--- So many hunks of all proposals wait for the user; what several propose alike is one, as it is in the code.
---@param state moa.State
---@return integer
function M.to_review(state)
  local found, count = {}, 0
  for _, change in pairs(state.changes) do
    for _, file in ipairs(change.files) do
      for _, hunk in ipairs(file.hunks) do
        local key = table.concat({ file.uri, hunk.range.start.line, hunk.range["end"].line, hunk.newText }, "\0")
        if hunk.status == "pending" and not found[key] then
          found[key] = true
          count = count + 1
        end
      end
    end
  end
  return count
end

--- What all runs that have ended took together; `discussion.usage` is only as new as the last time it was told.
---@param discussion moa.Discussion
---@return moa.Usage
function M.spent(discussion)
  local sum, unpriced = { knownCostUsd = 0 }, false
  for _, run in ipairs(M.runs(discussion)) do
    if run.status ~= "running" then
      for _, key in ipairs({ "inputTokens", "cachedTokens", "outputTokens", "costUsd", "knownCostUsd" }) do
        if run.usage[key] then
          sum[key] = (sum[key] or 0) + run.usage[key]
        end
      end
      unpriced = unpriced or run.usage.costUsd == nil
    end
  end
  if unpriced then
    sum.costUsd = nil
  end
  return sum
end

return M
