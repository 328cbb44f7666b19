-- What a message may cost, in the words above the prompt, and whether it is so much that we ask first. Pure.

local money = require("moa.discussion.money")

local M = {}

-- From here on it is worth a word…
local TOKENS_SHOWN = 4000
local USD_SHOWN = 0.005
-- …and from here on a question.
local TOKENS_ASKED = 100000
local USD_ASKED = 0.5

---@param rows moa.Estimate[]
---@return integer tokens
---@return number usd
local function sums(rows)
  local tokens, usd = 0, 0
  for _, row in ipairs(rows) do
    tokens = tokens + (row.inputTokens or 0)
    usd = usd + (row.costUsd or 0)
  end
  return tokens, usd
end

--- `~2.4 ¢`, `0 ¢` where nobody would be asked; nil where it is too small to be worth a word.
---@param rows moa.Estimate[]
---@return string?
function M.words(rows)
  if #rows == 0 then
    return money.NOTHING
  end
  local tokens, usd = sums(rows)
  return (tokens >= TOKENS_SHOWN or usd >= USD_SHOWN) and money.estimate(rows) or nil
end

--- Whether nothing is sent without a second yes.
---@param rows moa.Estimate[]
---@return boolean
function M.is_large(rows)
  local tokens, usd = sums(rows)
  return tokens > TOKENS_ASKED or usd > USD_ASKED
end

--- The question before something large is sent.
---@param rows moa.Estimate[]
---@return string
function M.question(rows)
  local price = money.estimate(rows)
  price = price == money.UNKNOWN and "at a price that isn't known" or price
  local calls = #rows > 1 and (" in %d calls"):format(#rows) or ""
  return ("This sends about %s%s, %s."):format(money.tokens((sums(rows))), calls, price)
end

return M
