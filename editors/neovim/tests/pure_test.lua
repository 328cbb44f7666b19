-- The parts that know no editor: the state, money, prompts, restarts, what the statusline says.

local reduce = require("moa.discussion.state")
local money = require("moa.discussion.money")
local prompt = require("moa.discussion.prompt")

local USAGE = { inputTokens = 1000, outputTokens = 200, costUsd = 0.01, knownCostUsd = 0.01 }

---@return moa.Discussion
local function discussion(more)
  return vim.tbl_extend("force", {
    id = "d1",
    title = "T",
    created = "",
    architects = {
      { name = "alpha", model = "m/a", dropped = false },
      { name = "bravo", model = "m/b", dropped = false },
    },
    rounds = {},
    codings = {},
    usage = { knownCostUsd = 0 },
  }, more or {})
end

local function change(status, more)
  local range = { start = { line = 1, character = 0 }, ["end"] = { line = 2, character = 0 } }
  return vim.tbl_extend("force", {
    id = "c1",
    discussion = "d1",
    source = "alpha",
    title = "t",
    status = status,
    files = {
      {
        uri = "file:///a.py",
        kind = "edit",
        hunks = { { id = "h1", range = range, newText = "x", status = status, sources = {} } },
      },
    },
    diff = "",
    problems = {},
  }, more or {})
end

local function turn(status, more)
  return vim.tbl_extend("force", {
    architect = "alpha",
    model = "m/a",
    status = status,
    text = "Hello.",
    usage = USAGE,
    seconds = 1,
  }, more or {})
end

local function follow(state, ...)
  for _, event in ipairs({ ... }) do
    event.discussion = event.discussion or "d1"
    state = reduce.after(state, event, 5000)
  end
  return state
end

