-- Which programs may be the server, in the order in which they are tried, and the words for each way in which none
-- is. What stands on the disk is asked through `look`. Its rules: what the user named is the only one tried; nothing
-- is ever run from inside the workspace unless the user said so; a name is never left for the system to look up.

local M = {}

local PROGRAM = "moa-lsp"

---@class moa.LookedAt
---@field kind "program"|"missing"|"folder"|"not-executable"
---@field real? string The path with every link resolved

---@class moa.Surroundings
---@field named? string|string[] The option `server.cmd`, or `cmd` of `vim.lsp.config`
---@field folders string[] The workspace's folders, as they are called and with links resolved
---@field own_environment boolean Whether the `.venv` of the first folder may hold the server
---@field path string The variable PATH
---@field windows boolean
---@field home string
---@field installed string The folder of the environment that the plugin made, or would make
---@field version string The plugin's version, which the server's is to match
---@field look fun(path: string): moa.LookedAt

---@alias moa.Origin "option"|"workspace"|"path"|"installed"|"uvx"|"pipx"

---@class moa.Candidate A program to try, with its arguments
---@field origin moa.Origin
---@field cmd string[]

---@alias moa.Way "install"|"choose"|"log"|"restart"|"health"

---@class moa.Unfound Why there is no server: a sentence for people, and what can be done about it
---@field words string
---@field ways moa.Way[]

---@param around moa.Surroundings
---@param ... string
---@return string
local function join(around, ...)
  return table.concat({ ... }, around.windows and "\\" or "/")
end

---@param around moa.Surroundings
---@param path string
---@return boolean
local function is_absolute(around, path)
  if around.windows then
    return path:match("^%a:[/\\]") ~= nil or path:match("^\\\\") ~= nil
  end
  return path:sub(1, 1) == "/"
end

---@param around moa.Surroundings
---@param file string
---@return boolean
local function is_inside(around, file)
  -- Compared without case everywhere: to refuse one program too many is the lesser harm.
  local lower = file:lower():gsub("\\", "/")
  for _, folder in ipairs(around.folders) do
    local prefix = folder:lower():gsub("\\", "/"):gsub("/+$", "") .. "/"
    if vim.startswith(lower, prefix) then
      return true
    end
  end
  return false
end

--- The full path of the first program of that name on the PATH; nil where there is none. Entries that aren't full
--- paths are passed over, and so is everything that lies in the workspace, by its name or through a link.
---@param around moa.Surroundings
---@param name string
---@return string?
function M.which(around, name)
  -- Only .exe: what else Windows would run needs a shell, and a shell reads its arguments anew.
  local file = around.windows and name .. ".exe" or name
  for _, entry in ipairs(vim.split(around.path, around.windows and ";" or ":", { plain = true })) do
    if is_absolute(around, entry) then
      local program = join(around, (entry:gsub("(.)[/\\]+$", "%1")), file)
      local found = around.look(program)
      if found.kind == "program" and not is_inside(around, program) and not is_inside(around, found.real) then
        return program
      end
    end
  end
end

--- Where a virtual environment has its programs.
---@param around {windows: boolean}
---@param environment string
---@param name string
---@return string
function M.in_environment(around, environment, name)
  if around.windows then
    return join(around --[[@as moa.Surroundings]], environment, "Scripts", name .. ".exe")
  end
  return join(around --[[@as moa.Surroundings]], environment, "bin", name)
end

local WRONG = {
  missing = "which doesn't exist",
  folder = "which is a folder, not a program",
  ["not-executable"] = "which may not be run as a program",
}

---@param around moa.Surroundings
---@return moa.Candidate[]?, moa.Unfound?
local function named(around)
  local cmd = type(around.named) == "table" and vim.deepcopy(around.named) or { around.named }
  ---@cast cmd string[]
  local called = tostring(cmd[1])
  if vim.startswith(called, "~/") then
    cmd[1] = around.home .. called:sub(2)
  end
  local wrong = "which isn't a full path"
  if is_absolute(around, cmd[1]) then
    local kind = around.look(cmd[1]).kind
    if kind == "program" then
      return { { origin = "option", cmd = cmd } }
    end
    wrong = WRONG[kind]
  end
  local words = ("The option server.cmd names %s, %s. "):format(called, wrong)
    .. "Name another program, or leave the option out."
  return nil, { words = words, ways = { "choose", "health" } }
end

