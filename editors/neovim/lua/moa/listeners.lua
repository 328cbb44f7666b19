-- Who wants to hear of something, in the order in which they came. Its rule: one that breaks is said, and keeps none of
-- the others from hearing. Never here: what is told, and when.

local M = {}

---@class moa.Listeners
---@field private each table<integer, fun(told: any)>
---@field private last integer
local Listeners = {}
Listeners.__index = Listeners

---@return moa.Listeners
function M.new()
  return setmetatable({ each = {}, last = 0 }, Listeners)
end

---@param each fun(told: any)
---@return fun() unsubscribe
function Listeners:add(each)
  self.last = self.last + 1
  local id = self.last
  self.each[id] = each
  return function()
    self.each[id] = nil
  end
end

---@param told any
function Listeners:tell(told)
  for id = 1, self.last do
    local each = self.each[id]
    if each then
      local ok, problem = xpcall(each, debug.traceback, told)
      if not ok then
        require("moa.say").broke(problem)
      end
    end
  end
end

return M
