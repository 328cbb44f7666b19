-- The panel's two windows in each tab page: the discussion, and the prompt below it; at a side, at the bottom or afloat. Its rules: any
-- of them may be closed in any order by anybody; options are set in these windows alone; no file is ever opened in them.

local config = require("moa.config")
local folds = require("moa.panel.folds")

local M = {}

local LEAST_PROMPT, MOST_PROMPT = 3, 12
local LEAST_WIDTH = 46

---@class moa.panel.Windows
---@field discussion? integer
---@field prompt? integer

---@type table<integer, moa.panel.Windows> By tab page
local by_tab = {}

local FILETYPES = { discussion = "moa-discussion", prompt = "moa-prompt" }

---@param window? integer
---@return integer?
local function valid(window)
  return window and vim.api.nvim_win_is_valid(window) and window or nil
end

--- The window, as long as it shows what it was opened for.
---@param window? integer
---@param which "discussion"|"prompt"
---@return integer?
local function showing(window, which)
  local is_open = valid(window)
  return is_open and vim.bo[vim.api.nvim_win_get_buf(is_open)].filetype == FILETYPES[which] and is_open or nil
end

--- The panel's windows in this tab page, as far as they are open.
---@param tab? integer
---@return moa.panel.Windows
function M.here(tab)
  tab = tab or vim.api.nvim_get_current_tabpage()
  local found = by_tab[tab] or {}
  return { discussion = showing(found.discussion, "discussion"), prompt = showing(found.prompt, "prompt") }
end

