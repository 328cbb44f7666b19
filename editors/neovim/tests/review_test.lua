-- The review: its pure parts, and how hunks are drawn, walked, settled and followed, with the real server and the
-- demo's recording.

local child = require("child")
local hunks = require("moa.review.hunks")
local who = require("moa.review.who")

---@param id string
---@param from integer
---@param to integer
---@param text string
---@param more? table
---@return moa.Hunk
local function hunk(id, from, to, text, more)
  local range = { start = { line = from, character = 0 }, ["end"] = { line = to, character = 0 } }
  return vim.tbl_extend(
    "force",
    { id = id, range = range, newText = text, status = "pending", sources = { "alpha" } },
    more or {}
  )
end

---@param id string
---@param files moa.FileChange[]
---@param more? table
---@return moa.Change
local function change(id, files, more)
  return vim.tbl_extend("force", {
    id = id,
    discussion = "d",
    source = "alpha",
    title = "T",
    status = "pending",
    files = files,
    diff = "",
    problems = {},
  }, more or {})
end

local function name(uri)
  return (uri:gsub("file:///", ""))
end

--- Discusses and codes the demo, with the review as it is; leaves the cursor in api.py.
local READY = child.QUICK
  .. [[
  package.loaded["moa.review"] = nil
  vim.g.maplocalleader = ","
  vim.notify = function(words) table.insert(_G.said, words) end
  vim.cmd.edit("api.py")
  function _G.coded()
    _G.ask("discuss", { message = "Let's improve the error handling in our API." })
    _G.ask("discuss", { message = "Keep alpha's error type, do bravo's narrow except; no retry." })
    local change = _G.ask("code", { message = "Go ahead." }).result
    vim.wait(300, function() return #require("moa.review.places").spots_in(0, "pending") > 0 end)
    return change
  end
  function _G.change(id) return require("moa").state().changes[id] end
  function _G.standing(id) return require("moa.review.hunks").standing(_G.change(id)) end
  function _G.until_(words, id)
    return vim.wait(5000, function() return _G.standing(id):find(words, 1, true) ~= nil end, 10)
  end
  -- What is drawn: per line (from 1) its sign, the words at its end, and the lines below it.
  function _G.drawn(buffer)
    local namespace = vim.api.nvim_create_namespace("moa.review")
    local lines = {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer or 0, namespace, 0, -1, { details = true })) do
      local key = tostring(mark[2] + 1)
      local one = lines[key] or {}
      lines[key] = one
      local details = mark[4]
      one.sign = details.sign_text and vim.trim(details.sign_text) or one.sign
      for _, chunk in ipairs(details.virt_text or {}) do
        one.words = vim.trim((one.words or "") .. chunk[1])
      end
      for _, line in ipairs(details.virt_lines or {}) do
        local text = ""
        for _, chunk in ipairs(line) do text = text .. chunk[1] end
        one.below = one.below or {}
        table.insert(one.below, (text:gsub("%s+$", "")))
      end
    end
    return lines
  end
]]

---@param test fun(one: moa.tests.Child)
---@return fun()
local function with_review(test)
  return child.with(test, READY)
end

