-- Highlights what stands in a block as Markdown, by the grammar that Neovim brings. Each block is read by itself and only once it is
-- in view: a grammar that follows the whole buffer costs a fifth of a second for each word of a long discussion, and a fence
-- that one reply leaves open would swallow all that follows. Where there is no grammar, nothing is highlighted.

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("moa.panel.markdown")
--- Below the marks of `draw.lua`, which say more.
local PRIORITY = 100

---@class moa.panel.Capture
---@field row integer
---@field from integer
---@field end_row integer
---@field to integer
---@field group string
---@field conceal? string

---@type boolean?
local has_grammar

---@return boolean
function M.available()
  if has_grammar == nil then
    local ok, added = pcall(vim.treesitter.language.add, "markdown")
    -- Before 0.11 it says nothing where it worked.
    has_grammar = ok and added ~= false and pcall(vim.treesitter.get_string_parser, "", "markdown")
  end
  return has_grammar
end

--- What is to be highlighted in these lines; rows count from 0 in them.
---@param texts string[]
---@return moa.panel.Capture[]
function M.captures(texts)
  local found = {} ---@type moa.panel.Capture[]
  if not M.available() then
    return found
  end
  local text = table.concat(texts, "\n") .. "\n"
  local parser = vim.treesitter.get_string_parser(text, "markdown")
  parser:parse(true)
  parser:for_each_tree(function(tree, language_tree)
    local language = language_tree:lang()
    local query = vim.treesitter.query.get(language, "highlights")
    if not query then
      return
    end
    for id, node, metadata in query:iter_captures(tree:root(), text, 0, -1) do
      local name = query.captures[id]
      if not vim.startswith(name, "_") and name ~= "spell" and name ~= "nospell" then
        local row, from, end_row, to = node:range()
        found[#found + 1] = {
          row = row,
          from = from,
          end_row = end_row,
          to = to,
          group = ("@%s.%s"):format(name, language),
          conceal = metadata.conceal or (metadata[id] and metadata[id].conceal),
        }
      end
    end
  end)
  return found
end

--- Highlights a block that begins at `start`.
---@param buffer integer
---@param start integer From 0
---@param block moa.panel.Block
function M.highlight(buffer, start, block)
  local texts = {}
  for index, line in ipairs(block.lines) do
    texts[index] = line.text
  end
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, start, start + #texts)
  local ok, captures = pcall(M.captures, texts)
  for _, one in ipairs(ok and captures or {}) do
    -- What ends at the beginning of a line behind the last one ends with it.
    local last = one.end_row >= #texts
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, start + one.row, one.from, {
      end_row = start + (last and #texts - 1 or one.end_row),
      end_col = last and #texts[#texts] or one.to,
      hl_group = one.group,
      conceal = one.conceal,
      priority = PRIORITY,
      strict = false,
    })
  end
end

--- Forgets the highlights of lines that are about to go.
---@param buffer integer
---@param from integer
---@param to integer Excluded
function M.clear(buffer, from, to)
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, from, to)
end

return M
