-- What the user wants to see of the proposals: all, only what is contested, only one architect's. The one owner of that here; the
-- panel, the code and the matrix show it alike. It lasts as long as Neovim does, and is the user's alone: no deed goes by it.

local M = {}

---@type moa.Looking
local looking = { contested = false, architect = nil }
local listeners = require("moa.listeners").new()

--- What is in force. The table is another one after each change.
---@return moa.Looking
function M.now()
  return looking
end

---@param each fun(looking: moa.Looking) Called after each change
---@return fun() unsubscribe
function M.subscribe(each)
  return listeners:add(each)
end

---@param contested boolean
---@param architect? string
local function set(contested, architect)
  looking = { contested = contested, architect = architect }
  listeners:tell(looking)
end

--- Shows only what is contested, or all again.
---@param on? boolean Left out: the other of the two
function M.only_contested(on)
  if on == nil then
    on = not looking.contested
  end
  set(on, looking.architect)
end

--- Shows only what this architect proposes or says something about; nil: everybody's.
---@param name? string
function M.only_architect(name)
  set(looking.contested, name)
end

return M
