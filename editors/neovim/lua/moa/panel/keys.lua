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
    "open the hunk, the review or the fold; answer a question",
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
    "take back what was applied or rejected",
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
    "leave its lines as they are, whoever wants what",
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
    "put that change together, without a model",
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
    "show only what is contested, or all again",
    run = function()
      require("moa.discussion.looking").only_contested()
    end,
  },
  {
    "ga",
    "show only this architect's, or everybody's",
    run = function(_, act, block)
      act.only_this(block)
    end,
  },
  {
    "gd",
    "show who wants what: architects × places",
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
    "copy the turn as it was written, as Markdown",
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
    "menu: new, search, rename, presets, roles, export…",
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
  { "<C-s>", "send; <C-CR> too, and <CR> in normal mode" },
  { "<Up> <Down>", "the messages before, at the first and last line" },
  { "/ @", "commands and files; <Tab> takes one" },
  { "<BS>", "take out what goes along, in normal mode" },
  { "<C-c>", "stop what runs, in normal mode" },
  { "<C-k>", "to the discussion, in normal mode" },
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

--- Lists the keys in a window that the next key closes.
function M.help()
  local lines, marks = {}, {}
  local function put(heading, keys)
    lines[#lines + 1] = " " .. heading
    marks[#marks + 1] = { #lines - 1, 0, #lines[#lines], "MoaYou" }
    for _, key in ipairs(keys) do
      lines[#lines + 1] = ("   %-12s %s "):format(key[1], key[2])
      marks[#marks + 1] = { #lines - 1, 3, 3 + #key[1], "MoaKey" }
    end
  end
  put("In the discussion", M.DISCUSSION)
  lines[#lines + 1] = ""
  put("In the prompt", M.PROMPT)
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, vim.api.nvim_strwidth(line))
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

return M
