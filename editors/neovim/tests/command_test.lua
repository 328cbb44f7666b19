-- `:Moa`: what can be typed, what is completed, what a range selects, and what each refusal says.

local child = require("child")

local TRUSTED = [[local sample = ... _G.trust(sample)]]

---@param one moa.tests.Child
---@param typed string
local function completed(one, typed)
  return one:lua([[return vim.fn.getcompletion(..., "cmdline")]], typed)
end

return {
  ["subcommands, names and files are completed"] = child.with(function(one)
    check(vim.tbl_contains(completed(one, "Moa "), "discuss"))
    same(completed(one, "Moa ch"), { "checkpoints" })
    same(completed(one, "'<,'>Moa disc"), { "discuss" })
    same(completed(one, "Moa discuss look at @sto"), { "@stock.json", "@store.py" })
    same(completed(one, "Moa discuss sto"), {})
    same(completed(one, "Moa drop "), {})
    same(completed(one, "Moa settings p"), { "project" })
    one:lua([[
      _G.ask("new-discussion", {})
      vim.wait(5000, function() return require("moa").state().discussion ~= nil end, 10)
    ]])
    same(completed(one, "Moa drop "), { "alpha", "bravo", "charlie" })
    same(completed(one, "Moa restore "), {})
    one:lua([[
      vim.cmd("Moa drop bravo")
      vim.wait(5000, function() return #_G.said > 0 end, 10)
      vim.wait(5000, function() return require("moa").state().discussion.architects[2].dropped end, 10)
    ]])
    same(completed(one, "Moa drop "), { "alpha", "charlie" })
    same(completed(one, "Moa restore "), { "bravo" })
    same(completed(one, "Moa drop alpha c"), {})
    check(vim.tbl_contains(completed(one, "Moa add replay:"), "replay:demo"))
  end, TRUSTED),

  ["the panel and the review are asked for what was typed"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd("Moa")
      vim.cmd("Moa discuss   why % and # | here? ")
      vim.cmd("Moa discuss")
      vim.cmd("Moa discuss /code is a path")
      vim.cmd("Moa code keep 1")
      vim.cmd("Moa role alpha")
      vim.cmd("Moa once solo why @api.py /x")
      vim.cmd("Moa once solo")
      return _G.panel
    ]]),
      {
        { "open", { focus = true } },
        { "ask", { message = "why % and # | here?", send = true } },
        { "ask", { send = false } },
        { "ask", { message = "/discuss /code is a path", send = true } },
        { "ask", { message = "/code keep 1", send = true } },
        { "set_role", "alpha" },
        { "ask", { message = "why @api.py /x", preset = "solo", send = true } },
        { "ask", { preset = "solo", send = false } },
      }
    )
  end),

  ["a range is a selection, a characterwise one to the character"] = child.with(function(one)
    local got = one:lua([[
      vim.fn.writefile({ "one = 1", "größe = '😀' + x", "three" }, "g.py")
      vim.cmd.edit("g.py")
      vim.cmd("2,3Moa discuss lines")
      vim.fn.cursor(2, 1)
      vim.cmd("normal! fövf😀")
      vim.cmd([=[execute "normal! \<Esc>"]=])
      vim.cmd("'<,'>Moa discuss part")
      vim.cmd("'<,'>Moa")
      assert(vim.wait(30000, function() return #_G.panel == 3 end, 10))
      local client = vim.lsp.get_clients()[1]
      return { _G.panel, client.offset_encoding, vim.uri_from_fname(vim.fn.expand("%:p")) }
    ]])
    local asked, encoding, uri = got[1], got[2], got[3]
    local function units(utf8, utf16)
      return encoding == "utf-8" and utf8 or utf16
    end
    same(asked[1], {
      "ask",
      {
        message = "lines",
        send = true,
        selection = {
          uri = uri,
          range = { start = { line = 1, character = 0 }, ["end"] = { line = 2, character = 5 } },
        },
      },
    })
    local range = { start = { line = 1, character = 2 }, ["end"] = { line = 1, character = units(15, 11) } }
    same(asked[2][2].selection.range, range)
    same(asked[3], { "ask", { send = false, selection = { uri = uri, range = range } } })
  end, TRUSTED),

  ["what can't be done is said in a sentence"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd("Moa explain this")
      vim.cmd("Moa dscuss x")
      vim.cmd("Moa cancel")
      vim.cmd("1Moa discuss x")
      vim.cmd("Moa folder /nowhere")
      return _G.said
    ]]),
      {
        "moa: There is no subcommand explain. To ask the architects, type `:Moa discuss explain this`.",
        "moa: There is no subcommand dscuss. Did you mean discuss?",
        "moa: Nothing is under way.",
        "moa: Only a part of a file can be shown to the architects. Give this buffer a name first.",
        "moa: There is no folder /nowhere.",
      }
    )
    check(one
      :lua([[
      _G.ask("new-discussion", {})
      vim.cmd("Moa drop nobody")
      vim.wait(30000, function() return #_G.said == 6 end, 10)
      return _G.said[6]
    ]])
      :match("nobody"))
  end, TRUSTED),

  ["a file of another project: it is asked once where it belongs"] = child.with(function(one)
    vim.fn.mkdir(one.folder .. "/other/.git", "p")
    same(
      one:lua(
        [[
      local asked = {}
      vim.ui.select = function(ways, given, chosen) table.insert(asked, given.prompt) chosen(ways[3], 3) end
      _G.ask("list-discussions", {})
      vim.cmd.edit(... .. "/x.py")
      vim.cmd("Moa")
      vim.cmd("Moa discuss y")
      return { asked, #_G.panel }
    ]],
        one.folder .. "/other"
      ),
      { { "x.py is of other, which isn't in the workspace tea:" }, 2 }
    )
  end, TRUSTED),

  ["settings and the log open where the user's files are"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd.new()
      vim.bo.buftype = "nofile"
      vim.wo.winfixbuf = true
      vim.cmd("Moa settings project")
      local project = vim.fn.expand("%:t")
      vim.cmd("Moa settings")
      vim.wait(30000, function() return vim.fn.expand("%:t") == "config.toml" end, 10)
      local user = vim.api.nvim_buf_get_name(0)
      vim.cmd("Moa log")
      vim.wait(30000, function() return #_G.said > 0 end, 10)
      return { project, user == vim.env.MOA_CONFIG_DIR .. "/config.toml", _G.said[1]:match("^moa: Nothing was logged yet") }
    ]]),
      { "moa.toml", true, "moa: Nothing was logged yet" }
    )
  end),

  ["what a message would cost, and roles and titles"] = child.with(function(one)
    local said = one:lua([[
      vim.cmd("Moa estimate Hello @api.py")
      vim.wait(30000, function() return #_G.said > 0 end, 10)
      _G.ask("new-discussion", {})
      vim.cmd("Moa rename Two words")
      vim.cmd("Moa role alpha the tests")
      vim.wait(10000, function()
        local discussion = require("moa").state().discussion
        return discussion and discussion.title == "Two words" and discussion.architects[1].role ~= nil
      end, 10)
      local discussion = require("moa").state().discussion
      return { _G.said[1], discussion.title, discussion.architects[1].role }
    ]])
    check(said[1]:match("^moa: .* in all %(alpha .* tok"), said[1])
    same({ said[2], said[3] }, { "Two words", "the tests" })
  end, TRUSTED),

  ["the statusline's text can't hold a code of the statusline"] = child.with(function(one)
    same(
      one:lua([[
      package.loaded["moa.client"] = { state = function() return { kind = "running" } end }
      package.loaded["moa.discussion.current"] = { state = function()
        return {
          discussion = { architects = { { name = "a%#X#\n" } }, rounds = {}, codings = {} },
          running = true,
          activities = { ["a%#X#\n"] = { since = 0, edits = {}, repairing = 0 } },
          changes = {},
        }
      end }
      return { require("moa").status(), vim.api.nvim_eval_statusline(require("moa").status(), {}).str }
    ]]),
      { "● a%%#X#", "● a%#X#" }
    )
  end),
}
