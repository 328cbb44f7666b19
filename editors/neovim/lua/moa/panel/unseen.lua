-- Characters that a reader can't see, made visible: control characters as `^[`, all others by their code points: bidi controls
-- that turn the direction of what is shown, zero-width and tag characters. The same ones as the server points out in
-- edits. Pure.

local M = {}

-- Unicode's category Cf, letters and marks without a shape, the second block of variation selectors, and controls.
local UNSEEN = {
  { 0x80, 0x9f },
  { 0xad, 0xad },
  { 0x34f, 0x34f },
  { 0x61c, 0x61c },
  { 0x115f, 0x1160 },
  { 0x17b4, 0x17b5 },
  { 0x180e, 0x180e },
  { 0x200b, 0x200f },
  { 0x2028, 0x202e },
  { 0x2060, 0x206f },
  { 0x3164, 0x3164 },
  { 0xfeff, 0xfeff },
  { 0xffa0, 0xffa0 },
  { 0xfff9, 0xfffb },
  { 0x1d173, 0x1d17a },
  { 0xe0000, 0xe0fff },
}
local JOINER = 0x200d

---@param character string One character in UTF-8
---@return integer
local function code_of(character)
  local first, rest = character:byte(1), 0
  local code = first < 0xe0 and first - 0xc0 or first < 0xf0 and first - 0xe0 or first - 0xf0
  for place = 2, #character do
    rest = character:byte(place)
    code = code * 64 + rest - 0x80
  end
  return code
end

---@param code integer
---@return boolean
local function is_unseen(code)
  for _, range in ipairs(UNSEEN) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

--- Whether a joiner behind this code makes one picture of several: there it hides nothing.
---@param code integer
---@return boolean
local function is_picture(code)
  return code >= 0x2600 and code <= 0x27bf or code == 0xfe0f or code >= 0x1f300 and code <= 0x1faff
end

--- The text with each unseen character shown in its place; line breaks and tabs stay.
---@param text string
---@return string
function M.visible(text)
  if text:find("[%z\1-\8\11-\31\127]") then
    text = text:gsub("\r\n", "\n"):gsub("[%z\1-\8\11-\31]", function(control)
      return "^" .. string.char(control:byte() + 64)
    end)
    text = text:gsub("\127", "^?")
  end
  -- Only these bytes can begin a character that is looked for.
  if not text:find("[\194\205\216\225\226\227\239\240\243]") then
    return text
  end
  local before = 0
  return (
    text:gsub("[\194-\244][\128-\191]+", function(character)
      local code = code_of(character)
      local was = before
      before = code
      if not is_unseen(code) or code == JOINER and is_picture(was) then
        return nil
      end
      return ("⟨U+%04X⟩"):format(code)
    end)
  )
end

--- The same on one line: what stands in a title, a picker, a bar.
---@param text string
---@return string
function M.on_one_line(text)
  return (vim.trim(M.visible((text:gsub("%s+", " ")))))
end

return M
