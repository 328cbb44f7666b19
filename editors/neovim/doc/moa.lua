-- Writes `moa.txt`, the help page: `nvim --headless -u NONE -l doc/moa.lua`. The prose stands here; what a subcommand, a key, an
-- option, a function, an event or a colour is comes from where the program has it: the tables that it runs by and the
-- comments that its types are in. Its rules: 78 columns; a tag for each thing. `tests/help_test.lua` fails where the page
-- that was written is another. Never here: a key or a default.

local WIDTH = 78
local root =
  vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p"))))
vim.opt.runtimepath:prepend(root)

local M = {}
local page ---@type string[]

---@param ... string
local function put(...)
  vim.list_extend(page, { ... })
end

--- Words as lines of a width, each after an indent. What stands in backticks stays on one line, where it
--- fits on one.
---@param words string
---@param indent integer
---@return string[]
local function wrapped(words, indent)
  local lines, line = {}, nil
  local together = words:gsub("`[^`]*`", function(code)
    return #code < WIDTH - indent and (code:gsub(" ", "\0")) or code
  end)
  for word in together:gmatch("[^ \n]+") do
    word = word:gsub("%z", " ")
    local longer = line and line .. " " .. word or (" "):rep(indent) .. word
    if line and vim.api.nvim_strwidth(longer) > WIDTH then
      lines[#lines + 1] = line
      longer = (" "):rep(indent) .. word
    end
    line = longer
  end
  lines[#lines + 1] = line
  return lines
end

--- Left and right on one line, or on two where that is too long.
---@param left string
---@param right string
local function ends(left, right)
  local between = WIDTH - vim.api.nvim_strwidth(left) - vim.api.nvim_strwidth(right)
  if between < 1 then
    put((" "):rep(WIDTH - vim.api.nvim_strwidth(right)) .. right)
    put(left)
  else
    put(left .. (" "):rep(between) .. right)
  end
end

--- Paragraphs, wrapped; lines that begin with four blanks stand as they are, as an example.
---@param text string
local function prose(text)
  local paragraph, example = {}, false
  local function flush()
    if #paragraph > 0 then
      put(unpack(wrapped(table.concat(paragraph, " "), 0)))
      paragraph = {}
    end
  end
  for line in vim.gsplit(vim.trim(text), "\n", { plain = true }) do
    if line:match("^    ") then
      if not example then
        flush()
        while page[#page] == "" do
          page[#page] = nil
        end
        page[#page] = page[#page] .. " >"
        example = true
      end
      put(line)
    elseif line == "" then
      flush()
      put("")
    else
      if example then
        while page[#page] == "" do
          page[#page] = nil
        end
        put("<")
        example = false
      end
      paragraph[#paragraph + 1] = line
    end
  end
  flush()
  put(example and "<" or nil)
  put("")
end

---@param heading string
---@param tag string
local function section(heading, tag)
  put(("="):rep(WIDTH))
  ends(heading:upper(), ("*%s*"):format(tag))
  put("")
end

--- Rows of two columns; a right one that is too long goes on below itself.
---@param rows {[1]: string, [2]: string}[]
---@param column integer
local function columns(rows, column)
  for _, row in ipairs(rows) do
    local lines = wrapped(row[2], column)
    local left = "    " .. row[1]
    if vim.api.nvim_strwidth(left) < column then
      lines[1] = left .. (" "):rep(column - vim.api.nvim_strwidth(left)) .. lines[1]:sub(column + 1)
    else
      put(left)
    end
    put(unpack(lines))
  end
  put("")
end

---@param path string Below `lua/moa/`
---@return string[]
local function source(path)
  return vim.fn.readfile(vim.fs.joinpath(root, "lua", "moa", path))
end

local function commands()
  local all = require("moa.command").SUBCOMMANDS
  local names = vim.tbl_keys(all)
  table.sort(names)
  for _, name in ipairs(names) do
    local one = all[name]
    ends((":Moa %s%s"):format(name, one.takes and " " .. one.takes or ""), ("*:Moa-%s*"):format(name))
    put(unpack(wrapped(one.says:sub(1, 1):upper() .. one.says:sub(2) .. ".", 16)))
  end
  put("")
end

local function plugs()
  local found = {}
  vim.g.loaded_moa = nil
  vim.cmd.source(vim.fs.joinpath(root, "plugin", "moa.lua"))
  for _, mode in ipairs({ "n", "x", "i" }) do
    for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
      if map.lhs:match("^<Plug>%(moa%-") then
        found[map.lhs] = (found[map.lhs] or "") .. mode
      end
    end
  end
  local names = vim.tbl_keys(found)
  table.sort(names)
  local rows = {}
  for _, name in ipairs(names) do
    local modes = {}
    for mode in found[name]:gmatch(".") do
      modes[#modes + 1] = ({ n = "normal", x = "visual", i = "insert" })[mode]
    end
    rows[#rows + 1] = { name, table.concat(modes, " and ") .. " mode" }
  end
  columns(rows, 36)
end

---@param keys table[]
---@param also? table<string, string>
local function keys(keys, also)
  local rows = {}
  for _, key in ipairs(keys) do
    local more = {}
    for left, right in pairs(also or {}) do
      if right == (key.lhs or key[1]) then
        more[#more + 1] = left
      end
    end
    table.sort(more)
    local words = key.says or key[2]
    rows[#rows + 1] =
      { key.lhs or key[1], words .. (#more > 0 and (" (also %s)"):format(table.concat(more, ", ")) or "") }
  end
  columns(rows, 24)
end

--- The options, from the fields of their classes, with their defaults.
---@param class string
---@param prefix string
---@param defaults table
local function options(class, prefix, defaults)
  local within = false
  for _, line in ipairs(source("config.lua")) do
    if line:match("^%-%-%-@class") then
      within = line:match("^%-%-%-@class ([%w.]+)") == class
    end
    local name, rest = line:match("^%-%-%-@field ([%w_]+)%??%s+(.+)$")
    if within and name then
      local kind, words = rest:match("^(%S+|%S+)%s+(.+)$")
      if not kind then
        kind, words = rest:match("^(%S+)%s*(.*)$")
      end
      if kind:match("^moa%.") then
        options(kind, prefix .. name .. ".", defaults[name])
      else
        local full = prefix .. name
        ends(full, ("*moa-option-%s*"):format(full))
        put(unpack(wrapped(words .. ".", 16)))
        local default = defaults[name] == nil and "nothing"
          or ("`%s`"):format(vim.inspect(defaults[name], { newline = " ", indent = "" }))
        put(unpack(wrapped(("Type: `%s`. Default: %s."):format(kind, default), 16)))
      end
    end
  end
end

--- The functions of `require("moa")`, from their comments.
local function api()
  local words, parameters, returned = {}, {}, nil
  for _, line in ipairs(source("init.lua")) do
    local said = line:match("^%-%-%- (.+)$")
    local parameter, rest = line:match("^%-%-%-@param ([%w_]+%??)%s+(.+)$")
    local name, arguments = line:match("^function M%.([%w_]+)%((.*)%)$")
    if said then
      words[#words + 1] = said
    elseif parameter then
      parameters[#parameters + 1] = { parameter, rest }
    elseif line:match("^%-%-%-@return") then
      returned = line:match("^%-%-%-@return (.+)$")
    elseif name then
      ends(('require("moa").%s(%s)'):format(name, arguments), ("*moa.%s()*"):format(name))
      put(unpack(wrapped(table.concat(words, " "), 16)))
      for _, one in ipairs(parameters) do
        local kind, said = one[2]:match("^([%w.]+) (.+)$")
        local about = ("{%s} `%s`%s"):format(one[1]:gsub("%?$", ""), kind or one[2], said and " " .. said or "")
        put(unpack(wrapped(about, 16)))
      end
      if returned then
        put(unpack(wrapped(("Returns `%s`"):format(returned), 16)))
      end
      put("")
    end
    if not line:match("^%-%-%-") then
      words, parameters, returned = {}, {}, nil
    end
  end
end

local function events()
  local rows = { { "MoaServerState", "the server starts, runs, stops or failed: `kind`, `message`, `version`" } }
  for _, one in pairs(require("moa.client").AUTOCOMMANDS) do
    rows[#rows + 1] = one
  end
  table.sort(rows, function(one, other)
    return one[1] < other[1]
  end)
  columns(rows, 24)
end

local function colours()
  for _, one in ipairs(require("moa.colours").GROUPS) do
    ends(("    %s%s"):format(one[1], one[2] and " -> " .. one[2] or ""), ("*hl-%s*"):format(one[1]))
    put(unpack(wrapped(one[3]:sub(1, 1):upper() .. one[3]:sub(2) .. ".", 16)))
  end
  put("")
end

---@param name string
---@return string
local function default_key(name)
  for _, key in ipairs(require("moa.review.keys").IN_FILES) do
    if key.method == name then
      return key.lhs
    end
  end
  error("there is no key for " .. name)
end

--- The whole page.
---@return string
function M.text()
  page = {}
  put("*moa.txt*  Several models think about your code together", "")
  prose([[
Written by doc/moa.lua: change that, or the comments and tables that it reads, not this page.

moa asks several models ("architects") about a change instead of one. They speak in turn, and each sees what the others
propose. Drop who talks nonsense, ask again, then have it coded. It comes as a diff that you take hunk by hunk, in your
own buffers. Nothing is written before you say so.

It needs Neovim 0.10.4 or newer, and moa-lsp, a program that `:Moa` finds or offers to install (|moa-server|).
]])
  section("Begin", "moa-begin")
  prose([[
1. Have a model: a key in the environment that Neovim is started in, such as `ANTHROPIC_API_KEY`; or a local Ollama that
   runs. `:checkhealth moa` says what was found. Without any, `:Moa demo` shows how it goes, with replies that were
   scripted by hand.
]])
  prose([[
2. Select some lines and type `:Moa`, or just type

    :Moa discuss How should we handle errors here?

   The panel opens beside your code, and the architects are asked in turn.
]])
  prose([[
3. Steer: write more in the prompt, drop an architect with `d`, or begin a message with `/code` to have it all
   implemented.
]])
  prose(([[
4. Review: `:Moa review` goes to the first hunk. `%s` applies it, `%s` rejects it, `%s` goes on. Your files are changed in
   their buffers and not saved.
]]):format(default_key("accept"), default_key("reject"), default_key("next")))
  section("Commands", "moa-commands")
  ends(":Moa [SUBCOMMAND …]", "*:Moa*")
  local words = "Opens the panel; with a range (`:'<,'>Moa`), puts these lines into the prompt. Everything after a subcommand"
    .. " is taken as it stands, and completes by <Tab>: architects, models, `@file`."
  put(unpack(wrapped(words, 16)))
  put("")
  commands()
  section("The panel", "moa-panel")
  prose([[
The discussion above, the prompt below. The prompt takes `/discuss TEXT`, `/code TEXT`, `/drop NAME`, `/preset NAME`,
`/once NAME TEXT`, or plain text, which discusses; `@file` names what the architects are to be shown. Without any, they see
the files that are open. Turns are folds, the discussion is Markdown, and what is beside the text (time, tokens, price)
isn't part of it.

In the discussion: ~
]])
  page[#page] = nil
  local panel = require("moa.panel.keys")
  keys(panel.DISCUSSION, panel.ALSO)
  put("In the prompt: ~")
  keys(panel.PROMPT)
  section("Presets and roles", "moa-presets")
  prose([[
A preset is a named set-up: who is asked, when, and who sees whom. `default` is your settings' own; `round`, `panel`,
`layers`, `revise`, `arbiter`, `samples` and `solo` are always there, with your own architects. The bar above the
discussion has the one in force, drawn as it asks: an arrow is one after the other, a double bar is side by side.

`:Moa preset` shows all of them, with the calls that one message takes, what it is expected to cost, and how long to
last. Both are from earlier turns of the same models on this machine; a dash is what isn't known yet. `:Moa preset NAME`
puts one in force, and so does `/preset NAME` in the prompt. `:Moa once NAME` and `/once NAME TEXT` have one message held
by another, and the discussion keeps its own: `/once solo` asks one model alone.

Architects that are asked side by side stream at once, each in its own thread. Where one answers for all, that one stands
out, and the others fold to what they are about as soon as it speaks, unless you are reading one of them; `zo` opens it.
Who wasn't asked, and why a round ended early, is said in line.

`:Moa preset-save NAME` keeps the discussion's architects, with their roles and without those that are dropped, in a file
of yours that can be taken to any machine.

A role says what an architect is to look at: one of the library by its name (`:Moa role NAME <Tab>`), or words. `:Moa
roles` shows all of them in a buffer, and writing it sets them. `:Moa write-roles` has a model write them for a message,
where the preset wants such roles; a message by such a preset has them written too, and asks before anybody is asked by
them. "Edit them first" leaves the message in the prompt.
]])
  section("The review", "moa-review")
  prose([[
Pending hunks stand in your buffers, old lines marked and new ones below them, with a sign. They follow your typing; where
you change their very lines they go stale, and come back when you undo. Applying is one step of undo in each file, and
nothing is saved for you unless |moa-option-save_after_apply| is set. Your own buffers get keys only from `:Moa review` on
until all is settled or `:Moa review!`, and those that were there come back.

In your files, during a review: ~
]])
  page[#page] = nil
  local review = require("moa.review.keys")
  keys(review.IN_FILES)
  put("In the preview, and in the tab of `:Moa diff`: ~")
  keys(review.IN_PROPOSALS)
  put("In that tab also: ~")
  keys(review.IN_TAB)
  section("Where they differ", "moa-differing")
  prose([[
What several models differ on is where a decision is open. The signs are the same in the panel, the code, hover and diff:
    ◆ contested  they want different text for the same lines, or one objects
    ≡ agreed     several are behind it, and nobody is against it
    ◇ alone      one proposes it, and nobody said anything of it
    ◈ settled    you decided

Settling asks no model, costs nothing and writes nothing. `:Moa next-contested` goes to the next such place, across files,
and from then on the keys of the review hold there until all is settled and written (|moa-review|). `:Moa disagreement`
shows the architects across and the places down: who proposes (`●`), supports (`+`), amends (`~`) or objects (`!`). `:Moa
only contested` and `:Moa only NAME` leave out the rest, in the panel and in the code, until `:Moa only`.

Select hunks in the panel with `S`, and `gc` or `:Moa compose` puts one change together of them, without a model;
without a selection, of what you took. What can't stand together is told first. A `/code` without a message does the
same where all is settled. `:Moa plan` shows the steps of all proposals as Markdown, to be edited; `:w` sets them, the
editor model is held to them, and `:Moa plan!` has them compiled anew. An architect's question stands below its turn:
`<CR>` on a choice answers.

In the window of `:Moa disagreement`: ~
]])
  page[#page] = nil
  keys(require("moa.panel.matrix").KEYS)
  section("Notebooks", "moa-notebook")
  prose([[
A file `*.moa` is a prompt and a page at once, without the panel. Type a paragraph and press <C-s>: the answer is written
below it, as it comes. No line of an answer is ever taken for a prompt, and none of yours is changed. Completion offers
`/` and `@`, by itself from Neovim 0.11 on, by |i_CTRL-X_CTRL-O| on 0.10. What else can be done with a hunk, an architect
or the whole discussion is a code action on its line (|vim.lsp.buf.code_action()|).

To have another key send:

    vim.api.nvim_create_autocmd("FileType", {
      pattern = "moa",
      command = "nmap <buffer> <CR> <Plug>(moa-send)",
    })
]])
  section("Maps", "moa-maps")
  prose([[
No key is taken in your own files. These are there to be mapped, and do what the subcommand of their name does:

    vim.keymap.set({ "n", "x" }, "<leader>md", "<Plug>(moa-discuss)")
    vim.keymap.set("n", "<leader>mr", "<Plug>(moa-review)")
]])
  plugs()
  section("Options", "moa-options")
  prose([[
Nothing has to be set, and `setup()` need not be called. It takes any part of these; a mistake is told, and then none of
the options is changed:

    require("moa").setup({
      panel = { position = "bottom" },
      save_after_apply = true,
    })
]])
  options("moa.Options", "", require("moa.config").options)
  put("")
  prose([[
What the architects are, and all else that isn't about Neovim, is set in your `config.toml` (`:Moa settings`), in a
project's `moa.toml` (`:Moa settings project`), or by |moa-option-settings|.
]])
  section("The server", "moa-server")
  prose([[
The server starts with the first `:Moa` that needs it. It is looked for in this order: |moa-option-server.cmd|; the
workspace's own `.venv`, if |moa-option-server.workspace_environment| is on; `moa-lsp` on the PATH; the one that
`:Moa install` made; `uvx` and `pipx`, which fetch the version that matches. A program that lies in the workspace is
never run otherwise.

From Neovim 0.11 on it can be had with the first file of a project instead, and configured, as any server:

    vim.lsp.config("moa", { settings = { moa = { preset = "cheap" } } })
    vim.lsp.enable("moa")

On 0.10, |moa-option-server.autostart| does the same.

The workspace is the project of the file that the server was started from (|moa-option-root_markers|), and grows only
when you say so: by `:Moa folder`, or when asked.
]])
  section("Trust", "moa-trust")
  prose([[
A project's `moa.toml` can name addresses that code and keys are sent to. That part of it counts only once you trust the
file as it stands: you are asked, and the answer is kept where |vim.secure.read()| keeps it. `:Moa trust` gives it,
`:Moa trust remove` takes it back.
]])
  section("Statusline", "moa-statusline")
  prose([[
A few characters that say who is at work, by which preset, how many hunks wait and what it cost:

    vim.o.statusline = vim.o.statusline .. " %{%v:lua.require'moa'.status()%}"

Any statusline plugin takes `require("moa").status` as a function. It is empty, and loads nothing, until moa is used.
]])
  section("Events", "moa-events")
  prose([[
Each is a |User| autocommand, and `data` of what the callback is given is the event:

    vim.api.nvim_create_autocmd("User", {
      pattern = "MoaChangeReady",
      callback = function(given)
        vim.notify(given.data.change.title)
      end,
    })
]])
  events()
  section("Lua", "moa-api")
  prose([[
Types are in `lua/moa/protocol.lua` and `lua/moa/discussion/state.lua`, where a language server for Lua finds them.
]])
  api()
  section("Colours", "moa-colours")
  prose([[
All of them are defaults, which a colour scheme or you can set.
]])
  colours()
  section("Health", "moa-health")
  prose([[
`:checkhealth moa` says which server is found and whether it fits, which settings and keys are there (never what they
are), whom they would have asked, where the log is, and what this Neovim lacks. `:Moa log` opens the log.
]])
  put("vim:tw=78:ts=8:noet:ft=help:norl:")
  return table.concat(page, "\n") .. "\n"
end

--- Where the page lies.
M.PATH = vim.fs.joinpath(root, "doc", "moa.txt")

if vim.fs.basename((_G.arg or {})[0] or "") == "moa.lua" then
  local file = assert(io.open(M.PATH, "wb"))
  file:write(M.text())
  file:close()
end

return M