--- The programs to try, the first that works is taken; or why there is none to try.
---@param around moa.Surroundings
---@return moa.Candidate[]?
---@return moa.Unfound?
function M.candidates(around)
  if around.named and #around.named > 0 then
    return named(around)
  end
  if around.own_environment and around.folders[1] then
    local program = M.in_environment(around, join(around, around.folders[1], ".venv"), PROGRAM)
    if around.look(program).kind == "program" then
      return { { origin = "workspace", cmd = { program } } }
    end
    local words = ("The option server.workspace_environment is on, but there is no %s in the .venv of %s. "):format(
      PROGRAM,
      around.folders[1]
    ) .. "Install it there, or turn the option off."
    return nil, { words = words, ways = { "health" } }
  end
  local found = {} ---@type moa.Candidate[]
  local on_path = M.which(around, PROGRAM)
  if on_path then
    found[#found + 1] = { origin = "path", cmd = { on_path } }
  end
  local installed = M.in_environment(around, around.installed, PROGRAM)
  if around.look(installed).kind == "program" then
    found[#found + 1] = { origin = "installed", cmd = { installed } }
  end
  local wanted = PROGRAM .. "==" .. around.version
  local uvx = M.which(around, "uvx")
  if uvx then
    found[#found + 1] = { origin = "uvx", cmd = { uvx, "--from", wanted, PROGRAM } }
  end
  local pipx = M.which(around, "pipx")
  if pipx then
    found[#found + 1] = { origin = "pipx", cmd = { pipx, "run", "--spec", wanted, PROGRAM } }
  end
  if #found > 0 then
    return found
  end
  local words = ("There is no %s on this machine yet. "):format(PROGRAM)
    .. "It can be installed for Neovim alone, or you name one that you have."
  return nil, { words = words, ways = { "install", "choose", "health" } }
end

--- How long a candidate may take until it answers, in seconds: `uvx` and `pipx` may have to fetch it first.
---@param origin moa.Origin
---@return integer
function M.patience(origin)
  return (origin == "uvx" or origin == "pipx") and 300 or 30
end

--- The candidate, for people.
---@param candidate moa.Candidate
---@return string
function M.describe(candidate)
  local what = table.concat(candidate.cmd, " ")
  local from = ({
    option = " (the option server.cmd)",
    workspace = " (the workspace's own environment)",
    path = " (found on the PATH)",
    installed = " (installed for Neovim)",
  })[candidate.origin]
  return what .. (from or "")
end

---@param version string
---@return string?
local function series(version)
  return version:match("^(%d+%.%d+)%D") or version:match("^(%d+%.%d+)$")
end

--- Whether a server of that version understands a plugin of this one: until 1.0, where the first two numbers agree.
---@param server string
---@param plugin string
---@return boolean
function M.fits(server, plugin)
  return series(server) ~= nil and series(server) == series(plugin)
end

---@class moa.Trouble Why a candidate that was run isn't the server
---@field kind "died"|"silent"|"stranger"|"version"
---@field last_words? string died: the last line that it wrote to stderr
---@field seconds? number silent
---@field name? string stranger: what it calls itself
---@field version? string version

--- The words for what went wrong with a candidate, when nothing after it worked either.
---@param candidate moa.Candidate
---@param trouble moa.Trouble
---@param wanted string The plugin's version
---@return moa.Unfound
function M.failure(candidate, trouble, wanted)
  local what = M.describe(candidate)
  -- What the user named is theirs to change; in place of anything else one can be installed.
  local ways = candidate.origin == "option" and { "choose", "restart", "health" } or { "install", "choose", "health" }
  local words
  if trouble.kind == "died" then
    local last = trouble.last_words or ""
    local said = last ~= "" and "Its last words: " .. last or "It said nothing about why."
    words = ("The server ended at its start: %s. %s"):format(what, said)
  elseif trouble.kind == "silent" then
    words = ("The server didn't answer within %d seconds: %s."):format(trouble.seconds, what)
  elseif trouble.kind == "stranger" then
    local name = trouble.name ~= "" and trouble.name or "nothing"
    words = ("What was started isn't %s, it calls itself %s: %s."):format(PROGRAM, name, what)
  else
    words = ("The server is %s, this plugin wants %s.x: %s."):format(trouble.version, series(wanted), what)
  end
  return { words = words, ways = ways }
end

--- What stands at a path on this machine.
---@param path string
---@return moa.LookedAt
function M.look(path)
  local stat = vim.uv.fs_stat(path)
  if not stat then
    return { kind = "missing" }
  end
  if stat.type ~= "file" then
    return { kind = "folder" }
  end
  if not vim.uv.fs_access(path, "X") then
    return { kind = "not-executable" }
  end
  return { kind = "program", real = vim.uv.fs_realpath(path) or path }
end

--- This machine, for a workspace of these folders.
---@param folders string[]
---@param cmd? string|string[] What `vim.lsp.config` names; the option `server.cmd` goes before it
---@return moa.Surroundings
function M.surroundings(folders, cmd)
  local config = require("moa.config")
  local both = {}
  for _, folder in ipairs(folders) do
    vim.list_extend(both, { folder, vim.uv.fs_realpath(folder) or folder })
  end
  return {
    named = config.options.server.cmd or cmd,
    folders = both,
    own_environment = config.options.server.workspace_environment,
    path = vim.env.PATH or "",
    windows = vim.fn.has("win32") == 1,
    home = vim.uv.os_homedir() or "",
    installed = vim.fs.joinpath(M.folder(), "server"),
    version = config.VERSION,
    look = M.look,
  }
end

--- The plugin's own folder, in which the server is started and may be installed.
---@return string
function M.folder()
  return vim.fs.joinpath(vim.fn.stdpath("data") --[[@as string]], "moa")
end

return M
