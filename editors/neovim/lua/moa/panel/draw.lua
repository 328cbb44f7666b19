-- Draws blocks into the buffer of the discussion: only lines that are other than before are touched, so that cursor, folds and
-- what is being read stay where they are, and a long discussion costs no more than a short one. It knows which line of
-- the buffer stands for what. Never here: what the lines say (`turn.lua`), what keys do (`keys.lua`).

local folds = require("moa.panel.folds")
local markdown = require("moa.panel.markdown")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("moa.panel")
--- Of more lines for each row of a window the most can't be folded away: how many rows they take isn't counted.
local MOST_FOLDED = 8
local CLOCK = vim.api.nvim_create_namespace("moa.panel.clock")

---@class moa.panel.Shown
---@field buffer integer
---@field blocks moa.panel.Block[]
---@field starts integer[] The line (0-based) at which each begins; one more than blocks: the end
---@field highlit table<string, moa.panel.Block> By key, those whose Markdown is highlighted

---@param buffer integer
---@return moa.panel.Shown
function M.new(buffer)
  return { buffer = buffer, blocks = {}, starts = { 0 }, highlit = {} }
end

--- The place of the block in which a line stands.
---@param shown moa.panel.Shown
---@param row integer From 0
---@return integer? place
function M.place_at(shown, row)
  local low, high = 1, #shown.blocks
  if high == 0 then
    return nil
  end
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if shown.starts[middle] <= row then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

--- The block at a line, and the line itself.
---@param shown moa.panel.Shown
---@param row integer From 0
---@return moa.panel.Block? block
---@return moa.panel.Line? line
function M.at(shown, row)
  local place = M.place_at(shown, row)
  if not place then
    return nil, nil
  end
  local block = shown.blocks[place]
  return block, block.lines[row - shown.starts[place] + 1]
end

---@param buffer integer
---@param row integer
---@param line moa.panel.Line
local function decorate(buffer, row, line)
  for order, mark in ipairs(line.marks or {}) do
    local to = mark.to < 0 and #line.text or math.min(mark.to, #line.text)
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, math.min(mark.from, to), {
      end_col = to,
      hl_group = mark.group,
      priority = 200 + order,
    })
  end
  if line.eol then
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, 0, { virt_text = line.eol, hl_mode = "combine" })
  end
  if line.right then
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, 0, {
      virt_text = line.right,
      virt_text_pos = "right_align",
      hl_mode = "combine",
    })
  end
end

---@param one moa.panel.Line
---@param other moa.panel.Line
---@return boolean
local function decorated_alike(one, other)
  return one == other
    or vim.deep_equal(one.marks, other.marks)
      and vim.deep_equal(one.right, other.right)
      and vim.deep_equal(one.eol, other.eol)
end

