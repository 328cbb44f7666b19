-- The proposed text of a file as a buffer of its own, `moa://CHANGE/PATH`, and (side `before`) what a file that isn't
-- there yet is compared with. Its rules: nobody types in it; it is filled from one `moa/preview`, and again when the
-- change moved while it can be seen; only the lines that differ are touched, so that the cursor stays. Never here:
-- windows (`diff.lua`, `preview.lua`).

local buffers = require("moa.review.buffers")
local client = require("moa.client")
local compat = require("moa.compat")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local inline = require("moa.review.inline")
local splice = require("moa.review.splice")
local syntax = require("moa.review.syntax")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("moa.proposal")

---@class moa.Proposal
---@field change string
---@field file moa.Uri The file's `uri` in the change
---@field side "after"|"before"
---@field plain boolean Whether a diff beside it shows which lines are new
---@field hunks {id: string, start: integer, stop: integer}[] Lines of the buffer, the last one excluded

---@type table<integer, moa.Proposal>
local shown = {}
---@type table<string, boolean> Changes whose preview is being asked for; true: and once more afterwards
local asking = {}
local known ---@type table<string, moa.Change>?

--- What a buffer shows of a proposal; nil where it is none of ours.
---@param buffer integer
---@return moa.Proposal?
---@return moa.Change?
---@return moa.FileChange?
function M.at(buffer)
  local proposal = shown[buffer]
  local change = proposal and current.state().changes[proposal.change]
  for _, file in ipairs(change and change.files or {}) do
    if file.uri == proposal.file then
      return proposal, change, file
    end
  end
  return proposal, change, nil
end

--- The pending hunks that a line of a proposal shows. One that only removes lines shows at the line after them.
---@param proposal moa.Proposal
---@param line integer
---@return string[] ids
function M.hunks_at(proposal, line)
  local ids = {}
  for _, one in ipairs(proposal.hunks) do
    if one.start <= line and line < math.max(one.stop, one.start + 1) then
      ids[#ids + 1] = one.id
    end
  end
  return ids
end

---@param buffer integer
local function draw(buffer)
  local proposal, change, file = M.at(buffer)
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  if not proposal or not change or not file then
    return
  end
  local spots = {}
  for _, spot in ipairs(hunks.spots_of({ change }, "pending")) do
    spots[spot.hunk.id] = spot
  end
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  local said = {} ---@type table<integer, moa.Chunk[]>
  for _, one in ipairs(proposal.hunks) do
    local spot = spots[one.id]
    if spot then
      local colour = inline.colour(spot.sources[1] or "")
      local line = math.min(one.start, last)
      local is_new = not proposal.plain and one.stop > one.start and spot.hunk.newText ~= ""
      for row = line, math.max(math.min(one.stop - 1, last), line) do
        vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, 0, {
          sign_text = one.stop > one.start and "┃" or "━",
          sign_hl_group = colour,
          line_hl_group = is_new and "MoaHunkNew" or nil,
          strict = false,
        })
      end
      local words = inline.heading(spot)
      if spot.hunk.newText == "" then
        words = words .. ": " .. hunks.deed(spot, buffers.name)
      end
      said[line] = said[line] or {}
      table.insert(said[line], { "  " .. syntax.visible(words), colour })
    end
  end
  for line, chunks in pairs(said) do
    local opts = { virt_text = chunks, hl_mode = "combine", strict = false }
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, line, 0, opts)
  end
end

---@param buffer integer
---@param text? string
local function fill(buffer, text)
  local lines = hunks.lines_of(text or "")
  if #lines == 0 then
    lines = { "" }
  end
  local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  vim.bo[buffer].modifiable = true
  for _, one in ipairs(splice.between(before, lines, compat.diff_lines)) do
    vim.api.nvim_buf_set_lines(buffer, one.start, one.stop, false, one.lines)
  end
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

---@param preview moa.Preview
local function take(preview)
  for buffer, proposal in pairs(shown) do
    if not vim.api.nvim_buf_is_valid(buffer) then
      shown[buffer] = nil
    elseif proposal.change == preview.change then
      proposal.hunks = {}
      for _, file in ipairs(preview.files) do
        if file.uri == proposal.file then
          fill(buffer, file[proposal.side])
          if proposal.side == "after" then
            proposal.hunks = vim.tbl_map(function(one)
              return { id = one.id, start = one.start, stop = one["end"] }
            end, file.hunks)
          end
        end
      end
      draw(buffer)
    end
  end
end

---@param change string
---@param done? fun(failure?: moa.Refusal)
local function ask(change, done)
  if asking[change] ~= nil and not done then
    asking[change] = true
    return
  end
  asking[change] = false
  client.request("preview", { change = change }, function(failure, preview)
    local again = asking[change]
    asking[change] = nil
    if preview then
      take(preview)
    end
    if done then
      done(failure)
    end
    if again then
      ask(change)
    end
  end)
end

---@param change moa.Change
---@param file moa.FileChange
---@param side "after"|"before"
---@param plain boolean
---@return integer buffer
local function buffer_of(change, file, side, plain)
  for buffer, proposal in pairs(shown) do
    if
      vim.api.nvim_buf_is_valid(buffer)
      and proposal.change == change.id
      and proposal.file == file.uri
      and proposal.side == side
    then
      proposal.plain = plain
      return buffer
    end
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  local path = buffers.name(file.newUri or file.uri)
  local name = ("moa://%s/%s%s"):format(change.id, side == "before" and "before/" or "", path)
  pcall(vim.api.nvim_buf_set_name, buffer, name)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].undolevels = -1
  vim.bo[buffer].modifiable = false
  shown[buffer] = { change = change.id, file = file.uri, side = side, plain = plain, hunks = {} }
  return buffer
end

--- The buffer of a file's proposed text; `done` is called when it is filled, or with why it can't be.
---@param change moa.Change
---@param file moa.FileChange
---@param options {side: "after"|"before", plain: boolean}
---@param done fun(failure?: moa.Refusal, buffer: integer)
function M.open(change, file, options, done)
  local buffer = buffer_of(change, file, options.side, options.plain)
  ask(change.id, function(failure)
    if failure then
      if vim.api.nvim_buf_is_valid(buffer) and #buffers.windows(buffer) == 0 then
        vim.api.nvim_buf_delete(buffer, { force = true })
      end
    elseif vim.api.nvim_buf_is_valid(buffer) and vim.bo[buffer].filetype == "" then
      local filetype = vim.filetype.match({ filename = vim.uri_to_fname(file.newUri or file.uri), buf = buffer })
      if filetype then
        -- What the user's own plugins make of it, and whether that fails, is no reason not to show the text.
        pcall(function()
          vim.bo[buffer].filetype = filetype
        end)
      end
    end
    done(failure, buffer)
  end)
end

--- Asks anew for what can be seen, when changes moved.
local function refresh()
  local wanted = {}
  for buffer, proposal in pairs(shown) do
    if not vim.api.nvim_buf_is_valid(buffer) then
      shown[buffer] = nil
    elseif #buffers.windows(buffer) > 0 and current.state().changes[proposal.change] then
      wanted[proposal.change] = true
    end
  end
  for change in pairs(wanted) do
    ask(change)
  end
end

function M.attach()
  current.subscribe(function(state)
    if state.changes ~= known then
      known = state.changes
      if next(shown) then
        refresh()
      end
    end
  end)
end

return M
