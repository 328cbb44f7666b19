-- Who wants what: a window with the architects across and the places of the code down, in text. Where they differ, what can be
-- taken stands below the place, with who objects and why. Its rules: what a sign means never hangs on its colour; a
-- decision is one key, and the cursor stays at the place that it was about.

local colours = require("moa.colours")
local current = require("moa.discussion.current")
local looking = require("moa.discussion.looking")
local regions = require("moa.discussion.regions")
local rows = require("moa.panel.rows")
local say = require("moa.say")
local settle = require("moa.settle")
local unseen = require("moa.panel.unseen")

local M = {}

local NAME = "moa://disagreement"
local NAMESPACE = vim.api.nvim_create_namespace("moa.matrix")
--- A column is no wider than so many cells, and no narrower.
local MOST_NAME, LEAST_COLUMN = 10, 3
--- The window is never higher.
local MOST_ROWS = 18

---@class moa.panel.MatrixLine
---@field text string
---@field marks moa.panel.Mark[]
---@field region? moa.Region
---@field alternative? integer From 1

---@type integer?
local buffer
---@type moa.panel.MatrixLine[]
local lines = {}

---@param text string
---@param cells integer
---@return string
local function padded(text, cells)
  return text .. (" "):rep(cells - vim.api.nvim_strwidth(text))
end

