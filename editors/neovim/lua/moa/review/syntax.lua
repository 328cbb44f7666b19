-- Proposed text as pieces in highlight groups, for lines that are drawn and not in a buffer: by treesitter where the
-- language has a parser, by the language's syntax file otherwise, plain where neither is cheap. Never here: where the
-- lines are drawn.

local M = {}

--- Characters up to which the syntax file is asked, which takes a call for each.
local MOST_CHARACTERS = 6000
--- Texts that are remembered; drawing again after each key must not parse again.
local KEPT = 60

---@alias moa.Chunk [string, string|string[]]

---@type table<string, moa.Chunk[][]>
local remembered = {}
local order = {} ---@type string[]

--- What can't be seen as what it is: control characters as `^X`, so that nothing in a model's text acts on the
--- terminal.
---@param text string
---@return string
function M.visible(text)
  return (
    text:gsub("[%z\1-\8\11-\31\127]", function(char)
      return "^" .. string.char(bit.bxor(char:byte(), 64))
    end)
  )
end

---@param text string
---@param lines string[]
---@param language string
---@return table<integer, table<integer, string>>? groups Of each line (from 1) and byte (from 1) its group
local function by_treesitter(text, lines, language)
  local ok, parser = pcall(vim.treesitter.get_string_parser, text, language)
  if not ok or not parser then
    return nil
  end
  local found, query = pcall(vim.treesitter.query.get, language, "highlights")
  local parsed, trees = pcall(parser.parse, parser)
  if not found or not query or not parsed then
    return nil
  end
  local groups = {}
  for id, node in query:iter_captures(trees[1]:root(), text, 0, -1) do
    local name = query.captures[id]
    if name:sub(1, 1) ~= "_" and name ~= "spell" and name ~= "nospell" then
      local row, column, last_row, last_column = node:range()
      for line = row, last_row do
        local mine = groups[line + 1] or {}
        groups[line + 1] = mine
        local from = line == row and column + 1 or 1
        local to = line == last_row and last_column or #(lines[line + 1] or "")
        for byte = from, to do
          mine[byte] = "@" .. name .. "." .. language
        end
      end
    end
  end
  return groups
end

---@param lines string[]
---@param filetype string
---@return table<integer, table<integer, string>>?
local function by_syntax(lines, filetype)
  local size = 0
  for _, line in ipairs(lines) do
    size = size + #line
  end
  if size > MOST_CHARACTERS or vim.g.syntax_on == nil or filetype == "" then
    return nil
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  local groups = {}
  local events = vim.o.eventignore
  local ok = pcall(vim.api.nvim_buf_call, buffer, function()
    vim.o.eventignore = "all"
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
    vim.b[buffer].current_syntax = nil
    vim.cmd("silent! runtime! syntax/" .. filetype:match("^[%w_-]+") .. ".vim")
    for row, line in ipairs(lines) do
      groups[row] = {}
      for byte = 1, #line do
        local name = vim.fn.synIDattr(vim.fn.synIDtrans(vim.fn.synID(row, byte, 1)), "name")
        groups[row][byte] = name ~= "" and name or nil
      end
    end
  end)
  vim.o.eventignore = events
  vim.api.nvim_buf_delete(buffer, { force = true })
  return ok and groups or nil
end

---@param line string
---@param groups? table<integer, string>
---@param base string
---@return moa.Chunk[]
local function pieces(line, groups, base)
  local chunks, from = {}, 1
  while from <= #line do
    local to, group = from, groups and groups[from]
    while to < #line and (groups and groups[to + 1]) == group do
      to = to + 1
    end
    -- A character of several bytes is never taken apart.
    while to < #line and bit.band(line:byte(to + 1), 0xC0) == 0x80 do
      to = to + 1
    end
    chunks[#chunks + 1] = { M.visible(line:sub(from, to)), group and { base, group } or base }
    from = to + 1
  end
  return chunks
end

---@param line string
---@param width integer
---@return string
local function without_tabs(line, width)
  if not line:find("\t", 1, true) then
    return line
  end
  local result = ""
  for part, tab in line:gmatch("([^\t]*)(\t?)") do
    result = result .. part
    if tab ~= "" then
      result = result .. (" "):rep(width - vim.fn.strdisplaywidth(result) % width)
    end
  end
  return result
end

--- The lines as chunks for `virt_lines`, over the group `base`.
---@param lines string[]
---@param filetype string
---@param base string
---@param tab_width integer
---@return moa.Chunk[][]
function M.chunks(lines, filetype, base, tab_width)
  local text = table.concat(lines, "\n")
  local id = table.concat({ filetype, base, tab_width, vim.g.colors_name or "", text }, "\0")
  if remembered[id] then
    return remembered[id]
  end
  local plain = vim.tbl_map(function(line)
    return without_tabs(line, tab_width)
  end, lines)
  local language = filetype ~= "" and vim.treesitter.language.get_lang(filetype) or nil
  local groups = language and by_treesitter(table.concat(plain, "\n"), plain, language) or by_syntax(plain, filetype)
  local result = {}
  for index, line in ipairs(plain) do
    result[index] = pieces(line, groups and groups[index], base)
  end
  remembered[id] = result
  order[#order + 1] = id
  if #order > KEPT then
    remembered[table.remove(order, 1)] = nil
  end
  return result
end

return M
