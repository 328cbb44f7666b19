-- The panel: the discussion as it streams, and the prompt below it. It owns the buffer and draws it anew when the state moved, at most
-- some thirty times a second. Here is what other parts and the user call; each part of the work has its own file.

local blocks = require("moa.panel.blocks")
local bars = require("moa.panel.bars")
local client = require("moa.client")
local colours = require("moa.colours")
local current = require("moa.discussion.current")
local draw = require("moa.panel.draw")
local looking = require("moa.discussion.looking")
local notice = require("moa.panel.notice")
local prompt = require("moa.panel.prompt")
local say = require("moa.say")
local sending = require("moa.panel.sending")
local settle = require("moa.settle")
local window = require("moa.panel.window")

local M = {}

--- Text that streams is drawn at most so often, and less often where that takes long…
local PAUSE_MS = 30
--- …and read as Markdown so often.
local READ_MS = 150
--- What stands between the turns, and is no turn to go to.
local BETWEEN = { stage = true, note = true }

---@type moa.panel.Shown?
local shown
---@type moa.panel.Made?
local made
---@type string? The discussion that is shown
local discussion_id
local notices = {} ---@type table<string, moa.panel.Block>
local due = false
local last_drawn = 0
local pause = PAUSE_MS
local reading = false
---@type uv.uv_timer_t?
local clock

---@type moa.panel.Steps
local STEPS = {
  demo = {
    label = "Run the demo",
    run = function()
      require("moa.demo").start()
    end,
  },
  add = {
    label = "Add an architect",
    run = function()
      M.add_architect()
    end,
  },
  settings = {
    label = "Open the settings",
    run = function()
      window.to_editing()
      require("moa.command").run_words("settings")
    end,
  },
  restart = {
    label = "Start the server again",
    run = function()
      require("moa.command").run_words("restart")
    end,
  },
}

---@return boolean
local function is_shown()
  return shown ~= nil and vim.api.nvim_buf_is_valid(shown.buffer)
end

---@param id integer
---@param text string
local function set_bar(id, text)
  if vim.wo[id].winbar ~= text then
    vim.api.nvim_set_option_value("winbar", text, { win = id, scope = "local" })
  end
end

local function draw_bars()
  local state = current.state()
  for _, id in ipairs(window.all("discussion")) do
    set_bar(id, bars.head(state, vim.api.nvim_win_get_width(id)))
  end
  for _, id in ipairs(window.all("prompt")) do
    set_bar(id, bars.foot(state, prompt.state(), vim.api.nvim_win_get_width(id), looking.now()))
  end
  window.fit_prompt(prompt.rows())
end

--- Runs once a second while somebody speaks, and only then.
local function keep_time()
  local running = is_shown() and #window.all("discussion") > 0 and draw.tick(shown, current.now())
  if running and not clock then
    clock = assert(vim.uv.new_timer())
    clock:start(1000, 1000, vim.schedule_wrap(keep_time))
  elseif not running and clock then
    clock:stop()
    clock:close()
    clock = nil
  end
end

--- The notice for this state; the same block as before where it says the same.
---@param state moa.State
---@return moa.panel.Block?
local function notice_now(state)
  local block = notice.of(state, client.state(), sending.nobody, STEPS)
  if not block then
    return nil
  end
  local key = table.concat(
    vim.tbl_map(function(line)
      return line.text
    end, block.lines),
    "\n"
  )
  notices[key] = notices[key] or block
  return notices[key]
end

--- What grows is read as Markdown in the pauses of the drawing; what is whole, at once.
local function highlight()
  draw.highlight(shown, false)
  if current.state().running and not reading then
    reading = true
    vim.defer_fn(function()
      reading = false
      if is_shown() then
        draw.highlight(shown, true)
      end
    end, READ_MS)
  end
end

local function redraw()
  due = false
  if not is_shown() or #vim.fn.win_findbuf(shown.buffer) == 0 then
    return
  end
  last_drawn = vim.uv.now()
  local began = vim.uv.hrtime()
  local state = current.state()
  made = blocks.made(state, made, looking.now(), settle.selected())
  local all = made.blocks
  local told = notice_now(state)
  if told then
    all = vim.list_extend(vim.list_extend({}, all), { told })
  end
  local id = state.discussion and state.discussion.id
  local is_other = id ~= discussion_id
  discussion_id = id
  if is_other and #shown.blocks > 0 then
    draw.clear(shown)
  end
  draw.show(shown, all)
  if is_other then
    for _, one in ipairs(window.all("discussion")) do
      vim.api.nvim_win_set_cursor(one, { vim.api.nvim_buf_line_count(shown.buffer), 0 })
    end
  end
  highlight()
  prompt.moved(state)
  draw_bars()
  keep_time()
  -- Many that stream side by side take longer to draw; half of the time stays for whoever types.
  pause = math.max(PAUSE_MS, 2 * (vim.uv.hrtime() - began) / 1e6)
