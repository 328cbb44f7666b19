-- The keys of the discussion's buffer, and the window that lists them and those of the prompt. Letters that change text anywhere else
-- are free here, as nothing can be typed into this buffer; those that move, search and copy stay Vim's own (but for `t`, which
-- takes one of several, as it does everywhere else here).

local M = {}

---@class moa.panel.Key
---@field [1] string The keys
---@field [2] string What they do
---@field run? fun(panel: table, act: table, block?: moa.panel.Block, line?: moa.panel.Line, blocks: moa.panel.Block[])

---@type moa.panel.Key[]
M.DISCUSSION = {
  {
    "<CR>",
    "open what is here; answer a question",
    run = function(_, act, block, line)
      act.open(block, line)
    end,
  },
  {
    "a",
    "apply the hunk, or all of the proposal",
    run = function(_, act, block, line)
      act.accept(block, line)
    end,
  },
  {
    "x",
    "reject the hunk, or all of the proposal",
    run = function(_, act, block, line)
      act.reject(block, line)
    end,
  },
  {
    "u",
    "take back what was done about it",
    run = function(_, act, block, line)
      act.undo(block, line)
    end,
  },
  {
    "t",
    "take this hunk over what contradicts it",
    run = function(_, act, _, line)
      act.take(line)
    end,
  },
  {
    "X",
    "leave its lines as they are",
    run = function(_, act, _, line)
      act.leave(line)
    end,
  },
  {
    "R",
    "another round on just its lines",
    run = function(_, act, _, line)
      act.another(line)
    end,
  },
  {
    "S",
    "select it for a change of your own",
    run = function(_, act, block, line)
      act.select(block, line)
    end,
  },
  {
    "gc",
    "put that change together, by no model",
    run = function()
      require("moa.settle").compose()
    end,
  },
  {
    "d",
    "drop the architect, or bring it back",
    run = function(_, act, block)
      act.drop(block)
    end,
  },
  {
    "r",
    "ask once more who failed or was stopped",
    run = function(_, act, block, _, blocks)
      act.retry(blocks, block)
    end,
  },
  {
    "c",
    "ask about this",
    run = function(_, act, block)
      act.ask_about(block)
    end,
  },
  {
    "K",
    "say all that is known of it",
    run = function(_, act, block, line)
      act.details(block, line)
    end,
  },
  {
    "]]",
    "to the next turn",
    run = function(panel)
      panel.step(vim.v.count1)
    end,
  },
  {
    "[[",
    "to the turn before",
    run = function(panel)
      panel.step(-vim.v.count1)
    end,
  },
  {
    "]v",
    "to the next hunk that is contested",
    run = function(panel)
      panel.step_contested(1)
    end,
  },
  {
    "[v",
    "to the one before",
    run = function(panel)
      panel.step_contested(-1)
    end,
  },
  {
    "go",
    "show only what is contested, or all",
    run = function()
      require("moa.discussion.looking").only_contested()
    end,
  },
  {
    "ga",
    "show only this architect's, or all",
    run = function(_, act, block)
      act.only_this(block)
    end,
  },
  {
    "gd",
    "show who wants what, where",
    run = function()
      require("moa.panel.matrix").open()
    end,
  },
  {
    "gl",
    "show the plan, to be edited",
    run = function()
      require("moa.panel.plan").open()
    end,
  },
  {
    "s",
    "stop what runs",
    run = function()
      require("moa.panel.sending").stop()
    end,
  },
  {
    "i",
    "to the prompt",
    run = function(panel)
      panel.to_prompt()
    end,
  },
  {
    "gy",
    "copy the turn as it was written",
    run = function(_, act, block)
      act.yank(block)
    end,
  },
  {
    "gs",
    "switch to another discussion",
    run = function(panel)
      panel.switch()
    end,
  },
  {
    "gp",
    "choose by which preset they are asked",
    run = function()
      require("moa.panel.presets").choose()
    end,
  },
  {
    "gm",
    "menu: new, search, rename, export…",
    run = function(panel)
      panel.menu()
    end,
  },
  {
    "q",
    "close the panel",
    run = function(panel)
      panel.close()
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

--- Other keys for the same, and which they are the same as.
---@type table<string, string>
M.ALSO = {
  gf = "<CR>",
  ["<2-LeftMouse>"] = "<CR>",
  o = "i",
  I = "i",
  A = "i",
  ["<C-c>"] = "s",
  ["<C-j>"] = "i",
}

--- What is said of the prompt's keys, which `prompt.lua` sets.
---@type moa.panel.Key[]
M.PROMPT = {
  { "<C-s>", "send; <C-CR>, <CR> in normal mode too" },
  { "<Up> <Down>", "the messages before" },
  { "/ @", "commands and files; <Tab> takes one" },
  { "<BS>", "take out what goes along (normal mode)" },
  { "<C-c>", "stop what runs (normal mode)" },
  { "<C-k>", "to the discussion (normal mode)" },
}

--- Sets the keys of the discussion's buffer.
---@param buffer integer
---@param panel table The panel's API
function M.set(buffer, panel)
  local runs = {}
  for _, key in ipairs(M.DISCUSSION) do
    runs[key[1]] = key
  end
  local function map(left, key)
    vim.keymap.set("n", left, function()
      local block, line = panel.under_cursor()
      key.run(panel, require("moa.panel.act"), block, line, panel.blocks())
    end, { buffer = buffer, nowait = true, desc = "moa: " .. key[2] })
  end
  for _, key in ipairs(M.DISCUSSION) do
    map(key[1], key)
  end
  for left, right in pairs(M.ALSO) do
    map(left, runs[right])
  end
end

--- Lists keys in a window that the next key closes; in two columns where one would be too high for it.
---@param sections {[1]: string, [2]: {[1]: string, [2]: string}[]}[] Each under its heading
function M.list(sections)
  local cells = {} ---@type {text: string, mark?: {[1]: integer, [2]: integer, [3]: string}}[]
  for index, section in ipairs(sections) do
    local widest = 0
    for _, key in ipairs(section[2]) do
      widest = math.max(widest, vim.api.nvim_strwidth(key[1]))
    end
    cells[#cells + 1] = index > 1 and { text = "" } or nil
    cells[#cells + 1] = { text = " " .. section[1], mark = { 0, #section[1] + 1, "MoaYou" } }
    for _, key in ipairs(section[2]) do
      local gap = (" "):rep(widest - vim.api.nvim_strwidth(key[1]) + 2)
      cells[#cells + 1] = { text = ("   %s%s%s "):format(key[1], gap, key[2]), mark = { 3, 3 + #key[1], "MoaKey" } }
    end
  end
  local function width_of(first, last)
    local width = 0
    for index = first, math.min(last, #cells) do
      width = math.max(width, vim.api.nvim_strwidth(cells[index].text))
    end
    return width
  end
  local count, left = #cells, width_of(1, #cells)
  local half = math.ceil(#cells / 2)
  if #cells > vim.o.lines - 4 and width_of(1, half) + width_of(half + 1, #cells) <= vim.o.columns - 4 then
    count, left = half, width_of(1, half)
  end
  local lines, marks, width = {}, {}, 0
  for row = 1, count do
    local text = ""
    for at = row, #cells, count do
      local cell = cells[at]
      local mark = cell.mark
      if mark then
        marks[#marks + 1] = { row - 1, #text + mark[1], #text + mark[2], mark[3] }
      end
      text = text .. cell.text .. (cells[at + count] and (" "):rep(left - vim.api.nvim_strwidth(cell.text)) or "")
    end
    lines[row] = text
    width = math.max(width, vim.api.nvim_strwidth(text))
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  local namespace = vim.api.nvim_create_namespace("moa.panel.help")
  for _, mark in ipairs(marks) do
    vim.api.nvim_buf_set_extmark(buffer, namespace, mark[1], mark[2], { end_col = mark[3], hl_group = mark[4] })
  end
  local height = math.min(#lines, vim.o.lines - 4)
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = "editor",
    width = math.min(width, vim.o.columns - 4),
    height = height,
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 1),
    col = math.max(0, math.floor((vim.o.columns - width) / 2)),
    border = "rounded",
    style = "minimal",
    title = " moa ",
    zindex = 60,
  })
  vim.wo[window].winfixbuf = true
  for _, key in ipairs({ "q", "<Esc>", "<CR>", "g?" }) do
    vim.keymap.set("n", key, "<Cmd>close<CR>", { buffer = buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd("WinLeave", {
    buffer = buffer,
    once = true,
    callback = function()
      vim.schedule(function()
        if vim.api.nvim_win_is_valid(window) then
          pcall(vim.api.nvim_win_close, window, true)
        end
      end)
    end,
  })
end

--- Lists the keys of the panel.
function M.help()
  M.list({ { "In the discussion", M.DISCUSSION }, { "In the prompt", M.PROMPT } })
end

return M
