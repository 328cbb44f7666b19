-- Where the hunks of the current discussion stand in the buffers at this moment: the one owner of that here.
--
-- The ranges of a change hold for the version of the text that it names, and its events come when a status moves, not
-- at each key. So each hunk in a loaded buffer has an extmark, which moves with the text at once; what typing into a
-- hunk made of it, the server alone decides, and is asked when there is a pause. Never here: how anything looks
-- (`inline.lua`).

local buffers = require("moa.review.buffers")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")

local M = {}

--- Milliseconds without a key after which the server is asked.
local PAUSE = 200
local NAMESPACE = vim.api.nvim_create_namespace("moa.places")

---@class moa.Placed The hunks of one buffer
---@field marks table<string, integer> Extmarks by `key`
---@field spots moa.Spot[]
---@field typed? integer The text's version since the last edit; nil: none since the ranges came

---@type table<integer, moa.Placed>
local placed = {}
---@type table<integer, boolean>
local attached = {}
---@type table<integer, fun(buffers: integer[])>
local listeners = {}
---@type table<string, moa.Change>
local known = {}
--- Hunks that became stale before the user's eyes, by `key`. Old proposals' stale ones are nobody's business.
---@type table<string, boolean>
local went_stale = {}
local timer = nil ---@type uv.uv_timer_t?

---@param spot moa.Spot
---@return string
local function key(spot)
  return spot.change.id .. "/" .. spot.hunk.id
end

