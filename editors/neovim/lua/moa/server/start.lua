-- The server as the other parts use it: found, started when it is needed, started again after a crash, stopped at the
-- end. Its rules: one server for a Neovim; whoever asks while it starts waits for that start; a start that failed is
-- tried anew only when somebody asks for just that. Never here: which programs are tried (`find.lua`), what is said
-- to it (`client.lua`).

local compat = require("moa.compat")
local config = require("moa.config")
local find = require("moa.server.find")
local handlers = require("moa.server.handlers")
local probe = require("moa.server.probe")
local say = require("moa.say")
local settled = require("moa.server.settled")
local trust = require("moa.server.trust")
local workspace = require("moa.server.workspace")

local M = {}

---@class moa.ServerState
---@field kind "stopped"|"starting"|"running"|"failed"
---@field message? string failed: why, in a sentence for people
---@field fixes? moa.Fix[] failed
---@field version? string running: the server's

local STOP_WITHIN_MS = 3000
local LEAVE_WITHIN_MS = 1800

---@type moa.ServerState
local state = { kind = "stopped" }
local listeners = require("moa.listeners").new()
--- Who is told once it is known whether the server runs.
---@type fun(ok: boolean)[]
local waiting = {}
--- What comes next once the server that was asked to end is gone; nil while none is ending.
---@type (fun())[]?
local leaving
---@type string[]
local folders = {}
local trusted = false
local crashes = require("moa.server.restarts").new()

---@class moa.Run One run of one server program
---@field candidate moa.Candidate
---@field client_id? integer
---@field stopping boolean
---@field gone boolean
---@field log_from integer Where in Neovim's log of language servers its part begins, in bytes
---@field ended? fun() Called when its process is gone

---@type moa.Run?
local run
--- Each start has a number: what comes late of an earlier one counts no more.
local start_number = 0

---@param next_state moa.ServerState
local function set(next_state)
  state = next_state
  listeners:tell(state)
  if state.kind == "running" or state.kind == "failed" or state.kind == "stopped" then
    local all = waiting
    waiting = {}
    for _, done in ipairs(all) do
      done(state.kind == "running")
    end
  end
end

---@return moa.ServerState
function M.state()
  return state
end

---@param each fun(state: moa.ServerState)
---@return fun() unsubscribe
function M.on_state(each)
  return listeners:add(each)
end

--- The client of the server that runs; nil too where its process has ended just now, or was asked to.
---@return vim.lsp.Client?
function M.client()
  local client = state.kind == "running" and run and not run.gone and vim.lsp.get_client_by_id(run.client_id)
  return client and not compat.is_stopped(client) and client or nil
end

--- The folders of the workspace as full paths; empty until a server was wanted.
---@return string[]
function M.folders()
  return folders
end

---@return boolean trusted Whether the server was told that the workspace's `moa.toml` is trusted
function M.trusted()
  return trusted
end

--- The program that runs, or that was tried last.
---@return string[]?
function M.program()
  return run and run.candidate.cmd
end

---@param why moa.Unfound
local function fail(why)
  set({
    kind = "failed",
    message = why.words,
    fixes = require("moa.server.fixes").of(why.ways),
  })
end

