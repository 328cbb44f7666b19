-- The parts that know no editor: the state, money, prompts, restarts, what the statusline says.

local reduce = require("moa.discussion.state")
local money = require("moa.discussion.money")
local presets = require("moa.discussion.presets")
local prompt = require("moa.discussion.prompt")
local roles = require("moa.panel.roles")
local stages = require("moa.discussion.stages")

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

  ["two that are asked side by side stream into their own turns, whoever isn't known too"] = function()
    local state = follow(
      reduce.shown(discussion()),
      { kind = "roundStarted", number = 1, message = "Hi", preset = "panel" },
      { kind = "stageStarted", step = 1, stage = "proposals", architects = { "alpha", "zulu" }, parallel = true },
      { kind = "turnStarted", architect = "alpha", step = 1, stage = "proposals" },
      { kind = "turnStarted", architect = "zulu", step = 1, stage = "proposals" },
      { kind = "turnDelta", architect = "alpha", text = "A" },
      { kind = "turnDelta", architect = "zulu", text = "Z" },
      { kind = "turnDelta", architect = "alpha", text = "a" }
    )
    local round = state.discussion.rounds[1]
    same({ round.preset, round.turns[1].text, round.turns[2].text }, { "panel", "Aa", "Z" })
    same({ round.turns[2].stage, round.turns[2].step, round.turns[2].parallel }, { "proposals", 1, true })
    same({ round.turns[1].model, round.turns[2].model }, { "m/a", "" })
    check(state.activities.alpha ~= nil and state.activities.zulu ~= nil)
    state = follow(state, { kind = "turnFinished", turn = turn("done", { architect = "zulu", model = "m/z" }) })
    same(state.discussion.rounds[1].turns[2].model, "m/z")
    check(state.activities.alpha ~= nil and state.activities.zulu == nil)
  end,

  ["several turns of one architect in a round are each a turn of its own"] = function()
    local function asked(step, text)
      return { kind = "turnStarted", architect = "alpha", step = step, stage = "s" .. step }, {
        kind = "turnFinished",
        turn = turn("done", { step = step, stage = "s" .. step, text = text }),
      }
    end
    local one, other = asked(1, "First.")
    local third, fourth = asked(2, "Second.")
    local begun = reduce.shown(discussion())
    local state = follow(begun, { kind = "roundStarted", number = 1, message = "" }, one, other, third, fourth)
    same(
      { state.discussion.rounds[1].turns[1].text, state.discussion.rounds[1].turns[2].text },
      { "First.", "Second." }
    )
  end,

  ["a note stays where it was heard, and stands at the end where it wasn't"] = function()
    local state = follow(
      reduce.shown(discussion()),
      { kind = "roundStarted", number = 1, message = "" },
      { kind = "roundNoted", text = "bravo isn't asked: none of its files is touched.", architect = "bravo" },
      { kind = "turnStarted", architect = "alpha" },
      { kind = "turnFinished", turn = turn("done") },
      { kind = "roundNoted", text = "Agreed." }
    )
    local notes = { "bravo isn't asked: none of its files is touched.", "Agreed." }
    local whole = { discussion = "d1", number = 1, message = "", turns = { turn("done") }, notes = notes }
    local function places(round)
      return vim.tbl_map(function(note)
        return note.after
      end, stages.notes(round))
    end
    same(places(state.discussion.rounds[1]), { 0, 1 })
    state = follow(state, { kind = "roundFinished", round = whole })
    same(places(state.discussion.rounds[1]), { 0, 1 })
    same(places(reduce.shown(discussion({ rounds = { whole } }), state).discussion.rounds[1]), { 0, 1 })
    same(places(reduce.shown(discussion({ rounds = { whole } })).discussion.rounds[1]), { 1, 1 })
  end,

  ["presets in lines: what is known has a tilde, what isn't a dash and the reason"] = function()
    local function preset(more)
      return vim.tbl_extend("force", {
        name = "panel",
        title = "All at once",
        shape = "(alpha ∥ bravo) → aggregator",
        calls = { least = 3, most = 3 },
        costUsd = 0.024,
        seconds = 12.4,
        basis = "From 14 earlier turns.",
        current = false,
      }, more or {})
    end
    local function cut(text, cells)
      return vim.fn.strcharpart(text, 0, cells)
    end
    local nothing = { name = "arbiter", shape = "…", calls = { least = 4, most = 21 }, basis = "Not known yet." }
    local unknown = preset(nothing)
    unknown.costUsd, unknown.seconds = nil, nil
    same(presets.lines({ preset({ current = true }), unknown, preset({ name = "x", problem = "No." }) }, 200, cut), {
      "● panel    (alpha ∥ bravo) → aggregator  3 calls     ~2.4 ¢  ~12 s  All at once",
      "  arbiter  …                             4–21 calls  –       –      Not known yet.",
      "✗ x        can't be used: No.",
    })
    same(vim.api.nvim_strwidth(presets.lines({ preset() }, 30, cut)[1]), 30)
    same({ presets.calls(preset({ calls = { least = 1, most = 1 } })), presets.wait(preset({ seconds = 0.2 })) }, {
      "1 call",
      "~1 s",
    })
    same(presets.wait(preset({ seconds = 125 })), "~2 min")
    same(presets.saved({ preset({ from = "saved" }), preset({ from = "built-in" }) })[1].from, "saved")
  end,

  ["roles as one text, and back"] = function()
    local architects = {
      { name = "alpha", model = "m", dropped = false, role = "security" },
      { name = "bravo", model = "m", dropped = true, role = "gone" },
      { name = "charlie", model = "m", dropped = false },
    }
    same(roles.as_lines(architects), { "# alpha", "security", "", "# charlie", "" })
    local typed = { "# alpha", "Two", "# nobody", "lines", "", "#  charlie ", " tests " }
    same(roles.of_lines(typed, architects), { alpha = "Two\n# nobody\nlines", charlie = "tests" })
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
    same(prompt.parse("/once solo why\n@a.py?"), { kind = "discuss", preset = "solo", message = "why\n@a.py?" })
    same(prompt.parse("/once solo").words, "Say by which preset, and what: /once NAME TEXT.")
    same(prompt.parse("/preset panel"), { kind = "preset", name = "panel" })
    same(prompt.parse("/preset"), { kind = "preset" })
    same(prompt.parse("/preset a b").kind, "wrong")
    local known = "There are /discuss, /code, /drop, /preset and /once."
    same(prompt.parse("/cod").words, "There is no command /cod. " .. known)
    same(prompt.parse("/usr/bin is a folder").kind, "discuss")
    same(prompt.parse("/größe x").words, "There is no command /größe. " .. known)
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