return {
  ["a round as it streams"] = function()
    local begun = follow(
      reduce.shown(discussion()),
      { kind = "roundStarted", number = 1, message = "Hi" },
      { kind = "turnStarted", architect = "alpha" },
      { kind = "turnWaiting", architect = "alpha", seconds = 3, reason = "busy" }
    )
    same(begun.activities.alpha.waiting, { seconds = 3, reason = "busy" })
    local streams = follow(
      begun,
      { kind = "turnDelta", architect = "alpha", text = "Hel" },
      { kind = "turnDelta", architect = "alpha", text = "lo." }
    )
    check(streams.running)
    same(streams.discussion.rounds[1].turns[1].text, "Hello.")
    same(streams.discussion.rounds[1].turns[1].model, "m/a")
    same(streams.activities.alpha, { since = 5000, edits = {}, repairing = 0 })
    same(begun.discussion.rounds[1].turns[1].text, "")
    local done = follow(streams, { kind = "turnFinished", turn = turn("done", { change = change("pending") }) })
    same(done.activities, {})
    same(reduce.to_review(done), 1)
    local over =
      follow(done, { kind = "roundFinished", round = { number = 1, message = "Hi", turns = { turn("done") } } })
    check(not over.running)
    same(#over.discussion.rounds, 1)
  end,

  ["a retry leaves the failed turn where it is"] = function()
    local round =
      { discussion = "d1", number = 1, message = "", turns = { turn("failed"), turn("done", { architect = "bravo" }) } }
    local state = follow(
      reduce.shown(discussion({ rounds = { round } })),
      { kind = "turnStarted", architect = "alpha" },
      { kind = "turnFinished", turn = turn("done", { text = "Again." }) }
    )
    same(
      vim.tbl_map(function(one)
        return one.status
      end, state.discussion.rounds[1].turns),
      { "failed", "done", "done" }
    )
  end,

  ["an event of another discussion changes nothing"] = function()
    local state = reduce.shown(discussion())
    check(state == follow(state, { kind = "roundStarted", discussion = "d2", number = 1, message = "" }))
    check(state == follow(state, { kind = "somethingNew" }))
  end,

  ["a coding stands behind its round, and its change is kept in step"] = function()
    local state = follow(
      reduce.shown(discussion({ rounds = { { discussion = "d1", number = 3, message = "", turns = {} } } })),
      { kind = "codeStarted", message = "Go", model = "m/e" },
      { kind = "codeDelta", text = "abc" },
      { kind = "editRead", path = "a.py", edit = "edit", fits = true }
    )
    same({ state.discussion.codings[1].afterRound, state.discussion.codings[1].text }, { 3, "abc" })
    same(#state.activities.editor.edits, 1)
    local coding =
      { number = 1, afterRound = 3, status = "done", text = "abc", change = change("pending"), usage = USAGE }
    state = follow(state, { kind = "codeFinished", coding = coding })
    check(not state.running)
    same(reduce.to_review(state), 1)
    state = follow(state, { kind = "changeUpdated", change = change("applied") })
    same(state.discussion.codings[1].change.status, "applied")
    same(state.changes.c1.status, "applied")
    same(reduce.to_review(state), 0)
  end,

  ["what was heard further than what was stored stands"] = function()
    local heard = follow(
      reduce.shown(discussion()),
      { kind = "roundStarted", number = 1, message = "" },
      { kind = "turnStarted", architect = "alpha" },
      { kind = "turnDelta", architect = "alpha", text = "Hello, you" }
    )
    local stored = { discussion = "d1", number = 1, message = "", turns = { turn("running", { text = "Hello" }) } }
    local state = reduce.shown(discussion({ rounds = { stored }, running = true }), heard)
    same(state.discussion.rounds[1].turns[1].text, "Hello, you")
    check(state.activities.alpha ~= nil)
  end,

  ["what runs cost, where a part isn't known"] = function()
    local rounds =
      { { turns = { turn("done"), turn("cancelled", { usage = { inputTokens = 5, knownCostUsd = 0.002 } }) } } }
    local usage = reduce.spent(discussion({ rounds = rounds }))
    same(usage.inputTokens, 1005)
    same(usage.costUsd, nil)
    same(money.usd(usage), "≥ 1.2 ¢")
  end,

  ["money and tokens in few characters"] = function()
    same(money.usd({ costUsd = 0.009, knownCostUsd = 0 }), "0.9 ¢")
    same(money.usd({ costUsd = 1.238, knownCostUsd = 0 }), "$1.24")
    same(money.usd({ costUsd = 0, knownCostUsd = 0 }), "0 ¢")
    same(money.usd({ costUsd = 0.0001, knownCostUsd = 0 }), "< 0.1 ¢")
    same(money.usd({ knownCostUsd = 0 }), "–")
    same(money.estimate({ { costUsd = 0.02 }, { costUsd = 0.004 } }), "~2.4 ¢")
    same(money.estimate({ { costUsd = 0.02 }, {} }), "≥ ~2.0 ¢")
    same(money.estimate({ {} }), "–")
    same({ money.tokens(870), money.tokens(1900), money.tokens(24400), money.tokens(1200000), money.tokens(nil) }, {
      "870 tok",
      "1.9k tok",
      "24k tok",
      "1.2M tok",
      "–",
    })
    same(money.cached({ inputTokens = 100, cachedTokens = 61, knownCostUsd = 0 }), "61 % cached")
  end,

  ["what a prompt means"] = function()
    same(prompt.parse("  Hello\n  you \n"), { kind = "discuss", message = "Hello\n  you" })
    same(prompt.parse("/discuss a /b"), { kind = "discuss", message = "a /b" })
    same(prompt.parse("/code"), { kind = "code", message = "" })
    same(prompt.parse("/code keep\n1"), { kind = "code", message = "keep\n1" })
    same(prompt.parse("/drop bravo"), { kind = "drop", name = "bravo" })
    same(prompt.parse("/drop a b").kind, "wrong")
    same(prompt.parse("/discuss").kind, "wrong")
    same(prompt.parse("/cod").words, "There is no command /cod. There are /discuss, /code and /drop.")
    same(prompt.parse("/usr/bin is a folder").kind, "discuss")
    same(prompt.parse("/größe x").words, "There is no command /größe. There are /discuss, /code and /drop.")
    same(prompt.parse(" \n").kind, "wrong")
  end,

  ["files that a prompt names"] = function()
    same(prompt.mentions("see @api.py, (@no) and @api.py @b/c.py."), { "api.py,", "api.py", "b/c.py." })
    same(prompt.mentions("me@home.org @start"), { "start" })
    same(prompt.readings("a.py).»"), { "a.py).»", "a.py" })
    same(prompt.readings("a.py"), { "a.py" })
  end,

  ["a crash now and then is nothing, five in three minutes are enough"] = function()
    local crashes = require("moa.server.restarts").new()
    for second = 1, 4 do
      check(crashes:start_again(second * 1000))
    end
    check(not crashes:start_again(5000))
    check(crashes:start_again(200000))
  end,

  ["options: a mistake is told and changes nothing"] = function()
    local config = require("moa.config")
    same(config.set({ panel = { positon = "left" } }), { "there is no option `panel.positon`" })
    same(config.options.panel.position, "right")
    same(config.set({ server = { cmd = { "/x", "--y" } }, settings = { preset = "z" } }), {})
    same(config.options.settings, { preset = "z" })
    same(config.options.server.autostart, false)
    same(#config.set({ save_after_apply = "yes" }), 1)
    config.set({})
  end,

  ["the plugin's version is the server's"] = function()
    local text = io.open("../../moa_lsp/__init__.py") or io.open("moa_lsp/__init__.py")
    if text then
      same(text:read("*a"):match('__version__ = "(.-)"'), require("moa.config").VERSION)
    end
  end,
}