--- Asks the server that runs or starts to end; `gone` is called when it has, at once where none does.
---@param gone fun()
local function leave(gone)
  if leaving then
    leaving[#leaving + 1] = gone
    return
  end
  local mine = run
  run = nil
  local client = mine and mine.client_id and vim.lsp.get_client_by_id(mine.client_id)
  if not mine or not client or mine.gone then
    gone()
    return
  end
  leaving = { gone }
  mine.stopping = true
  mine.ended = function()
    local all = leaving or {}
    leaving, mine.ended = nil, nil
    for _, each in ipairs(all) do
      each()
    end
  end
  compat.stop(client)
  vim.defer_fn(function()
    if not mine.gone then
      compat.stop(client, true)
    end
  end, STOP_WITHIN_MS)
end

--- Starts a server once none is there any more. Whoever waits, waits for this one.
local function start_anew()
  start_number = start_number + 1
  local mine = start_number
  set({ kind = "starting" })
  leave(function()
    if mine == start_number then
      M.launch()
    end
  end)
end

---@param mine moa.Run
---@param code integer
---@param signal integer
local function ended(mine, code, signal)
  if mine.ended then
    mine.ended()
  end
  if mine ~= run or mine.stopping then
    return
  end
  local words = probe.last_words(mine.candidate.cmd[1], mine.log_from)
  if state.kind == "starting" then
    fail(find.failure(mine.candidate, { kind = "died", last_words = words }, config.VERSION))
  elseif code == 0 and signal == 0 then
    -- It was asked to end, by `vim.lsp.enable("moa", false)` for one: it starts again when it is needed.
    if #waiting > 0 then
      start_anew()
    else
      set({ kind = "stopped" })
    end
  elseif crashes:start_again(vim.uv.now()) then
    start_anew()
  else
    fail({ words = require("moa.server.restarts").too_many(words), ways = { "restart", "log" } })
  end
end

---@param mine moa.Run
---@return fun(dispatchers: table, env?: table<string, string>): table
local function spawner(mine)
  return function(dispatchers, env)
    local own = vim.tbl_extend("force", dispatchers, {
      on_exit = function(code, signal)
        mine.gone = true
        vim.schedule(function()
          ended(mine, code, signal)
        end)
        -- What became of it is said in words of ours, once it is known whether it starts again.
        dispatchers.on_exit(0, 0)
      end,
    })
    vim.fn.mkdir(find.folder(), "p")
    -- A folder of ours: a workspace's files are nothing that a program should start among.
    return vim.lsp.rpc.start(mine.candidate.cmd, own, { cwd = find.folder(), env = env })
  end
end

--- Has the client see a buffer, where it belongs to the workspace.
---@param buffer integer
function M.attach(buffer)
  local client = M.client()
  if client and vim.api.nvim_buf_is_valid(buffer) and workspace.is_seen(buffer, folders) then
    vim.lsp.buf_attach_client(buffer, client.id)
  end
end

local function attach_all()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(buffer)
  end
end

local function follow_buffers()
  local group = vim.api.nvim_create_augroup("moa.server", { clear = true })
  vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile", "BufFilePost", "BufWritePost", "FileType" }, {
    group = group,
    desc = "moa: show the server the workspace's files",
    callback = function(event)
      -- Later, when the buffer's file type is known.
      vim.schedule(function()
        M.attach(event.buf)
      end)
    end,
  })
  vim.api.nvim_create_autocmd("VimLeavePre", {
    group = group,
    desc = "moa: let the server store what runs, and end",
    callback = function()
      local mine = run
      if not mine or mine.gone or not mine.client_id then
        return
      end
      mine.stopping = true
      -- Neovim has asked it to end by now.
      local ok = vim.wait(LEAVE_WITHIN_MS, function()
        return mine.gone
      end, 10)
      local client = vim.lsp.get_client_by_id(mine.client_id)
      if not ok and client then
        compat.stop(client, true)
      end
    end,
  })
end

---@param mine moa.Run
---@param client vim.lsp.Client
---@param result table What `initialize` was answered with
local function initialized(mine, client, result)
  if mine ~= run or mine.stopping then
    compat.stop(client)
    return
  end
  local info = result.serverInfo or {}
  local trouble
  if info.name ~= "moa-lsp" then
    trouble = { kind = "stranger", name = info.name or "" }
  elseif not find.fits(info.version or "", config.VERSION) then
    trouble = { kind = "version", version = info.version or "without a version" }
  end
  if trouble then
    mine.stopping = true
    compat.stop(client)
    fail(find.failure(mine.candidate, trouble, config.VERSION))
    return
  end
  handlers.quiet(client.id)
  set({ kind = "running", version = info.version })
  attach_all()
end

---@param candidate moa.Candidate
local function open(candidate)
  local mine = { candidate = candidate, stopping = false, gone = false, log_from = probe.log_size() } ---@type moa.Run
  run = mine
  follow_buffers()
  local ok, id, problem = pcall(function()
    return compat.start(settled.client(spawner(mine), folders, trusted, function(client, answer)
      initialized(mine, client, answer)
    end))
  end)
  if not ok or not id then
    fail(
      find.failure(
        candidate,
        { kind = "died", last_words = probe.last_line(tostring(ok and problem or id)) },
        config.VERSION
      )
    )
    return
  end
  mine.client_id = id
  local seconds = find.patience(candidate.origin)
  vim.defer_fn(function()
    if mine == run and state.kind == "starting" and not mine.gone then
      mine.stopping = true
      local client = vim.lsp.get_client_by_id(id)
      if client then
        compat.stop(client, true)
      end
      fail(find.failure(candidate, { kind = "silent", seconds = seconds }, config.VERSION))
    end
  end, seconds * 1000)
end

--- Runs a step of the start; where it breaks, the start has failed, and whoever waits is told.
---@param step fun()
local function guarded(step)
  local ok, problem = xpcall(step, debug.traceback)
  if not ok then
    say.broke(problem --[[@as string]])
    local first_line = vim.split(problem --[[@as string]], "\n")[1]
    fail({ words = "The server couldn't be started: " .. first_line, ways = { "restart", "health" } })
  end
