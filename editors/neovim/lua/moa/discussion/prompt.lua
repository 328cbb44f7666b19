-- What a prompt means: `/discuss TEXT`, `/code [TEXT]`, `/drop NAME`, `/preset [NAME]`, `/once NAME TEXT`, or plain text,
-- which discusses; `@file` anywhere names a file. Pure, apart from `files`, which looks whether there is such a file.

local M = {}

---@class moa.Prompt
---@field kind "discuss"|"code"|"preset"|"drop"|"wrong"
---@field message? string discuss, code: with its lines as they were typed
---@field preset? string discuss: this one message by another preset than the discussion's own
---@field name? string drop, preset; nil of a preset: it is still to be chosen
---@field words? string wrong: why it can't be sent as it is

--- Messages of several lines stay as they were typed; only blanks at the ends are taken off.
---@param text string
---@return moa.Prompt
function M.parse(text)
  local typed = vim.trim(text)
  local word, rest = typed:match("^/([%w_\128-\255-]+)(.*)$")
  if not word or not (rest == "" or rest:match("^%s")) then
    if typed == "" then
      return { kind = "wrong", words = "Type a message first." }
    end
    return { kind = "discuss", message = typed }
  end
  rest = vim.trim(rest)
  if word == "discuss" then
    return rest ~= "" and { kind = "discuss", message = rest }
      or { kind = "wrong", words = "Say what to discuss: /discuss TEXT." }
  elseif word == "code" then
    return { kind = "code", message = rest }
  elseif word == "drop" then
    return rest:match("^%S+$") and { kind = "drop", name = rest }
      or { kind = "wrong", words = "Say which architect to drop: /drop NAME." }
  elseif word == "once" then
    local preset, message = rest:match("^(%S+)%s+(.+)$")
    return preset and { kind = "discuss", preset = preset, message = message }
      or { kind = "wrong", words = "Say by which preset, and what: /once NAME TEXT." }
  elseif word == "preset" then
    return not rest:find("%s") and { kind = "preset", name = rest ~= "" and rest or nil }
      or { kind = "wrong", words = "Say which preset to choose: /preset NAME." }
  end
  local known = "There are /discuss, /code, /drop, /preset and /once."
  return { kind = "wrong", words = ("There is no command /%s. %s"):format(word, known) }
end

--- The paths that `@path` names in a text, each once.
---@param text string
---@return string[]
function M.mentions(text)
  local found, seen = {}, {}
  for mention in (" " .. text):gmatch("%f[^%s]@(%S+)") do
    if not seen[mention] then
      seen[mention] = true
      found[#found + 1] = mention
    end
  end
  return found
end

--- The ways a mention may be meant: as it stands, and without the punctuation that ends a sentence or closes a bracket.
---@param mention string
---@return string[]
function M.readings(mention)
  local bare = mention:gsub("»$", ""):gsub("[.,;:!?)%]}\"']+$", "")
  return bare ~= "" and bare ~= mention and { mention, bare } or { mention }
end

--- The files that a text names by `@path`, as uris; what is no file in one of the folders is passed over: an @ may
--- also be a decorator or somebody's name.
---@param text string
---@param folders string[]
---@return moa.Uri[]
function M.files(text, folders)
  local found = {}
  for _, mention in ipairs(M.mentions(text)) do
    local uri
    for _, path in ipairs(M.readings(mention)) do
      for _, folder in ipairs(folders) do
        local file = vim.fs.normalize(vim.fs.joinpath(folder, path), { expand_env = false })
        local stat = not uri and vim.uv.fs_stat(file)
        if stat and stat.type == "file" then
          uri = vim.uri_from_fname(file)
        end
      end
    end
    if uri and not vim.tbl_contains(found, uri) then
      found[#found + 1] = uri
    end
  end
  return found
end

return M
