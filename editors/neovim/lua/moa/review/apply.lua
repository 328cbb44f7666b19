-- Writes the server's edits: an applier of our own for `workspace/applyEdit`. Neovim's looks at the version of the
-- first file only, says `applied` also where it refused, writes a renamed buffer to disk, closes the windows of a
-- deleted one, lists each hunk in a message, and loses marks within a hunk. Its rules: all is looked at first, and
-- either everything is done or nothing; a file takes one undo step, and as few lines as need be; nothing is written to
-- disk except what a rename or a delete is, unless the user set `save_after_apply`. Never here: what is applied, which
-- the server decides.

local buffers = require("moa.review.buffers")
local compat = require("moa.compat")
local splice = require("moa.review.splice")

local M = {}

---@class moa.Applied
---@field applied boolean
---@field failureReason? string

---@param uri moa.Uri
---@return boolean
local function on_disk(uri)
  return vim.uv.fs_stat(vim.uri_to_fname(uri)) ~= nil
end

---@param buffer integer
---@return boolean
local function is_empty(buffer)
  return vim.api.nvim_buf_line_count(buffer) == 1 and vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] == ""
end

--- What servers were last told of a buffer, or are about to be: its version; 0.12 says 0 of one that none was told of.
---@param buffer integer
---@return integer?
local function seen_version(buffer)
  return rawget(vim.lsp.util.buf_versions, buffer)
end

--- Whether a buffer holds text of the user's that is neither on disk nor known to the server.
---@param buffer integer
---@return boolean
local function is_only_here(buffer)
  return vim.bo[buffer].modified and not seen_version(buffer)
end

local ONLY_HERE = "%s has edits that aren't saved, and that the server doesn't know."

--- What stands in the way of one entry of an edit, in words; nil where nothing does.
---@param entry table
---@param created table<moa.Uri, boolean> The files that entries before this one create
---@return string?
local function obstacle(entry, created)
  local name = buffers.name(entry.uri or entry.oldUri or entry.textDocument.uri)
  if entry.kind == "create" then
    local buffer = buffers.of(entry.uri)
    created[entry.uri] = true
    if on_disk(entry.uri) then
      return name .. " is there already."
    elseif buffer and not is_empty(buffer) then
      return ("A buffer called %s has text in it already."):format(name)
    end
  elseif entry.kind == "rename" then
    local buffer = buffers.of(entry.newUri)
    if on_disk(entry.newUri) or (buffer and not is_empty(buffer)) then
      return ("%s can't be renamed: %s is there already."):format(name, buffers.name(entry.newUri))
    elseif not on_disk(entry.oldUri) and not buffers.of(entry.oldUri) then
      return ("There is no %s that could be renamed."):format(name)
    end
  elseif entry.kind == "delete" then
    local buffer = buffers.of(entry.uri)
    if not on_disk(entry.uri) and not buffer and not (entry.options or {}).ignoreIfNotExists then
      return ("There is no %s that could be deleted."):format(name)
    elseif buffer and on_disk(entry.uri) and is_only_here(buffer) then
      -- What isn't on disk yet is a file that was created here and is taken back.
      return ONLY_HERE:format(name)
    end
  elseif entry.kind then
    return ("This plugin knows no edit of the kind “%s”."):format(entry.kind)
  else
    local document = entry.textDocument
    local buffer = buffers.of(document.uri)
    if not buffer then
      return nil
    elseif not vim.bo[buffer].modifiable then
      return ("%s can't be changed: 'modifiable' is off."):format(name)
    end
    local version = type(document.version) == "number" and document.version or nil
    local seen = seen_version(buffer)
    if version and seen and seen ~= version then
      return name .. " was edited meanwhile."
    elseif not version and is_only_here(buffer) and not created[document.uri] then
      return ONLY_HERE:format(name)
    end
  end
end

---@param buffer integer
---@return moa.Text
local function text_of(buffer)
  -- A buffer has one empty line also where its text has none: only its size tells the two apart.
  local nothing = is_empty(buffer)
    and vim.api.nvim_buf_call(buffer, function()
      return vim.fn.wordcount().bytes == 0
    end)
  return { lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false), ends = not nothing and vim.bo[buffer].endofline }
end

---@param buffer integer
---@return fun(text: string): string[]
local function splitter(buffer)
  -- In a file whose lines end in `\r\n` that is what Neovim itself writes; elsewhere a `\r` is a character of its line.
  local dos = vim.bo[buffer].fileformat == "dos"
  return function(text)
    return vim.split(dos and text:gsub("\r\n", "\n") or text, "\n", { plain = true })
  end
end