--- Puts `new` lines in the place of `old` ones, which begin at `from`; touches only what is other.
---@param buffer integer
---@param from integer
---@param old moa.panel.Line[]
---@param new moa.panel.Line[]
---@return {at: integer, removed: integer, added: integer}? edit
local function splice(buffer, from, old, new)
  local head, most = 0, math.min(#old, #new)
  while head < most and old[head + 1].text == new[head + 1].text do
    head = head + 1
  end
  local tail = 0
  while tail < most - head and old[#old - tail].text == new[#new - tail].text do
    tail = tail + 1
  end
  local at, removed, added = from + head, #old - head - tail, #new - head - tail
  if removed > 0 or added > 0 then
    vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, at, at + removed)
    if not (removed == 1 and added > 0 and vim.startswith(new[head + 1].text, old[head + 1].text)) then
      markdown.clear(buffer, at, at + removed)
    end
    local texts = {}
    for index = 1, added do
      texts[index] = new[head + index].text
    end
    local first = removed == 1 and added > 0 and old[head + 1].text
    if first and vim.startswith(texts[1], first) then
      -- Text that grows at its end is added to, not replaced.
      texts[1] = texts[1]:sub(#first + 1)
      vim.api.nvim_buf_set_text(buffer, at, #first, at, #first, texts)
    else
      vim.api.nvim_buf_set_lines(buffer, at, at + removed, true, texts)
    end
  end
  for index, line in ipairs(new) do
    local was
    if index <= head then
      was = old[index]
    elseif index > #new - tail then
      was = old[#old - (#new - index)]
    end
    if not was then
      decorate(buffer, from + index - 1, line)
    elseif not decorated_alike(was, line) then
      vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, from + index - 1, from + index)
      decorate(buffer, from + index - 1, line)
    end
  end
  return (removed > 0 or added > 0) and { at = at, removed = removed, added = added } or nil
end

---@param blocks moa.panel.Block[]
---@param first integer
---@param last integer
---@return moa.panel.Line[]
local function lines_of(blocks, first, last)
  local lines = {}
  for place = first, last do
    vim.list_extend(lines, blocks[place].lines)
  end
  return lines
end

---@class moa.panel.View How a window stands
---@field window integer
---@field follows boolean Whether the cursor is at the end
---@field cursor integer From 1
---@field top integer From 1
---@field folded? boolean Whether its folds were made anew

---@param buffer integer
---@return moa.panel.View[]
local function views(buffer)
  local last = vim.api.nvim_buf_line_count(buffer)
  return vim.tbl_map(function(window)
    local cursor = vim.api.nvim_win_get_cursor(window)[1]
    return { window = window, follows = cursor >= last, cursor = cursor, top = vim.fn.line("w0", window) }
  end, vim.fn.win_findbuf(buffer))
end

--- Where a line has come by the edits.
---@param row integer From 1
---@param edits {at: integer, removed: integer, added: integer}[]
---@return integer
local function moved(row, edits)
  for _, edit in ipairs(edits) do
    if row > edit.at + edit.removed then
      row = row + edit.added - edit.removed
    elseif row > edit.at then
      row = math.min(row, edit.at + math.max(1, edit.added))
    end
  end
  return row
end

--- Keeps the end in view, whether the window is the current one or not; and leaves no empty space below it, where the text
--- became shorter and there is something to be seen above.
---@param window integer
---@param last integer
---@param shorter boolean
local function show_end(window, last, shorter)
  vim.api.nvim_win_call(window, function()
    local room = vim.api.nvim_win_get_height(0) - (vim.wo.winbar ~= "" and 1 or 0)
    local function fits(top)
      return vim.api.nvim_win_text_height(0, { start_row = top - 1, end_row = last - 1 }).all <= room
    end
    local function above(top)
      local fold = vim.fn.foldclosed(top - 1)
      return fold ~= -1 and fold or top - 1
    end
    local shown = vim.fn.line("w0")
    local top = shown
    if last - top > MOST_FOLDED * room or not fits(top) then
      top = math.max(top, last - room + 1)
      while top < last and not fits(top) do
        top = math.max(top, vim.fn.foldclosedend(top)) + 1
      end
    end
    while (shorter or top ~= shown) and top > 1 and fits(above(top)) do
      top = above(top)
    end
    if top ~= shown then
      vim.fn.winrestview({ topline = top })
    end
  end)
end

--- Keeps what is being read where it is; a window that was at the end stays at the end.
---@param buffer integer
---@param before moa.panel.View[]
---@param edits {at: integer, removed: integer, added: integer}[]
local function settle(buffer, before, edits)
  local last, shrunk = vim.api.nvim_buf_line_count(buffer), false
  for _, edit in ipairs(edits) do
    shrunk = shrunk or edit.removed > edit.added
  end
  for _, view in ipairs(before) do
    if vim.api.nvim_win_is_valid(view.window) then
      if view.follows then
        if vim.api.nvim_win_get_cursor(view.window)[1] ~= last then
          vim.api.nvim_win_set_cursor(view.window, { last, 0 })
        end
        show_end(view.window, last, view.folded or shrunk)
      else
        local cursor, top = moved(view.cursor, edits), moved(view.top, edits)
        local is_other = vim.api.nvim_win_get_cursor(view.window)[1] ~= cursor or vim.fn.line("w0", view.window) ~= top
        if is_other then
          vim.api.nvim_win_call(view.window, function()
            vim.fn.winrestview({ lnum = math.min(cursor, last), topline = math.min(top, last) })
          end)
        end
      end
    end
  end
end

--- Shows these blocks in place of those shown before. Whoever reads isn't moved; who was at the end stays there.
---@param shown moa.panel.Shown
---@param blocks moa.panel.Block[]
---@return boolean moved Whether anything was touched
function M.show(shown, blocks)
  local buffer, old = shown.buffer, shown.blocks
  if vim.api.nvim_buf_line_count(buffer) ~= math.max(1, shown.starts[#shown.starts] + (#old > 0 and 0 or 1)) then
    -- Somebody wrote into it: what stands where is known no longer.
    M.clear(shown)
    old = {}
  end
  local head, most = 0, math.min(#old, #blocks)
  while head < most and old[head + 1] == blocks[head + 1] do
    head = head + 1
  end
  if head == #old and head == #blocks then
    return false
  end
  local before, edits = views(buffer), {}
  local row = shown.starts[head + 1]
  vim.bo[buffer].modifiable = true
  local place = head + 1
  while place <= most and old[place].key == blocks[place].key do
    if old[place] ~= blocks[place] then
      edits[#edits + 1] = splice(buffer, row, old[place].lines, blocks[place].lines)
    end
    row = row + #blocks[place].lines
    place = place + 1
  end
  if place <= #old or place <= #blocks then
    local was, now = lines_of(old, place, #old), lines_of(blocks, place, #blocks)
    if place == 1 and #old == 0 then
      -- An empty buffer has a line too.
      was = { { text = vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] } }
    elseif place == 1 and #now == 0 then
      now = { { text = "" } }
    end
    edits[#edits + 1] = splice(buffer, row, was, now)
  end
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
  local starts, at = {}, 0
  for index, block in ipairs(blocks) do
    starts[index] = at
    at = at + #block.lines
  end
  starts[#blocks + 1] = at
  shown.blocks, shown.starts = blocks, starts
  for _, view in ipairs(before) do
    view.folded = folds.renew(shown, view.window, view.follows, head + 1)
  end
  settle(buffer, before, edits)
  return true
end

--- Highlights the Markdown of the blocks that are in view and aren't yet.
---@param shown moa.panel.Shown
---@param also_running boolean Whether those that still grow are read anew, too
function M.highlight(shown, also_running)
  for _, window in ipairs(vim.fn.win_findbuf(shown.buffer)) do
    local first = M.place_at(shown, vim.fn.line("w0", window) - 1)
    local last = M.place_at(shown, vim.fn.line("w$", window) - 1)
    for place = first or 1, last or 0 do
      local block = shown.blocks[place]
      if shown.highlit[block.key] ~= block and (also_running or block.status ~= "running") then
        markdown.highlight(shown.buffer, shown.starts[place], block)
        shown.highlit[block.key] = block
      end
    end
  end
end

--- Empties the buffer.
---@param shown moa.panel.Shown
function M.clear(shown)
  vim.bo[shown.buffer].modifiable = true
  vim.api.nvim_buf_clear_namespace(shown.buffer, NAMESPACE, 0, -1)
  vim.api.nvim_buf_clear_namespace(shown.buffer, CLOCK, 0, -1)
  markdown.clear(shown.buffer, 0, -1)
  vim.api.nvim_buf_set_lines(shown.buffer, 0, -1, false, {})
  vim.bo[shown.buffer].modifiable = false
  shown.blocks, shown.starts, shown.highlit = {}, { 0 }, {}
  folds.forget()
end

--- Says beside each turn that runs for how long it has.
---@param shown moa.panel.Shown
---@param now number Epoch milliseconds
---@return boolean running Whether one does
function M.tick(shown, now)
  local running = false
  vim.api.nvim_buf_clear_namespace(shown.buffer, CLOCK, 0, -1)
  -- What runs stands below the last message; a stage side by side has many that do.
  for place = #shown.blocks, 1, -1 do
    local block = shown.blocks[place]
    if block.kind == "asked" then
      break
    elseif block.status == "running" then
      running = true
      if (block.since or 0) > 0 then
        local seconds = math.max(0, math.floor((now - block.since) / 1000 + 0.5))
        vim.api.nvim_buf_set_extmark(shown.buffer, CLOCK, shown.starts[place], 0, {
          virt_text = { { seconds .. " s", "MoaPrice" } },
          virt_text_pos = "right_align",
          hl_mode = "combine",
        })
      end
    end
  end
  return running
end

return M
