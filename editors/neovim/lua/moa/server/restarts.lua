-- How often a server that ended by itself is started again. Pure: the time is told.

local M = {}

local MOST = 4
local WITHIN_MS = 3 * 60 * 1000

---@class moa.Crashes Remembers crashes, and says when it has been enough
---@field start_again fun(self: moa.Crashes, now: number): boolean
---@field forget fun(self: moa.Crashes)
local Crashes = {}
Crashes.__index = Crashes

---@return moa.Crashes
function M.new()
  return setmetatable({ times = {} }, Crashes)
end

--- Whether to start again after a crash at this time (milliseconds): up to 4 times in 3 minutes.
---@param now number
---@return boolean
function Crashes:start_again(now)
  self.times = vim.tbl_filter(function(time)
    return now - time < WITHIN_MS
  end, self.times)
  table.insert(self.times, now)
  return #self.times <= MOST
end

function Crashes:forget()
  self.times = {}
end

--- What is said when it has been enough. `last_words` is the last line on the server's stderr, or empty.
---@param last_words string
---@return string
function M.too_many(last_words)
  local said = last_words ~= "" and " Its last words: " .. last_words or ""
  return ("The server ended unexpectedly %d times within 3 minutes, so it isn't started again by itself.%s"):format(
    MOST + 1,
    said
  )
end

return M
