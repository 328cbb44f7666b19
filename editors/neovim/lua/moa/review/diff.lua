-- A change side by side in a tab of its own: left the file itself, right the proposal, with Neovim's own diff between
-- them. One file at a time; what isn't there yet has an empty text at its left. The tab goes once everything in it is
-- settled. Never here: what the proposal's text is (`proposal.lua`).

local buffers = require("moa.review.buffers")
local client = require("moa.client")
local current = require("moa.discussion.current")
local hunks = require("moa.review.hunks")
local inline = require("moa.review.inline")
local keys = require("moa.review.keys")
local proposal = require("moa.review.proposal")
local say = require("moa.say")
local syntax = require("moa.review.syntax")

local M = {}

---@class moa.DiffView
---@field tab integer
---@field left integer The window of the file
---@field right integer The window of the proposal
---@field change string
---@field file moa.Uri The file's `uri` in the change
---@field muted? integer The file's buffer, where only signs are drawn meanwhile

---@type moa.DiffView?
local view

---@return boolean
function M.is_open()
  return view ~= nil
    and vim.api.nvim_tabpage_is_valid(view.tab)
    and vim.api.nvim_win_is_valid(view.left)
    and vim.api.nvim_win_is_valid(view.right)
end

--- The change in the tab that is in front.
---@return string?
function M.change()
  return M.is_open() and vim.api.nvim_get_current_tabpage() == view.tab and view.change or nil
end

--- Words for a window's bar: nothing in them is an item of a statusline.
---@param words string
---@return string
local function plain(words)
  return (syntax.visible(words):gsub("%%", "%%%%"))
end

local function unmute()
  if view and view.muted then
    inline.mute(view.muted, false)
    view.muted = nil
  end
end