end

local function redraw_soon()
  if due then
    return
  end
  due = true
  local left = last_drawn + pause - vim.uv.now()
  if left > 0 then
    vim.defer_fn(redraw, math.ceil(left))
  else
    vim.schedule(redraw)
  end
end

---@return integer buffer
local function ensure_buffer()
  if is_shown() then
    return shown.buffer
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, "moa://discussion")
  vim.bo[buffer].bufhidden = "hide"
  vim.bo[buffer].modeline = false
  vim.bo[buffer].undolevels = -1
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = "moa-discussion"
  shown, made, discussion_id = draw.new(buffer), nil, nil
  require("moa.panel.keys").set(buffer, M)
  return buffer
end

local attached = false

local function attach()
  if attached then
    return
  end
  attached = true
  colours.attach()
  current.subscribe(redraw_soon)
  client.on_state(redraw_soon)
  looking.subscribe(redraw_soon)
  settle.on_select(redraw_soon)
  prompt.on_change(draw_bars)
  local group = vim.api.nvim_create_augroup("moa.panel", { clear = true })
  vim.api.nvim_create_autocmd("WinClosed", {
    group = group,
    callback = function(event)
      window.closed(tonumber(event.match))
    end,
  })
  vim.api.nvim_create_autocmd("WinScrolled", {
    group = group,
    callback = function()
      if is_shown() and #window.all("discussion") > 0 then
        highlight()
      end
    end,
  })
  vim.api.nvim_create_autocmd({ "WinResized", "VimResized" }, {
    group = group,
    callback = function()
      if #window.all("discussion") > 0 then
        vim.schedule(draw_bars)
      end
    end,
  })
end

--- The line in front of each row: whose words they are, and what belongs to the proposal. For 'statuscolumn'.
---@return string
function M.column()
  if not is_shown() then
    return ""
  end
  local _, line = draw.at(shown, vim.v.lnum - 1)
  if not line or not line.sign then
    return "   "
  end
  local sign = line.sign
  if vim.v.virtnum ~= 0 then
    -- A row that goes on below: the line goes on beside it.
    local goes_on =
      { ["●"] = "│", ["◌"] = "│", ["★"] = "║", ["·"] = " ", ["◈"] = " ", ["┏"] = "┃", ["┗"] = " " }
    sign = goes_on[sign] or sign
  end
  return (" %%#%s#%s%%* "):format(line.sign_group or "MoaQuiet", sign)
end

--- Opens the panel in this tab page.
---@param options? {focus?: boolean, prompt?: boolean, round?: integer}
function M.open(options)
  options = options or {}
  client.listen()
  attach()
  local windows = window.open(ensure_buffer(), prompt.ensure())
  redraw()
  if client.state().kind == "stopped" then
    client.ready(function() end)
  end
  if options.round then
    M.reveal(options.round)
  end
  local id = options.prompt and windows.prompt or (options.round and windows.discussion or windows.prompt)
  if options.focus ~= false and id and vim.api.nvim_win_is_valid(id) then
    vim.api.nvim_set_current_win(id)
    if options.prompt then
      vim.cmd.startinsert({ bang = true })
    end
  end
end

--- Closes the panel in this tab page. What runs goes on.
function M.close()
  window.close()
end

function M.toggle()
  if window.here().discussion then
    M.close()
  else
    M.open({ focus = true })
  end
end

---@param selection {uri: moa.Uri, range: moa.Range}
---@return moa.panel.Attachment
local function attachment_of(selection)
  local from, to = selection.range.start.line + 1, selection.range["end"].line + 1
  if selection.range["end"].character == 0 and to > from then
    -- Whole lines end where the next one begins.
    to = to - 1
  end
  local name = require("moa.panel.card").basename(selection.uri)
  local label = from == to and ("%s:%d"):format(name, from) or ("%s:%d–%d"):format(name, from, to)
  return { uri = selection.uri, range = selection.range, label = label }
