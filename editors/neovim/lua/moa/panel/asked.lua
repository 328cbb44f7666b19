-- What the user asked as lines of the panel: the message, the files that were shown to the architects, and those that were left
-- out and why. Pure.

local money = require("moa.discussion.money")
local reply = require("moa.panel.reply")
local unseen = require("moa.panel.unseen")

local M = {}

--- So much of a message is shown while it is folded.
local LABEL_CHARACTERS = 36

--- Text that Markdown reads as it stands: file names and code are full of its marks.
---@param text string Without control characters
---@return string
function M.literal(text)
  if not text:find("`", 1, true) then
    return "`" .. text .. "`"
  end
  return "`` " .. text .. " ``"
end

---@param paths string[]
---@return string
local function named(paths)
  return table.concat(
    vim.tbl_map(function(path)
      return M.literal(unseen.on_one_line(path))
    end, paths),
    " · "
  )
end

--- The block of a round's message.
---@param key string
---@param round moa.Round
---@return moa.panel.Block
function M.block(key, round)
  local lines, folds = {}, {} ---@type moa.panel.Line[], moa.panel.Fold[]
  local function put(line)
    line.sign, line.sign_group = line.sign or "▌", "MoaYou"
    lines[#lines + 1] = line
  end
  local tokens = round.usage.inputTokens
  -- The settings' own preset is what everybody expects.
  local by = round.preset or ""
  local preset = by ~= "" and by ~= "default" and "  by " .. unseen.on_one_line(by) or ""
  put({
    text = "You" .. preset,
    marks = { { from = 0, to = 3, group = "MoaYou" }, { from = 3, to = -1, group = "MoaQuiet" } },
    right = tokens and { { money.tokens(tokens), "MoaPrice" } } or nil,
  })
  for _, text in ipairs(reply.closed(unseen.visible(vim.trim(round.message)))) do
    put({ text = text })
  end
  local files, left_out = round.files or {}, round.leftOut or {}
  local quiet = { { from = 0, to = -1, group = "MoaQuiet" } }
  if #files > 0 or #left_out > 0 then
    local long = #files > 4
    local shown = long and ("%s and %d more"):format(named(vim.list_slice(files, 1, 3)), #files - 3) or named(files)
    local from = #lines
    local parts = { shown ~= "" and shown or nil }
    parts[#parts + 1] = #left_out > 0 and ("%d left out"):format(#left_out) or nil
    put({ text = table.concat(parts, " · "), marks = quiet })
    for _, path in ipairs(long and vim.list_slice(files, 4) or {}) do
      put({ text = "  " .. M.literal(unseen.on_one_line(path)), marks = quiet })
    end
    for _, one in ipairs(left_out) do
      local text = ("  %s: %s"):format(M.literal(unseen.on_one_line(one.path)), unseen.on_one_line(one.reason))
      put({ text = text, marks = quiet })
    end
    if #lines - 1 > from then
      folds[1] = { from = from, to = #lines - 1, kind = "why", label = "", closed = true }
    end
  end
  local label = vim.fn.strcharpart(unseen.on_one_line(round.message), 0, LABEL_CHARACTERS)
  folds[#folds + 1] = { from = 0, to = #lines - 1, kind = "turn", label = label, closed = false }
  lines[#lines + 1] = { text = "" }
  return {
    key = key,
    kind = "asked",
    lines = lines,
    folds = folds,
    round = round.number,
    raw = round.message,
    facts = { ("Round %d%s"):format(round.number, by ~= "" and ", by the preset " .. by or "") },
  }
end

return M
