-- Text edits of the protocol as the fewest changes of a buffer's lines, so that marks, folds and cursors around them
-- stay. Pure: lines and edits in, lines and splices out. Rows count from 0. Never here: a buffer (`apply.lua`).
--
-- A text is the list of its lines, and whether the last one ends in a line end. The texts worked on have an empty line
-- more where it does: then an edit up to the very end is no special case.

local M = {}

---@class moa.Splice The lines from `start` to `stop` (excluded) give way to `lines`; in terms of the text before
---@field start integer
---@field stop integer
---@field lines string[]

---@class moa.TextEdit
---@field range moa.Range
---@field newText string

---@class moa.Text
---@field lines string[]
---@field ends boolean Whether the last line ends in a line end; an empty text is one empty line that doesn't

---@param edits moa.TextEdit[]
---@return moa.TextEdit[] sorted In the order of their places; those at one place in the order in which they were given
local function in_order(edits)
  local order = {}
  for index, edit in ipairs(edits) do
    order[index] = { edit = edit, index = index, start = edit.range.start }
  end
  table.sort(order, function(one, other)
    if one.start.line ~= other.start.line then
      return one.start.line < other.start.line
    elseif one.start.character ~= other.start.character then
      return one.start.character < other.start.character
    end
    return one.index < other.index
  end)
  return vim.tbl_map(function(one)
    return one.edit
  end, order)
end

--- The text after the edits, which don't overlap. A place behind the text's end is its end.
---@param text moa.Text
---@param edits moa.TextEdit[]
---@param to_byte fun(line: string, units: integer): integer A place in a line, from units of the encoding to bytes
---@param split fun(text: string): string[] The parts of a text between its line ends
---@return moa.Text
function M.after(text, edits, to_byte, split)
  local old = text.ends and vim.list_extend(vim.list_slice(text.lines), { "" }) or text.lines
  local new, row, column = {}, 0, 0
  local rest = ""
  --- Takes the old text over from where the last edit ended up to a place; `rest` is the line being put together.
  local function upto(line, byte)
    if line > row then
      new[#new + 1] = rest .. old[row + 1]:sub(column + 1)
      for index = row + 2, line do
        new[#new + 1] = old[index]
      end
      rest, row, column = "", line, 0
    end
    rest = rest .. old[row + 1]:sub(column + 1, byte)
    column = math.max(column, byte)
  end
  --- A place as a row and a byte of the old text.
  local function place(position)
    local line = math.min(position.line, #old - 1)
    local whole = old[line + 1] or ""
    return line, position.line > line and #whole or to_byte(whole, position.character)
  end
  for _, edit in ipairs(in_order(edits)) do
    upto(place(edit.range.start))
    local parts = split(edit.newText)
    for index = 1, #parts - 1 do
      new[#new + 1] = rest .. parts[index]
      rest = ""
    end
    rest = rest .. parts[#parts]
    local line, byte = place(edit.range["end"])
    if line > row or byte > column then
      row, column = line, byte
    end
  end
  upto(#old - 1, #(old[#old] or ""))
  new[#new + 1] = rest
  if #new > 1 and new[#new] == "" then
    new[#new] = nil
    return { lines = new, ends = true }
  end
  return { lines = new, ends = false }
end

--- What to do to the old lines so that they are the new ones: from the last place to the first.
---@param old string[]
---@param new string[]
---@param diff? fun(old: string[], new: string[]): integer[][]? Places and sizes, from 1, as `vim.diff` gives `indices`
---@return moa.Splice[]
function M.between(old, new, diff)
  local start, stop, new_stop = 0, #old, #new
  while start < stop and start < new_stop and old[start + 1] == new[start + 1] do
    start = start + 1
  end
  while stop > start and new_stop > start and old[stop] == new[new_stop] do
    stop, new_stop = stop - 1, new_stop - 1
  end
  if start == stop and start == new_stop then
    return {}
  end
  local whole = { { start = start, stop = stop, lines = vim.list_slice(new, start + 1, new_stop) } }
  if not diff or start == stop or start == new_stop then
    return whole
  end
  local parts = diff(vim.list_slice(old, start + 1, stop), whole[1].lines)
  if not parts then
    return whole
  end
  local result = {}
  for index = #parts, 1, -1 do
    local from, size, new_from, new_size = unpack(parts[index])
    -- Where nothing is taken away, the place is after that line.
    local first = start + (size == 0 and from or from - 1)
    local lines = new_size == 0 and {} or vim.list_slice(new, start + new_from, start + new_from + new_size - 1)
    result[#result + 1] = { start = first, stop = first + size, lines = lines }
  end
  return result
end

--- Where a line is after the splices; a line that is gone is where its place is now.
---@param splices moa.Splice[]
---@param line integer
---@return integer
function M.moved(splices, line)
  local delta = 0
  for _, one in ipairs(splices) do
    if line >= one.stop then
      delta = delta + #one.lines - (one.stop - one.start)
    elseif line >= one.start then
      delta = delta + math.min(line, one.start + math.max(#one.lines - 1, 0)) - line
    end
  end
  return line + delta
end

return M
