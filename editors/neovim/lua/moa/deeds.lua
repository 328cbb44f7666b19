-- What the subcommands do that belong to no window: they ask the server and say what came of it. Its rules: each
-- refusal is told by `client.complain`; a selection is taken when the command is typed, and counted in the server's
-- units once it runs.

local client = require("moa.client")
local compat = require("moa.compat")
local current = require("moa.discussion.current")
local say = require("moa.say").say
local start = require("moa.server.start")
local workspace = require("moa.server.workspace")

local M = {}

---@class moa.Selected A part of a buffer as it was when the user named it; lines from 0, columns in bytes
---@field uri moa.Uri
---@field first integer
---@field first_byte integer
---@field first_text string
---@field last integer
---@field last_byte integer
---@field last_text string

--- What a range selects: whole lines, or between the marks of a characterwise selection of just these lines.
---@param buffer integer
---@param range {first: integer, last: integer}
---@return moa.Selected?
---@return string? problem
function M.selected(buffer, range)
  local file = workspace.file(buffer)
  if not file then
    return nil, "Only a part of a file can be shown to the architects. Give this buffer a name first."
  end
  local first_text = vim.api.nvim_buf_get_lines(buffer, range.first - 1, range.first, false)[1] or ""
  local last_text = vim.api.nvim_buf_get_lines(buffer, range.last - 1, range.last, false)[1] or ""
  local first_byte, last_byte = 0, #last_text
  local from, to = vim.api.nvim_buf_get_mark(buffer, "<"), vim.api.nvim_buf_get_mark(buffer, ">")
  if buffer == vim.api.nvim_get_current_buf() and vim.fn.visualmode() == "v" then
    if from[1] == range.first and to[1] == range.last then
      first_byte = from[2]
      -- The mark is on the last character: the selection ends behind it.
      last_byte = math.min(#last_text, to[2] + #vim.fn.matchstr(last_text, ".", math.min(to[2], #last_text)))
    end
  end
  return {
    uri = vim.uri_from_fname(file),
    first = range.first - 1,
    first_byte = first_byte,
    first_text = first_text,
    last = range.last - 1,
    last_byte = last_byte,
    last_text = last_text,
  }
end

--- The same as the server takes it.
---@param one moa.Selected
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return {uri: moa.Uri, range: moa.Range}
function M.as_wire(one, encoding)
  return {
    uri = one.uri,
    range = {
      start = { line = one.first, character = compat.to_units(one.first_text, one.first_byte, encoding) },
      ["end"] = { line = one.last, character = compat.to_units(one.last_text, one.last_byte, encoding) },
    },
  }
end

--- Projects that the user said to leave out of the workspace.
---@type table<string, boolean>
local left_out = {}

--- Goes on once it is settled whether the buffer's file belongs to the workspace, where it is of another project.
---@param buffer integer
---@param go_on fun()
local function within_workspace(buffer, go_on)
  local folders, file = start.folders(), workspace.file(buffer)
  local project = file and workspace.project(file)
  if #folders == 0 or not file or not project or left_out[project] or workspace.contains(file, folders) then
    go_on()
    return
  end
  local here = vim.fs.basename(project)
  local ways = { "Take it into the workspace", "Go on there instead", "Leave it out" }
  local prompt = ("%s is of %s, which isn't in the workspace %s:"):format(
    vim.fs.basename(file),
    here,
    vim.fs.basename(folders[1])
  )
  vim.ui.select(ways, { prompt = prompt, kind = "moa.workspace" }, function(_, index)
    local function then_go_on(ok)
      if ok then
        go_on()
      end
    end
    if index == 1 then
      start.add_folder(project, then_go_on)
    elseif index == 2 then
      start.restart(then_go_on, { project })
    elseif index == 3 then
      left_out[project] = true
      go_on()
    end
  end)
end

---@param given moa.Given
function M.open(given)
  within_workspace(given.buffer, function()
    require("moa.panel").open({ focus = true })
  end)
end

--- Puts a message into the prompt, or sends it where there is one, with the lines of the range.
---@param given moa.Given
---@param text string
---@param preset? string
local function ask(given, text, preset)
  local selected, problem
  if given.range then
    selected, problem = M.selected(given.buffer, given.range)
    if problem then
      say(problem, vim.log.levels.WARN)
      return
    end
  end
  local asked = { message = text ~= "" and text or nil, preset = preset, send = text ~= "" }
  within_workspace(given.buffer, function()
    if not selected then
      require("moa.panel").ask(asked)
      return
    end
    -- The units of its columns are known once the server runs.
    client.with_server(function()
      asked.selection = M.as_wire(selected, client.encoding())
      require("moa.panel").ask(asked)
    end)
  end)
end

---@param given moa.Given
function M.discuss(given)
  local text = vim.trim(given.text)
  -- A message that begins like a command of the prompt is a message all the same.
  ask(given, vim.startswith(text, "/") and "/discuss " .. text or text)
end

---@param given moa.Given
function M.once(given)
  local preset, text = given.text:match("^%s*(%S+)%s*(.-)%s*$")
  if preset then
    ask(given, text, preset)
  else
    require("moa.panel.presets").once()
  end
end

---@param given moa.Given
function M.write_roles(given)
  require("moa.panel.roles").write_for(given.text)
end

---@param given moa.Given
function M.code(given)
  require("moa.panel").ask({ message = vim.trim("/code " .. given.text), send = true })
end

function M.cancel()
  local discussion = current.state().discussion
  if not discussion or not client.get() then
    say("Nothing is under way.")
    return
  end
  current.ask("cancel", { discussion = discussion.id })
end

---@param given moa.Given
function M.retry(given)
  local name = vim.trim(given.text)
  if name == "" then
    local failed = require("moa.command").SUBCOMMANDS.retry.complete("", {})
    if #failed ~= 1 then
      say(#failed == 0 and "Nobody's last turn failed or was stopped." or "Say whom: " .. table.concat(failed, " or "))
      return
    end
    name = failed[1]
  end
  current.ask("retry", { architect = name })
end

---@param command moa.CommandName
---@param done_words string
---@return fun(given: moa.Given)
local function of_architect(command, done_words)
  return function(given)
    local name = vim.trim(given.text)
    if name == "" then
      local subcommand = command == "drop-architect" and "drop" or "restore"
      local names = require("moa.command").SUBCOMMANDS[subcommand].complete("", {})
      if #names == 0 then
        say(("There is no architect to %s."):format(subcommand))
        return
      end
      vim.ui.select(names, { prompt = ("Architect to %s:"):format(subcommand), kind = "moa.architect" }, function(one)
        if one then
          current.ask(command, { name = one })
        end
      end)
      return
    end
    current.ask(command, { name = name }, function()
      say(done_words:format(name))
    end)
  end
end

M.drop = of_architect("drop-architect", "%s is asked no more; `:Moa restore` brings it back.")
M.restore = of_architect("restore-architect", "%s is asked again.")

---@param given moa.Given
function M.add(given)
  local model, name = given.text:match("^%s*(%S+)%s*(%S*)%s*$")
  if model then
    current.ask("add-architect", { model = model, name = name ~= "" and name or nil })
  else
    require("moa.panel").add_architect()
  end
end

---@param given moa.Given
function M.role(given)
  local name, role = given.text:match("^%s*(%S+)%s*(.-)%s*$")
  if name and (role ~= "" or given.bang) then
    current.ask("set-role", { name = name, role = role ~= "" and role or nil })
  else
    require("moa.panel").set_role(name)
  end
end

---@param given moa.Given
function M.estimate(given)
  local prompt = require("moa.discussion.prompt")
  local money = require("moa.discussion.money")
  local read = prompt.parse(given.text)
  if read.kind ~= "discuss" and read.kind ~= "code" then
    say(read.words or "That costs nothing.")
    return
  end
  client.ready(function()
    local files = prompt.files(read.message, start.folders())
    local argument =
      { message = read.message, ["for"] = read.kind, files = #files > 0 and files or nil, preset = read.preset }
    current.ask("estimate", argument, function(rows)
      local parts = {}
      for _, row in ipairs(rows) do
        local stage = row.stage and row.stage ~= "" and (" (%s)"):format(row.stage) or ""
        local price = money.estimate({ row })
        parts[#parts + 1] = ("%s%s %s %s"):format(row.architect, stage, money.tokens(row.inputTokens), price)
      end
      say(("%s in all (%s)"):format(money.estimate(rows), table.concat(parts, ", ")))
    end)
  end)
end

---@param given moa.Given
function M.rename(given)
  local title = vim.trim(given.text)
  if title == "" then
    require("moa.panel").rename()
  else
    current.ask("rename-discussion", { title = title })
  end
end

---@param given moa.Given
function M.review(given)
  if given.bang then
    require("moa.review").close()
  else
    require("moa.review").open({})
  end
end

---@param given moa.Given
function M.compose(given)
  require("moa.settle").compose(given.text)
end

---@param given moa.Given
function M.plan(given)
  require("moa.panel.plan").open(given.bang)
end

---@param given moa.Given
function M.only(given)
  local looking = require("moa.discussion.looking")
  local what = vim.trim(given.text)
  local known = vim.tbl_contains(require("moa.command").SUBCOMMANDS.drop.complete("", {}), what)
    or vim.tbl_contains(require("moa.command").SUBCOMMANDS.restore.complete("", {}), what)
  if what == "" then
    looking.only_architect(nil)
    looking.only_contested(false)
  elseif what == "contested" then
    looking.only_contested(true)
  elseif known then
    looking.only_architect(what)
  else
    say(("There is no architect %s here."):format(what), vim.log.levels.WARN)
    return
  end
  local words = require("moa.discussion.regions").looking_words(looking.now())
  say(words and ("Shown: %s. `:Moa only` shows all again."):format(words) or "All is shown.")
end

function M.checkpoints()
  current.ask("checkpoints", {}, function(rows)
    if #rows == 0 then
      say("There is no checkpoint yet: one is made before each edit.")
      return
    end
    local function words(row)
      local files = #row.files == 1 and "1 file" or #row.files .. " files"
      return ("%s  before: %s (%s)"):format(row.created:sub(1, 16):gsub("T", " "), row.title:gsub("%c", " "), files)
    end
    local given = { prompt = "Bring files back to how they were:", kind = "moa.checkpoint", format_item = words }
    vim.ui.select(rows, given, function(row)
      if not row then
        return
      end
      current.ask("restore", { checkpoint = row.id }, function(restored)
        local count = #restored.files
        say(count == 1 and "1 file stands as it did then." or count .. " files stand as they did then.")
        for _, problem in ipairs(restored.problems) do
          say(problem.message, vim.log.levels.WARN)
        end
        current.refresh_changes()
      end)
    end)
  end)
end

--- Opens a file where the user's files are: a window of the panel keeps its buffer.
---@param path string
local function edit(path)
  local function is_free(window)
    return not vim.wo[window].winfixbuf and vim.bo[vim.api.nvim_win_get_buf(window)].buftype == ""
  end
  if not is_free(0) then
    local free = vim.tbl_filter(is_free, vim.api.nvim_tabpage_list_wins(0))[1]
    if free then
      vim.api.nvim_set_current_win(free)
    else
      vim.cmd("tabnew")
    end
  end
  vim.cmd.edit(vim.fn.fnameescape(path))
end

---@param given moa.Given
function M.settings(given)
  if vim.trim(given.text) == "project" then
    local root = start.folders()[1] or workspace.root(given.buffer)
    edit(vim.fs.joinpath(root, "moa.toml"))
    return
  end
  require("moa.server.install").doctor(function(report, problem)
    local folder = vim.tbl_get(report or {}, "folders", "config")
    if not folder then
      say("Where the settings lie isn't known: " .. (problem or "the server didn't say."), vim.log.levels.WARN)
      return
    end
    vim.fn.mkdir(folder, "p")
    edit(vim.fs.joinpath(folder, "config.toml"))
  end)
end

function M.log()
  require("moa.server.install").doctor(function(report, problem)
    -- Without a server there is no log of its own: Neovim's has what was said on stderr.
    local path = report and report.log or compat.lsp_log()
    if not vim.uv.fs_stat(path) then
      say(("Nothing was logged yet, into %s. %s"):format(path, problem or ""))
      return
    end
    vim.cmd("tabnew")
    vim.cmd.view({ vim.fn.fnameescape(path), mods = { keepalt = true } })
    vim.bo.autoread = true
    vim.cmd("normal! G")
  end)
end

---@param given moa.Given
function M.folder(given)
  local path = vim.trim(given.text)
  local folder = vim.fn.fnamemodify(path ~= "" and path or vim.fn.getcwd(), ":p"):gsub("(.)/+$", "%1")
  if vim.fn.isdirectory(folder) == 0 then
    say(("There is no folder %s."):format(folder), vim.log.levels.WARN)
    return
  end
  start.add_folder(folder, function(ok)
    if ok then
      say(("The workspace: %s"):format(table.concat(start.folders(), ", ")))
    end
  end)
end

---@param given moa.Given
function M.trust(given)
  local folders = start.folders()
  folders = #folders > 0 and folders or { workspace.root(given.buffer) }
  local removes = vim.trim(given.text) == "remove"
  local done, problem = require("moa.server.trust").set(folders, removes and "remove" or "allow")
  if problem then
    say(problem, vim.log.levels.WARN)
  elseif #done == 0 then
    say("There is no moa.toml in the workspace, so nothing waits for trust.")
  else
    say((removes and "No longer trusted: %s." or "Trusted as it stands: %s."):format(table.concat(done, ", ")))
    if client.state().kind == "running" and start.trusted() == removes then
      start.restart()
    end
  end
end

function M.restart()
  start.restart(function(ok)
    if ok then
      say(("The server runs: %s."):format(client.state().version))
    elseif client.state().kind == "failed" then
      client.offer_fixes(client.state())
    end
  end)
end

function M.stop()
  start.stop(function()
    say("The server was stopped. It starts when it is needed again.")
  end)
end

function M.install()
  require("moa.server.install").install()
end

function M.demo()
  require("moa.demo").start()
end

return M
