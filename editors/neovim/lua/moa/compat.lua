-- What differs between Neovim 0.10, 0.11 and 0.12: each difference has one function here, named by what it does. Its
-- rule: nobody else asks for a version. Never here: anything that all three do alike.

local M = {}

local HAS_11 = vim.fn.has("nvim-0.11") == 1

--- Starts a client that is attached to no buffer yet.
---@param config vim.lsp.ClientConfig
---@return integer? client_id
---@return string? problem
function M.start(config)
  if HAS_11 then
    return vim.lsp.start(config, {
      attach = false,
      silent = true,
      reuse_client = function()
        return false
      end,
    })
  end
  return vim.lsp.start_client(config)
end

--- What the user configured for the client `moa` with `vim.lsp.config`, on top of `lsp/moa.lua`; nil before 0.11.
---@return table?
function M.lsp_config()
  if not HAS_11 then
    return nil
  end
  local ok, config = pcall(function()
    return vim.lsp.config.moa
  end)
  return ok and config or nil
end

--- Sends a request after all that was typed was sent. `handler` is called as Neovim's handlers are.
---@param client vim.lsp.Client
---@param method string
---@param params any
---@param handler fun(err: table?, result: any)
---@return boolean sent
---@return integer? request_id
function M.request(client, method, params, handler)
  if HAS_11 then
    return client:request(method, params, handler)
  end
  return client.request(method, params, handler)
end

---@param client vim.lsp.Client
---@param method string
---@param params any
function M.notify(client, method, params)
  if HAS_11 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

---@param client vim.lsp.Client
---@param request_id integer
function M.cancel(client, request_id)
  if HAS_11 then
    client:cancel_request(request_id)
  else
    client.cancel_request(request_id)
  end
end

--- Asks the server to end, or with `force` ends its process.
---@param client vim.lsp.Client
---@param force? boolean
function M.stop(client, force)
  if HAS_11 then
    client:stop(force or false)
  else
    client.stop(force)
  end
end

--- Whether the client has ended, or was asked to.
---@param client vim.lsp.Client
---@return boolean
function M.is_stopped(client)
  if HAS_11 then
    return client:is_stopped()
  end
  return client.is_stopped()
end

--- A byte's place in a line, in units of the encoding. A place behind the line's end is its end.
---@param line string
---@param byte integer From 0
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer
function M.to_units(line, byte, encoding)
  byte = math.min(byte, #line)
  if encoding == "utf-8" then
    return byte
  end
  if HAS_11 then
    return vim.str_utfindex(line, encoding, byte, false)
  end
  local utf32, utf16 = vim.str_utfindex(line, byte)
  return encoding == "utf-16" and utf16 or utf32
end

--- The byte in a line at so many units of the encoding. A place behind the line's end is its end.
---@param line string
---@param units integer From 0
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer
function M.to_byte(line, units, encoding)
  if encoding == "utf-8" then
    return math.min(units, #line)
  end
  if HAS_11 then
    return vim.str_byteindex(line, encoding, units, false)
  end
  local ok, byte = pcall(vim.str_byteindex, line, units, encoding == "utf-16")
  return ok and byte or #line
end

--- Takes every JSON null out of what the server said, in place: 0.12 hands them on as `vim.NIL`, the others leave
--- them out.
---@param value any
---@return any
function M.without_null(value)
  if value == vim.NIL then
    return nil
  end
  if type(value) == "table" then
    for key, one in pairs(value) do
      if one == vim.NIL then
        value[key] = nil
      elseif type(one) == "table" then
        M.without_null(one)
      end
    end
  end
  return value
end

--- Sends at once what was typed in a buffer; Neovim does so by itself a moment later. It has no public name for this.
---@param client vim.lsp.Client
---@param buffer integer
function M.flush(client, buffer)
  local ok, tracking = pcall(require, "vim.lsp._changetracking")
  if ok and tracking.flush then
    pcall(tracking.flush, client, buffer)
  end
end

--- Which lines differ, as `indices` of `vim.diff`; nil where they can't be compared so.
---@param old string[]
---@param new string[]
---@return integer[][]?
function M.diff_lines(old, new)
  local one, other = table.concat(old, "\n") .. "\n", table.concat(new, "\n") .. "\n"
  if select(2, one:gsub("\n", "")) ~= #old or select(2, other:gsub("\n", "")) ~= #new then
    -- A line holds a NUL, which Neovim has as a line end.
    return nil
  end
  local diff = vim.text and vim.text.diff or vim.diff
  return diff(one, other, { result_type = "indices", algorithm = "histogram" }) --[[@as integer[][] ]]
end

--- The namespace of what this client publishes as diagnostics.
---@param client_id integer
---@return integer
function M.diagnostics_namespace(client_id)
  return vim.lsp.diagnostic.get_namespace(client_id)
end

--- The file into which Neovim writes what language servers say on stderr.
---@return string
function M.lsp_log()
  if vim.lsp.log and vim.lsp.log.get_filename then
    return vim.lsp.log.get_filename()
  end
  return vim.lsp.get_log_path()
end

--- Whether what is notified goes to the message line: whether nobody has put another `vim.notify` in its place.
---@return boolean
function M.notifies_in_message_line()
  local source = debug.getinfo(vim.notify, "S").source
  -- 0.12 comes without its own files' names.
  return vim.startswith(source, "@vim/") or source == "?" or source == "=?"
end

--- What this Neovim lacks of what the plugin can use, in words; empty where it lacks nothing.
---@return string[]
function M.lacks()
  if HAS_11 then
    return {}
  end
  return { "`vim.lsp.enable` (0.11): `server = { autostart = true }` in `setup()` does the same here" }
end

return M
