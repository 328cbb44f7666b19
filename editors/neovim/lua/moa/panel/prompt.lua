-- Where one types: a buffer below the discussion. Its text stays until the round began; what can't be sent is said below it. Its
-- rules: nothing that was typed is lost; the history is what was said in this discussion and typed in this session.

local complete = require("moa.panel.complete")
local current = require("moa.discussion.current")
local sending = require("moa.panel.sending")
local price = require("moa.panel.price")
local unseen = require("moa.panel.unseen")
local wrapped = require("moa.say").wrapped

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("moa.prompt")
local ESTIMATE_MS = 600
local WIDEST_WORDS = 100
local PLACEHOLDER = "Ask the architects   ( / commands   @ files )"

---@type integer?
local buffer
---@type moa.panel.Attachment[]
local attachments = {}
---@type string[]
local typed_before = {}
---@type {entries: string[], at: integer, own: string}?
local walk
---@type string?
local words
local words_of_run = false
--- The text that the words are about: they go once another stands there.
local words_about = ""
---@type moa.panel.Prompting
local prompting = {}
---@type string? The preset that the price above the prompt is of
local priced_by
---@type uv.uv_timer_t?
local timer
---@type fun()
local changed = function() end

--- Called when what the bar above the prompt says may be other than before.
---@param each fun()
function M.on_change(each)
  changed = each
end

---@return moa.panel.Prompting
function M.state()
  return prompting
end

---@return integer? buffer Nil: there is none yet, or no longer
function M.buffer()
  return buffer and vim.api.nvim_buf_is_valid(buffer) and buffer or nil
end

---@return string
function M.text()
  return buffer and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") or ""
end

--- What is said below the prompt, in lines that its narrowest window shows whole.
---@return string[]
local function said_lines()
  if not words then
    return {}
  end
  local width = WIDEST_WORDS
  for _, window in ipairs(buffer and vim.fn.win_findbuf(buffer) or {}) do
    width = math.min(width, vim.api.nvim_win_get_width(window) - 6)
  end
  return wrapped(unseen.visible(words), math.max(10, width))
end

local function draw()
  if not M.buffer() then
    return
  end
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  if M.text() == "" then
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, 0, 0, {
      virt_text = { { PLACEHOLDER, "MoaQuiet" } },
      virt_text_pos = "overlay",
    })
  end
  local below = {}
  if #attachments > 0 then
    local labels = vim.tbl_map(function(one)
      return unseen.on_one_line(one.label)
    end, attachments)
    below[1] =
      { { "⊕ ", "MoaKey" }, { table.concat(labels, " · "), "MoaPlace" }, { "  <BS> takes it out", "MoaQuiet" } }
  end
  for index, line in ipairs(said_lines()) do
    below[#below + 1] = { { index == 1 and "✗ " or "  ", "MoaError" }, { line, "MoaError" } }
  end
  if #below > 0 then
    local last = vim.api.nvim_buf_line_count(buffer) - 1
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, last, 0, { virt_lines = below })
  end
  changed()
end

---@return integer rows That all of it takes, without wrapping
function M.rows()
  local wanted = buffer and vim.api.nvim_buf_line_count(buffer) or 1
  return wanted + #said_lines() + (#attachments > 0 and 1 or 0)
end

