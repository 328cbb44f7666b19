-- Which folders are the workspace, and which buffers belong to it. Its rules: a workspace is fixed when the server
-- starts, and grows only when the user says so; a file belongs to it by its name or by where its links lead. Never
-- here: a process.

local M = {}

---@param path string
---@return string
local function normal(path)
  return (vim.fs.normalize(path):gsub("(.)/+$", "%1"))
end

--- The file that a buffer shows, as a full path; nil for all that isn't a file on this machine.
---@param buffer integer
---@return string?
function M.file(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  if vim.bo[buffer].buftype ~= "" or name == "" or name:match("^%a[%w+.-]+://") then
    return nil
  end
  return normal(vim.fn.fnamemodify(name, ":p"))
end

--- The root of the project that a file lies in, by what stands there; nil where nothing does.
---@param path string
---@return string?
function M.project(path)
  local root = vim.fs.root(path, require("moa.config").options.root_markers)
  return root and normal(root)
end

--- The folder to begin a workspace with: the project of the buffer's file, else that of the working directory, else
--- just that.
---@param buffer integer
---@return string
function M.root(buffer)
  local file = M.file(buffer)
  local here = normal(vim.fn.getcwd())
  return file and M.project(file) or M.project(here) or here
end

---@param path string
---@param folder string
---@return boolean
local function lies_in(path, folder)
  return path == folder or vim.startswith(path, folder == "/" and "/" or folder .. "/")
end

--- Whether a path lies in one of the folders, by its name or with links resolved.
---@param path string
---@param folders string[]
---@return boolean
function M.contains(path, folders)
  path = normal(path)
  -- A file that isn't written yet lies where its folder does.
  local real = vim.uv.fs_realpath(path)
  local parent = vim.uv.fs_realpath(vim.fs.dirname(path))
  real = real or (parent and vim.fs.joinpath(parent, vim.fs.basename(path))) or path
  for _, folder in ipairs(folders) do
    if lies_in(path, folder) or lies_in(real, vim.uv.fs_realpath(folder) or folder) then
      return true
    end
  end
  return false
end

--- Whether the server is to see this buffer: a file of the workspace, or a prompt.
---@param buffer integer
---@param folders string[]
---@return boolean
function M.is_seen(buffer, folders)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return false
  end
  local file = M.file(buffer)
  return file ~= nil and (vim.bo[buffer].filetype == "moa" or M.contains(file, folders))
end

---@param folders string[]
---@return {uri: string, name: string}[]
function M.as_wire(folders)
  return vim.tbl_map(function(folder)
    return { uri = vim.uri_from_fname(folder), name = vim.fs.basename(folder) }
  end, folders)
end

return M
