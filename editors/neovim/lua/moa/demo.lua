-- The demo: a sample project whose architects' replies are scripted, so that it works without any key. The server's
-- program writes the sample; the workspace moves there, and each next message is put into the prompt. Samples lie in
-- the plugin's own folder. Never here: what is said in the demo, which the program tells.

local find = require("moa.server.find")
local say = require("moa.say").say
local start = require("moa.server.start")
local trust = require("moa.server.trust")

local M = {}

--- Samples are small, but there is no end to them: those that are older go when a new one is made.
local KEPT_SECONDS = 7 * 24 * 60 * 60

---@param samples string
local function remove_old(samples)
  for name, kind in vim.fs.dir(samples) do
    local made = kind == "directory" and tonumber(name)
    if made and os.time() - made > KEPT_SECONDS then
      vim.fn.delete(vim.fs.joinpath(samples, name), "rf")
    end
  end
end

--- What comes next in the demo, and is put into the prompt or said.
---@param messages {first: string, second: string, code: string}
local function course(messages)
  local current = require("moa.discussion.current")
  local offered = {} ---@type table<string, boolean>
  local function offer(stage, how)
    if not offered[stage] then
      offered[stage] = true
      how()
    end
  end
  local unsubscribe
  unsubscribe = current.subscribe(function(state)
    local discussion = state.discussion
    if not discussion or state.running then
      return
    end
    local codings = discussion.codings or {}
    local rounds = #(discussion.rounds or {})
    local change = codings[#codings] and codings[#codings].change
    if change and change.status == "applied" then
      offer("over", function()
        say("That was the demo. `:Moa undo` takes it back; `:Moa settings` is where your own models go.")
      end)
      unsubscribe()
    elseif change then
      offer("review", function()
        say("`:Moa review` goes through the hunks of the change.")
      end)
    elseif rounds == 1 then
      offer("second", function()
        require("moa.panel").ask({ message = messages.second })
      end)
    elseif rounds == 2 then
      offer("code", function()
        require("moa.panel").ask({ message = "/code " .. messages.code })
      end)
    end
  end)
end

---@param folder string
---@param script {files: string[], messages: {first: string, second: string, code: string}}
local function begin(folder, script)
  trust.set({ folder }, "allow")
  vim.cmd.tabnew(vim.fn.fnameescape(vim.fs.joinpath(folder, script.files[1])))
  vim.cmd.tcd(vim.fn.fnameescape(folder))
  start.restart(function(ok)
    if not ok then
      require("moa.client").offer_fixes(require("moa.client").state())
      return
    end
    course(script.messages)
    require("moa.panel").ask({ message = script.messages.first })
  end, { folder })
end

--- Writes the sample and goes there.
function M.start()
  if require("moa.discussion.current").state().running then
    say("A round is running. Stop it with `:Moa cancel`, or wait for its end.", vim.log.levels.WARN)
    return
  end
  local candidates, unfound = find.candidates(find.surroundings(start.folders()))
  local cmd = start.program() or (candidates and candidates[1].cmd)
  if not cmd then
    say(unfound.words, vim.log.levels.WARN)
    return
  end
  local samples = vim.fs.joinpath(find.folder(), "demo")
  vim.fn.mkdir(samples, "p")
  remove_old(samples)
  local folder = vim.fs.joinpath(samples, tostring(os.time()), "tea-shop")
  vim.fn.mkdir(vim.fs.dirname(folder), "p")
  local asked = vim.list_extend(vim.deepcopy(cmd), { "demo", "--sample", folder, "--json" })
  local given = { cwd = find.folder(), text = true, timeout = find.patience("uvx") * 1000 }
  local done = vim.schedule_wrap(function(out)
    local read, script = pcall(vim.json.decode, out.stdout or "")
    if out.code == 0 and read and script.files then
      begin(folder, script)
    else
      local said = vim.trim(out.stderr or ""):match("[^\n]*$")
      say(("The demo can't begin. %s couldn't write its sample: %s"):format(cmd[1], said), vim.log.levels.ERROR)
    end
  end)
  local ok, problem = pcall(vim.system, asked, given, done)
  if not ok then
    say("The demo can't begin. " .. tostring(problem), vim.log.levels.ERROR)
  end
end

return M
