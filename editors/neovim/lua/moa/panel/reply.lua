-- Takes a reply apart for showing it: prose, proposals, and in both the blocks of edits, which are shown as hunks. What a
-- proposal is, the server decides; here it is decoration, and a tag that is misread costs no text. Pure.

local M = {}

---@class moa.panel.Piece A piece of a reply
---@field kind "prose"|"edit"
---@field proposed boolean Whether it stands in a proposal
---@field text string Markdown; of an edit: its lines as they were written, with path and fence
---@field line integer Its first line in the reply, from 0
---@field lines integer
---@field path? string The file that an edit names, if it does in front of its block
---@field closed boolean Whether an edit's block came to its end
---@field part? "stances"|"question" Of which part of a reply it is, where it is of one

--- A longer line names no file.
local LONGEST_PATH = 300

---@param line string
---@return string? rest What stands behind an opening tag
local function opening(line)
  local lower = line:lower()
  local _, last = lower:find("^%s*<%s*proposals?%s*>%s*")
  if not last then
    _, last = lower:find("^%s*<%s*proposals?%s[^<>]*>%s*")
  end
  return last and line:sub(last + 1)
end

---@param line string
---@return string? before What stands in front of a closing tag
local function closing(line)
  local before = line:lower():match("^(.-)<%s*/%s*proposals?%s*>%s*$")
  return before and line:sub(1, #before)
end

--- The part of a reply that a line opens or closes: what its architect thinks of others' proposals, or asks the user.
---@param line string
---@return "stances"|"question"|nil part
---@return boolean? closes
local function part_on(line)
  local slash, name = line:lower():match("^%s*<%s*(/?)%s*(%a+)%s*>%s*$")
  local part = ({ stance = "stances", stances = "stances", question = "question", questions = "question" })[name]
  return part, part and slash == "/"
end

--- The fence that a line opens, also in a list or a quote.
---@param line string
---@return string? fence
---@return string? language
local function fence_on(line)
  local bare = line:match("^%s*[-*+>]%s+(.*)$") or line:match("^%s*%d+[.)]%s+(.*)$") or line:match("^%s*(.*)$")
  local fence, rest = bare:match("^(```+)(.*)$")
  if fence and rest:find("`", 1, true) then
    return nil
  end
  if not fence then
    fence, rest = bare:match("^(~~~+)(.*)$")
  end
  return fence, fence and rest:match("^%s*([%w+-]*)")
end

---@param line string
---@return boolean
local function is_search(line)
  local marks, rest = line:match("^(<+) ?SEARCH(.?)")
  return marks ~= nil and #marks >= 5 and #marks <= 9 and not rest:find("[%w_]")
end

---@param line string
---@return boolean
local function is_replace(line)
  local marks, rest = line:match("^(>+) ?REPLACE(.?)")
  return marks ~= nil and #marks >= 5 and #marks <= 9 and not rest:find("[%w_]")
end

---@param line string
---@return boolean
local function is_envelope(line)
  return line:find("^%*%*%* Begin Patch%s*$") ~= nil
end

--- The path that stands alone on this line.
---@param line? string
---@return string?
local function path_on(line)
  if not line or #line > LONGEST_PATH then
    return nil
  end
  local path = line:match("^[#%*`%s]*([%w_.@/\\-]+)[`%*:]*%s*$")
  return path and path:find("[%w_-]%.[%w_]+$") and not path:find("^[/\\]") and path or nil
end

---@param lines string[]
---@param before integer The index of the line in question
---@return string? path On the last line in front of it that isn't blank; at most one blank line lies between
---@return integer? index
local function path_before(lines, before)
  for index = before - 1, math.max(1, before - 2), -1 do
    local path = path_on(lines[index])
    if path then
      return path, index
    elseif lines[index]:find("%S") then
      return nil
    end
  end
end

---@param lines string[]
---@param from integer
---@param to integer The last one
---@return string?
local function path_in(lines, from, to)
  for index = from, math.min(to, from + 5) do
    local line = lines[index]
    local path = line:match("^%*%*%* Update File: (.+)$")
      or line:match("^%*%*%* Add File: (.+)$")
      or line:match("^%*%*%* Delete File: (.+)$")
      or line:match("^%+%+%+ b/(%S+)")
      or line:match("^%+%+%+ (%S+)")
      or path_on(line)
    if path then
      return vim.trim(path)
    end
  end
end

---@param lines string[]
---@param from integer
---@param ends fun(line: string): boolean
---@return integer next_index
---@return boolean closed
local function end_of(lines, from, ends)
  for index = from, #lines do
    if ends(lines[index]) then
      return index + 1, true
    end
  end
  return #lines + 1, false
end

--- The block of code that begins at this line.
---@param lines string[]
---@param at integer
---@param open_from integer The first line of the prose in front of it
---@return {is_edit: boolean, next: integer, closed: boolean}?
local function code_at(lines, at, open_from)
  local line = lines[at]
  if is_search(line) then
    local next_index, closed = end_of(lines, at + 1, is_replace)
    return { is_edit = true, next = next_index, closed = closed }
  elseif is_envelope(line) then
    local next_index, closed = end_of(lines, at + 1, function(one)
      return one:find("^%*%*%* End Patch%s*$") ~= nil
    end)
    return { is_edit = true, next = next_index, closed = closed }
  end
  local fence, language = fence_on(line)
  if not fence then
    return nil
  end
  local in_edit = false
  local next_index, closed = end_of(lines, at + 1, function(one)
    if in_edit then
      in_edit = not is_replace(one)
    else
      in_edit = is_search(one)
    end
    local bare = vim.trim(one)
    return not in_edit and vim.startswith(bare, fence) and bare:gsub("%" .. fence:sub(1, 1), "") == ""
  end)
  local first = lines[at + 1] or ""
  local marked = is_search(first) or is_envelope(first) or path_on(first) ~= nil and is_search(lines[at + 2] or "")
  local _, named = path_before(lines, at)
  local is_edit = marked or language == "diff" or named ~= nil and named >= open_from
  return { is_edit = is_edit, next = next_index, closed = closed }
end

--- What of a last, unfinished line can still become a tag, a fence or an edit's mark is held back while text streams.
---@param line string
---@return boolean
local function may_become(line)
  local bare = line:match("^%s*(.*)$")
  return bare:find("^<[^>]*$") ~= nil and #bare <= 25
    or bare:find("^``?`?$") ~= nil
    or bare:find("^~~?~?$") ~= nil
    or bare:find("^%*%*?%*?$") ~= nil
end

--- The pieces of a reply in their order. While it streams, what isn't certain at its end is held back.
---@param text string
---@param streaming boolean
---@return moa.panel.Piece[]
function M.pieces(text, streaming)
  local all = vim.split(text, "\n", { plain = true })
  if streaming and may_become(all[#all]) then
    all[#all] = nil
  end
  local found = {} ---@type moa.panel.Piece[]
  local proposed = false
  local part ---@type "stances"|"question"|nil
  -- What is gathered: a line's text may be less than the line, where a tag stands on it.
  local open = { kind = "prose", from = 1, lines = {}, path = nil }
  local function finish(next_from, closed)
    local first, last = 1, #open.lines
    while first <= last and not open.lines[first]:find("%S") do
      first = first + 1
    end
    while last >= first and not open.lines[last]:find("%S") do
      last = last - 1
    end
    if first <= last then
      found[#found + 1] = {
        kind = open.kind,
        proposed = proposed,
        text = table.concat(open.lines, "\n", first, last),
        line = open.from + first - 2,
        lines = last - first + 1,
        path = open.path,
        closed = closed,
        part = part,
      }
    end
    open = { kind = "prose", from = next_from, lines = {}, path = nil }
  end
  local at = 1
  while at <= #all do
    local line = all[at]
    local code = code_at(all, at, open.from)
    local named, closes = part_on(line)
    if named and not code and (not closes or part) then
      finish(at, true)
      part = not closes and named or nil
      open.from = at + 1
      at = at + 1
    elseif code and code.is_edit then
      local path, index = path_before(all, at)
      if index and index < open.from then
        path, index = nil, nil
      end
      local from = index or at
      for _ = from, at - 1 do
        open.lines[#open.lines] = nil
      end
      finish(from, true)
      open = { kind = "edit", from = from, lines = vim.list_slice(all, from, code.next - 1) }
      open.path = path or path_in(all, at, code.next - 1)
      finish(code.next, code.closed)
      at = code.next
    elseif code then
      vim.list_extend(open.lines, all, at, code.next - 1)
      at = code.next
    else
      local behind = not proposed and opening(line) or nil
      local before = (proposed or behind) and closing(behind or line) or nil
      if behind then
        finish(at, true)
        proposed, part = true, nil
      end
      local rest = before or behind or line
      if rest:find("%S") or not (behind or before) then
        open.lines[#open.lines + 1] = rest
      elseif behind then
        open.from = at + 1
      end
      if before then
        finish(at + 1, true)
        proposed = false
      end
      at = at + 1
    end
  end
  finish(at, true)
  return found
end

--- How many lines prose fills at eighty characters a line: what "why (12 lines)" says.
---@param text string
---@return integer
function M.lines_of_prose(text)
  local sum = 0
  for line in vim.gsplit(text, "\n", { plain = true }) do
    if line:find("%S") then
      sum = sum + math.ceil(#line / 80)
    end
  end
  return sum
end

--- The lines of prose, with the fence closed that it leaves open: else all that follows would be read as code.
---@param text string
---@return string[]
function M.closed(text)
  local lines = vim.split(text, "\n", { plain = true })
  local open ---@type string?
  for _, line in ipairs(lines) do
    local bare = vim.trim(line)
    if open then
      if vim.startswith(bare, open) and bare:gsub("%" .. open:sub(1, 1), "") == "" then
        open = nil
      end
    else
      open = fence_on(line)
    end
  end
  lines[#lines + 1] = open
  return lines
end

return M