--- All windows that are open, of all tab pages.
---@param which "discussion"|"prompt"
---@return integer[]
function M.all(which)
  local found = {}
  for _, windows in pairs(by_tab) do
    found[#found + 1] = showing(windows[which], which)
  end
  return found
end

---@param window integer
---@return boolean
function M.is_panel(window)
  local filetype = vim.bo[vim.api.nvim_win_get_buf(window)].filetype
  return filetype == FILETYPES.discussion or filetype == FILETYPES.prompt
end

---@param window integer
---@param options table<string, any>
local function set(window, options)
  for name, value in pairs(options) do
    vim.api.nvim_set_option_value(name, value, { win = window, scope = "local" })
  end
end

local PLAIN = {
  number = false,
  relativenumber = false,
  cursorcolumn = false,
  signcolumn = "no",
  foldcolumn = "0",
  colorcolumn = "",
  list = false,
  spell = false,
  wrap = true,
  linebreak = true,
  breakindent = true,
  winfixbuf = true,
  scrollbind = false,
  cursorbind = false,
  diff = false,
}

local PLAIN_COLOURS = "WinBar:MoaBar,WinBarNC:MoaBar,NormalFloat:Normal,FloatBorder:MoaQuiet"

---@param window integer
local function dress_discussion(window)
  set(window, PLAIN)
  set(window, {
    cursorline = true,
    statuscolumn = "%!v:lua.require'moa.panel'.column()",
    foldmethod = "manual",
    foldenable = true,
    foldlevel = 99,
    foldtext = "v:lua.require'moa.panel.folds'.text()",
    fillchars = "eob: ,fold: ",
    conceallevel = 2,
    concealcursor = "nc",
    winhighlight = "Folded:MoaFolded," .. PLAIN_COLOURS,
    winfixwidth = config.options.panel.position ~= "bottom",
    winfixheight = config.options.panel.position == "bottom",
  })
end

---@param window integer
local function dress_prompt(window)
  set(window, PLAIN)
  set(window, {
    cursorline = false,
    statuscolumn = " %#MoaKey#%{v:lnum==1&&v:virtnum==0?'❯':' '}%* ",
    fillchars = "eob: ",
    conceallevel = 0,
    winhighlight = PLAIN_COLOURS,
    winfixheight = true,
  })
end

---@param part number Cells, or below 1 the part of `all`
---@param all integer
---@return integer
local function cells(part, all)
  return math.floor(part < 1 and part * all or math.min(part, all))
end

---@param buffer integer
---@return integer window
local function open_discussion(buffer)
  local options = config.options.panel
  local columns, lines = vim.o.columns, vim.o.lines - vim.o.cmdheight - 1
  local given
  if options.position == "float" then
    local width =
      math.max(LEAST_WIDTH, cells(options.width < 1 and math.max(options.width, 0.8) or options.width, columns))
    width = math.min(width, columns - 2)
    local height = math.max(8, cells(options.height < 1 and math.max(options.height, 0.85) or options.height, lines))
    given = {
      relative = "editor",
      width = width,
      height = math.max(3, height - LEAST_PROMPT - 4),
      row = math.max(0, math.floor((lines - height) / 2)),
      col = math.floor((columns - width) / 2) - 1,
      border = "rounded",
      zindex = 40,
    }
  elseif options.position == "bottom" then
    given = { split = "below", win = -1, height = math.max(8, cells(options.height, lines)) }
  else
    local width = math.min(math.max(LEAST_WIDTH, cells(options.width, columns)), math.max(20, columns - 20))
    given = { split = options.position, win = -1, width = width }
  end
  return vim.api.nvim_open_win(buffer, false, given)
end

---@param buffer integer
---@param discussion integer
---@return integer window
local function open_prompt(buffer, discussion)
  local above = vim.api.nvim_win_get_config(discussion)
  if above.relative ~= "" then
    return vim.api.nvim_open_win(buffer, false, {
      relative = "editor",
      width = above.width,
      height = LEAST_PROMPT,
      row = above.row + above.height + 2,
      col = above.col,
      border = "rounded",
      zindex = 41,
    })
  end
  return vim.api.nvim_open_win(buffer, false, { split = "below", win = discussion, height = LEAST_PROMPT + 1 })
end

--- Opens the panel's windows in this tab page, those that aren't open.
---@param discussion_buffer integer
---@param prompt_buffer integer
---@return moa.panel.Windows
function M.open(discussion_buffer, prompt_buffer)
  local tab = vim.api.nvim_get_current_tabpage()
  local windows = M.here(tab)
  -- Other windows keep their sizes: what is being read there isn't to move more than it must.
  if not windows.discussion then
    if windows.prompt then
      pcall(vim.api.nvim_win_close, windows.prompt, true)
      windows.prompt = nil
    end
    windows.discussion = open_discussion(discussion_buffer)
    by_tab[tab] = windows
    dress_discussion(windows.discussion)
    vim.api.nvim_win_set_cursor(windows.discussion, { vim.api.nvim_buf_line_count(discussion_buffer), 0 })
  end
  if not windows.prompt then
    windows.prompt = open_prompt(prompt_buffer, windows.discussion)
    dress_prompt(windows.prompt)
  end
  by_tab[tab] = windows
  return windows
end

---@param window? integer
local function close(window)
  if valid(window) and not pcall(vim.api.nvim_win_close, window, true) then
    -- The last window can't be closed: it shows an empty buffer instead.
    pcall(vim.api.nvim_win_call, window, function()
      vim.wo.winfixbuf = false
      vim.cmd.enew()
      set(0, { winbar = "", statuscolumn = "", winhighlight = "" })
    end)
  end
end

--- Closes the panel's windows in a tab page.
---@param tab? integer
function M.close(tab)
  tab = tab or vim.api.nvim_get_current_tabpage()
  local windows = by_tab[tab]
  by_tab[tab] = nil
  if windows then
    close(showing(windows.prompt, "prompt"))
    close(showing(windows.discussion, "discussion"))
  end
end

--- Goes on where a window was closed by somebody: without its discussion a prompt has nothing to stand below.
---@param window integer
function M.closed(window)
  folds.drop(window)
  for tab, windows in pairs(by_tab) do
    if windows.discussion == window then
      windows.discussion = nil
      vim.schedule(function()
        if by_tab[tab] == windows and not valid(windows.discussion) then
          by_tab[tab] = nil
          close(showing(windows.prompt, "prompt"))
        end
      end)
    elseif windows.prompt == window then
      windows.prompt = nil
    end
  end
end

--- Makes the prompt as high as what stands in it, between bounds.
---@param rows integer
function M.fit_prompt(rows)
  for _, window in ipairs(M.all("prompt")) do
    local bar = vim.wo[window].winbar ~= "" and 1 or 0
    -- A long line takes several rows.
    local needed = math.max(rows, vim.api.nvim_win_text_height(window, {}).all)
    local height = math.min(math.max(needed, LEAST_PROMPT), MOST_PROMPT) + bar
    if vim.api.nvim_win_get_height(window) ~= height and vim.api.nvim_win_get_config(window).relative == "" then
      vim.api.nvim_win_set_height(window, height)
    end
  end
end

--- Gets the panel out of the way of what is to be looked at: one that is afloat would lie on it.
function M.uncover()
  local window = M.here().discussion
  if window and vim.api.nvim_win_get_config(window).relative ~= "" then
    M.close()
  end
end

--- Goes to a window in which a file may be opened: the one before, else any, else a new one beside the panel.
function M.to_editing()
  M.uncover()
  local function is_for_files(window)
    return not M.is_panel(window)
      and vim.api.nvim_win_get_config(window).relative == ""
      and vim.bo[vim.api.nvim_win_get_buf(window)].buftype == ""
      and not vim.wo[window].winfixbuf
  end
  if is_for_files(vim.api.nvim_get_current_win()) then
    return
  end
  local candidates = vim.api.nvim_tabpage_list_wins(0)
  table.insert(candidates, 1, vim.fn.win_getid(vim.fn.winnr("#")))
  for _, window in ipairs(candidates) do
    if valid(window) and is_for_files(window) then
      vim.api.nvim_set_current_win(window)
      return
    end
  end
  local side = config.options.panel.position == "right" and "left"
    or config.options.panel.position == "left" and "right"
    or "above"
  local buffer = vim.api.nvim_create_buf(true, false)
  vim.api.nvim_open_win(buffer, true, { split = side, win = -1 })
end

return M