--- Has the last line of a file end as it is to. Neovim ends it by itself when it writes, unless it is told not to: then
--- the file would differ from what was proposed, and from what the server knows.
---@param buffer integer
---@param ends boolean
local function set_end(buffer, ends)
  if vim.bo[buffer].endofline ~= ends then
    vim.bo[buffer].endofline = ends
  end
  if not ends and vim.bo[buffer].fixendofline then
    vim.bo[buffer].fixendofline = false
  end
end

--- Tells our server of a line end at the text's end that came or went: no edit of lines says that.
---@param buffer integer
---@param client vim.lsp.Client
local function tell_end(buffer, client)
  if not client.attached_buffers[buffer] then
    return
  end
  compat.flush(client, buffer)
  local ends = vim.bo[buffer].endofline
  local count = vim.api.nvim_buf_line_count(buffer)
  local last = vim.api.nvim_buf_get_lines(buffer, count - 1, count, false)[1]
  local place = { line = count - 1, character = compat.to_units(last, #last, client.offset_encoding) }
  local after = { line = count, character = 0 }
  local line_end = vim.bo[buffer].fileformat == "dos" and "\r\n" or "\n"
  compat.notify(client, "textDocument/didChange", {
    textDocument = { uri = vim.uri_from_bufnr(buffer), version = vim.lsp.util.buf_versions[buffer] },
    contentChanges = {
      { range = { start = place, ["end"] = ends and place or after }, text = ends and line_end or "" },
    },
  })
end

---@param buffer integer
local function break_undo(buffer)
  -- Set to what it is, it ends the step that is being recorded (`:help undo-break`).
  vim.api.nvim_buf_call(buffer, function()
    vim.cmd("let &l:undolevels = &l:undolevels")
  end)
end

--- One line in place of another, by the part of it that differs.
---@param buffer integer
---@param row integer
---@param old string
---@param new string
local function set_line(buffer, row, old, new)
  local start, stop, new_stop = 0, #old, #new
  while start < stop and start < new_stop and old:byte(start + 1) == new:byte(start + 1) do
    start = start + 1
  end
  while stop > start and new_stop > start and old:byte(stop) == new:byte(new_stop) do
    stop, new_stop = stop - 1, new_stop - 1
  end
  vim.api.nvim_buf_set_text(buffer, row, start, row, stop, { new:sub(start + 1, new_stop) })
end

---@param buffer integer
---@param one moa.Splice
---@param old string[]
local function put(buffer, one, old)
  if one.stop - one.start == #one.lines then
    for index, line in ipairs(one.lines) do
      set_line(buffer, one.start + index - 1, old[one.start + index], line)
    end
  else
    vim.api.nvim_buf_set_lines(buffer, one.start, one.stop, false, one.lines)
  end
end

--- Where windows look and marks stand, so that they can be put where the same text is afterwards.
---@param buffer integer
---@return fun(splices: moa.Splice[]) restore
local function places(buffer)
  local views, marks = {}, {}
  for _, window in ipairs(buffers.windows(buffer)) do
    views[window] = vim.api.nvim_win_call(window, vim.fn.winsaveview)
  end
  for _, mark in ipairs(vim.fn.getmarklist(buffer)) do
    local name = mark.mark:match("^'([a-z])$")
    if name then
      marks[name] = { mark.pos[2] - 1, mark.pos[3] - 1 }
    end
  end
  return function(splices)
    local last = vim.api.nvim_buf_line_count(buffer) - 1
    local function now(line)
      return math.max(0, math.min(splice.moved(splices, line), last))
    end
    for name, place in pairs(marks) do
      local line = now(place[1])
      local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1] or ""
      vim.api.nvim_buf_set_mark(buffer, name, line + 1, math.min(place[2], #text), {})
    end
    for window, view in pairs(views) do
      if vim.api.nvim_win_is_valid(window) then
        view.lnum = now(view.lnum - 1) + 1
        -- Whoever looks at the text's beginning sees what comes to stand there.
        local at_top = view.topline == 1 and view.lnum <= vim.api.nvim_win_get_height(window)
        view.topline = at_top and 1 or now(view.topline - 1) + 1
        view.topfill = 0
        vim.api.nvim_win_call(window, function()
          vim.fn.winrestview(view)
        end)
      end
    end
  end
end

--- Makes a buffer's text another one, in one undo step.
---@param buffer integer
---@param after moa.Text
---@param client? vim.lsp.Client
local function write(buffer, after, client)
  local before = text_of(buffer)
  local splices = splice.between(before.lines, after.lines, compat.diff_lines)
  break_undo(buffer)
  local restore = places(buffer)
  local is_gone = #after.lines == 1 and after.lines[1] == "" and not after.ends
  if is_gone then
    -- Only so the text is one without any line, not one with an empty line.
    vim.api.nvim_buf_call(buffer, function()
      vim.cmd("silent keepjumps %delete _")
    end)
  elseif #splices == 0 and before.ends ~= after.ends and is_empty(buffer) then
    -- From no line to an empty one.
    vim.api.nvim_buf_set_lines(buffer, 0, 1, false, { "" })
  else
    for _, one in ipairs(splices) do
      put(buffer, one, before.lines)
    end
  end
  restore(splices)
  break_undo(buffer)
  if not is_gone then
    local told = vim.bo[buffer].endofline == after.ends
    set_end(buffer, after.ends)
    if client and not told then
      tell_end(buffer, client)
    end
  end
  if client then
    compat.flush(client, buffer)
  end
end

--- The buffer of a file that isn't there yet, exactly as it is to be written. Its folder is made when it is saved.
---@param uri moa.Uri
---@return integer
local function create(uri)
  local buffer = buffers.load(uri)
  vim.bo[buffer].buflisted = true
  local group = vim.api.nvim_create_augroup("moa.created." .. buffer, { clear = true })
  vim.api.nvim_create_autocmd("BufWritePre", {
    group = group,
    buffer = buffer,
    once = true,
    desc = "moa: make the folder of a created file",
    callback = function()
      vim.fn.mkdir(vim.fs.dirname(vim.api.nvim_buf_get_name(buffer)), "p")
    end,
  })
  return buffer
end

--- A created file's text, with the line ends and the byte order mark that it has.
---@param buffer integer
---@param text string
local function fill(buffer, text)
  local bom = text:sub(1, 3) == "\239\187\191"
  text = bom and text:sub(4) or text
  local _, line_ends = text:gsub("\n", "")
  local _, dos_ends = text:gsub("\r\n", "")
  vim.bo[buffer].fileformat = line_ends > 0 and dos_ends == line_ends and "dos" or "unix"
  vim.bo[buffer].bomb = bom
  if vim.bo[buffer].fileencoding ~= "" and vim.bo[buffer].fileencoding ~= "utf-8" then
    vim.bo[buffer].fileencoding = "utf-8"
  end
  local lines = splitter(buffer)(text)
  local ends = lines[#lines] == ""
  if ends and #lines > 1 then
    lines[#lines] = nil
  end
  write(buffer, { lines = lines, ends = ends })
end

--- Has every window that shows a buffer show another one, so that none closes when it goes.
---@param buffer integer
local function leave(buffer)
  for _, window in ipairs(buffers.windows(buffer)) do
    local other = vim.api.nvim_win_call(window, function()
      return vim.fn.bufnr("#")
    end)
    local fits = other > 0 and other ~= buffer and vim.api.nvim_buf_is_loaded(other) and vim.bo[other].buflisted
    if not fits then
      other = vim.api.nvim_create_buf(true, false)
    end
    vim.api.nvim_win_set_buf(window, other)
  end
end

---@param uri moa.Uri
local function delete(uri)
  local name = vim.uri_to_fname(uri)
  if vim.uv.fs_stat(name) then
    local ok, problem = vim.uv.fs_unlink(name)
    if not ok then
      error(("%s couldn't be deleted: %s"):format(buffers.name(uri), problem), 0)
    end
  end
  local buffer = buffers.of(uri)
  if buffer then
    leave(buffer)
    vim.api.nvim_buf_delete(buffer, { force = true })
  end
end

--- Lets a buffer that got another name be saved by a plain `:w`: Neovim thinks it might write over a stranger's file
--- until it was written once. That writing is had without any: a command of the buffer's own takes it, and does
--- nothing.
---@param buffer integer
local function own_name(buffer)
  local modified = vim.bo[buffer].modified
  local id = vim.api.nvim_create_autocmd("BufWriteCmd", {
    buffer = buffer,
    callback = function()
      vim.bo[buffer].modified = false
    end,
  })
  vim.bo[buffer].modified = true
  pcall(vim.api.nvim_buf_call, buffer, function()
    vim.cmd("silent write!")
  end)
  vim.api.nvim_del_autocmd(id)
  vim.bo[buffer].modified = modified
end

---@param from moa.Uri
---@param to moa.Uri
local function rename(from, to)
  local old, new = vim.uri_to_fname(from), vim.uri_to_fname(to)
  local buffer = buffers.of(from)
  local stood = vim.uv.fs_stat(old) ~= nil
  if stood then
    vim.fn.mkdir(vim.fs.dirname(new), "p")
    local ok, problem = vim.uv.fs_rename(old, new)
    if not ok then
      error(("%s couldn't be renamed: %s"):format(buffers.name(from), problem), 0)
    end
  end
  if not buffer then
    return
  end
  local taken = buffers.of(to)
  if taken then
    leave(taken)
    vim.api.nvim_buf_delete(taken, { force = true })
  end
  -- Each server sees the old file closed and the new one opened: one document can't change its name.
  local clients = vim.lsp.get_clients({ bufnr = buffer })
  for _, client in ipairs(clients) do
    compat.flush(client, buffer)
    vim.lsp.buf_detach_client(buffer, client.id)
  end
  vim.api.nvim_buf_call(buffer, function()
    local name = vim.fn.fnamemodify(new, ":.")
    local mods = { keepalt = true, silent = true }
    vim.api.nvim_cmd({ cmd = "file", args = { name }, magic = { file = false, bar = false }, mods = mods }, {})
  end)
  local left = buffers.of(from) or vim.fn.bufnr("^" .. vim.fn.escape(old, "\\*?[]{},~") .. "$")
  if left > 0 and left ~= buffer then
    vim.api.nvim_buf_delete(left, { force = true })
  end
  if stood then
    own_name(buffer)
  end
  local filetype = vim.filetype.match({ buf = buffer })
  if filetype and filetype ~= vim.bo[buffer].filetype then
    vim.bo[buffer].filetype = filetype
  end
  for _, client in ipairs(clients) do
    vim.lsp.buf_attach_client(buffer, client.id)
  end
end

---@param edit table A WorkspaceEdit
---@return table[] entries As `documentChanges` has them
local function entries_of(edit)
  if edit.documentChanges then
    return edit.documentChanges
  end
  local entries = {}
  for uri, edits in pairs(edit.changes or {}) do
    entries[#entries + 1] = { textDocument = { uri = uri }, edits = edits }
  end
  return entries
end

---@param entry table
---@param created table<moa.Uri, boolean>
---@param client vim.lsp.Client
---@param undone fun()[] What takes back what was done
---@param touched table<integer, boolean> Of each buffer whether it may be saved: it had no edits of the user's own
local function carry_out(entry, created, client, undone, touched)
  if entry.kind == "create" then
    local buffer = create(entry.uri)
    created[entry.uri] = true
    touched[buffer] = true
  elseif entry.kind == "delete" then
    delete(entry.uri)
  elseif entry.kind == "rename" then
    rename(entry.oldUri, entry.newUri)
  else
    local uri = entry.textDocument.uri
    local buffer = buffers.load(uri)
    vim.bo[buffer].buflisted = true
    if touched[buffer] == nil then
      touched[buffer] = not vim.bo[buffer].modified
    end
    if created[uri] and is_empty(buffer) and #entry.edits == 1 then
      fill(buffer, entry.edits[1].newText)
      return
    end
    local before = text_of(buffer)
    local after = splice.after(before, entry.edits, function(line, units)
      return compat.to_byte(line, units, client.offset_encoding)
    end, splitter(buffer))
    undone[#undone + 1] = function()
      write(buffer, before, client)
    end
    write(buffer, after, client)
  end
end

---@param touched table<integer, boolean>
local function save(touched)
  for buffer, clean in pairs(touched) do
    if clean and vim.api.nvim_buf_is_valid(buffer) and vim.bo[buffer].modified then
      local ok, problem = pcall(vim.api.nvim_buf_call, buffer, function()
        vim.cmd("silent update")
      end)
      if not ok then
        require("moa.say").say(tostring(problem), vim.log.levels.WARN)
      end
    end
  end
end

---@param edit table
---@param client vim.lsp.Client
---@return moa.Applied
local function apply(edit, client)
  local entries = entries_of(edit)
  local created = {}
  for _, entry in ipairs(entries) do
    local problem = obstacle(entry, created)
    if problem then
      return { applied = false, failureReason = problem }
    end
  end
  created = {}
  local undone, touched = {}, {}
  for _, entry in ipairs(entries) do
    local ok, problem = pcall(carry_out, entry, created, client, undone, touched)
    if not ok then
      for index = #undone, 1, -1 do
        pcall(undone[index])
      end
      return { applied = false, failureReason = tostring(problem) }
    end
  end
  if require("moa.config").options.save_after_apply then
    save(touched)
  end
  return { applied = true }
end

--- Does what a WorkspaceEdit says, all of it or nothing, and answers truthfully which.
---@param edit table
---@param client vim.lsp.Client
---@return moa.Applied
function M.apply(edit, client)
  local ok, answer = pcall(apply, edit, client)
  return ok and answer or { applied = false, failureReason = tostring(answer) }
end

return M