end

--- Puts a message into the prompt, with what goes along; with `send` it is sent at once, with `preset` by that one.
---@param options {message?: string, preset?: string, files?: moa.Uri[], selection?: {uri: moa.Uri, range: moa.Range}, send?: boolean}
function M.ask(options)
  M.open({ focus = not options.send, prompt = not options.send })
  local along = {}
  for _, uri in ipairs(options.files or {}) do
    along[#along + 1] = { uri = uri, label = require("moa.panel.card").basename(uri) }
  end
  along[#along + 1] = options.selection and attachment_of(options.selection) or nil
  if options.send then
    local message = options.message or ""
    prompt.send_other(options.preset and ("/once %s %s"):format(options.preset, message) or message, along)
  else
    prompt.compose(options.message, along)
    if options.preset then
      prompt.once(options.preset)
    end
  end
end

--- The block and the line under the cursor of the discussion.
---@return moa.panel.Block? block
---@return moa.panel.Line? line
function M.under_cursor()
  if not is_shown() then
    return nil, nil
  end
  return draw.at(shown, vim.api.nvim_win_get_cursor(0)[1] - 1)
end

---@return moa.panel.Block[]
function M.blocks()
  return shown and shown.blocks or {}
end

--- Moves the cursor by so many turns.
---@param by integer
function M.step(by)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local place = shown and draw.place_at(shown, row)
  if not place then
    return
  end
  local target, left = place, math.abs(by)
  -- Back is first to the beginning of the turn in which one stands.
  if by < 0 and row > shown.starts[place] and not BETWEEN[shown.blocks[place].kind] then
    left = left - 1
  end
  local at = place
  while left > 0 and shown.blocks[at + (by < 0 and -1 or 1)] do
    at = at + (by < 0 and -1 or 1)
    if not BETWEEN[shown.blocks[at].kind] then
      target, left = at, left - 1
    end
  end
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { shown.starts[target] + 1, 0 })
end

--- Goes to the next (1) or previous (-1) hunk that is contested, and round again.
---@param by 1|-1
function M.step_contested(by)
  local here, found = vim.api.nvim_win_get_cursor(0)[1], {} ---@type integer, integer[]
  for place, block in ipairs(shown and shown.blocks or {}) do
    local open = {} ---@type table<string, boolean>
    for _, row in ipairs(block.card and block.card.hunks or {}) do
      open[row.id] = row.stand == "contested"
    end
    for index, line in ipairs(block.lines) do
      -- An edit among the words points to its hunk; the hunk's own row is meant.
      if line.target and line.target.kind == "hunk" and line.eol and open[line.target.hunk] then
        found[#found + 1] = shown.starts[place] + index
      end
    end
  end
  if #found == 0 then
    say.briefly("Nothing is contested.")
    return
  end
  local target = by > 0 and found[1] or found[#found]
  for index = by > 0 and #found or 1, by > 0 and 1 or #found, -by do
    target = (found[index] - here) * by > 0 and found[index] or target
  end
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { target, 0 })
  vim.cmd("normal! zv")
end

--- Puts the message of a round at the top of the window.
---@param round integer
function M.reveal(round)
  local windows = window.here()
  for place, block in ipairs(shown and shown.blocks or {}) do
    if block.round == round and windows.discussion then
      vim.api.nvim_win_call(windows.discussion, function()
        vim.fn.winrestview({ lnum = shown.starts[place] + 1, col = 0, topline = shown.starts[place] + 1 })
      end)
      return
    end
  end
end

--- Goes to the prompt, to type there.
function M.to_prompt()
  M.open({ focus = true, prompt = true })
end

--- Goes to the discussion.
function M.to_discussion()
  local windows = window.here()
  if windows.discussion then
    vim.api.nvim_set_current_win(windows.discussion)
  end
end

for _, name in ipairs({ "switch", "new", "export", "rename", "fork", "delete", "add_architect", "menu" }) do
  M[name] = function()
    require("moa.panel.pick")[name]()
  end
end

--- Searches all discussions.
---@param given? {text?: string} What `:Moa search` was given
function M.search(given)
  require("moa.panel.pick").search(given and given.text and vim.trim(given.text) or nil)
end

--- Says what an architect is to look at.
---@param name? string
function M.set_role(name)
  require("moa.panel.roles").give(type(name) == "string" and name or nil)
end

return M
