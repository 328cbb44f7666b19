-- A Neovim of its own for a test: its folders are scratch ones, nothing of the user's is read, and it is driven over
-- its RPC.

local M = {}

---@class moa.tests.Child
---@field channel integer
---@field folder string A scratch folder
---@field sample string The demo's sample in it, with the files api.py, store.py and moa.toml
local Child = {}
Child.__index = Child

---@return string
function M.server()
  local program = vim.env.MOA_SERVER or vim.fn.exepath("moa-lsp")
  assert(program ~= "", "there is no moa-lsp: set MOA_SERVER")
  return program
end

local plugin =
  vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p"))))

--- As `before` of `M.new`: the demo's replies come at once, since their pace is for people; the sample is trusted.
M.QUICK = ([[
  local sample = ...
  local rows = {}
  for _, line in ipairs(vim.fn.readfile("RECORDING")) do
    local row = vim.json.decode(line)
    row.pace = {}
    for _ = 1, vim.fn.strchars(row.text), 40 do
      row.pace[#row.pace + 1] = { 0, 40 }
    end
    rows[#rows + 1] = vim.json.encode(row)
  end
  vim.fn.writefile(rows, sample .. "/../quick.jsonl")
  local settings = table.concat(vim.fn.readfile(sample .. "/moa.toml"), "\n")
  local quick = "replay:" .. vim.fs.normalize(sample .. "/../quick.jsonl")
  vim.fn.writefile(vim.split(settings:gsub("replay:demo", quick), "\n"), sample .. "/moa.toml")
  _G.trust(sample)
]]):gsub("RECORDING", function()
  return vim.fs.normalize(plugin .. "/../../moa_lsp/demo/demo.jsonl")
end)

--- Where the sample was written to for the first test; the others get copies.
---@type string?
local written

--- Starts one, in the sample's folder. `before` is Lua that runs before anything of the plugin does.
---@param before? string
---@return moa.tests.Child
function M.new(before)
  local folder = vim.fn.resolve(vim.fn.tempname())
  vim.fn.mkdir(folder .. "/home", "p")
  local env = {
    HOME = folder .. "/home",
    MOA_DATA_DIR = folder .. "/data",
    MOA_CONFIG_DIR = folder .. "/config",
    NVIM_APPNAME = "nvim",
  }
  for _, name in ipairs({ "DATA", "STATE", "CONFIG", "CACHE" }) do
    env[("XDG_%s_HOME"):format(name)] = folder .. "/home/" .. name:lower()
  end
  local sample = folder .. "/tea"
  if not written then
    local first = vim.fn.resolve(vim.fn.tempname())
    local made = vim.system({ M.server(), "demo", "--sample", first, "--json" }, { env = env }):wait()
    assert(made.code == 0, made.stderr)
    written = first
  end
  assert(vim.system({ "cp", "-R", written, sample }):wait().code == 0)
  local program = vim.env.MOA_NVIM or vim.v.progpath
  local cmd = { program, "--embed", "--headless", "-u", "NONE", "-i", "NONE", "-n" }
  local channel = vim.fn.jobstart(cmd, { rpc = true, cwd = sample, env = env })
  assert(channel > 0, "Neovim couldn't be started: " .. program)
  local child = setmetatable({ channel = channel, folder = folder, sample = sample }, Child)
  child:lua(
    [[
    local plugin, sample, server = ...
    vim.o.swapfile = false
    vim.opt.runtimepath:prepend(plugin)
    _G.said, _G.states, _G.events = {}, {}, {}
    vim.notify = function(words) table.insert(_G.said, words) end
    function _G.trust(folder)
      vim.fn.mkdir(vim.fn.stdpath("state"), "p")
      local buffer = vim.fn.bufadd(folder .. "/moa.toml")
      vim.fn.bufload(buffer)
      vim.secure.trust({ action = "allow", bufnr = buffer })
      vim.api.nvim_buf_delete(buffer, { force = true })
    end
    -- Asks and waits: the failure or nil, and the result.
    function _G.ask(name, argument, seconds)
      local answered, failure, result = false, nil, nil
      require("moa").request(name, argument, function(one, other)
        answered, failure, result = true, one, other
      end)
      assert(vim.wait((seconds or 30) * 1000, function() return answered end, 10), "no answer to " .. name)
      return { failure = failure, result = result }
    end
    function _G.stands(kind, seconds)
      return vim.wait((seconds or 30) * 1000, function() return require("moa").server().kind == kind end, 10)
    end
    -- The server's process: the only child of this one.
    function _G.server_pid()
      local path = ("/proc/%d/task/%d/children"):format(vim.fn.getpid(), vim.fn.getpid())
      return tonumber(io.open(path):read("*a"):match("%d+"))
    end
    -- What the panel and the review are asked for; their own tests show what they do.
    _G.panel = {}
    package.loaded["moa.panel"] = setmetatable({}, { __index = function(_, key)
      return function(given) table.insert(_G.panel, { key, given or false }) end
    end })
    package.loaded["moa.review"] = setmetatable({}, { __index = function() return function() end end })
    vim.cmd("runtime plugin/moa.lua")
    require("moa").setup({ server = { cmd = server } })
  ]],
    plugin,
    sample,
    M.server()
  )
  if before then
    child:lua(before, sample)
  end
  return child
end

---@param code string
---@param ... any
---@return any
function Child:lua(code, ...)
  return vim.rpcrequest(self.channel, "nvim_exec_lua", code, { ... })
end

--- Ends it as a user does. Seconds until it was gone, or nil where it wasn't within 10 s.
---@return number?
function Child:quit()
  local began = vim.uv.hrtime()
  pcall(vim.rpcnotify, self.channel, "nvim_command", "qall!")
  local code = vim.fn.jobwait({ self.channel }, 10000)[1]
  vim.fn.jobstop(self.channel)
  vim.fn.delete(self.folder, "rf")
  return code >= 0 and (vim.uv.hrtime() - began) / 1e9 or nil
end

--- Runs a test with one, and ends it whatever happens.
---@param test fun(child: moa.tests.Child)
---@param before? string
---@return fun()
function M.with(test, before)
  return function()
    local child = M.new(before)
    local ok, problem = xpcall(test, debug.traceback, child)
    child:quit()
    if not ok then
      error(problem, 0)
    end
  end
end

return M