end

--- Opens the program once it is known what is trusted. `goes_on` says whether this start still counts.
---@param candidate moa.Candidate
---@param goes_on fun(): boolean
local function open_trusted(candidate, goes_on)
  trust.ask(folders, function(yes, declined)
    if not goes_on() then
      return
    end
    trusted = yes
    if #declined > 0 then
      say.say(
        ("%s isn't trusted, so what could send code or keys elsewhere in it isn't in force. "):format(
          table.concat(declined, " and ")
        ) .. "`:Moa trust` changes that."
      )
    end
    guarded(function()
      open(candidate)
    end)
  end)
end

--- Finds a program and starts it. Only for this file.
function M.launch()
  start_number = start_number + 1
  local mine = start_number
  local user = compat.lsp_config() or {}
  local named = type(user.cmd) == "table" and user.cmd or nil
  local candidates, unfound = find.candidates(find.surroundings(folders, named --[[@as string[]?]]))
  if not candidates then
    fail(unfound --[[@as moa.Unfound]])
    return
  end
  local first ---@type moa.Unfound?
  local function try(index)
    local candidate = candidates[index]
    if not candidate then
      fail(first --[[@as moa.Unfound]])
      return
    end
    probe.ask_version(candidate, function(trouble)
      if mine ~= start_number then
        return
      elseif trouble then
        first = first or find.failure(candidate, trouble, config.VERSION)
        try(index + 1)
      else
        guarded(function()
          open_trusted(candidate, function()
            return mine == start_number
          end)
        end)
      end
    end)
  end
  try(1)
end

---@param root? string
local function prepare(root)
  if #folders == 0 then
    folders = { root or workspace.root(vim.api.nvim_get_current_buf()) }
  end
  require("moa.client").listen()
end

--- Starts the server where it doesn't run; `done` is told whether it runs now. What failed isn't tried again by this.
---@param done? fun(ok: boolean)
---@param root? string The folder to begin the workspace with; the current buffer's project where it isn't given
function M.ready(done, root)
  done = done or function() end
  if state.kind == "failed" or M.client() then
    done(state.kind ~= "failed")
    return
  end
  waiting[#waiting + 1] = done
  -- One that starts tells them; of one that has ended just now it is soon known what comes of it.
  if state.kind == "stopped" then
    prepare(root)
    start_anew()
  end
end

--- Starts the server for a buffer that wants it, and has it see the buffer: a prompt, or a file where the user
--- enabled the server for all files (`vim.lsp.enable("moa")`, or the option `server.autostart`). A file outside of
--- any project starts nothing.
---@param buffer integer
function M.attach_wanted(buffer)
  local file = workspace.file(buffer)
  if not file or state.kind == "failed" then
    return
  end
  local root = workspace.project(file)
  if state.kind == "stopped" and not root and vim.bo[buffer].filetype ~= "moa" then
    return
  end
  M.ready(function(ok)
    if ok then
      M.attach(buffer)
    end
  end, root)
end

--- Ends the server, also one that is just starting. It starts again when it is needed.
---@param done? fun()
function M.stop(done)
  start_number = start_number + 1
  set({ kind = "stopped" })
  leave(done or function() end)
end

--- Starts a new server in place of the one that runs, or that couldn't be started. What is asked meanwhile waits for
--- the new one.
---@param done? fun(ok: boolean)
---@param new_folders? string[] The workspace from now on; the same as before where it isn't given
function M.restart(done, new_folders)
  crashes:forget()
  folders = new_folders or folders
  waiting[#waiting + 1] = done
  prepare()
  start_anew()
end

--- Takes one more folder into the workspace. Where that changes what is trusted, the server is started anew.
---@param folder string
---@param done? fun(ok: boolean)
function M.add_folder(folder, done)
  folder = vim.fs.normalize(folder)
  if vim.tbl_contains(folders, folder) then
    M.ready(done)
    return
  end
  local all = vim.list_extend(vim.deepcopy(folders), { folder })
  trust.ask(all, function(yes)
    local client = M.client()
    if not client or yes ~= trusted then
      M.restart(done, all)
      return
    end
    folders = all
    client.workspace_folders = workspace.as_wire(all)
    compat.notify(client, "workspace/didChangeWorkspaceFolders", {
      event = { added = workspace.as_wire({ folder }), removed = {} },
    })
    attach_all()
    if done then
      done(true)
    end
  end)
end

return M