return {
  ["what several propose alike is one spot, and names everybody"] = function()
    local first = change("c1", { { uri = "file:///a", kind = "edit", hunks = { hunk("h", 1, 2, "x\n") } } })
    local same_edit =
      { hunk("h", 1, 2, "x\n", { sources = { "bravo" } }), hunk("i", 1, 2, "y\n", { sources = { "bravo" } }) }
    local second = change("c2", { { uri = "file:///a", kind = "edit", hunks = same_edit } })
    local spots = hunks.spots_of({ first, second }, "pending")
    same(#spots, 2)
    same(spots[1].sources, { "alpha", "bravo" })
    same(hunks.said(spots[1], name), "alpha and bravo agree to replace 1 line by 1")
    same(hunks.said(spots[2], name), "bravo proposes to replace 1 line by 1")
  end,

  ["what a hunk does, in words"] = function()
    local function words(file, one)
      file.hunks = { one }
      return hunks.deed(hunks.spots_of({ change("c", { file }) })[1], name)
    end
    local edit = { uri = "file:///a.py", kind = "edit" }
    same(words(edit, hunk("h", 3, 3, "a\nb\n")), "insert 2 lines")
    same(words(edit, hunk("h", 3, 4, "")), "remove 1 line")
    same(words({ uri = "file:///n.py", kind = "create" }, hunk("h", 0, 0, "a\n")), "create n.py with 1 line")
    same(words({ uri = "file:///n.py", kind = "delete" }, hunk("h", 0, 4, "")), "delete n.py")
    local rename = { uri = "file:///n.py", newUri = "file:///m.py", kind = "rename" }
    same(words(rename, hunk("h", 0, 0, "")), "rename n.py to m.py")
    same(hunks.stands_at(rename), "file:///n.py")
    rename.hunks[1].status = "applied"
    same(hunks.stands_at(rename), "file:///m.py")
  end,

  ["the next hunk is further down, then in the next file, then the first again"] = function()
    local stops = { { file = "a", line = 9 }, { file = "b", line = 4 }, { file = "a", line = 2 } }
    same(hunks.step(stops, { file = "a", line = 2 }, 1), 1)
    same(hunks.step(stops, { file = "a", line = 9 }, 1), 2)
    same(hunks.step(stops, { file = "b", line = 4 }, 1), 3)
    same(hunks.step(stops, { file = "a", line = 2 }, -1), 2)
    same(hunks.step(stops, { file = "elsewhere", line = 0 }, -1), 2)
    same(hunks.step(stops, nil, 1), 3)
    same(hunks.step({}, nil, 1), nil)
  end,

  ["the words about a hunk hold the others', and no character that acts on the terminal"] = function()
    local problems = { { message = "An odd\27[31m character.", file = "a", notice = true } }
    local mine = change(
      "c1",
      { { uri = "file:///a", kind = "edit", hunks = { hunk("h", 1, 2, "x\n") } } },
      { problems = problems }
    )
    local other = hunk("i", 1, 2, "y\n", { sources = { "bravo" } })
    local theirs = change("c2", { { uri = "file:///a", kind = "edit", hunks = { other } } })
    local spots = hunks.spots_of({ mine, theirs })
    local lines = vim.tbl_map(
      function(line)
        return line.text
      end,
      who.lines(spots[1], { spots[2] }, name, function()
        return "Normal"
      end)
    )
    same(lines[1], "alpha proposes to replace 1 line by 1")
    check(vim.tbl_contains(lines, "Instead, bravo proposes to replace 1 line by 1"))
    check(vim.tbl_contains(lines, "⚠ An odd^[[31m character."))
  end,

  ["hunks are drawn where they stand, and move with what is typed at once"] = with_review(function(one)
    local got = one:lua([[
      _G.coded()
      local before = _G.drawn()
      vim.api.nvim_buf_set_lines(0, 0, 0, false, { "typed", "above" })
      local at_once = _G.drawn()
      vim.wait(1000)
      return { before = before, at_once = at_once, later = _G.drawn() }
    ]])
    local raised =
      { sign = "┃", words = "● the editor model", below = { '    raise ApiError(404, "no such path")' } }
    same(got.before["19"], raised)
    same(got.before["7"].sign, "▾")
    same(got.before["7"].below[1], "    except ApiError as error:")
    same(got.at_once["21"], raised)
    same(got.later, got.at_once)
  end),

  ["accept, reject and undo at the cursor, each a single undo step that leaves the rest alone"] = with_review(
    function(one)
      local got = one:lua([[
      local review = require("moa.review")
      local id = _G.coded().id
      local text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
      review.open()
      local mapped = vim.fn.maparg(",a", "n", false, true).buffer
      vim.api.nvim_win_set_cursor(0, { 19, 4 })
      review.accept()
      local accepted = _G.until_("1 applied", id)
      local line, cursor = vim.fn.getline(19), vim.api.nvim_win_get_cursor(0)
      vim.api.nvim_win_set_cursor(0, { 9, 0 })
      review.reject()
      local rejected = _G.until_("1 rejected", id)
      local shown = _G.drawn()
      review.undo()
      local undone = _G.until_("10 to review", id)
      local same_again = vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), text)
      review.unreject()
      local back = _G.until_("11 to review", id)
      review.close()
      return {
        mapped = mapped, accepted = accepted, line = line, cursor = cursor, rejected = rejected, undone = undone,
        same_again = same_again, back = back, quiet = shown["19"] == nil and shown["9"] == nil,
        unmapped = next(vim.fn.maparg(",a", "n", false, true)) == nil, modified = vim.bo.modified, said = _G.said,
      }
    ]])
      same(got, {
        mapped = 1,
        accepted = true,
        line = '    raise ApiError(404, "no such path")',
        cursor = { 19, 4 },
        rejected = true,
        undone = true,
        same_again = true,
        back = true,
        quiet = true,
        unmapped = true,
        modified = true,
        said = {},
      })
    end
  ),

  ["whoever types into a hunk is told that it is stale, and everything else can be accepted"] = with_review(
    function(one)
      local got = one:lua([[
      local review = require("moa.review")
      local id = _G.coded().id
      vim.api.nvim_buf_set_text(0, 18, 4, 18, 4, { "# mine " })
      local stale = _G.until_("1 stale", id)
      vim.wait(100)
      local shown = _G.drawn()["19"]
      review.open({ change = id })
      review.accept_all()
      local all = _G.until_("10 applied", id)
      vim.wait(100)
      local function text(name) return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr(name), 0, -1, false), "\n") end
      local created = vim.fn.bufnr("errors.py")
      vim.cmd("silent wall")
      return {
        stale = stale, shown = shown, all = all, mine = text("api.py"):find("# mine return", 1, true) ~= nil,
        created = created > 0, errors = table.concat(vim.fn.readfile("errors.py"), "\n") .. "\n",
        proposed = _G.change(id).files[1].hunks[1].newText, windows = #vim.api.nvim_list_wins(),
        unmapped = next(vim.fn.maparg(",a", "n", false, true)) == nil,
      }
    ]])
      same(got.stale, true)
      same(got.shown, { sign = "┆", words = "┆ you changed these lines (the editor model: stale)" })
      same({ got.all, got.mine, got.created, got.windows, got.unmapped }, { true, true, true, 1, true })
      same(got.errors, got.proposed)
    end
  ),

  ["the walk goes through all files, and shows a file that isn't there yet as a preview"] = with_review(function(one)
    local got = one:lua([[
      local review = require("moa.review")
      _G.coded()
      local places = {}
      vim.api.nvim_win_set_cursor(0, { 1, 0 })
      for _ = 1, 11 do
        review.next()
        vim.wait(1000, function() return vim.bo.buftype ~= "" or vim.api.nvim_buf_get_name(0) ~= "" end)
        vim.wait(150)
        local name = vim.fs.basename(vim.api.nvim_buf_get_name(0))
        if vim.bo.buftype ~= "" then
          places[#places + 1] = { name, vim.api.nvim_win_get_config(0).relative, vim.fn.getline(1):sub(1, 11) }
          review.close_view()
        else
          places[#places + 1] = { name, vim.fn.line(".") }
        end
      end
      return places
    ]])
    same(got[1], { "api.py", 7 })
    check(vim.tbl_contains(vim.tbl_map(vim.inspect, got), vim.inspect({ "store.py", 12 })), vim.inspect(got))
    same(got[11], { "errors.py", "editor", '"""The one ' })
  end),

  ["side by side: the proposal beside the file, accepted from there, file by file until nothing is left"] = with_review(
    function(one)
      local got = one:lua([[
      local review = require("moa.review")
      local id = _G.coded().id
      vim.api.nvim_win_set_cursor(0, { 19, 0 })
      review.diff()
      vim.wait(3000, function() return vim.wo.diff and vim.bo.buftype == "nofile" end)
      local names = vim.tbl_map(function(window)
        return vim.fs.basename(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(window)))
      end, vim.api.nvim_tabpage_list_wins(0))
      local virtual = 0
      for _, line in pairs(_G.drawn(vim.fn.bufnr("api.py"))) do virtual = virtual + (line.below and 1 or 0) end
      vim.fn.search("raise ApiError(404")
      review.accept()
      local accepted = _G.until_("1 applied", id)
      review.accept_file()
      local file = _G.until_("5 applied", id)
      vim.wait(3000, function() return vim.api.nvim_buf_get_name(0):find("errors.py", 1, true) ~= nil end)
      local second = vim.fs.basename(vim.api.nvim_buf_get_name(0))
      review.accept_all()
      local all = _G.until_("11 applied", id)
      vim.wait(2000, function() return #vim.api.nvim_list_tabpages() == 1 end)
      return {
        names = names, virtual = virtual, accepted = accepted, file = file, second = second, all = all,
        tabs = #vim.api.nvim_list_tabpages(), diff = vim.wo.diff, winbar = vim.wo.winbar,
        left = vim.fs.basename(vim.api.nvim_buf_get_name(0)),
      }
    ]])
      same(got, {
        names = { "api.py", "api.py" },
        virtual = 0,
        accepted = true,
        file = true,
        second = "errors.py",
        all = true,
        tabs = 1,
        diff = false,
        winbar = "",
        left = "api.py",
      })
    end
  ),

  ["the quickfix list holds every hunk and stays in step"] = with_review(function(one)
    local got = one:lua([[
      local review = require("moa.review")
      local id = _G.coded().id
      review.quickfix()
      local list = vim.fn.getqflist({ items = 0, title = 0 })
      vim.cmd.wincmd("p")
      vim.fn.setqflist({}, "a", { idx = 5 })
      vim.api.nvim_win_set_cursor(0, { 19, 0 })
      review.accept()
      _G.until_("1 applied", id)
      vim.wait(200)
      local later = vim.fn.getqflist({ items = 0, title = 0, idx = 0, nr = "$" })
      return {
        title = list.title, count = #list.items, first = list.items[1].text, idx = later.idx, lists = later.nr,
        later = later.title, fifth = later.items[5].text,
      }
    ]])
    same(got, {
      title = "moa: The proposed change, 11 of 11 hunks to review",
      count = 11,
      first = "to review · the editor model · create errors.py with 7 lines",
      idx = 5,
      lists = 1,
      later = "moa: The proposed change, 10 of 11 hunks to review",
      fifth = "applied · the editor model · replace 1 line by 1",
    })
  end),

  ["a hunk's row says the same lines before and after it is applied"] = with_review(function(one)
    local got = one:lua([[
      _G.ask("discuss", { message = "Let's improve the error handling in our API." })
      _G.ask("discuss", { message = "Keep alpha's error type, do bravo's narrow except; no retry." })
      local rounds = require("moa").state().discussion.rounds
      local change = rounds[2].turns[1].change
      local function row()
        local hunk = require("moa.panel.card").of(_G.change(change.id)).hunks[1]
        return { hunk.place, hunk.added, hunk.removed, hunk.status }
      end
      local before = row()
      local failure = _G.ask("apply", { change = change.id }).failure
      local applied = row()
      _G.ask("undo", { change = change.id })
      return { before, applied, row(), failure }
    ]])
    same(
      got,
      { { "store.py:20", 5, 1, "pending" }, { "store.py:20", 5, 1, "applied" }, { "store.py:20", 5, 1, "pending" } }
    )
  end),
}
