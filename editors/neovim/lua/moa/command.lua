-- `:Moa SUBCOMMAND …`: what each one does, and what can be typed after it. Its rules: what the user typed is taken as
-- it stands (nothing in it is expanded), and every refusal is a sentence. What needs more than a line lives in
-- `moa.deeds`.

local M = {}

---@class moa.Given What was typed
---@field text string All that stands behind the subcommand
---@field bang boolean
---@field range? {first: integer, last: integer} Lines from 1, where a range was given
---@field buffer integer

---@class moa.Subcommand
---@field run fun(given: moa.Given)
---@field takes? string What stands behind it, for the help
---@field says string For the help
---@field complete? fun(lead: string, before: string[]): string[] What may stand behind it and the words before

---@param method string
---@return fun(given: moa.Given)
local function panel(method)
  return function(given)
    require("moa.panel")[method](given)
  end
end

---@param method string
---@return fun()
local function review(method)
  return function()
    require("moa.review")[method]()
  end
end

--- Of the review, with what was typed.
---@param method string
---@return fun(given: moa.Given)
local function decide(method)
  return function(given)
    require("moa.review")[method](given)
  end
end

local function matrix()
  require("moa.panel.matrix").open()
end

---@param name string
---@return fun(given: moa.Given)
local function deed(name)
  return function(given)
    require("moa.deeds")[name](given)
  end
end

--- Of presets and roles: `given` is what was typed, by words.
---@param file "presets"|"roles"
---@param method string
---@return fun(given: moa.Given)
local function named(file, method)
  return function(given)
    local words = vim.split(vim.trim(given.text), "%s+", { trimempty = true })
    require("moa.panel." .. file)[method](words[1], method == "rename" and words[2] or given.bang)
  end
end

--- Offers these as the first word, and nothing behind it.
---@param offered fun(lead: string): string[]
---@return fun(lead: string, before: string[]): string[]
local function first(offered)
  return function(lead, before)
    return #before == 0 and offered(lead) or {}
  end
end

---@param method "names"|"saved_names"|"role_names"
---@return fun(): string[]
local function known(method)
  return function()
    -- Nothing is started by a <Tab>.
    return package.loaded["moa.client"] and require("moa.panel.presets")[method]() or {}
  end
end

