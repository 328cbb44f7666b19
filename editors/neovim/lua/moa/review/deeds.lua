-- What is done with a change: accept, reject, bring back, undo. Each is one request, one after the other; each refusal
-- is told in words, with the next step where there is one. What may be applied, what that writes, and who is asked for
-- a yes is the server's; saving is the user's, unless they set `save_after_apply`. Never here: which hunk is meant
-- (`walk.lua`).

local buffers = require("moa.review.buffers")
local client = require("moa.client")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local places = require("moa.review.places")
local say = require("moa.say")

local M = {}

---@class moa.Which A change and some of its hunks; without `hunks` all that it is about
---@field change string
---@field hunks? string[]

--- What was asked and isn't answered yet: the second of two quick keys asks for nothing new.
---@type table<string, boolean>
local under_way = {}
---@type fun()[]
local queue = {}
local busy = false
--- The change of which something was accepted last here: what an undo most likely means.
---@type string?
local last_applied

local function go_on()
  local run = table.remove(queue, 1)
  busy = run ~= nil
  if run then
    run()
  end
end

---@param before? moa.Change
---@param after moa.Change
local function tell_problems(before, after)
  local known = {}
  for _, one in ipairs(before and before.problems or {}) do
    known[(one.file or "") .. "\0" .. one.message] = true
  end
  local words = {}
  for _, one in ipairs(after.problems) do
    if not one.notice and not known[(one.file or "") .. "\0" .. one.message] and #words < 3 then
      local where = one.file and not one.message:find(one.file, 1, true) and one.file .. ": " or ""
      words[#words + 1] = where .. one.message .. (one.hint and " " .. one.hint or "")
    end
  end
  if #words > 0 then
    say.say(table.concat(words, "\n"), vim.log.levels.WARN)
  end
end

--- Runs a request after all that was asked before. `done` is told the change as it stands then; what failed was said.
---@param name "apply"|"reject"|"unreject"|"undo"
---@param which moa.Which
---@param done? fun(change: moa.Change)
local function once(name, which, done)
  local key = table.concat({ name, which.change, unpack(which.hunks or {}) }, "\0")
  if under_way[key] then
    return
  end
  under_way[key] = true
  queue[#queue + 1] = function()
    local before = current.state().changes[which.change]
    current.request(name, { change = which.change, hunks = which.hunks }, function(failure, change)
      under_way[key] = nil
      if failure then
        client.complain(failure)
      else
        tell_problems(before, change)
        if done then
          done(change)
        end
      end
      go_on()
    end)
  end
  if not busy then
    go_on()
  end
end

--- The files of a change that were written to in buffers and aren't saved.
---@param change moa.Change
---@return string[]
local function unsaved(change)
  local names = {}
  for _, file in ipairs(change.files) do
    local buffer = buffers.of(hunks.stands_at(file))
    if buffer and vim.bo[buffer].modified and #hunks.ids_of(change, "applied", file.uri) > 0 then
      names[#names + 1] = buffers.name(hunks.stands_at(file))
    end
  end
  return names
end

--- Says how a change stands, and what isn't saved, which may be missed.
---@param change moa.Change
local function tell_standing(change)
  local words = ("%s: %s."):format(hunks.name_of(change), hunks.standing(change))
  local names = hunks.count_of(change, "pending") == 0 and unsaved(change) or {}
  if #names > 0 then
    words = words .. (" Not saved yet: %s (`:wa`)"):format(table.concat(names, ", "))
  end
  say.briefly(words)
end

--- Accepts hunks: the server has this Neovim write them.
---@param which moa.Which
function M.apply(which)
  once("apply", which, function(change)
    last_applied = change.id
    tell_standing(change)
  end)
end

---@param which moa.Which
function M.reject(which)
  once("reject", which, tell_standing)
end

--- A change of these, by the user's choice where there are several.
---@param changes moa.Change[]
---@param prompt string
---@param done fun(change?: moa.Change) Not called where they choose none
function M.pick_change(changes, prompt, done)
  if #changes < 2 then
    done(changes[1])
    return
  end
  vim.ui.select(changes, {
    prompt = prompt,
    kind = "moa.change",
    format_item = function(change)
      local names = vim.tbl_map(function(file)
        return buffers.name(hunks.stands_at(file))
      end, change.files)
      return ("%s (%s): %s"):format(hunks.name_of(change), hunks.standing(change), table.concat(names, ", "))
    end,
  }, function(change)
    if change then
      done(change)
    end
  end)
end

--- Takes back what a change wrote. Without one: that of which something was accepted last, the only one that wrote
--- something, or the user's choice of several.
---@param id? string
function M.undo(id)
  local function run(change)
    if not change then
      say.briefly("Nothing to undo: no change of this discussion is applied.")
      return
    end
    once("undo", { change = change.id }, tell_standing)
  end
  local last = current.state().changes[last_applied or ""]
  if id then
    run(current.state().changes[id])
    return
  elseif last and hunks.count_of(last, "applied") > 0 then
    run(last)
    return
  end
  local applied = {}
  for _, change in ipairs(places.changes()) do
    if hunks.count_of(change, "applied") > 0 then
      table.insert(applied, 1, change)
    end
  end
  M.pick_change(applied, "Undo what which change wrote?", run)
end

--- Brings rejected hunks back: the only one, or those that the user picks.
---@param id? string Of this change only
function M.unreject(id)
  local rejected = vim.tbl_filter(function(spot)
    return id == nil or spot.change.id == id
  end, places.spots("rejected"))
  if #rejected == 0 then
    say.briefly("No rejected hunk to bring back.")
    return
  end
  local function bring(spots)
    local by_change = {}
    for _, spot in ipairs(spots) do
      by_change[spot.change.id] = by_change[spot.change.id] or {}
      table.insert(by_change[spot.change.id], spot.hunk.id)
    end
    for change, ids in pairs(by_change) do
      once("unreject", { change = change, hunks = ids }, tell_standing)
    end
  end
  if #rejected == 1 then
    bring(rejected)
    return
  end
  local items = vim.list_extend({ "all" }, rejected)
  vim.ui.select(items, {
    prompt = "Bring back which rejected hunk?",
    kind = "moa.hunk",
    format_item = function(spot)
      if spot == "all" then
        return ("All %d of them"):format(#rejected)
      end
      return ("%s:%d  %s"):format(buffers.name(spot.uri), spot.span.start + 1, hunks.said(spot, buffers.name))
    end,
  }, function(spot)
    if spot then
      bring(spot == "all" and rejected or { spot })
    end
  end)
end

return M
