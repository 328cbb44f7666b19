-- Presets in words: what a message by one takes, costs and lasts, as far as that is known, and each in a line of a picker. Pure. A dash
-- stands for what isn't known, and never 0.

local money = require("moa.discussion.money")

local M = {}

--- So many cells of a shape stand in a line, as far as it has room for them.
local LEAST_SHAPE, MOST_SHAPE = 24, 40

--- How many calls one message takes: `1 call`, `4 calls`, `4–12 calls`.
---@param preset moa.Preset
---@return string
function M.calls(preset)
  local least, most = preset.calls.least, preset.calls.most
  if least == most then
    return most == 1 and "1 call" or most .. " calls"
  end
  return ("%d–%d calls"):format(least, most)
end

--- How long one message is expected to take: `~8 s`, `~2 min`, `–`.
---@param preset moa.Preset
---@return string
function M.wait(preset)
  local seconds = preset.seconds
  if not seconds then
    return money.UNKNOWN
  end
  local whole = math.max(1, math.floor(seconds + 0.5))
  if whole < 90 then
    return ("~%d s"):format(whole)
  end
  return ("~%d min"):format(math.floor(whole / 60 + 0.5))
end

--- What one message is expected to cost: `~2.4 ¢`, `–`.
---@param preset moa.Preset
---@return string
function M.price(preset)
  return money.estimate({ preset })
end

---@param text string
---@param cells integer
---@return string
local function padded(text, cells)
  return text .. (" "):rep(cells - vim.api.nvim_strwidth(text))
end

--- Each preset in a line, in columns: whether it is in force, its name and shape, calls, price, wait, and what it is; what
--- can't be used says why instead. `cut` shortens a text to so many cells.
---@param presets moa.Preset[]
---@param cells integer
---@param cut fun(text: string, cells: integer): string
---@return string[]
function M.lines(presets, cells, cut)
  local rows, widths = {}, {} ---@type string[][], integer[]
  local room = math.min(MOST_SHAPE, math.max(LEAST_SHAPE, math.floor(0.4 * cells)))
  for index, one in ipairs(presets) do
    rows[index] = { one.name, cut(one.shape, room), M.calls(one), M.price(one), M.wait(one) }
    for column, text in ipairs(rows[index]) do
      widths[column] = math.max(widths[column] or 0, vim.api.nvim_strwidth(text))
    end
  end
  local lines = {}
  for index, one in ipairs(presets) do
    local parts = {}
    if one.problem then
      parts = { padded(one.name, widths[1]), "can't be used: " .. one.problem }
    else
      for column, text in ipairs(rows[index]) do
        parts[column] = padded(text, widths[column])
      end
      -- Where nothing is known yet, why that is so is worth more than what it is.
      parts[#parts + 1] = (one.costUsd or one.seconds) and one.title or one.basis
    end
    local line = ("%s %s"):format(one.current and "●" or one.problem and "✗" or " ", table.concat(parts, "  "))
    lines[index] = cut((line:gsub("%s+$", "")), cells)
  end
  return lines
end

--- Those that the user saved, which can be renamed and deleted.
---@param presets moa.Preset[]
---@return moa.Preset[]
function M.saved(presets)
  return vim.tbl_filter(function(one)
    return one.from == "saved"
  end, presets)
end

---@param presets moa.Preset[]
---@param name string
---@return moa.Preset?
function M.called(presets, name)
  for _, one in ipairs(presets) do
    if one.name == name then
      return one
    end
  end
end

return M
