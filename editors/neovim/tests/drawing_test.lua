-- The panel's buffer and windows: what is drawn, how little of it is touched, and that who reads isn't moved. In this Neovim
-- itself, without a server.

local draw = require("moa.panel.draw")
local folds = require("moa.panel.folds")

local tests = {}

--- A block of these lines; those of the reasons, from and to, fold.
local function block(key, texts, why)
  local lines = {}
  for index, text in ipairs(texts) do
    lines[index] = { text = text, sign = index == 1 and "●" or "│", sign_group = "MoaEditor" }
  end
  local found = {}
  if why then
    found[1] = { from = why[1], to = why[2], kind = "why", label = "why", closed = true }
    found[2] = { from = 0, to = #texts - 2, kind = "turn", label = "", closed = false }
  end
  return { key = key, kind = "turn", who = key, lines = lines, folds = found }
end

---@return moa.panel.Shown shown
---@return integer window
local function opened()
  vim.cmd("silent! only!")
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_win_set_buf(0, buffer)
  vim.bo[buffer].modifiable = false
  local window = vim.api.nvim_get_current_win()
  vim.wo[window].foldmethod = "manual"
  vim.wo[window].foldlevel = 99
  folds.drop(window)
  return draw.new(buffer), window
end

local function text(shown)
  return table.concat(vim.api.nvim_buf_get_lines(shown.buffer, 0, -1, false), "|")
end

--- What was changed in the buffer while it ran: first line, last line before, last line after.
local function touched(shown, run)
  local found = {}
  vim.api.nvim_buf_attach(shown.buffer, false, {
    on_lines = function(_, _, _, first, last, last_new)
      found[#found + 1] = { first, last, last_new }
    end,
  })
  run()
  return found
end

tests["blocks come, grow, change and go"] = function()
  local shown = opened()
  local a, b = block("a", { "a", "1", "" }), block("b", { "b", "" })
  draw.show(shown, { a })
  same(text(shown), "a|1|")
  draw.show(shown, { a, b })
  same(text(shown), "a|1||b|")
  draw.show(shown, { a, block("b", { "b", "2", "3", "" }) })
  same(text(shown), "a|1||b|2|3|")
  draw.show(shown, { block("a", { "a", "" }), block("b", { "b", "3", "" }) })
  same(text(shown), "a||b|3|")
  draw.show(shown, { b })
  same(text(shown), "b|")
  draw.show(shown, {})
  same(text(shown), "")
  draw.show(shown, { a })
  same(text(shown), "a|1|")
  check(not vim.bo[shown.buffer].modifiable and not vim.bo[shown.buffer].modified)
end

tests["text that streams touches its last line only"] = function()
  local shown = opened()
  local first = block("a", { "a", "one", "two", "" })
  draw.show(shown, { first, block("b", { "b", "some wo", "" }) })
  local found = touched(shown, function()
    draw.show(shown, { first, block("b", { "b", "some words", "and more", "" }) })
  end)
  same(found, { { 5, 6, 7 } })
end

tests["what is drawn already isn't touched"] = function()
  local shown = opened()
  local all = { block("a", { "a", "" }) }
  draw.show(shown, all)
  same(
    touched(shown, function()
      check(not draw.show(shown, { all[1] }))
      draw.show(shown, { block("a", { "a", "" }) })
    end),
    {}
  )
end

tests["every line knows its block"] = function()
  local shown = opened()
  draw.show(shown, { block("a", { "a", "1", "" }), block("b", { "b", "2", "3", "" }) })
  local found = {}
  for row = 0, 6 do
    local one, line = draw.at(shown, row)
    found[#found + 1] = one.key .. line.text
  end
  same(found, { "aa", "a1", "a", "bb", "b2", "b3", "b" })
end

tests["who is at the end follows, who reads stays"] = function()
  local shown, window = opened()
  local lines = { "a" }
  for index = 1, 200 do
    lines[#lines + 1] = "line " .. index
  end
  lines[#lines + 1] = ""
  local a = block("a", lines)
  draw.show(shown, { a, block("b", { "b", "" }) })
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(shown.buffer), 0 })
  draw.show(shown, { a, block("b", { "b", "1", "2", "" }) })
  same(vim.api.nvim_win_get_cursor(window)[1], vim.api.nvim_buf_line_count(shown.buffer))
  vim.api.nvim_win_set_cursor(window, { 100, 3 })
  vim.cmd("normal! zt")
  draw.show(shown, { a, block("b", { "b", "1", "2", "3", "4", "" }) })
  same({ vim.api.nvim_win_get_cursor(window), vim.fn.line("w0") }, { { 100, 3 }, 100 })
  -- Something above becomes shorter: the same lines stay in view.
  local shorter = vim.list_slice(lines, 11)
  table.insert(shorter, 1, "a")
  draw.show(shown, { block("a", shorter), block("b", { "b", "1", "2", "3", "4", "" }) })
  same(vim.api.nvim_get_current_line(), lines[100])
  same(vim.fn.getline("w0"), lines[100])
end

tests["a turn that ended folds its reasons where the end is followed, and only there"] = function()
  local shown, window = opened()
  local a = block("a", { "a", "" })
  draw.show(shown, { a })
  vim.api.nvim_win_set_cursor(window, { 2, 0 })
  draw.show(shown, { a, block("b", { "b", "1", "2", "3", "p", "" }, { 1, 3 }) })
  same({ vim.fn.foldclosed(3), vim.fn.foldclosed(4), vim.fn.foldclosed(7) }, { -1, 4, -1 })
  vim.api.nvim_win_set_cursor(window, { 1, 0 })
  local b = shown.blocks[2]
  draw.show(shown, { a, b, block("c", { "c", "1", "2", "3", "p", "" }, { 1, 3 }) })
  same({ vim.fn.foldclosed(4), vim.fn.foldclosed(10), vim.fn.foldlevel(10) }, { 4, -1, 2 })
end

tests["what the user unfolded stays so when the card below it moves"] = function()
  local shown, window = opened()
  draw.show(shown, { block("b", { "b", "1", "2", "3", "p", "" }, { 1, 3 }), block("c", { "c", "" }) })
  same(vim.fn.foldclosed(2), 2)
  vim.api.nvim_win_set_cursor(window, { 2, 0 })
  vim.cmd("normal! zo")
  draw.show(shown, { block("b", { "b", "1", "2", "3", "P", "q", "" }, { 1, 3 }), shown.blocks[2] })
  same({ vim.fn.foldclosed(2), vim.fn.foldlevel(2), vim.fn.foldlevel(6) }, { -1, 2, 1 })
end

tests["threads grow side by side without moving who reads one of them"] = function()
  local shown, window = opened()
  local function thread(key, count)
    local texts = { key }
    for index = 1, count do
      texts[#texts + 1] = key .. index
    end
    texts[#texts + 1] = ""
    return block(key, texts)
  end
  draw.show(shown, { thread("a", 60), thread("b", 60), thread("c", 60) })
  vim.api.nvim_win_set_cursor(window, { 90, 1 })
  vim.cmd("normal! zz")
  local before = { vim.api.nvim_get_current_line(), vim.fn.getline("w0"), vim.fn.winline() }
  local found = touched(shown, function()
    for more = 1, 20 do
      draw.show(shown, { thread("a", 60 + more), thread("b", 60 + 2 * more), thread("c", 60 + more) })
    end
  end)
  same({ vim.api.nvim_get_current_line(), vim.fn.getline("w0"), vim.fn.winline() }, before)
  check(#found == 60 and found[1][3] - found[1][1] == 1, "only what came is written")
end

tests["references fold where the end is followed; what is read stays open"] = function()
  local shown, window = opened()
  local function reference(key, folded)
    local made = block(key, vim.list_extend({ key }, vim.split(("x "):rep(40), " ")))
    made.folds = { { from = 0, to = 39, kind = "turn", label = "gist", closed = folded } }
    return made
  end
  local answer = block("z", { "z", "" })
  draw.show(shown, { reference("a", false), reference("b", false), answer })
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(shown.buffer), 0 })
  draw.show(shown, { reference("a", true), reference("b", true), answer })
  same({ vim.fn.foldclosed(1), vim.fn.foldclosed(43) }, { 1, 43 })
  draw.show(shown, { reference("a", false), reference("b", false), answer })
  same(vim.fn.foldclosed(1), -1)
  vim.api.nvim_win_set_cursor(window, { 5, 0 })
  draw.show(shown, { reference("a", true), reference("b", true), answer })
  same({ vim.fn.foldclosed(1), vim.fn.line(".") }, { -1, 5 })
end

tests["marks go with their lines"] = function()
  local shown = opened()
  local function marked(key, texts, group)
    local made = block(key, texts)
    made.lines[1].marks = { { from = 0, to = -1, group = group } }
    return made
  end
  local function groups()
    local namespace = vim.api.nvim_get_namespaces()["moa.panel"]
    return vim.tbl_map(function(mark)
      return mark[2] .. mark[4].hl_group
    end, vim.api.nvim_buf_get_extmarks(shown.buffer, namespace, 0, -1, { details = true }))
  end
  local b = marked("b", { "b", "" }, "MoaQuiet")
  draw.show(shown, { marked("a", { "a", "1", "" }, "MoaYou"), b })
  same(groups(), { "0MoaYou", "3MoaQuiet" })
  draw.show(shown, { marked("a", { "a", "1", "2", "" }, "MoaDropped"), b })
  same(groups(), { "0MoaDropped", "4MoaQuiet" })
  draw.show(shown, { b })
  same(groups(), { "0MoaQuiet" })
end

tests["a buffer that somebody wrote into is drawn anew"] = function()
  local shown = opened()
  draw.show(shown, { block("a", { "a", "1", "" }) })
  vim.bo[shown.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(shown.buffer, 0, 1, false, { "x", "y" })
  draw.show(shown, { block("a", { "a", "2", "" }) })
  same(text(shown), "a|2|")
end

return tests
