-- Installs the server into an environment of the plugin's own, when somebody asks for just that, and asks the
-- server's program for what only it knows. Its rule: no program is run from inside the workspace. Never here: which
-- server is started.

local config = require("moa.config")
local find = require("moa.server.find")
local say = require("moa.say").say
local start = require("moa.server.start")

local M = {}

---@param steps string[][]
---@param done fun(problem?: string)
local function run(steps, done)
  local function step(index)
    if not steps[index] then
      done(nil)
      return
    end
    local ok, problem = pcall(
      vim.system,
      steps[index],
      { cwd = find.folder(), text = true },
      vim.schedule_wrap(function(out)
        if out.code ~= 0 then
          done(vim.trim(out.stderr or ""):match("[^\n]*$"))
        else
          step(index + 1)
        end
      end)
    )
    if not ok then
      done(tostring(problem))
    end
  end
  step(1)
end

--- Makes the environment and installs the server of the plugin's version in it, then starts it.
function M.install()
  local around = find.surroundings(start.folders())
  vim.fn.mkdir(find.folder(), "p")
  local wanted = ("moa-lsp==%s"):format(config.VERSION)
  local python_inside = find.in_environment(around, around.installed, "python")
  local uv, python = find.which(around, "uv"), find.which(around, "python3") or find.which(around, "python")
  local steps
  if uv then
    steps = {
      { uv, "venv", "--allow-existing", "--python", ">=3.11", around.installed },
      { uv, "pip", "install", "--python", python_inside, wanted },
    }
  elseif python then
    steps = {
      { python, "-m", "venv", around.installed },
      { python_inside, "-m", "pip", "install", "--disable-pip-version-check", wanted },
    }
  else
    say("There is no Python on the PATH to install the server with. Install Python 3.11 or uv.", vim.log.levels.ERROR)
    return
  end
  say("The server is being installed…")
  -- A server that runs from the very place would be in the way.
  start.stop(function()
    run(steps, function(problem)
      if problem then
        say("The server couldn't be installed: " .. problem, vim.log.levels.ERROR)
        return
      end
      say("The server is installed.")
      start.restart()
    end)
  end)
end

--- Has the server's program say how things stand (`moa-lsp doctor --json`): versions, keys, paths.
---@param done fun(report?: table, problem?: string)
function M.doctor(done)
  local candidates, unfound = find.candidates(find.surroundings(start.folders()))
  local cmd = start.program() or (candidates and candidates[1].cmd)
  if not cmd then
    done(nil, unfound and unfound.words)
    return
  end
  local folder = start.folders()[1] or require("moa.server.workspace").root(vim.api.nvim_get_current_buf())
  local asked = vim.list_extend(vim.deepcopy(cmd), { "doctor", "--json", "--folder", folder })
  vim.fn.mkdir(find.folder(), "p")
  local given = { cwd = find.folder(), text = true, timeout = 60000 }
  local ok, problem = pcall(
    vim.system,
    asked,
    given,
    vim.schedule_wrap(function(out)
      local read, report = pcall(vim.json.decode, out.stdout or "", { luanil = { object = true, array = true } })
      if read and type(report) == "table" then
        done(report)
      else
        done(nil, vim.trim(out.stderr or ""):match("[^\n]*$"))
      end
    end)
  )
  if not ok then
    done(nil, tostring(problem))
  end
end

return M
