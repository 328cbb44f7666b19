-- The workspace's current discussion, kept in step with the server: the one owner of its state here. The panel, the
-- review and the statusline look at it and are told when it moved; what they want done they ask of the server.

local client = require("moa.client")
local reduce = require("moa.discussion.state")

local M = {}

local state = reduce.nothing()
local listeners = require("moa.listeners").new()
local telling = false

--- The clock by which `moa.Activity.since` counts.
---@return number Epoch milliseconds
function M.now()
  local seconds, micros = vim.uv.gettimeofday()
  return seconds * 1000 + math.floor(micros / 1000)
end

local function tell()
  telling = false
  listeners:tell(state)
end

---@param next_state moa.State
local function set(next_state)
  if next_state == state then
    return
  end
  state = next_state
  if not telling then
    telling = true
    vim.schedule(tell)
  end
end

---@return moa.State
function M.state()
  return state
end

--- Has `each` called after the state moved, once for all that moved in the same turn of the loop.
---@param each fun(state: moa.State)
---@return fun() unsubscribe
function M.subscribe(each)
  return listeners:add(each)
end

---@param disagreement moa.Disagreement
local function set_disagreement(disagreement)
  local told = { kind = "disagreementUpdated", discussion = disagreement.discussion, disagreement = disagreement }
  set(reduce.after(state, told, M.now()))
end

--- Shows this discussion (with all rounds) from now on; nil: none.
---@param discussion? moa.Discussion
function M.show(discussion)
  set(discussion and reduce.shown(discussion, state) or reduce.nothing())
  -- How it moves is told by events; how it stands is asked for once.
  if discussion and not state.disagreement and client.get() then
    client.request("disagreement", { discussion = discussion.id }, function(failure, disagreement)
      if not failure then
        set_disagreement(disagreement)
      end
    end)
  end
end

--- Reads the current discussion from the server that runs; where none does, nothing happens.
---@param done? fun()
function M.reload(done)
  if not client.get() then
    return
  end
  client.request("list-discussions", {}, function(failure, list)
    -- What can't be read now is read when the server is there again; its state says what is wrong.
    if failure then
      return
    end
    for _, one in ipairs(list) do
      if one.current then
        client.request("show-discussion", { discussion = one.id }, function(problem, discussion)
          if not problem then
            M.show(discussion)
          end
          if done then
            done()
          end
        end)
        return
      end
    end
    M.show(nil)
    if done then
      done()
    end
  end)
end

--- Reads anew where the changes' hunks stand, as no event says how typing moved them, and what was settled. What streams
--- stays as it is.
---@param done? fun()
function M.refresh_changes(done)
  local id = state.discussion and state.discussion.id
  if not id or not client.get() then
    return
  end
  client.request("show-discussion", { discussion = id }, function(failure, discussion)
    if not failure then
      local next_state = state
      for _, change in pairs(reduce.shown(discussion).changes) do
        next_state = reduce.with_change(next_state, change)
      end
      set(reduce.with_decisions(next_state, discussion))
    end
    if done then
      done()
    end
  end)
end

--- As `client.request`; an answer that is a change, a discussion or a disagreement is taken in before `done` is called.
---@param name moa.CommandName
---@param argument table
---@param done? fun(failure?: moa.Refusal, result?: any)
---@return fun() cancel
function M.request(name, argument, done)
  return client.request(name, argument, function(failure, result)
    if type(result) == "table" then
      if result.regions and result.counts then
        set_disagreement(result)
        if name ~= "disagreement" then
          M.refresh_changes()
        end
      elseif result.diff and result.files then
        set(reduce.with_change(state, result))
      elseif result.architects and result.rounds and result.current ~= false then
        M.show(result)
      elseif result.architects and result.id then
        -- Without its rounds: those known stay.
        set(reduce.after(state, { kind = "discussionUpdated", discussion = result }, M.now()))
      end
    end
    if done then
      done(failure, result)
    end
  end)
end

--- As `request`, for what needs no answer to a refusal: that is said, and `done` is called with a result only.
---@param name moa.CommandName
---@param argument table
---@param done? fun(result: any)
function M.ask(name, argument, done)
  M.request(name, argument, function(failure, result)
    if failure then
      client.complain(failure)
    elseif done then
      done(result)
    end
  end)
end

client.on_state(function(server)
  -- A server that was started anew may have ended what ran: what it says now is what stands.
  if server.kind == "running" then
    local before = vim.tbl_extend("force", {}, state)
    before.disagreement = nil
    set(before)
    M.reload()
  end
end)

client.on_event(function(event)
  local told = event.discussion
  if event.kind == "discussionUpdated" and type(told) == "table" then
    if not state.discussion or state.discussion.id ~= told.id then
      -- One that was begun, here or by a code action, is the current one from now on.
      if told.current ~= false then
        M.show(vim.tbl_extend("force", { rounds = {}, codings = {} }, told))
        M.reload()
      end
      return
    end
  end
  set(reduce.after(state, event, M.now()))
end)

M.reload()

return M
