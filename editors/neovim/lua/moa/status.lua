-- A component for the statusline: how the server and the discussion stand, in a few characters. Its rules: it costs
-- no request, and nothing in it is read as a code of the statusline. Use it as `%{%v:lua.require'moa'.status()%}` or
-- from any statusline plugin.

local client = require("moa.client")
local current = require("moa.discussion.current")
local money = require("moa.discussion.money")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")

local M = {}

---@param who string
---@return string
local function called(who)
  return who == reduce.EDITOR and "editor" or who
end

--- Who is at work, in a few characters.
---@param state moa.State
---@return string
local function at_work(state)
  local names = vim.tbl_map(function(one)
    return one.name
  end, state.discussion and state.discussion.architects or {})
  names[#names + 1] = reduce.EDITOR
  -- Who speaks by another preset isn't among the discussion's architects.
  local others = vim.tbl_filter(function(name)
    return not vim.tbl_contains(names, name)
  end, vim.tbl_keys(state.activities))
  table.sort(others)
  vim.list_extend(names, others)
  local speaking, repairing, waiting = {}, nil, nil
  for _, name in ipairs(names) do
    local activity = state.activities[name]
    if activity and activity.repairing > 0 then
      repairing = repairing or called(name)
    elseif activity and activity.waiting then
      waiting = waiting or called(name)
    elseif activity then
      speaking[#speaking + 1] = called(name)
    end
  end
  if #speaking > 0 then
    return "● " .. table.concat(speaking, ", ")
  elseif repairing then
    return ("● %s mends"):format(repairing)
  elseif waiting then
    return ("◌ %s waits"):format(waiting)
  end
  return "moa …"
end

--- What is said, without any escaping. Pure.
---@param server moa.ServerState
---@param state moa.State
---@return string
function M.words(server, state)
  if server.kind == "stopped" then
    return "moa"
  elseif server.kind == "starting" then
    return "moa …"
  elseif server.kind == "failed" then
    return "moa !"
  elseif not state.discussion then
    return "moa"
  end
  local cost = money.usd(reduce.spent(state.discussion))
  local price = cost == money.UNKNOWN and "" or " · " .. cost
  local preset = state.discussion.preset
  -- The settings' own preset is what everybody expects.
  local by = preset and preset ~= "default" and preset or nil
  if state.running then
    return at_work(state) .. (by and " · " .. by or "") .. price
  end
  local hunks = reduce.to_review(state)
  local waiting = hunks > 0 and (hunks == 1 and "1 hunk" or hunks .. " hunks") or nil
  local parts = { by }
  local open = #regions.contested(state.disagreement)
  parts[#parts + 1] = open > 0 and ("%s %d"):format(regions.GLYPHS.contested, open) or nil
  parts[#parts + 1] = waiting
  return vim.trim("moa " .. table.concat(parts, " · ")) .. price
end

--- The text for the statusline; a `%` in it is doubled, and control characters are left out.
---@return string
function M.text()
  return (M.words(client.state(), current.state()):gsub("%c", ""):gsub("%%", "%%%%"))
end

return M
