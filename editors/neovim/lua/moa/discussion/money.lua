-- What a run cost, and may cost, in the fewest characters that say it truly: an estimate has a tilde, what isn't
-- known is a dash and never 0, and where only a part is known it is "at least". Pure. Amounts are US dollars.

local M = {}

--- The dash that stands for what isn't known.
M.UNKNOWN = "–"
--- What it costs where nobody is asked.
M.NOTHING = "0 ¢"

--- Below a dollar in cents, to a tenth of one; a dollar and more in dollars and cents.
---@param usd number
---@return string
local function amount(usd)
  local cents = usd * 100
  if cents == 0 then
    return M.NOTHING
  elseif cents < 0.1 then
    return "< 0.1 ¢"
  end
  return cents < 99.95 and ("%.1f ¢"):format(cents) or ("$%.2f"):format(usd)
end

--- What something cost: `0.9 ¢`, `$1.24`, `≥ 3.2 ¢` where only a part is known, `–` where nothing is.
---@param usage moa.Usage
---@return string
function M.usd(usage)
  if usage.costUsd then
    return amount(usage.costUsd)
  end
  return (usage.knownCostUsd or 0) > 0 and "≥ " .. amount(usage.knownCostUsd) or M.UNKNOWN
end

--- What something may cost: `~2.4 ¢`, `≥ ~2.4 ¢` where some rows' prices aren't known, `–` where none is; `0 ¢` without any.
---@param rows moa.Estimate[]
---@return string
function M.estimate(rows)
  if #rows == 0 then
    return M.NOTHING
  end
  local sum, known = 0, 0
  for _, row in ipairs(rows) do
    if row.costUsd then
      sum = sum + row.costUsd
      known = known + 1
    end
  end
  if known == 0 then
    return M.UNKNOWN
  end
  return (known < #rows and "≥ " or "") .. "~" .. amount(sum)
end

--- One digit after the point below ten, none above.
---@param number number
---@return string
local function short(number)
  return (((number < 9.95 and "%.1f" or "%.0f"):format(number)):gsub("%.0$", ""))
end

--- So many tokens: `870 tok`, `1.9k tok`, `24k tok`, `1.2M tok`, `–`.
---@param tokens? integer
---@return string
function M.tokens(tokens)
  if not tokens then
    return M.UNKNOWN
  elseif tokens < 1000 then
    return tokens .. " tok"
  elseif tokens < 999500 then
    return short(tokens / 1000) .. "k tok"
  end
  return short(tokens / 1000000) .. "M tok"
end

--- What went in and out of a model together; nil where neither is known.
---@param usage moa.Usage
---@return integer?
function M.tokens_of(usage)
  if not usage.inputTokens and not usage.outputTokens then
    return nil
  end
  return (usage.inputTokens or 0) + (usage.outputTokens or 0)
end

--- Which part of the input came out of the provider's cache: `61 % cached`; nil where that isn't known or is nothing.
---@param usage moa.Usage
---@return string?
function M.cached(usage)
  local input, cached = usage.inputTokens or 0, usage.cachedTokens or 0
  if input == 0 or cached == 0 then
    return nil
  end
  return ("%d %% cached"):format(math.floor(100 * cached / input + 0.5))
end

return M
