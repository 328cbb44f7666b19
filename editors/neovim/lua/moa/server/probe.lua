-- What a program says of itself: its version, before it is started as the server, and its last words, once it has
-- ended. Never here: starting it (`start.lua`), and the words for people about it (`find.lua`).

local compat = require("moa.compat")
local config = require("moa.config")
local find = require("moa.server.find")

local M = {}

--- The last line of a text that says anything.
---@param text string
---@return string
function M.last_line(text)
  local last = ""
  for line in text:gmatch("[^\r\n]+") do
    last = line:match("%S") and vim.trim(line) or last
  end
  return last
end

--- How long the log of language servers is, in bytes.
---@return integer
function M.log_size()
  local stat = vim.uv.fs_stat(compat.lsp_log())
  return stat and stat.size or 0
end

--- The last line that a server wrote to stderr, as Neovim's own log has it, piece by piece; empty where it has nothing.
---@param program string
---@param from integer Where its part of the log begins, in bytes
---@return string
function M.last_words(program, from)
  local file = io.open(compat.lsp_log(), "rb")
  if not file then
    return ""
  end
  file:seek("set", math.max(from, M.log_size() - 64 * 1024))
  local pieces = {}
  for line in file:read("*a"):gmatch("[^\n]+") do
    local piece = line:find(program, 1, true) and line:match('"stderr"%s+["\'](.*)["\']%s*$')
    if piece then
      pieces[#pieces + 1] = piece:gsub("\\(.)", { n = "\n", t = "\t", ["\\"] = "\\", ['"'] = '"', ["'"] = "'" })
    end
  end
  file:close()
  return M.last_line(table.concat(pieces))
end

--- Has a program say its version, which costs little, before it is started as the server.
---@param candidate moa.Candidate
---@param done fun(trouble?: moa.Trouble)
function M.ask_version(candidate, done)
  local seconds = find.patience(candidate.origin)
  local cmd = vim.list_extend(vim.deepcopy(candidate.cmd), { "--version" })
  vim.fn.mkdir(find.folder(), "p")
  local answered = vim.schedule_wrap(function(out)
    local name, version = vim.trim(out.stdout or ""):match("^(%S+)%s+(%S+)$")
    if out.code == 124 then
      done({ kind = "silent", seconds = seconds })
    elseif out.code ~= 0 then
      done({ kind = "died", last_words = M.last_line(out.stderr or "") })
    elseif name ~= "moa-lsp" then
      done({ kind = "stranger", name = name or M.last_line(out.stdout or ""):sub(1, 40) })
    elseif not find.fits(version, config.VERSION) then
      done({ kind = "version", version = version })
    else
      done(nil)
    end
  end)
  local given = { cwd = find.folder(), text = true, stdin = false, timeout = seconds * 1000 }
  local ok, problem = pcall(vim.system, cmd, given, answered)
  if not ok then
    done({ kind = "died", last_words = M.last_line(tostring(problem)) })
  end
end

return M
