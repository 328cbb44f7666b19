-- `:checkhealth moa`: the server, its version and protocol, which keys are there (never what they are), where the log
-- lies, and what this Neovim lacks. Its rule: it starts no server; it asks the program as a person in a terminal
-- would.

local compat = require("moa.compat")
local config = require("moa.config")
local find = require("moa.server.find")
local start = require("moa.server.start")

local M = {}

local function neovim()
  vim.health.start("moa: Neovim")
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.10") == 0 then
    vim.health.error(("Neovim %s is too old; 0.10 is the first that works"):format(version))
    return
  end
  vim.health.ok("Neovim " .. version)
  for _, lack in ipairs(compat.lacks()) do
    vim.health.info("This Neovim has no " .. lack)
  end
  if not pcall(vim.treesitter.language.inspect, "markdown") then
    vim.health.info("There is no treesitter parser for Markdown; the panel shows it without its colours")
  end
end

---@return string[]? cmd
local function server()
  vim.health.start("moa: the server")
  local state = start.state()
  if state.kind == "failed" then
    vim.health.error(state.message or "The server can't be started", { "`:Moa restart` tries again" })
  elseif state.kind == "running" then
    local client = start.client()
    vim.health.ok(("The server runs: %s, in %s"):format(state.version, table.concat(start.folders(), ", ")))
    vim.health.info(("Positions count in %s"):format(client and client.offset_encoding or "?"))
    vim.health.info(
      start.trusted() and "The workspace's moa.toml is trusted, or there is none"
        or "The workspace's moa.toml isn't trusted (`:Moa trust`)"
    )
  else
    vim.health.info("The server isn't started; it starts with the first `:Moa`")
  end
  local candidates, unfound = find.candidates(find.surroundings(start.folders()))
  if not candidates then
    vim.health.error(unfound.words, {
      "`:Moa install` installs it for Neovim alone",
      "`uv tool install moa-lsp` or `pipx install moa-lsp` installs it for your terminal too",
    })
    return nil
  end
  for _, one in ipairs(candidates) do
    vim.health.info("May be started: " .. find.describe(one))
  end
  return candidates[1].cmd
end

---@param cmd string[]
local function program(cmd)
  local folder = start.folders()[1] or require("moa.server.workspace").root(vim.api.nvim_get_current_buf())
  local asked = vim.list_extend(vim.deepcopy(cmd), { "doctor", "--json", "--folder", folder })
  vim.fn.mkdir(find.folder(), "p")
  local ok, out = pcall(function()
    return vim.system(asked, { cwd = find.folder(), text = true, timeout = 60000 }):wait()
  end)
  local read, report = pcall(vim.json.decode, ok and out.stdout or "", { luanil = { object = true, array = true } })
  if not ok or not read or type(report) ~= "table" then
    vim.health.error(("%s doesn't say how it is: %s"):format(cmd[1], ok and vim.trim(out.stderr or "") or out))
    return
  end
  local version = vim.tbl_get(report, "versions", "moa-lsp") or "?"
  if find.fits(version, config.VERSION) then
    vim.health.ok(("moa-lsp %s fits this plugin (%s)"):format(version, config.VERSION))
  else
    vim.health.error(("moa-lsp is %s, and this plugin is %s"):format(version, config.VERSION), { "`:Moa install`" })
  end
  vim.health.info("The log: " .. tostring(report.log))
  for _, file in ipairs(vim.tbl_get(report, "settings", "files") or {}) do
    vim.health.info(("Settings (%s): %s, %s"):format(file.layer, file.path, file.state))
  end
  for _, problem in ipairs(vim.tbl_get(report, "settings", "problems") or {}) do
    vim.health.warn(type(problem) == "table" and (problem.message or vim.inspect(problem)) or tostring(problem))
  end
  vim.health.start("moa: models and keys")
  for _, one in ipairs(report.architects or {}) do
    vim.health.info(("%s: %s"):format(one.name or "?", one.model or "?"))
  end
  if #(report.architects or {}) == 0 then
    vim.health.warn("There is no architect to ask yet", {
      "Set a provider's key in the environment that Neovim is started in, such as ANTHROPIC_API_KEY",
      "`:Moa demo` shows how it works without a key",
    })
  end
  local keys = report.keys or {}
  vim.health.info("Keys in the environment: " .. (#keys > 0 and table.concat(keys, ", ") or "none"))
  local ollama = report.ollama or {}
  if ollama.reachable then
    vim.health.info(("Ollama at %s: %s"):format(ollama.url, table.concat(ollama.models or {}, ", ")))
  end
end

function M.check()
  neovim()
  local cmd = server()
  if cmd then
    program(cmd)
  end
end

return M