---@param each fun(buffers: integer[]) Called with the buffers whose hunks moved
function M.on_move(each)
  listeners[#listeners + 1] = each
end

---@param moved integer[]
local function tell(moved)
  for _, each in ipairs(listeners) do
    each(moved)
  end
end

--- The changes in the order in which they were made.
---@return moa.Change[]
function M.changes()
  return hunks.in_order(current.state())
end

---@param buffer integer
---@param spot moa.Spot
---@return moa.Span
local function span_in(buffer, spot)
  local mine = placed[buffer]
  local id = mine and mine.marks[key(spot)]
  local at = id and vim.api.nvim_buf_get_extmark_by_id(buffer, NAMESPACE, id, { details = true })
  if not at or not at[1] then
    return spot.span
  end
  return { start = at[1], stop = math.max(at[1], at[3].end_row or at[1]) }
end

---@param spot moa.Spot
---@param buffer? integer
---@return moa.Spot
local function now(spot, buffer)
  if not buffer then
    return spot
  end
  return vim.tbl_extend("force", spot, { span = span_in(buffer, spot) })
end

--- Every hunk of that status (of each, for nil), each where it stands now.
---@param status? moa.HunkStatus
---@param changes? moa.Change[] Of these only; of all where it isn't given
---@return moa.Spot[]
function M.spots(status, changes)
  local by_uri = {}
  return vim.tbl_map(function(spot)
    if by_uri[spot.uri] == nil then
      by_uri[spot.uri] = buffers.of(spot.uri) or false
    end
    return now(spot, by_uri[spot.uri] or nil)
  end, hunks.spots_of(changes or M.changes(), status))
end

--- The hunks of one buffer, in the order of their lines.
---@param buffer integer
---@param status moa.HunkStatus "stale": only those that went so by what the user typed, not by what they applied there
---@return moa.Spot[]
function M.spots_in(buffer, status)
  local mine = placed[buffer]
  local found = {}
  for _, spot in ipairs(mine and mine.spots or {}) do
    if spot.hunk.status == status and (status ~= "stale" or went_stale[key(spot)]) then
      found[#found + 1] = now(spot, buffer)
    end
  end
  if status == "stale" and #found > 0 then
    local applied = M.spots_in(buffer, "applied")
    found = vim.tbl_filter(function(one)
      for _, other in ipairs(applied) do
        if hunks.meet(one.span, other.span) then
          return false
        end
      end
      return true
    end, found)
  end
  local order = {}
  for index, one in ipairs(found) do
    order[one] = index
  end
  table.sort(found, function(one, other)
    if one.span.start ~= other.span.start then
      return one.span.start < other.span.start
    end
    return order[one] < order[other]
  end)
  return found
end

--- The buffers in which hunks stand.
---@return integer[]
function M.buffers()
  return vim.tbl_keys(placed)
end

local function ask_soon()
  timer = timer or vim.uv.new_timer()
  timer:start(
    PAUSE,
    0,
    vim.schedule_wrap(function()
      current.refresh_changes()
    end)
  )
end

---@param buffer integer
local function follow(buffer)
  if attached[buffer] then
    return
  end
  attached[buffer] = vim.api.nvim_buf_attach(buffer, false, {
    on_lines = function(_, _, tick)
      local mine = placed[buffer]
      if not mine then
        attached[buffer] = nil
        return true
      end
      mine.typed = tick
      ask_soon()
    end,
    on_reload = function()
      -- What is in it now is another text; the extmarks are gone.
      if placed[buffer] then
        placed[buffer].marks = {}
        placed[buffer].typed = nil
      end
      ask_soon()
    end,
    on_detach = function()
      attached[buffer] = nil
    end,
  }) or nil
end

---@param buffer integer
---@param spot moa.Spot
---@param id? integer
---@return integer
local function mark(buffer, spot, id)
  local last = vim.api.nvim_buf_line_count(buffer)
  local start = math.min(spot.span.start, last)
  local stop = math.max(start, math.min(spot.span.stop, last))
  return vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, start, 0, {
    id = id,
    end_row = stop,
    end_col = 0,
    right_gravity = true,
    end_right_gravity = false,
    strict = false,
  })
end

---@param buffer integer
---@param spots moa.Spot[]
local function place(buffer, spots)
  local before = placed[buffer] or { marks = {}, spots = {} }
  local mine = { marks = {}, spots = spots, typed = before.typed }
  local fresh = true
  for _, spot in ipairs(spots) do
    local version = type(spot.file.version) == "number" and spot.file.version or 0
    local id = before.marks[key(spot)]
    if id and before.typed and version < before.typed then
      -- What was typed since is in the extmark, and not in the range.
      mine.marks[key(spot)] = id
      fresh = false
    else
      mine.marks[key(spot)] = mark(buffer, spot, id)
    end
  end
  if fresh then
    mine.typed = nil
  end
  for one, id in pairs(before.marks) do
    if not mine.marks[one] then
      vim.api.nvim_buf_del_extmark(buffer, NAMESPACE, id)
    end
  end
  placed[buffer] = mine
  follow(buffer)
end

---@param changes table<string, moa.Change>
local function note_stale(changes)
  local now_stale = {}
  for id, change in pairs(changes) do
    local pending = {}
    for _, one in ipairs(known[id] and hunks.ids_of(known[id], "pending") or {}) do
      pending[one] = true
    end
    for _, one in ipairs(hunks.ids_of(change, "stale")) do
      local name = id .. "/" .. one
      now_stale[name] = (pending[one] or went_stale[name]) and true or nil
    end
  end
  went_stale = now_stale
end

--- Puts the hunks to their places in all loaded buffers, and tells of it.
function M.place_all()
  local by_buffer, by_uri = {}, {}
  for _, spot in ipairs(hunks.spots_of(M.changes())) do
    if by_uri[spot.uri] == nil then
      by_uri[spot.uri] = buffers.of(spot.uri) or false
    end
    local buffer = by_uri[spot.uri]
    if buffer and spot.hunk.status ~= "rejected" then
      by_buffer[buffer] = by_buffer[buffer] or {}
      table.insert(by_buffer[buffer], spot)
    end
  end
  local moved = {}
  for buffer in pairs(placed) do
    if not by_buffer[buffer] then
      if vim.api.nvim_buf_is_valid(buffer) then
        vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
        moved[#moved + 1] = buffer
      end
      placed[buffer] = nil
    end
  end
  for buffer, spots in pairs(by_buffer) do
    place(buffer, spots)
    moved[#moved + 1] = buffer
  end
  tell(moved)
end

--- Begins to follow the discussion and the buffers.
function M.attach()
  local function update(state)
    if state.changes ~= known then
      note_stale(state.changes)
      known = state.changes
      M.place_all()
    end
  end
  current.subscribe(update)
  update(current.state())
  local group = vim.api.nvim_create_augroup("moa.places", { clear = true })
  vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile", "BufFilePost" }, {
    group = group,
    desc = "moa: find the hunks of a file that was opened",
    callback = function()
      if next(known) then
        vim.schedule(M.place_all)
      end
    end,
  })
  vim.api.nvim_create_autocmd({ "BufUnload", "BufWipeout" }, {
    group = group,
    callback = function(event)
      if placed[event.buf] then
        placed[event.buf] = nil
        attached[event.buf] = nil
        -- The text on disk counts from now on: where it differs, the server moves or drops hunks.
        ask_soon()
      end
    end,
  })
end

return M