---@param text string
local function set(text)
  local lines = vim.split(text, "\n", { plain = true })
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    vim.api.nvim_win_set_cursor(window, { #lines, #lines[#lines] })
  end
  draw()
end

---@param said? string
---@param of_run? boolean
local function say(said, of_run)
  words, words_of_run, words_about = said, of_run or false, M.text()
  draw()
end

local function estimate_soon()
  timer = timer or vim.uv.new_timer()
  timer:stop()
  timer:start(
    ESTIMATE_MS,
    0,
    vim.schedule_wrap(function()
      if not M.buffer() then
        return
      end
      local text = M.text()
      sending.estimate(text, attachments, function(rows)
        if M.buffer() and M.text() == text then
          prompting.price = rows and price.words(rows) or nil
          changed()
        end
      end)
    end)
  )
end

--- What moved in the discussion: what was said about a run goes with it, and another preset has another price.
---@param state moa.State
function M.moved(state)
  if not state.running and words_of_run then
    say(nil)
  end
  local preset = state.discussion and state.discussion.preset
  if preset ~= priced_by then
    priced_by = preset
    estimate_soon()
  end
end

--- Keeps a message in the history.
---@param text string
local function remember(text)
  local typed = vim.trim(text)
  if typed ~= "" and typed_before[#typed_before] ~= typed then
    typed_before[#typed_before + 1] = typed
  end
end

---@param text string
---@param along moa.panel.Attachment[]
---@param began fun()
---@param refused fun()
local function submit(text, along, began, refused)
  local running = current.state().running
  prompting.busy = true
  words = nil
  draw()
  sending.submit(text, along, {
    began = function()
      prompting.busy = false
      remember(text)
      began()
      draw()
    end,
    refused = function(said)
      refused()
      say(said, running)
    end,
    ended = function()
      prompting.busy = false
      draw()
    end,
  })
end

--- Sends what stands in the prompt. It stays there until it stands in the discussion.
function M.send()
  if not M.buffer() or prompting.busy then
    return
  end
  local text, along = M.text(), attachments
  submit(text, along, function()
    walk = nil
    prompting.price = nil
    if attachments == along then
      attachments = {}
    end
    -- What was typed meanwhile stays.
    local present = M.text()
    if M.buffer() and vim.startswith(present, text) then
      set(vim.trim(present:sub(#text + 1)))
    end
  end, function() end)
end

--- Sends another message than the one that is being typed; where it can't be sent, it is put into the prompt.
---@param text string
---@param along moa.panel.Attachment[]
function M.send_other(text, along)
  if prompting.busy then
    M.compose(text, along)
    return
  end
  local began = false
  submit(text, along, function()
    began = true
  end, function()
    if not began then
      M.compose(text, along)
    end
  end)
end

--- Puts something into the prompt, behind what stands there.
---@param text? string
---@param more? moa.panel.Attachment[]
function M.compose(text, more)
  local present = vim.trim(M.text())
  if text and text ~= "" and not present:find(vim.trim(text), 1, true) then
    set(present ~= "" and present .. "\n" .. text or text)
  end
  local known = {}
  for _, one in ipairs(attachments) do
    known[one.label] = true
  end
  local all = vim.list_extend({}, attachments)
  for _, one in ipairs(more or {}) do
    if not known[one.label] then
      all[#all + 1] = one
    end
  end
  attachments = all
  draw()
  estimate_soon()
end

--- Has what stands in the prompt held by another preset.
---@param name string
function M.once(name)
  local message = vim.trim(M.text()):gsub("^/once%s+%S+%s*", ""):gsub("^/once$", "")
  set(("/once %s %s"):format(name, message))
  estimate_soon()
end

--- Takes out what was attached last.
function M.detach()
  if #attachments > 0 then
    attachments = vim.list_slice(attachments, 1, #attachments - 1)
    draw()
    estimate_soon()
  end
end

--- What was said in this discussion, then what was typed in this session, oldest first.
---@return string[]
local function history()
  local entries, seen = {}, {}
  local function add(text)
    if text ~= "" and not seen[text] then
      seen[text] = true
      entries[#entries + 1] = text
    end
  end
  local later = {}
  for _, text in ipairs(typed_before) do
    later[text] = true
  end
  local discussion = current.state().discussion
  for _, round in ipairs(discussion and discussion.rounds or {}) do
    local said = vim.trim(round.message)
    add(later[said] and "" or said)
  end
  vim.list_extend(entries, typed_before)
  return entries
end

--- Puts the entry of the history before (-1) or after (1) the one shown into the prompt; what was being typed isn't lost.
---@param by -1|1
function M.walk(by)
  if not walk then
    local entries = history()
    walk = { entries = entries, at = #entries + 1, own = M.text() }
  end
  local at = walk.at + by
  if at < 1 or at > #walk.entries + 1 then
    return
  end
  local kept = walk
  kept.at = at
  set(kept.entries[at] or kept.own)
  walk = kept
end

---@param mode string|string[]
---@param key string
---@param run fun()|string
---@param says string
---@param expr? boolean
local function map(mode, key, run, says, expr)
  vim.keymap.set(mode, key, run, { buffer = buffer, desc = "moa: " .. says, nowait = true, expr = expr })
end

local function set_keys()
  local function leave()
    vim.cmd.stopinsert()
  end
  map("n", "<CR>", M.send, "send")
  map({ "n", "i" }, "<C-s>", M.send, "send")
  map({ "n", "i" }, "<C-CR>", M.send, "send")
  map("n", "<C-c>", sending.stop, "stop what runs")
  map("n", "q", function()
    require("moa.panel").close()
  end, "close the panel")
  map("n", "<BS>", M.detach, "take out what goes along")
  map("n", "g?", function()
    require("moa.panel.keys").help()
  end, "show the keys")
  map("n", "<C-k>", function()
    leave()
    require("moa.panel").to_discussion()
  end, "to the discussion")
  map({ "n", "i" }, "<Up>", function()
    if vim.fn.pumvisible() == 0 and vim.fn.line(".") == 1 then
      return "<Cmd>lua require('moa.panel.prompt').walk(-1)<CR>"
    end
    return "<Up>"
  end, "the message before", true)
  map({ "n", "i" }, "<Down>", function()
    if vim.fn.pumvisible() == 0 and vim.fn.line(".") == vim.fn.line("$") then
      return "<Cmd>lua require('moa.panel.prompt').walk(1)<CR>"
    end
    return "<Down>"
  end, "the message after", true)
  map("i", "<Tab>", function()
    if vim.fn.pumvisible() == 0 then
      return "<Tab>"
    end
    return vim.fn.complete_info({ "selected" }).selected == -1 and "<C-n><C-y>" or "<C-y>"
  end, "take what is offered", true)
end

--- What the menu of completions needs; the option is everybody's, so it is put back when typing here ends.
local function set_menu(group)
  local kept ---@type string?
  vim.api.nvim_create_autocmd("InsertEnter", {
    group = group,
    buffer = buffer,
    callback = function()
      kept = kept or vim.o.completeopt
      vim.o.completeopt = "menuone,noinsert,noselect"
    end,
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave", "BufUnload" }, {
    group = group,
    buffer = buffer,
    callback = function()
      if kept then
        vim.o.completeopt = kept
        kept = nil
      end
    end,
  })
end

--- The buffer in which one types; made where there is none.
---@return integer
function M.ensure()
  if M.buffer() then
    return buffer
  end
  buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, "moa://prompt")
  vim.bo[buffer].bufhidden = "hide"
  vim.bo[buffer].modeline = false
  vim.bo[buffer].filetype = "moa-prompt"
  vim.bo[buffer].omnifunc = "v:lua.require'moa.panel.complete'.omnifunc"
  pcall(vim.treesitter.start, buffer, "markdown")
  local group = vim.api.nvim_create_augroup("moa.prompt", { clear = true })
  vim.api.nvim_create_autocmd({ "TextChanged", "TextChangedI", "TextChangedP" }, {
    group = group,
    buffer = buffer,
    callback = function(event)
      local by_walking = walk and (walk.entries[walk.at] or walk.own) == M.text()
      if not by_walking then
        walk = nil
      end
      if M.text() ~= words_about then
        words = nil
      end
      draw()
      estimate_soon()
      if event.event == "TextChangedI" then
        complete.typed(buffer)
      end
    end,
  })
  set_menu(group)
  set_keys()
  draw()
  return buffer
end

return M
