-- The panel's windows: opened anywhere, closed by anybody in any order, in several tab pages. In this Neovim itself; its server is
-- a program that isn't there, which is a state of its own.

local config = require("moa.config")
local panel = require("moa.panel")
local prompt = require("moa.panel.prompt")
local window = require("moa.panel.window")

local tests = {}

---@param position string
local function fresh(position)
  panel.close()
  vim.cmd("silent! tabonly!")
  vim.cmd("silent! only!")
  vim.wo.winfixbuf = false
  vim.cmd.enew({ bang = true })
  config.set({ server = { cmd = "/nowhere/moa-lsp" }, panel = { position = position } })
end

--- Lets what was scheduled run.
local function settle()
  vim.wait(20, function()
    return false
  end)
end

local function open()
  panel.open({ focus = true })
  settle()
  return window.here()
end

for _, position in ipairs({ "right", "left", "bottom", "float" }) do
  tests["it opens and closes: " .. position] = function()
    fresh(position)
    local here = open()
    check(here.discussion ~= nil and here.prompt ~= nil)
    same(vim.api.nvim_get_current_win(), here.prompt)
    same(vim.bo[vim.api.nvim_win_get_buf(here.discussion)].filetype, "moa-discussion")
    same(vim.bo[vim.api.nvim_win_get_buf(here.prompt)].filetype, "moa-prompt")
    panel.toggle()
    settle()
    same(#vim.api.nvim_tabpage_list_wins(0), 1)
    same(vim.wo.statuscolumn .. vim.wo.winbar, "")
    panel.toggle()
    settle()
    check(window.here().discussion ~= nil)
  end

  tests["its windows may be closed in any order: " .. position] = function()
    fresh(position)
    local here = open()
    vim.api.nvim_win_close(here.discussion, true)
    settle()
    same(window.here(), {})
    same(#vim.api.nvim_tabpage_list_wins(0), 1)
    here = open()
    vim.api.nvim_win_close(here.prompt, true)
    settle()
    check(window.here().discussion ~= nil and window.here().prompt == nil)
    panel.to_prompt()
    settle()
    check(window.here().prompt ~= nil)
    vim.cmd.stopinsert()
  end
end

tests["the last windows can be closed too"] = function()
  fresh("right")
  local file = vim.api.nvim_get_current_win()
  open()
  vim.api.nvim_win_close(file, true)
  panel.close()
  settle()
  same(#vim.api.nvim_tabpage_list_wins(0), 1)
  same(vim.bo.buftype, "")
  same(vim.wo.winbar, "")
end

tests["a wiped buffer is made anew"] = function()
  fresh("right")
  local here = open()
  vim.api.nvim_buf_delete(vim.api.nvim_win_get_buf(here.discussion), { force = true })
  settle()
  here = open()
  check(here.discussion ~= nil and here.prompt ~= nil)
  check(vim.api.nvim_buf_line_count(vim.api.nvim_win_get_buf(here.discussion)) > 1)
  vim.api.nvim_buf_delete(vim.api.nvim_win_get_buf(here.prompt), { force = true })
  settle()
  here = open()
  check(here.prompt ~= nil and prompt.buffer() ~= nil)
end

tests["two tab pages show the same discussion"] = function()
  fresh("right")
  local first = open()
  vim.cmd.tabnew()
  local second = open()
  check(first.discussion ~= second.discussion)
  same(vim.api.nvim_win_get_buf(first.discussion), vim.api.nvim_win_get_buf(second.discussion))
  check(vim.wo[second.discussion].winbar ~= "")
  vim.cmd.tabclose()
  settle()
  check(window.here().discussion == first.discussion)
  panel.close()
  settle()
end

tests["no file is opened in its windows"] = function()
  fresh("right")
  local here = open()
  check(not pcall(vim.cmd.edit, "some.txt"))
  window.to_editing()
  check(not window.is_panel(vim.api.nvim_get_current_win()))
  check(vim.api.nvim_win_is_valid(here.prompt))
end

tests["options of other windows stay what they were"] = function()
  fresh("right")
  vim.wo.number = true
  local statuscolumn = vim.go.statuscolumn
  open()
  window.to_editing()
  check(vim.wo.number)
  vim.cmd.vnew()
  same({ vim.wo.winfixbuf, vim.wo.statuscolumn, vim.wo.winbar, vim.go.statuscolumn }, { false, "", "", statuscolumn })
end

tests["what stands in the prompt is kept, and more is put behind it"] = function()
  fresh("right")
  open()
  vim.api.nvim_buf_set_lines(prompt.buffer(), 0, -1, false, { "first" })
  panel.ask({ message = "About alpha's proposal: ", files = { "file:///p/api.py" } })
  same(prompt.text(), "first\nAbout alpha's proposal: ")
  panel.close()
  open()
  same(prompt.text(), "first\nAbout alpha's proposal: ")
  vim.cmd.stopinsert()
end

tests["what can't be sent is said, and stays"] = function()
  fresh("right")
  open()
  vim.api.nvim_buf_set_lines(prompt.buffer(), 0, -1, false, { "/nonsense" })
  prompt.send()
  settle()
  same(prompt.text(), "/nonsense")
  local namespace = vim.api.nvim_get_namespaces()["moa.prompt"]
  local marks = vim.api.nvim_buf_get_extmarks(prompt.buffer(), namespace, 0, -1, { details = true })
  check(vim.inspect(marks):find("There is no command /nonsense", 1, true) ~= nil, vim.inspect(marks))
  check(not prompt.state().busy)
end

return tests
