-- Presets and roles with the real server: chosen, saved, renamed and deleted, completed, and edited in a buffer. What the panel shows
-- of them is in `panel_test.lua`.

local child = require("child")

--- As `before`: the sample is trusted, what is asked by a menu is kept, and answered by what a test puts into `_G.answers`.
local ASKED = [[
  local sample = ...
  _G.trust(sample)
  _G.asked, _G.answers = {}, {}
  vim.ui.select = function(items, given, chosen)
    local lines = {}
    for index, item in ipairs(items) do
      lines[index] = (given.format_item or tostring)(item)
    end
    table.insert(_G.asked, { given.prompt, lines })
    local answer = table.remove(_G.answers, 1)
    for index, line in ipairs(lines) do
      if answer and line:find(answer, 1, true) then
        chosen(items[index], index)
        return
      end
    end
    chosen(nil, nil)
  end
  vim.ui.input = function(given, done)
    table.insert(_G.asked, { given.prompt })
    done(table.remove(_G.answers, 1))
  end
  -- Runs a command, and waits until so many sentences were said in all.
  function _G.run(command, said)
    vim.cmd(command)
    assert(vim.wait(20000, function() return #_G.said >= said end, 10), vim.inspect(_G.said))
    return _G.said[said]
  end
  function _G.begun()
    _G.ask("new-discussion", {})
    assert(vim.wait(5000, function() return require("moa").state().discussion ~= nil end, 10))
  end
]]

---@param one moa.tests.Child
---@param typed string
local function completed(one, typed)
  return one:lua([[return vim.fn.getcompletion(..., "cmdline")]], typed)
end

return {
  ["one is chosen by its name, also where there is no discussion yet"] = child.with(function(one)
    same(
      one:lua([[
      local said = _G.run("Moa preset panel", 1)
      local wrong = _G.run("Moa preset nonsense", 2)
      local status = require("moa").status()
      return { said, wrong:match("There is no preset 'nonsense'"), require("moa").preset(), status:match("^moa panel"), #_G.asked }
    ]]),
      {
        "moa: panel is in force here: (alpha ∥ bravo ∥ charlie) → aggregator.",
        "There is no preset 'nonsense'",
        "panel",
        "moa panel",
        0,
      }
    )
  end, ASKED),

  ["one is picked, with what it takes before it is chosen; who leaves the menu has changed nothing"] = child.with(
    function(one)
      local got = one:lua([[
      _G.begun()
      vim.cmd("Moa preset")
      assert(vim.wait(20000, function() return #_G.asked == 1 end, 10))
      local before = require("moa").preset()
      _G.answers = { "  solo " }
      _G.run("Moa preset", 1)
      return { _G.asked[1], before, require("moa").preset() }
    ]])
      same(got[1][1], "By which preset from now on?")
      same({ got[2], got[3] }, { "default", "solo" })
      local lines = {}
      for _, line in ipairs(got[1][2]) do
        lines[line:match("^%S* *(%S+)")] = line
      end
      check(vim.startswith(lines.default, "● default  alpha → bravo → charlie "), lines.default)
      check(lines.panel:find("  %(alpha ∥ bravo ∥ charlie%).*  4 calls  ") ~= nil, lines.panel)
      check(lines.solo:find(" 1 call ", 1, true) ~= nil, lines.solo)
    end,
    ASKED
  ),

  ["the set-up is saved, replaced after a yes, renamed and deleted"] = child.with(function(one)
    local got = one:lua([[
      _G.begun()
      local function names()
        return vim.fn.getcompletion("Moa preset-rename ", "cmdline")
      end
      local saved = _G.run("Moa preset-save mine", 1)
      local there = names()
      _G.answers = { "Keep it", "Replace it", "other", "Keep it", "Delete it" }
      vim.cmd("Moa preset-save mine")
      assert(vim.wait(5000, function() return #_G.asked == 1 end, 10))
      local replaced = _G.run("Moa preset-save mine", 2)
      local renamed = _G.run("Moa preset-rename mine", 3)
      local refused = _G.run("Moa preset-save panel", 4)
      vim.cmd("Moa preset-delete other")
      assert(vim.wait(5000, function() return #_G.asked == 4 end, 10))
      local kept = names()
      local deleted = _G.run("Moa preset-delete other", 5)
      return { saved, there, _G.asked[1], renamed, refused, kept, deleted, names(), replaced == saved }
    ]])
    check(got[1]:find("^moa: Saved as mine, in .*/config/presets/mine%.toml%.$") ~= nil, got[1])
    same(got[2], { "mine" })
    same(got[3], { "There is a preset mine already: alpha → bravo → charlie.", { "Keep it", "Replace it" } })
    check(got[4]:find("^moa: mine is called other now, in .*/other%.toml%.$") ~= nil, got[4])
    check(got[5]:find("choose another name", 1, true) ~= nil, got[5])
    same({ got[6], got[7], got[8], got[9] }, { { "other" }, "moa: The preset other is deleted.", {}, true })
  end, ASKED),

  ["presets and roles are completed where they belong"] = child.with(function(one)
    same(completed(one, "Moa preset "), {})
    one:lua("_G.begun()")
    same(completed(one, "Moa preset pa"), { "panel" })
    same(completed(one, "Moa once so"), { "solo" })
    same(completed(one, "Moa once solo why @sto"), { "@stock.json", "@store.py" })
    same(completed(one, "Moa once solo so"), {})
    same(completed(one, "Moa preset-delete "), {})
    check(vim.tbl_contains(completed(one, "Moa role alpha "), "security"))
    same(completed(one, "Moa role alpha security "), {})
  end, ASKED),

  ["a role comes from the library, or is said in words, or goes"] = child.with(function(one)
    same(
      one:lua([[
      _G.begun()
      local function role()
        return require("moa").state().discussion.architects[1].role or "none"
      end
      local roles = require("moa.panel.roles")
      local seen = {}
      local function give(answers, wanted)
        _G.answers = answers
        roles.give("alpha")
        vim.wait(5000, function() return role() == wanted end, 10)
        seen[#seen + 1] = role()
      end
      give({ "security" }, "security")
      give({ "In your words", "only the tests" }, "only the tests")
      give({ "As it is configured" }, "none")
      give({}, "none")
      return { seen, _G.asked[1][1] }
    ]]),
      { { "security", "only the tests", "none", "none" }, "What is alpha to look at?" }
    )
  end, ASKED),

  ["all roles are edited in a buffer, and set by writing it"] = child.with(function(one)
    same(
      one:lua([[
      _G.begun()
      _G.ask("set-role", { name = "bravo", role = "security" })
      _G.ask("drop-architect", { name = "charlie" })
      vim.cmd("Moa roles")
      local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
      vim.api.nvim_buf_set_lines(0, 1, 2, false, { "Look at the tests,", "and at nothing else." })
      local modified = vim.bo.modified
      _G.run("write", 1)
      local architects = require("moa").state().discussion.architects
      local still = vim.bo.modified
      _G.run("write", 2)
      return { lines, modified, still, architects[1].role, architects[2].role, _G.said }
    ]]),
      {
        { "# alpha", "", "", "# bravo", "security" },
        true,
        false,
        "Look at the tests,\nand at nothing else.",
        "security",
        { "moa: 1 role is set.", "moa: No role is other than before." },
      }
    )
  end, ASKED),
}
