-- How edits are written: the applier on buffers of this Neovim itself, with files on disk, and the pure part by random
-- texts. Never here: a server.

local apply = require("moa.review.apply")
local compat = require("moa.compat")
local splice = require("moa.review.splice")

vim.o.swapfile = false
vim.o.hidden = true

local client = { id = 999, offset_encoding = "utf-16", attached_buffers = {}, notify = function() end }
local folder = vim.fn.resolve(vim.fn.tempname())
vim.fn.mkdir(folder, "p")

---@param name string
---@return string
local function path(name)
  return folder .. "/" .. name
end

---@param name string
---@return string
local function uri(name)
  return vim.uri_from_fname(path(name))
end

---@param name string
---@return string?
local function read(name)
  local file = io.open(path(name), "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

--- Writes a file, and opens it as one that a server was told of.
---@param name string
---@param text string
local function open(name, text)
  local file = assert(io.open(path(name), "wb"))
  file:write(text)
  file:close()
  vim.cmd.edit(path(name))
  vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()] = 3
end

---@param name string
---@param ... any Of each edit: line, character, line, character, text
---@return table
local function edit(name, ...)
  local edits = {}
  for _, one in ipairs({ ... }) do
    local start, stop = { line = one[1], character = one[2] }, { line = one[3], character = one[4] }
    edits[#edits + 1] = { range = { start = start, ["end"] = stop }, newText = one[5] }
  end
  return { textDocument = { uri = uri(name), version = 3 }, edits = edits }
end

---@param ... table
---@return moa.Applied
local function go(...)
  return apply.apply({ documentChanges = { ... } }, client)
end

---@param ... table
local function done(...)
  same(go(...), { applied = true })
end

---@param text string
---@return string[]
local function split(text)
  return vim.split(text, "\n", { plain = true })
end

return {
  ["marks, folds, cursor, view and undo stay the user's"] = function()
    local lines = {}
    for number = 1, 100 do
      lines[number] = "line " .. number
    end
    open("a.txt", table.concat(lines, "\n") .. "\n")
    vim.wo.foldmethod = "manual"
    vim.cmd("60,70fold")
    vim.api.nvim_win_set_cursor(0, { 50, 3 })
    vim.cmd("normal! zt")
    vim.api.nvim_buf_set_mark(0, "a", 12, 2, {})
    vim.api.nvim_buf_set_mark(0, "b", 80, 1, {})
    local top = vim.fn.line("w0")
    vim.api.nvim_buf_set_lines(0, 0, 1, false, { "typed" })
    done(edit("a.txt", { 10, 0, 13, 0, "line 11\nNEW\nline 12 changed\nline 13\n" }, { 90, 0, 91, 0, "" }))
    same(vim.api.nvim_buf_get_lines(0, 10, 14, false), { "line 11", "NEW", "line 12 changed", "line 13" })
    same({ vim.fn.line("$"), vim.fn.line("."), vim.fn.col("."), vim.fn.line("w0") }, { 100, 51, 4, top + 1 })
    same({ vim.api.nvim_buf_get_mark(0, "a")[1], vim.api.nvim_buf_get_mark(0, "b")[1] }, { 12, 81 })
    same({ vim.fn.foldclosed(62), vim.fn.foldclosedend(62) }, { 61, 71 })
    check(vim.startswith(read("a.txt"), "line 1\n"), "it was written to disk")
    vim.cmd("silent undo")
    same({ vim.fn.getline(12), vim.fn.line("$"), vim.fn.getline(1) }, { "line 12", 100, "typed" })
    vim.cmd("silent undo")
    same(vim.fn.getline(1), "line 1")
  end,

  ["an extmark in a line stays at its word"] = function()
    open("word.txt", "one two three\n")
    local namespace = vim.api.nvim_create_namespace("moa.test")
    local id = vim.api.nvim_buf_set_extmark(0, namespace, 0, 8, {})
    done(edit("word.txt", { 0, 0, 1, 0, "one and two three\n" }))
    same(vim.api.nvim_buf_get_extmark_by_id(0, namespace, id, {}), { 0, 12 })
  end,

  ["a created file is written exactly as proposed, and only when the user writes it"] = function()
    for number, text in ipairs({ "x\ny\n", "x\ny", "", "a\r\nb\r\n", "\239\187\191bom\n", "\n", "\n\n", "x\ty  \n\n" }) do
      local name = ("new/folder/%d.txt"):format(number)
      local entries = { { kind = "create", uri = uri(name), options = { ignoreIfExists = true } } }
      if text ~= "" then
        -- As the server puts it for Neovim: an insertion would leave the empty line of a new buffer behind it.
        entries[2] = edit(name, { 0, 0, text:sub(-1) == "\n" and 1 or 0, 0, text })
        entries[2].textDocument.version = vim.NIL
      end
      done(unpack(entries))
      same(read(name), nil)
      vim.api.nvim_buf_call(vim.fn.bufnr(path(name)), function()
        vim.cmd("silent write")
      end)
      same(read(name), text)
    end
  end,

  ["line ends, and the one at the text's end, are what the edit says"] = function()
    for _, case in ipairs({
      { "a\nb", { 1, 0, 1, 1, "c\n" }, "a\nc\n" },
      { "a\nb\n", { 1, 0, 2, 0, "d" }, "a\nd" },
      { "a\nb", { 0, 0, 1, 0, "z\n" }, "z\nb" },
      { "a\nb", { 1, 1, 1, 1, "\nc" }, "a\nb\nc" },
      { "a\nb\n", { 2, 0, 2, 0, "c\n" }, "a\nb\nc\n" },
      { "a\r\nb\r\nc\r\n", { 1, 0, 2, 0, "B\r\nBB\r\n" }, "a\r\nB\r\nBB\r\nc\r\n" },
      { "a\r\nb\nc\n", { 1, 0, 2, 0, "B\n" }, "a\r\nB\nc\n" },
      { "a\nb\n", { 0, 0, 2, 0, "" }, "" },
      { "", { 0, 0, 0, 0, "x\n" }, "x\n" },
      { "\n", { 1, 0, 1, 0, "x\n" }, "\nx\n" },
      { "ä𝄞b\n", { 0, 1, 0, 3, "-" }, "ä-b\n" },
    }) do
      open("ends.txt", case[1])
      vim.cmd("silent edit!")
      done(edit("ends.txt", case[2]))
      vim.cmd("silent write")
      same(read("ends.txt"), case[3])
      vim.cmd("silent bwipeout!")
    end
  end,

  ["the server is told of a line end at the text's end, which no edit of lines says"] = function()
    open("told.txt", "a\nb")
    local told = {}
    local buffer = vim.api.nvim_get_current_buf()
    local own = setmetatable({
      attached_buffers = { [buffer] = true },
      notify = function(...)
        told[#told + 1] = select(select("#", ...), ...)
      end,
    }, { __index = client })
    local edits = { documentChanges = { edit("told.txt", { 1, 0, 1, 1, "b\n" }) } }
    same(apply.apply(edits, own), { applied = true })
    local at = { line = 1, character = 1 }
    same(told[1].contentChanges, { { range = { start = at, ["end"] = at }, text = "\n" } })
  end,

  ["a renamed file keeps its buffer, what isn't saved in it, and its undo"] = function()
    open("old.py", "one\ntwo\n")
    local buffer = vim.api.nvim_get_current_buf()
    vim.api.nvim_buf_set_lines(0, 0, 1, false, { "ONE" })
    local to = { kind = "rename", oldUri = uri("old.py"), newUri = uri("sub/new.lua"), options = {} }
    done(edit("old.py", { 1, 0, 2, 0, "TWO\n" }), to)
    same({ read("old.py"), read("sub/new.lua") }, { nil, "one\ntwo\n" })
    same(vim.api.nvim_get_current_buf(), buffer)
    same(vim.api.nvim_buf_get_lines(0, 0, -1, false), { "ONE", "TWO" })
    same({ vim.bo.modified, vim.bo.filetype, vim.fn.bufexists(path("old.py")) }, { true, "lua", 0 })
    vim.cmd("silent write")
    same(read("sub/new.lua"), "ONE\nTWO\n")
    vim.cmd("silent undo")
    same(vim.fn.getline(2), "two")
  end,

  ["no window closes with a deleted file"] = function()
    open("stays.txt", "s\n")
    vim.cmd.vsplit()
    open("goes.txt", "g\n")
    local windows = vim.api.nvim_list_wins()
    done({ kind = "delete", uri = uri("goes.txt"), options = {} })
    same({ read("goes.txt"), vim.fn.bufexists(path("goes.txt")) }, { nil, 0 })
    same(vim.api.nvim_list_wins(), windows)
    vim.cmd.only()
  end,

  ["no file is deleted whose buffer holds what no server was told of"] = function()
    open("mine.txt", "m\n")
    local buffer = vim.api.nvim_get_current_buf()
    vim.lsp.util.buf_versions[buffer] = nil
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, { "only here" })
    local deletion = { kind = "delete", uri = uri("mine.txt"), options = {} }
    local answer = go(deletion)
    same(answer.applied, false)
    check(answer.failureReason:find("the server doesn't know", 1, true) ~= nil, answer.failureReason)
    same({ read("mine.txt"), vim.api.nvim_buf_get_lines(buffer, 0, -1, false) }, { "m\n", { "only here" } })
    vim.lsp.util.buf_versions[buffer] = 3
    done(deletion)
    same(read("mine.txt"), nil)
  end,

  ["all is written or nothing, and why not is said"] = function()
    open("first.txt", "1\n")
    open("second.txt", "2\n")
    local both = { edit("first.txt", { 0, 0, 1, 0, "X\n" }), edit("second.txt", { 0, 0, 1, 0, "X\n" }) }
    local function refused(words, ...)
      local answer = go(...)
      same(answer.applied, false)
      check(answer.failureReason:find(words, 1, true) ~= nil, answer.failureReason)
      same(vim.api.nvim_buf_get_lines(vim.fn.bufnr(path("first.txt")), 0, -1, false), { "1" })
    end
    vim.bo.modifiable = false
    refused("'modifiable' is off", unpack(both))
    vim.bo.modifiable = true
    vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()] = 4
    refused("was edited meanwhile", unpack(both))
    refused("is there already", { kind = "create", uri = uri("first.txt"), options = {} })
    vim.cmd.enew()
    vim.cmd.file(path("taken.txt"))
    vim.fn.setline(1, "mine")
    refused("has text in it already", both[1], { kind = "create", uri = uri("taken.txt"), options = {} })
    refused("can't be renamed", { kind = "rename", oldUri = uri("first.txt"), newUri = uri("taken.txt") })
    refused("no edit of the kind", { kind = "link", uri = uri("first.txt") })
    vim.cmd("bwipeout!")
  end,

  ["only files without edits of the user's own are saved, where that is wanted"] = function()
    local config = require("moa.config")
    config.set({ save_after_apply = true })
    open("mine.txt", "1\n2\n")
    vim.api.nvim_buf_set_lines(0, 0, 1, false, { "mine" })
    open("clean.txt", "1\n")
    local ok, problem = pcall(done, edit("mine.txt", { 1, 0, 2, 0, "X\n" }), edit("clean.txt", { 0, 0, 1, 0, "X\n" }))
    config.set({})
    check(ok, problem)
    same({ read("mine.txt"), read("clean.txt") }, { "1\n2\n", "X\n" })
  end,

  ["edits of a text as splices: 3,000 random ones"] = function()
    math.randomseed(7)
    local function position(text, offset)
      local before = split(text:sub(1, offset))
      return { line = #before - 1, character = #before[#before] }
    end
    for _ = 1, 3000 do
      local parts = {}
      for _ = 1, math.random(0, 6) do
        parts[#parts + 1] = ("abc"):sub(1, math.random(0, 3))
      end
      local text = table.concat(parts, "\n") .. (math.random() < 0.5 and #parts > 0 and "\n" or "")
      local offsets = {}
      for _ = 1, math.random(1, 3) * 2 do
        offsets[#offsets + 1] = math.random(0, #text)
      end
      table.sort(offsets)
      local edits, wanted, at = {}, "", 0
      for index = 1, #offsets, 2 do
        local new = ({ "", "x", "x\n", "\ny", "p\nq\n" })[math.random(5)]
        local range = { start = position(text, offsets[index]), ["end"] = position(text, offsets[index + 1]) }
        edits[#edits + 1] = { range = range, newText = new }
        wanted = wanted .. text:sub(at + 1, offsets[index]) .. new
        at = offsets[index + 1]
      end
      wanted = wanted .. text:sub(at + 1)
      local lines = split(text)
      local ends = #lines > 1 and lines[#lines] == ""
      lines[#lines] = not ends and lines[#lines] or nil
      local after = splice.after({ lines = lines, ends = ends }, edits, function(line, units)
        return math.min(units, #line)
      end, split)
      same(table.concat(after.lines, "\n") .. (after.ends and "\n" or ""), wanted)
      local got = vim.list_slice(lines)
      for _, one in ipairs(splice.between(lines, after.lines, compat.diff_lines)) do
        local rest = vim.list_slice(got, one.stop + 1)
        got = vim.list_extend(vim.list_extend(vim.list_slice(got, 1, one.start), one.lines), rest)
      end
      same(got, after.lines)
    end
  end,
}
