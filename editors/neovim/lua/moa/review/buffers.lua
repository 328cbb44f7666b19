-- Which buffer shows a file, and in which window: without making any, unless asked to. Names are compared as they are
-- written, then by what they lead to. Never here: what is in a buffer.

local M = {}

---@param name string
---@return string
local function real(name)
  return vim.uv.fs_realpath(name) or name
end

--- The buffer of a file that is loaded; nil where there is none. (`bufnr()` would take the name for a pattern.)
---@param uri moa.Uri
---@return integer?
function M.of(uri)
  local name = vim.uri_to_fname(uri)
  local links = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == "" then
      local own = vim.api.nvim_buf_get_name(buffer)
      if own == name then
        return buffer
      elseif own ~= "" and vim.fs.basename(own) == vim.fs.basename(name) then
        links[#links + 1] = buffer
      end
    end
  end
  for _, buffer in ipairs(links) do
    if real(vim.api.nvim_buf_get_name(buffer)) == real(name) then
      return buffer
    end
  end
end

--- The buffer of a file, loaded now where it wasn't.
---@param uri moa.Uri
---@return integer
function M.load(uri)
  local buffer = M.of(uri)
  if buffer then
    return buffer
  end
  buffer = vim.fn.bufadd(vim.uri_to_fname(uri))
  -- Another Neovim may have the file open: a question about its swap file has no place here, where nobody looks at it.
  local before = vim.o.shortmess
  vim.opt.shortmess:append("A")
  local ok, problem = pcall(vim.fn.bufload, buffer)
  vim.o.shortmess = before
  if not ok then
    error(problem, 0)
  end
  vim.bo[buffer].buflisted = true
  return buffer
end

--- A file's name for people: from the current folder on where it is in it.
---@param uri moa.Uri
---@return string
function M.name(uri)
  return vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:.")
end

--- The windows that show a buffer, in all tabs.
---@param buffer integer
---@return integer[]
function M.windows(buffer)
  return vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_buf(window) == buffer
  end, vim.api.nvim_list_wins())
end

---@param window integer
---@return boolean
local function is_for_files(window)
  return vim.api.nvim_win_get_config(window).relative == ""
    and vim.bo[vim.api.nvim_win_get_buf(window)].buftype == ""
    and not vim.wo[window].winfixbuf
    and not vim.wo[window].previewwindow
end

--- A window of this tab in which a file can be shown: that which shows the buffer already, the current one, the last
--- one, any, or a new one. It is the current one afterwards.
---@param buffer integer
function M.show(buffer)
  local tab = vim.api.nvim_tabpage_list_wins(0)
  local function go(window)
    vim.api.nvim_set_current_win(window)
  end
  if vim.api.nvim_get_current_buf() == buffer then
    return
  end
  for _, window in ipairs(tab) do
    if vim.api.nvim_win_get_buf(window) == buffer and vim.api.nvim_win_get_config(window).relative == "" then
      go(window)
      return
    end
  end
  local candidates = vim.list_extend({ vim.api.nvim_get_current_win(), vim.fn.win_getid(vim.fn.winnr("#")) }, tab)
  for _, window in ipairs(candidates) do
    if window ~= 0 and vim.api.nvim_win_is_valid(window) and is_for_files(window) then
      go(window)
      vim.cmd("normal! m'")
      vim.api.nvim_win_set_buf(window, buffer)
      vim.bo[buffer].buflisted = true
      return
    end
  end
  vim.cmd("leftabove vertical sbuffer " .. buffer)
end

return M