---@param change moa.Change
---@param file moa.FileChange
local function set_bars(change, file)
  local number = 0
  for index, one in ipairs(change.files) do
    number = one.uri == file.uri and index or number
  end
  local waiting = hunks.count_of(change, "pending", file.uri)
  local name = buffers.name(hunks.stands_at(file))
  local what = ({
    create = "is to be created",
    delete = "is to be deleted",
    rename = file.newUri and "is to be renamed to " .. buffers.name(file.newUri) or "is to be renamed",
  })[file.kind]
  local place = #change.files > 1 and ("  (file %d of %d)"):format(number, #change.files) or ""
  vim.wo[view.left].winbar = " " .. plain(name .. (what and ": " .. what or "") .. place)
  local bar = ("%%#MoaProposal# %s%%*: %s"):format(
    plain(hunks.name_of(change)),
    waiting > 0 and plain(waiting .. " to review") or "nothing waits here"
  )
  local shown = { { "a", "accept" }, { "x", "reject" }, { "]m", "next" }, { "g?", "keys" } }
  if #change.files > 1 then
    table.insert(shown, 4, { "]f", "next file" })
  end
  -- As many of the keys as there is room for; the last one leads to the others.
  local room = vim.api.nvim_win_get_width(view.right) - vim.api.nvim_eval_statusline(bar, {}).width - 2
  while #shown > 0 do
    local words, taken = "", 0
    for _, one in ipairs(shown) do
      words = ("%s  %%#MoaKey#%s%%* %s"):format(words, one[1], one[2])
      taken = taken + #one[1] + #one[2] + 3
    end
    if taken <= room then
      bar = bar .. "%=" .. words .. " "
      break
    end
    table.remove(shown, math.max(#shown - 1, 1))
  end
  vim.wo[view.right].winbar = bar
end

---@param window integer
---@param buffer integer
local function put(window, buffer)
  vim.api.nvim_win_call(window, function()
    vim.cmd("diffoff")
  end)
  vim.api.nvim_win_set_buf(window, buffer)
end

---@param change moa.Change
---@param file moa.FileChange
---@param left integer
---@param right integer
local function fill(change, file, left, right)
  unmute()
  view.change, view.file = change.id, file.uri
  put(view.left, left)
  put(view.right, right)
  if vim.bo[left].buftype == "" then
    view.muted = left
    inline.mute(left, true)
  end
  keys.for_proposal(right, keys.IN_TAB)
  if vim.bo[left].buftype ~= "" then
    keys.for_proposal(left, keys.IN_TAB)
  end
  for _, window in ipairs({ view.left, view.right }) do
    vim.api.nvim_win_call(window, function()
      vim.cmd("diffthis")
    end)
    vim.wo[window].signcolumn = "yes:1"
    vim.wo[window].foldcolumn = "0"
  end
  set_bars(change, file)
  vim.api.nvim_set_current_win(view.right)
  local shown = proposal.at(right)
  local first = shown and shown.hunks[1]
  local line = math.min((first and first.start or 0) + 1, vim.api.nvim_buf_line_count(right))
  vim.api.nvim_win_set_cursor(view.right, { line, 0 })
  vim.cmd("syncbind")
  vim.cmd("normal! zv")
end

--- The left side: the file as it is in its buffer, or an empty text where there is none yet.
---@param change moa.Change
---@param file moa.FileChange
---@param done fun(failure?: moa.Refusal, buffer?: integer)
local function left_of(change, file, done)
  if file.kind == "create" and not buffers.of(file.uri) and not vim.uv.fs_stat(vim.uri_to_fname(file.uri)) then
    proposal.open(change, file, { side = "before", plain = true }, done)
    return
  end
  local ok, buffer = pcall(buffers.load, hunks.stands_at(file))
  if ok then
    done(nil, buffer)
  else
    done({ code = 0, message = tostring(buffer) })
  end
end

---@param change moa.Change
---@param file moa.FileChange
local function show(change, file)
  left_of(change, file, function(failure, left)
    if failure then
      client.complain(failure)
      return
    end
    proposal.open(change, file, { side = "after", plain = true }, function(problem, right)
      if problem then
        client.complain(problem)
        return
      end
      if M.is_open() then
        vim.api.nvim_set_current_tabpage(view.tab)
      else
        vim.cmd("tab sbuffer " .. left)
        local left_window = vim.api.nvim_get_current_win()
        vim.cmd("rightbelow vertical sbuffer " .. right)
        view = {
          tab = vim.api.nvim_get_current_tabpage(),
          left = left_window,
          right = vim.api.nvim_get_current_win(),
          change = change.id,
          file = file.uri,
        }
      end
      fill(change, file, left --[[@as integer]], right)
    end)
  end)
end

--- Opens the tab of a change, at a file of it or at the first one in which something waits.
---@param change moa.Change
---@param file? moa.FileChange
function M.open(change, file)
  if not file then
    for _, one in ipairs(change.files) do
      file = file or (hunks.count_of(change, "pending", one.uri) > 0 and one or nil)
    end
  end
  if file then
    show(change, file)
  end
end

--- Goes to the next (1) or previous (-1) file of the change in which something waits, and round again.
---@param by 1|-1
function M.go_to_file(by)
  local change = view and current.state().changes[view.change]
  if not M.is_open() or not change then
    return
  end
  local files = vim.tbl_filter(function(one)
    return one.uri == view.file or hunks.count_of(change, "pending", one.uri) > 0
  end, change.files)
  for index, one in ipairs(files) do
    if one.uri == view.file then
      local other = files[(index - 1 + by) % #files + 1]
      if other.uri == view.file then
        say.briefly("No other file of this change waits for you.")
      else
        show(change, other)
      end
      return
    end
  end
end

--- Closes the tab; the file stays where it was open before.
function M.close()
  if not view then
    return
  end
  local old = view
  unmute()
  view = nil
  if not vim.api.nvim_tabpage_is_valid(old.tab) then
    return
  end
  for _, window in ipairs({ old.left, old.right }) do
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_call(window, function()
        vim.cmd("diffoff")
      end)
      vim.wo[window].winbar = ""
    end
  end
  if #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd(vim.api.nvim_tabpage_get_number(old.tab) .. "tabclose")
  elseif vim.api.nvim_win_is_valid(old.right) then
    vim.api.nvim_win_close(old.right, true)
  end
end

--- Keeps the tab in step: the bars say how the file stands, a settled file gives way to the next, a settled change
--- closes the tab.
local function update()
  if not view then
    return
  elseif not M.is_open() then
    M.close()
    return
  end
  local change = current.state().changes[view.change]
  if not change or hunks.count_of(change, "pending") == 0 then
    M.close()
    return
  end
  for _, file in ipairs(change.files) do
    if file.uri == view.file then
      if hunks.count_of(change, "pending", file.uri) == 0 then
        M.open(change)
      else
        set_bars(change, file)
      end
    end
  end
end

function M.attach()
  local known
  current.subscribe(function(state)
    if state.changes ~= known then
      known = state.changes
      update()
    end
  end)
  vim.api.nvim_create_autocmd({ "TabClosed", "WinClosed" }, {
    group = vim.api.nvim_create_augroup("moa.diff", { clear = true }),
    desc = "moa: the tab of the review is closed as a whole",
    callback = function()
      if view then
        vim.schedule(update)
      end
    end,
  })
end

return M