--- What stands below a place where there is something to choose: each alternative, and who thinks what of it.
---@param region moa.Region
---@param colour fun(who: string): string
---@param put fun(parts: {[1]: string, [2]: string?}[], region: moa.Region, alternative?: integer)
local function details(region, colour, put)
  for place, one in ipairs(region.alternatives) do
    local sign = one.settled and (one.settled == "taken" and regions.GLYPHS.settled or "✗") or " "
    local reason = one.reason ~= "" and " (" .. unseen.on_one_line(one.reason) .. ")" or ""
    put({
      { ("  %s %d "):format(sign, place), one.settled == "taken" and "MoaSettled" or "MoaKey" },
      { regions.names(one.architects), colour(one.architects[1] or "") },
      { #one.supporters > 0 and " +" .. table.concat(one.supporters, " +") or "", "MoaSupports" },
      { "  " .. unseen.on_one_line(one.summary), one.settled == "against" and "MoaRejected" or nil },
      { reason, "MoaQuiet" },
    }, region, place)
  end
  for _, view in ipairs(region.views) do
    local about = #region.alternatives > 1 and (" (%d)"):format(view.alternative + 1) or ""
    put({
      { "    " .. (regions.ATTITUDES[view.kind] or "·") .. " ", regions.ATTITUDE_GROUPS[view.kind] },
      { unseen.on_one_line(view.architect), colour(view.architect) },
      { " " .. unseen.on_one_line(regions.said(view):sub(#view.architect + 2)) },
      { about, "MoaQuiet" },
    }, region, view.alternative + 1)
  end
end

--- The lines of the matrix. Pure.
---@param disagreement? moa.Disagreement
---@param given moa.Looking
---@param place fun(region: moa.Region): string
---@param colour fun(who: string): string
---@return moa.panel.MatrixLine[]
function M.lines(disagreement, given, place, colour)
  local made = {} ---@type moa.panel.MatrixLine[]
  local function put(parts, region, alternative)
    local text, marks = rows.joined(parts)
    made[#made + 1] = { text = text, marks = marks, region = region, alternative = alternative }
  end
  local shown = vim.tbl_filter(function(region)
    return regions.shows_region(given, region)
  end, disagreement and disagreement.regions or {})
  if not disagreement or #disagreement.regions == 0 then
    put({ { "No architect has proposed an edit that is open.", "MoaQuiet" } })
    return made
  end
  local words = regions.looking_words(given)
  put({ { regions.counted(disagreement) }, { words and ("   %s"):format(words) or "", "MoaKey" } })
  local cells = 0
  for _, region in ipairs(shown) do
    cells = math.max(cells, vim.api.nvim_strwidth(unseen.on_one_line(place(region))))
  end
  local names, widths = {}, {} ---@type string[], integer[]
  for index, name in ipairs(disagreement.architects) do
    names[index] = rows.cut(unseen.on_one_line(name), MOST_NAME)
    widths[index] = math.max(LEAST_COLUMN, vim.api.nvim_strwidth(names[index]))
    for _, region in ipairs(shown) do
      widths[index] = math.max(widths[index], vim.api.nvim_strwidth((regions.cell(region, name))))
    end
    widths[index] = widths[index] + 2
  end
  local head = { { (" "):rep(cells + 4) } }
  for index, name in ipairs(names) do
    head[#head + 1] = { padded(name, widths[index]), colour(disagreement.architects[index]) }
  end
  put(head)
  for _, region in ipairs(shown) do
    local parts = {
      { (regions.GLYPHS[region.stand] or " ") .. " ", regions.GROUPS[region.stand] },
      { padded(unseen.on_one_line(place(region)), cells + 2), "MoaPlace" },
    }
    for index, name in ipairs(disagreement.architects) do
      local cell, group = regions.cell(region, name)
      parts[#parts + 1] = { padded(cell, widths[index]), group }
    end
    local one = region.alternatives[1]
    local is_open = region.stand == "contested" or #region.alternatives > 1
    parts[#parts + 1] = { not is_open and one and unseen.on_one_line(one.summary) or "", "MoaQuiet" }
    put(parts, region)
    if is_open then
      details(region, colour, put)
    end
  end
  return made
end

---@return integer?
local function window()
  local found = buffer and vim.api.nvim_buf_is_valid(buffer) and vim.fn.bufwinid(buffer) or -1
  return found ~= -1 and found or nil
end

---@param one? moa.panel.MatrixLine
---@return string
local function key_of(one)
  return one and one.region and one.region.id .. "/" .. (one.alternative or 0) or ""
end

--- Draws it anew; the cursor stays at its place.
local function draw()
  if not buffer or not vim.api.nvim_buf_is_valid(buffer) then
    return
  end
  local id = window()
  local row = id and vim.api.nvim_win_get_cursor(id)[1] or 1
  local before = lines[row]
  local state = current.state()
  lines = M.lines(state.disagreement, looking.now(), settle.place, function(who)
    return colours.of(state.discussion, who)
  end)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(
    buffer,
    0,
    -1,
    false,
    vim.tbl_map(function(line)
      return (line.text:gsub("%s+$", ""))
    end, lines)
  )
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  for index, line in ipairs(lines) do
    for _, mark in ipairs(line.marks) do
      vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, index - 1, mark.from, {
        end_col = mark.to < 0 and #line.text or mark.to,
        hl_group = mark.group,
        strict = false,
      })
    end
  end
  if id then
    for index, line in ipairs(lines) do
      if before and before.region and key_of(line) == key_of(before) then
        row = index
        break
      end
    end
    vim.api.nvim_win_set_cursor(id, { math.max(1, math.min(row, #lines)), 0 })
  end
end

---@return moa.panel.MatrixLine?
local function here()
  local line = lines[vim.api.nvim_win_get_cursor(0)[1]]
  if line and line.region then
    return line
  end
  say.briefly("Put the cursor on a place.")
end

---@param by 1|-1
local function step(by)
  local row = vim.api.nvim_win_get_cursor(0)[1]
  for _ = 1, #lines do
    row = (row - 1 + by) % #lines + 1
    local line = lines[row]
    if line.region and not line.alternative and line.region.stand == "contested" then
      vim.api.nvim_win_set_cursor(0, { row, 0 })
      return
    end
  end
  say.briefly("Nothing is contested.")
end

---@param run fun(line: moa.panel.MatrixLine)
---@return fun()
local function at(run)
  return function()
    local line = here()
    if line then
      run(line)
    end
  end
end

--- What each key does, for the window that lists them too.
---@type {[1]: string, [2]: string, run: fun()}[]
M.KEYS = {
  {
    "<CR>",
    "go to the place in its file",
    run = at(function(line)
      require("moa.review").show_region(line.region)
    end),
  },
  {
    "t",
    "take what stands here; on a place that one of its number (`2t`)",
    run = at(function(line)
      settle.take_in(line.region, nil, vim.v.count > 0 and vim.v.count or line.alternative)
    end),
  },
  {
    "x",
    "leave these lines as they are",
    run = at(function(line)
      settle.leave(line.region)
    end),
  },
  {
    "u",
    "open the decision again",
    run = at(function(line)
      settle.reopen(regions.all_ids(line.region))
    end),
  },
  {
    "R",
    "another round on just this",
    run = at(function(line)
      settle.another(line.region)
    end),
  },
  {
    "S",
    "select what stands here for a change of your own",
    run = at(function(line)
      local one = line.region.alternatives[line.alternative or 1]
      settle.select(regions.ids(one))
    end),
  },
  {
    "gc",
    "put that change together, without a model",
    run = function()
      settle.compose()
    end,
  },
  {
    "]v",
    "to the next place that is contested",
    run = function()
      step(1)
    end,
  },
  {
    "[v",
    "to the one before",
    run = function()
      step(-1)
    end,
  },
  {
    "go",
    "show only what is contested, or all again",
    run = function()
      looking.only_contested()
    end,
  },
  {
    "q",
    "close the window",
    run = function()
      vim.cmd.close()
    end,
  },
  {
    "g?",
    "show these keys",
    run = function()
      M.help()
    end,
  },
}

--- Lists the keys in a window that the next key closes.
function M.help()
  require("moa.panel.keys").list({
    { "Who wants what", M.KEYS },
    {
      "Signs",
      {
        { "◆ ≡", "contested, agreed" },
        { "◇ ◈", "alone, settled" },
        { "●", "proposes; of several with its number" },
        { "+ ~ !", "supports, amends, objects" },
      },
    },
  })
end

local attached = false

local function attach()
  if attached then
    return
  end
  attached = true
  colours.attach()
  looking.subscribe(draw)
  local known
  current.subscribe(function(state)
    if state.disagreement ~= known then
      known = state.disagreement
      draw()
    end
  end)
end

---@return integer
local function ensure_buffer()
  if buffer and vim.api.nvim_buf_is_valid(buffer) then
    return buffer
  end
  local made = vim.api.nvim_create_buf(false, true)
  buffer = made
  vim.api.nvim_buf_set_name(made, NAME)
  vim.bo[made].bufhidden = "hide"
  vim.bo[made].modifiable = false
  vim.bo[made].modeline = false
  vim.bo[made].filetype = "moa-disagreement"
  for _, key in ipairs(M.KEYS) do
    vim.keymap.set("n", key[1], key.run, { buffer = made, nowait = true, desc = "moa: " .. key[2] })
  end
  return made
end

--- Opens it below the code, with the cursor at the first place that is contested.
function M.open()
  require("moa.client").with_server(function()
    attach()
    local mine = ensure_buffer()
    local open = window()
    if open then
      vim.api.nvim_set_current_win(open)
      draw()
      return
    end
    require("moa.panel.window").to_editing()
    vim.cmd("belowright split")
    vim.api.nvim_win_set_buf(0, mine)
    local id = vim.api.nvim_get_current_win()
    local options = { number = false, relativenumber = false, wrap = false, cursorline = true, winfixbuf = true }
    options.signcolumn, options.foldcolumn, options.spell, options.list = "no", "0", false, false
    for name, value in pairs(options) do
      vim.api.nvim_set_option_value(name, value, { win = id, scope = "local" })
    end
    vim.api.nvim_set_option_value(
      "winbar",
      " Who wants what  %#MoaKey#t%* take  %#MoaKey#x%* leave  %#MoaKey#g?%* keys",
      {
        win = id,
        scope = "local",
      }
    )
    draw()
    vim.api.nvim_win_set_height(id, math.max(4, math.min(MOST_ROWS, #lines + 1)))
    for index, line in ipairs(lines) do
      if line.region and line.region.stand == "contested" then
        vim.api.nvim_win_set_cursor(id, { index, 0 })
        break
      end
    end
  end)
end

return M
