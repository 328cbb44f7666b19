-- The plugin's door to the server: its commands as requests, its events, and how it stands. Its rules: a request
-- starts the server where that is needed; each is answered exactly once, also when the server ends under it. Never
-- here: how a server is found and started (`server/start.lua`), what the answers mean (`discussion/current.lua`).

local compat = require("moa.compat")
local handlers = require("moa.server.handlers")
local protocol = require("moa.protocol")
local start = require("moa.server.start")

local M = {}

M.on_event = handlers.on_event
M.on_state = start.on_state
M.state = start.state
M.get = start.client

--- Which autocommand a kind of event is told by, its `data` being the event; and when that is, for the help.
---@type table<string, {[1]: string, [2]: string}>
M.AUTOCOMMANDS = {
  roundStarted = { "MoaRoundStarted", "the architects begin to be asked: `number`, `message`" },
  turnFinished = { "MoaTurnFinished", "one of them is done, has failed or was stopped: `turn`" },
  roundFinished = { "MoaRoundFinished", "all of them are: `round`" },
  changeReady = { "MoaChangeReady", "the editor model's edits wait for you: `change`" },
  changeUpdated = { "MoaChangeUpdated", "a hunk was applied, rejected or taken back, or went stale: `change`" },
  disagreementUpdated = {
    "MoaDisagreement",
    "where the architects differ moved, or you settled some of it: `disagreement`",
  },
  codeFinished = { "MoaCodeFinished", "the editor model is done, has failed or was stopped: `coding`" },
}

--- Those that were sent and aren't answered yet.
---@type table<integer, fun(failure: moa.Refusal)>
local in_flight = {}
--- Those of `in_flight` by the id that they have in the connection.
---@type table<integer, fun(failure: moa.Refusal)>
local by_request = {}
local next_id = 0
local listens = false

---@param pattern string
---@param data any
local function announce(pattern, data)
  vim.api.nvim_exec_autocmds("User", { pattern = pattern, modeline = false, data = data })
end

--- The units in which the server counts a line's characters; Neovim's choice before it runs.
---@return "utf-8"|"utf-16"|"utf-32"
function M.encoding()
  local client = start.client()
  return client and client.offset_encoding or "utf-16"
end

--- Starts the server where it doesn't run; `done` is told whether it runs now.
---@param done fun(ok: boolean)
function M.ready(done)
  start.ready(done)
end

---@return string
local function why_not()
  local state = start.state()
  return state.kind == "failed" and state.message or "The server was stopped meanwhile. Try again."
end

--- Carries out one of the server's commands: the request `moa/NAME`. `done` is called once, on the main loop, with a
--- failure or with the result. What is asked while the server starts, or is started anew, waits for it and is then
--- sent once.
---@param name moa.CommandName
---@param argument table
---@param done? fun(failure?: moa.Refusal, result?: any)
---@return fun() cancel Stops the run; `done` is then told a failure with the code `CANCELLED`
function M.request(name, argument, done)
  next_id = next_id + 1
  local id = next_id
  local answered, cancelled, request_id, client = false, false, nil, nil
  local function answer(failure, result)
    if not answered then
      answered, in_flight[id] = true, nil
      if request_id then
        by_request[request_id] = nil
      end
      if done then
        done(failure, result)
      end
    end
  end
  start.ready(function(ok)
    client = start.client()
    if cancelled then
      answer({ code = protocol.CANCELLED, message = "Stopped." })
      return
    elseif not ok or not client then
      answer({ code = protocol.NOT_POSSIBLE, message = why_not() })
      return
    end
    local params = next(argument) and argument or vim.empty_dict()
    in_flight[id] = answer
    local sent
    sent, request_id = compat.request(client, "moa/" .. name, params, function(failure, result)
      if failure then
        local message = cancelled and "Stopped." or failure.message or "It failed without a reason."
        local data = type(failure.data) == "table" and compat.without_null(failure.data) or nil
        answer({ code = failure.code or protocol.NOT_POSSIBLE, message = message, data = data })
      else
        answer(nil, compat.without_null(result))
      end
    end)
    if not sent then
      answer({ code = protocol.NOT_POSSIBLE, message = why_not() })
    elseif not answered and request_id then
      by_request[request_id] = answer
    end
  end)
  return function()
    cancelled = true
    if not answered and client and request_id and start.client() == client then
      compat.cancel(client, request_id)
    end
  end
end

--- Says why something wasn't done; that it was stopped, the user knows. Where the server can't be started, what can
--- be done about it is offered.
---@param failure moa.Refusal
function M.complain(failure)
  if failure.code == protocol.CANCELLED then
    return
  end
  local state = start.state()
  if state.kind == "failed" and state.fixes and failure.message == state.message then
    M.offer_fixes(state)
  else
    require("moa.say").say(failure.message, vim.log.levels.WARN)
  end
end

--- As `ready`, for what can't go on without the server: `done` is called once it runs, and where it can't be had, that
--- is said.
---@param done fun()
function M.with_server(done)
  M.ready(function(ok)
    if ok then
      done()
    else
      M.complain({ code = protocol.NOT_POSSIBLE, message = start.state().message or "" })
    end
  end)
end

--- Offers what can be done about a server that can't be started.
---@param state moa.ServerState
function M.offer_fixes(state)
  local given = {
    prompt = "moa: " .. state.message,
    kind = "moa.fix",
    format_item = function(fix)
      return fix.label
    end,
  }
  vim.ui.select(state.fixes, given, function(fix)
    if fix then
      fix.run()
    end
  end)
end

--- Begins to pass on what the server tells; called when one is first wanted.
function M.listen()
  if listens then
    return
  end
  listens = true
  local had_run = false
  handlers.on_event(function(event)
    if M.AUTOCOMMANDS[event.kind] then
      announce(M.AUTOCOMMANDS[event.kind][1], event)
    end
  end)
  start.on_state(function(state)
    if state.kind ~= "running" and had_run then
      had_run = false
      local all = vim.tbl_values(in_flight)
      by_request = {}
      for _, answer in ipairs(all) do
        answer({
          code = protocol.NOT_POSSIBLE,
          message = "The server ended before it could answer. What had arrived is kept; try again.",
        })
      end
      -- One that ran and is given up on is told; one that never ran is told to whoever asked.
      if state.kind == "failed" then
        local next_step = " `:Moa restart` starts it again, `:Moa log` shows what it said."
        require("moa.say").say(state.message .. next_step, vim.log.levels.ERROR)
      end
    end
    had_run = had_run or state.kind == "running"
    announce("MoaServerState", { kind = state.kind, message = state.message, version = state.version })
  end)
  vim.api.nvim_create_autocmd("LspRequest", {
    group = vim.api.nvim_create_augroup("moa.client", { clear = true }),
    desc = "moa: notice that a run was stopped",
    callback = function(event)
      local ours = start.client()
      local answer = event.data.request.type == "complete" and by_request[event.data.request_id]
      if answer and ours and ours.id == event.data.client_id then
        -- Neovim keeps an answer "cancelled" to itself, whoever stopped the run. Any other answer is told before this.
        vim.schedule(function()
          answer({ code = protocol.CANCELLED, message = "Stopped." })
        end)
      end
    end,
  })
  require("moa.discussion.current")
  require("moa.review").attach()
end

return M