---@param keep fun(architect: moa.Architect): boolean
---@return fun(): string[]
local function architects(keep)
  return function()
    if not package.loaded["moa.discussion.current"] then
      return {}
    end
    local discussion = require("moa.discussion.current").state().discussion
    local names = {}
    for _, one in ipairs(discussion and discussion.architects or {}) do
      if keep(one) then
        names[#names + 1] = one.name
      end
    end
    return names
  end
end

local function everybody()
  return true
end

---@return string[]
local function retriable()
  local last = {} ---@type table<string, boolean>
  local discussion = package.loaded["moa.discussion.current"] and require("moa.discussion.current").state().discussion
  local rounds = discussion and discussion.rounds or {}
  for _, turn in ipairs(rounds[#rounds] and rounds[#rounds].turns or {}) do
    last[turn.architect] = turn.status == "failed" or turn.status == "cancelled" or nil
  end
  return vim.tbl_keys(last)
end

--- Paths below the workspace's folders that begin so, behind an `@`.
---@param lead string
---@return string[]
local function mentioned(lead)
  local typed = lead:match("^@(.*)$")
  if not typed then
    return {}
  end
  local start = package.loaded["moa.server.start"]
  local folders = start and start.folders() or {}
  folders = #folders > 0 and folders or { require("moa.server.workspace").root(vim.api.nvim_get_current_buf()) }
  local found = {}
  for _, folder in ipairs(folders) do
    local escaped = vim.fn.escape(vim.fs.joinpath(folder, typed), "\\*?[]{}$`~")
    for _, path in ipairs(vim.fn.glob(escaped .. "*", false, true)) do
      local shown = path:sub(#folder + 2):gsub("\\", "/")
      found[#found + 1] = "@" .. shown .. (vim.fn.isdirectory(path) == 1 and "/" or "")
    end
  end
  return found
end

local known_models ---@type string[]?

--- The models that the server knows, ready ones first; asked for once, and only where it runs.
---@return string[]
local function models()
  local client = package.loaded["moa.client"]
  if not known_models and client and client.get() then
    local answered = false
    client.request("models", {}, function(_, rows)
      answered = true
      known_models = rows and vim.tbl_map(function(row)
        return row.model
      end, rows)
    end)
    vim.wait(2000, function()
      return answered
    end, 20)
  end
  return known_models or {}
end

local function folders_below(lead)
  return vim.fn.getcompletion(lead, "dir")
end

---@param ... string
---@return fun(): string[]
local function one_of(...)
  local words = { ... }
  return function()
    return words
  end
end

---@type table<string, moa.Subcommand>
M.SUBCOMMANDS = {
  open = { run = deed("open"), says = "opens the panel; so does `:Moa` alone" },
  close = { run = panel("close"), says = "closes the panel" },
  toggle = { run = panel("toggle"), says = "opens the panel, or closes it" },
  discuss = {
    run = deed("discuss"),
    takes = "[MESSAGE]",
    complete = mentioned,
    says = "asks the architects; a range is shown to them",
  },
  code = {
    run = deed("code"),
    takes = "[MESSAGE]",
    complete = mentioned,
    says = "has the editor model turn the discussion into edits",
  },
  cancel = { run = deed("cancel"), says = "stops what runs; what had arrived is kept" },
  retry = {
    run = deed("retry"),
    takes = "[NAME]",
    complete = first(retriable),
    says = "asks an architect once more whose turn failed or was stopped",
  },
  drop = {
    run = deed("drop"),
    takes = "[NAME]",
    complete = first(architects(function(one)
      return not one.dropped
    end)),
    says = "asks an architect no more; what it said stays",
  },
  restore = {
    run = deed("restore"),
    takes = "[NAME]",
    complete = first(architects(function(one)
      return one.dropped
    end)),
    says = "asks a dropped architect again",
  },
  add = {
    run = deed("add"),
    takes = "[MODEL [NAME]]",
    complete = first(models),
    says = "lets one more model take part",
  },
  role = {
    run = deed("role"),
    takes = "[NAME [ROLE]]",
    complete = function(_, before)
      return #before == 0 and architects(everybody)() or #before == 1 and known("role_names")() or {}
    end,
    says = "says what an architect is to look at: a role of the library by its name, or words",
  },
  roles = { run = named("roles", "edit"), says = "shows all roles, to be edited; `:w` sets them" },
  ["write-roles"] = {
    run = deed("write_roles"),
    takes = "[MESSAGE]",
    complete = mentioned,
    says = "has a model write the architects' roles for a message, else for what stands in the prompt; you see them first",
  },
  preset = {
    run = named("presets", "choose"),
    takes = "[NAME]",
    complete = first(known("names")),
    says = "chooses by which preset the architects are asked; without a name shows them, with price and wait",
  },
  once = {
    run = deed("once"),
    takes = "[NAME [MESSAGE]]",
    complete = function(lead, before)
      return #before == 0 and known("names")() or mentioned(lead)
    end,
    says = "has one message held by another preset; a range is shown to the architects",
  },
  ["preset-save"] = {
    run = named("presets", "save"),
    takes = "[NAME]",
    complete = first(known("saved_names")),
    says = "saves the discussion's architects, roles and preset under a name; with `!` over one saved before",
  },
  ["preset-rename"] = {
    run = named("presets", "rename"),
    takes = "[NAME [NEW]]",
    complete = first(known("saved_names")),
    says = "gives a preset that you saved another name",
  },
  ["preset-delete"] = {
    run = named("presets", "delete"),
    takes = "[NAME]",
    complete = first(known("saved_names")),
    says = "deletes a preset that you saved; with `!` without a question",
  },
  estimate = {
    run = deed("estimate"),
    takes = "MESSAGE",
    complete = mentioned,
    says = "says what a message would cost",
  },
  new = { run = panel("new"), says = "begins a new discussion" },
  list = { run = panel("switch"), says = "lists the discussions, to go to one" },
  switch = { run = panel("switch"), says = "the same as `list`" },
  search = { run = panel("search"), says = "searches all discussions" },
  rename = { run = deed("rename"), takes = "[TITLE]", says = "gives the discussion a title" },
  fork = { run = panel("fork"), says = "goes on in a copy of the discussion" },
  delete = { run = panel("delete"), says = "deletes the discussion" },
  export = { run = panel("export"), says = "shows the discussion as a Markdown document" },
  review = { run = deed("review"), says = "goes through the pending hunks; with `!` it ends" },
  next = { run = review("next"), says = "goes to the next hunk" },
  previous = { run = review("previous"), says = "goes to the hunk before" },
  accept = { run = review("accept"), says = "applies the hunk under the cursor" },
  reject = { run = review("reject"), says = "rejects the hunk under the cursor" },
  unreject = { run = review("unreject"), says = "has what was rejected wait again" },
  ["accept-file"] = { run = review("accept_file"), says = "applies all pending hunks of this file" },
  ["reject-file"] = { run = review("reject_file"), says = "rejects all pending hunks of this file" },
  ["accept-all"] = { run = review("accept_all"), says = "applies all pending hunks of the change" },
  ["reject-all"] = { run = review("reject_all"), says = "rejects all pending hunks of the change" },
  take = {
    run = decide("take"),
    takes = "[NAME]",
    complete = first(architects(everybody)),
    says = "takes what an architect wants for the lines under the cursor, over what contradicts it; nothing is written by that",
  },
  leave = {
    run = decide("leave"),
    takes = "[REASON]",
    says = "leaves the lines under the cursor as they are, whoever wants what there",
  },
  reopen = { run = decide("reopen"), says = "opens again what `take` or `leave` settled" },
  another = {
    run = decide("another"),
    takes = "[MESSAGE]",
    says = "asks for another round on just the lines under the cursor; without a message the prompt has one to begin with",
  },
  ["next-contested"] = { run = review("next_contested"), says = "goes to the next place where architects differ" },
  ["previous-contested"] = { run = review("previous_contested"), says = "goes to the place before where they do" },
  contested = { run = review("contested"), says = "puts all places where architects differ into the quickfix list" },
  disagreement = { run = matrix, says = "shows who wants what: architects × places" },
  only = {
    run = deed("only"),
    takes = "[contested|NAME]",
    complete = function(lead, before)
      return #before == 0 and vim.list_extend({ "contested" }, architects(everybody)(lead)) or {}
    end,
    says = "shows only what is contested, or only what one architect proposes; without either all again",
  },
  compose = {
    run = deed("compose"),
    takes = "[TITLE]",
    says = "puts one change together of the hunks that you selected in the panel, else of those taken, without a model",
  },
  plan = { run = deed("plan"), says = "shows the plan, to be edited; `:w` sets it; with `!` it is compiled anew" },
  undo = { run = review("undo"), says = "takes back what was applied, while it stands unchanged" },
  who = { run = review("who"), says = "shows who wants the hunk under the cursor, and what to look at" },
  preview = { run = review("preview"), says = "shows the files as they would be" },
  diff = { run = review("diff"), says = "shows old and new side by side" },
  quickfix = { run = review("quickfix"), says = "puts all pending hunks into the quickfix list" },
  checkpoints = { run = deed("checkpoints"), says = "brings files back to how they were before an edit" },
  settings = {
    run = deed("settings"),
    takes = "[user|project]",
    complete = first(one_of("user", "project")),
    says = "opens your settings, or the project's",
  },
  log = { run = deed("log"), says = "opens the server's log" },
  folder = {
    run = deed("folder"),
    takes = "[FOLDER]",
    complete = first(folders_below),
    says = "takes one more folder into the workspace",
  },
  trust = {
    run = deed("trust"),
    takes = "[remove]",
    complete = first(one_of("remove")),
    says = "trusts what the workspace's moa.toml says now",
  },
  restart = { run = deed("restart"), says = "starts the server anew" },
  stop = { run = deed("stop"), says = "ends the server until it is needed again" },
  install = { run = deed("install"), says = "installs the server for Neovim alone" },
  demo = { run = deed("demo"), says = "shows a discussion on a sample, without a key and without a model" },
}

---@return string[]
local function names()
  local all = vim.tbl_keys(M.SUBCOMMANDS)
  table.sort(all)
  return all
end

--- Splits what was typed into the subcommand and all that stands behind it, as it stands.
---@param arguments string
---@return string name Empty where nothing was typed
---@return string text
function M.split(arguments)
  local name, text = arguments:match("^%s*(%S+)%s?(.*)$")
  return name or "", text or ""
end

--- Runs what `:Moa` was given.
---@param given {args: string, bang: boolean, range: integer, line1: integer, line2: integer}
function M.run(given)
  local name, text = M.split(given.args)
  local range = given.range > 0 and { first = given.line1, last = given.line2 } or nil
  if name == "" then
    -- A selection is there to be asked about.
    name = range and "discuss" or "open"
  end
  local subcommand = M.SUBCOMMANDS[name]
  if not subcommand then
    local near = vim.fn.matchfuzzy(names(), name)
    local hint = #near > 0 and (" Did you mean %s?"):format(table.concat(near, " or "))
      or (" To ask the architects, type `:Moa discuss %s`."):format(given.args)
    require("moa.say").say(("There is no subcommand %s.%s"):format(name, hint), vim.log.levels.ERROR)
    return
  end
  local buffer = vim.api.nvim_get_current_buf()
  subcommand.run({ text = text, bang = given.bang, range = range, buffer = buffer })
end

--- The same from Lua: `run_words("drop", "alpha")`.
---@param name string
---@param text? string
function M.run_words(name, text)
  M.run({ args = vim.trim(name .. " " .. (text or "")), bang = false, range = 0, line1 = 0, line2 = 0 })
end

--- What may stand at the cursor of a `:Moa …` line.
---@param lead string What is typed of the word at the cursor
---@param line string The whole command line
---@param position integer The cursor's byte in it, from 0
---@return string[]
function M.complete(lead, line, position)
  local before = line:sub(1, position):gsub("^.-Moa!?%s*", "", 1)
  local name, behind = before:match("^(%S+)%s+(.*)$")
  local offered
  if not name then
    offered = names()
  else
    local subcommand = M.SUBCOMMANDS[name]
    local words = vim.split(behind, "%s+", { trimempty = true })
    -- The word at the cursor isn't before it.
    words[#words] = behind:match("%s$") and words[#words] or nil
    offered = subcommand and subcommand.complete and subcommand.complete(lead, words) or {}
  end
  return vim.tbl_filter(function(one)
    return vim.startswith(one, lead)
  end, offered)
end

return M
