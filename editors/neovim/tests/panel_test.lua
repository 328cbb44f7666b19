-- The pure part of the panel: a state gives blocks, blocks have lines. What the buffer and the windows do is in
-- `drawing_test.lua`.

local bars = require("moa.panel.bars")
local blocks = require("moa.panel.blocks")
local card = require("moa.panel.card")
local complete = require("moa.panel.complete")
local notice = require("moa.panel.notice")
local price = require("moa.panel.price")
local reply = require("moa.panel.reply")
local turn = require("moa.panel.turn")
local unseen = require("moa.panel.unseen")

local given_by = require("made")
local usage, hunk, change, turn_of = given_by.usage, given_by.hunk, given_by.change, given_by.turn_of
local without_proposal, state_of, text_of = given_by.without_proposal, given_by.state_of, given_by.text_of

local tests = {}

local function block_of(turns, given, place)
  return blocks.made(state_of(turns, given)).blocks[place or 2]
end

tests["a reply falls into prose, proposal and edits"] = function()
  local text =
    "Why.\n\n<proposal>\nTake this:\n\napi.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n</proposal>\nEnd."
  local found = {}
  for _, piece in ipairs(reply.pieces(text, false)) do
    found[#found + 1] = { piece.kind, piece.proposed, piece.line, piece.lines, piece.path }
  end
  same(found, {
    { "prose", false, 0, 1 },
    { "prose", true, 3, 1 },
    { "edit", true, 5, 6, "api.py" },
    { "prose", false, 12, 1 },
  })
end

tests["a fence under a path, a diff and an envelope are edits; other code is prose"] = function()
  local function kinds(text)
    return vim.tbl_map(function(piece)
      return piece.kind .. " " .. tostring(piece.path)
    end, reply.pieces(text, false))
  end
  same(kinds("src/a.py\n```python\nx\n```"), { "edit src/a.py" })
  same(kinds("```diff\n--- a/x.py\n+++ b/x.py\n```"), { "edit x.py" })
  same(kinds("*** Begin Patch\n*** Update File: b.py\n*** End Patch"), { "edit b.py" })
  same(kinds("So:\n```python\nx = 1\n```"), { "prose nil" })
end

tests["a tag within code is code"] = function()
  local found = reply.pieces("```\n</proposal>\n<proposal>\n```\nx", false)
  same(#found, 1)
  check(not found[1].proposed)
end

tests["while it streams what may become a tag is held back"] = function()
  same(reply.pieces("Words.\n<propo", true)[1].text, "Words.")
  same(reply.pieces("Words.\n<propo", false)[1].text, "Words.\n<propo")
  check(not reply.pieces("a.py\n<<<<<<< SEARCH\nx", true)[1].closed)
end

tests["prose never leaves a fence open"] = function()
  same(reply.closed("a\n```py\nx")[4], "```")
  same(#reply.closed("a\n```py\nx\n```"), 4)
end

tests["what can't be seen is shown"] = function()
  same(unseen.visible("a\27[31mb\0\127"), "a^[[31mb^@^?")
  same(unseen.visible("x\226\128\174y"), "x⟨U+202E⟩y")
  same(unseen.visible("tab\tand\nline\r\n"), "tab\tand\nline\n")
  same(unseen.visible("täglich – “ja” ○ ✓ 日本"), "täglich – “ja” ○ ✓ 日本")
  local family = "\240\159\145\169\226\128\141\240\159\145\167"
  same(unseen.visible(family), family)
  same(unseen.visible("a\226\128\141b"), "a⟨U+200D⟩b")
end

tests["a card has a row for each hunk"] = function()
  local made = card.of(change({
    hunk("h1", 4, 6, "try:\n    return find(key)\n", { sources = { "alpha", "bravo" } }),
    hunk("h2", 9, 9, "", { status = "applied" }),
  }))
  local first, second = made.hunks[1], made.hunks[2]
  same(
    { first.place, first.what, first.code, first.added, first.removed },
    { "my api.py:5", "return find(key)", true, 2, 2 }
  )
  same(first.agreed, { "bravo" })
  same({ second.what, second.removed, second.status_words }, { "take these lines out", 0, "applied" })
  same(card.standing(made), "1 to review · 1 applied")
end

tests["created, deleted and renamed files say so"] = function()
  local function what(kind, given)
    local file =
      vim.tbl_extend("force", { uri = "file:///p/a.py", kind = kind, hunks = { hunk("h", 0, 0, "") } }, given or {})
    local row = card.of(change({}, { files = { file } })).hunks[1]
    return row.place .. " " .. row.what
  end
  same(what("create"), "a.py new file")
  same(what("delete"), "a.py delete the file")
  same(what("rename", { newUri = "file:///p/b.py" }), "a.py rename to b.py")
end

tests["models are called as people call them"] = function()
  same(turn.short_model("anthropic/claude-sonnet-4-20250514"), "sonnet-4")
  same(turn.short_model("openai/gpt-4o-2024-08-06"), "gpt-4o")
  same(turn.short_model("ollama/llama3:latest"), "llama3")
  same(turn.short_model("replay:demo"), "replay")
end

tests["a turn has its name, figures, reasons and proposal"] = function()
  local block = block_of({ turn_of() })
  same(text_of(block), "alpha  sonnet-4\nBecause.\nproposal\nDo it.\n")
  same(block.lines[1].right, { { "  4.1 s · 1.9k tok · 0.9 ¢", "MoaPrice" } })
  same(block.lines[1].sign, "●")
  same(block.lines[3].sign, "┏")
end

tests["what isn't known is a dash, never 0"] = function()
  local block = block_of({ turn_of({ usage = { knownCostUsd = 0 } }) })
  same(block.lines[1].right, { { "  4.1 s · –", "MoaPrice" } })
  same(vim.list_slice(block.facts, 2), { "4.1 s in all", "The provider told no tokens", "The price isn't known" })
end

tests["long reasons fold to their first line, the proposal stays open"] = function()
  local text = "One\ntwo\nthree\nfour\nfive\n<proposal>\nDo it.\n</proposal>"
  local block = block_of({ turn_of({ text = text }) })
  same(block.folds, {
    { from = 1, to = 5, kind = "why", label = "why (5 lines)", closed = true },
    { from = 0, to = 7, kind = "turn", label = "7 lines", closed = false },
  })
end

tests["the hunks are targets, and an edit among the words points to them"] = function()
  local proposal = "First:\n\napi.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE"
  local made = change({ hunk("h1", 0, 1, "b two\n", { replyLines = { 3 } }) })
  local block =
    block_of({ turn_of({ text = "<proposal>\n" .. proposal .. "\n</proposal>", proposal = proposal, change = made }) })
  local targets, texts = {}, {}
  for _, line in ipairs(block.lines) do
    if line.target then
      targets[#targets + 1] = line.target.kind .. " " .. (line.target.hunk or "")
      texts[#texts + 1] = line.text
    end
  end
  same(targets, { "card ", "hunk h1", "hunk h1", "card " })
  same(texts[1], "proposal  1 to review")
  same(texts[2], "→ `api.py` 1")
  check(vim.startswith(texts[3], "○ 1 `my api.py:1`  +1 −1"), texts[3])
end

tests["an edit that made no hunk is shown as it was written"] = function()
  local proposal = "api.py\n```\nnew\n```"
  local made = change({}, { problems = { { message = "api.py: no such lines.", hint = "Look again." } } })
  local block =
    block_of({ turn_of({ text = "<proposal>\n" .. proposal .. "\n</proposal>", proposal = proposal, change = made }) })
  local text = text_of(block)
  check(text:find("`api.py`, as it was written\n~~~~~~\napi.py\nnew\n~~~~~~", 1, true) ~= nil, text)
  check(text:find("✗ api.py: no such lines. Look again.", 1, true) ~= nil, text)
  same(block.folds[1].kind, "written")
end

tests["a failed turn says why in its place, with the next step"] = function()
  local failed =
    without_proposal({ status = "failed", text = "", error = { kind = "no_key", message = "No key: set X_KEY." } })
  local block = block_of({ failed })
  local said = text_of(block)
  check(said:find("✗ No key: set X_KEY.\n  r\u{a0}retry  d\u{a0}drop", 1, true) ~= nil, said)
  check(block.retry)
  local later = block_of({ failed }, { running = true })
  check(not later.retry, "nothing is retried while something runs")
  local replaced = block_of({ failed, turn_of({ retries = 1 }) })
  check(not replaced.retry and not text_of(replaced):find("drop", 1, true), "the turn in its place is what counts")
  same(text_of(block_of({ failed, turn_of({ retries = 1 }) }, nil, 3)):match("^[^\n]*"), "alpha  sonnet-4  once more")
end

tests["a stopped turn keeps what had arrived"] = function()
  local said = text_of(block_of({ without_proposal({ status = "cancelled", text = "Half" }) }))
  check(said:find("Half\n■ Stopped. What had arrived is kept.", 1, true) ~= nil, said)
end

tests["one that runs shows what goes on"] = function()
  local function shown(text, activity)
    local running = without_proposal({ status = "running", text = text })
    local given = vim.tbl_extend("force", { since = 1, edits = {}, repairing = 0 }, activity or {})
    local state = { running = true, activities = { alpha = given } }
    return text_of(block_of({ running }, state)):gsub("^[^\n]*\n", "")
  end
  same(shown(""), "is thinking…\n")
  same(shown("", { waiting = { seconds = 7, reason = "too many requests" } }), "waits 7 s: too many requests\n")
  same(shown("Words", { repairing = 2 }), "Words\n2 edits don't fit; asking for it once more…\n")
  same(shown("<proposal>\na.py\n<<<<<<< SEARCH\nx"), "proposal\n✎ `a.py`  3 lines so far\n")
  local edit = "<proposal>\na.py\n<<<<<<< SEARCH\nx\n=======\n>>>>>>> REPLACE\n"
  same(shown(edit, { edits = { { path = "a.py", edit = "edit", fits = true } } }), "proposal\n✓ `a.py`\n")
  local refused = { path = "a.py", edit = "edit", fits = false, problem = "No such lines." }
  same(shown(edit, { edits = { refused } }), "proposal\n✗ `a.py`  No such lines.\n")
end

tests["a dropped architect is grey and its glyph another"] = function()
  local block = block_of({ turn_of({ architect = "bravo" }) })
  same(block.lines[1].sign, "◌")
  same(block.lines[1].text, "bravo  sonnet-4  dropped")
  same(block.lines[2].marks, { { from = 0, to = -1, group = "MoaDropped" } })
end

tests["the user's message names the files, and those left out with the reason"] = function()
  local state = state_of({})
  state.discussion.rounds[1].files = { "a.py", "b.py", "c.py", "d.py", "e.py" }
  state.discussion.rounds[1].leftOut = { { path = ".env", reason = "may hold secrets" } }
  local block = blocks.made(state).blocks[1]
  local text = text_of(block)
  check(text:find("You\nWhy?\n`a.py` · `b.py` · `c.py` and 2 more · 1 left out", 1, true) ~= nil, text)
  check(text:find("  `.env`: may hold secrets", 1, true) ~= nil, text)
  check(block.folds[1].closed)
  same(block.lines[1].right, { { "1.5k tok", "MoaPrice" } })
end

tests["a /code stands behind the round it came after"] = function()
  local state = state_of({ turn_of() })
  state.discussion.codings = {
    {
      discussion = "d",
      number = 1,
      afterRound = 1,
      message = "Go.",
      model = "m/x",
      status = "done",
      text = "",
      usage = usage(),
      seconds = 1,
    },
  }
  local made = blocks.made(state).blocks
  same(#made, 3)
  same(text_of(made[3]), "editor  x\n/code Go.\n")
end

tests["a block is made anew only where something moved"] = function()
  local state = state_of({ turn_of(), turn_of({ architect = "bravo" }) })
  local first = blocks.made(state)
  local second = blocks.made(state, first)
  check(first.blocks[1] == second.blocks[1] and first.blocks[2] == second.blocks[2])
  local moved = vim.deepcopy(state)
  moved.discussion.rounds[1].files = state.discussion.rounds[1].files
  moved.discussion.rounds[1].usage = state.discussion.rounds[1].usage
  moved.discussion.architects = state.discussion.architects
  moved.discussion.rounds[1].turns[1] = state.discussion.rounds[1].turns[1]
  local third = blocks.made(moved, second)
  check(third.blocks[2] == second.blocks[2] and third.blocks[3] ~= second.blocks[3])
end

tests["the bar above has title and chips as fully as they fit, and no code of the statusline"] = function()
  local wide = bars.head(state_of({}), 100)
  check(wide:find("Errors 100 %%", 1, true) ~= nil, wide)
  check(wide:find("gpt-4o (dropped)", 1, true) ~= nil and wide:find("◌", 1, true) ~= nil, wide)
  local narrow = bars.head(state_of({}), 34)
  check(not narrow:find("gpt", 1, true), narrow)
  for width = 20, 120, 7 do
    local shown = vim.api.nvim_eval_statusline(bars.head(state_of({}), width), { maxwidth = width }).str
    check(vim.api.nvim_strwidth(shown) <= width, shown)
    check(shown:find("●", 1, true) ~= nil, shown)
  end
end

tests["the bar below says round, price and cached share, and drops the last words first"] = function()
  local state = state_of({ turn_of({ usage = usage({ cachedTokens = 915 }) }) })
  same(table.concat(bars.foot_words(state), " · "), "round 1 · 0.9 ¢ this discussion · 61 % cached")
  local function shown(width, given)
    return vim.api.nvim_eval_statusline(bars.foot(state, given or {}, width), { maxwidth = width }).str
  end
  check(shown(90):find("61 % cached", 1, true) ~= nil, shown(90))
  check(shown(54):find("round 1 · 0.9 ¢ · 61 % cached ", 1, true) ~= nil, shown(54))
  check(shown(44):find("round 1 · 0.9 ¢ ", 1, true) ~= nil and not shown(44):find("cached", 1, true), shown(44))
  check(shown(90, { price = "~2.4 ¢" }):find("~2.4 ¢", 1, true) ~= nil)
  state.running = true
  check(shown(90):find("stop", 1, true) ~= nil)
end

tests["a large message is asked about, a small one has no price"] = function()
  local small = { { architect = "alpha", model = "m", inputTokens = 900, costUsd = 0.0001 } }
  local shown =
    { { architect = "alpha", model = "m", inputTokens = 9000, costUsd = 0.024 }, { architect = "b", model = "m" } }
  local large = { { architect = "alpha", model = "m", inputTokens = 120000 } }
  same({ price.words(small), price.is_large(small) }, { nil, false })
  same({ price.words(shown), price.is_large(shown) }, { "≥ ~2.4 ¢", false })
  same(price.is_large(large), true)
  same(price.question(large), "This sends about 120k tok, at a price that isn't known.")
  local calls = { { inputTokens = 90000, costUsd = 0.4 }, { inputTokens = 90000, costUsd = 0.4, stage = "answer" } }
  same(price.question(calls), "This sends about 180k tok in 2 calls, ~80.0 ¢.")
end

tests["there is a word and a next step wherever nothing can be discussed"] = function()
  local step = { label = "x", run = function() end }
  local steps = { demo = step, add = step, settings = step, restart = step }
  local nothing = { running = false, activities = {}, changes = {} }
  local function title(state, server, nobody)
    local block = notice.of(state, server, nobody or false, steps)
    return block and block.lines[1].text
  end
  same(title(nothing, { kind = "running" }), "What shall we think about?")
  same(title(nothing, { kind = "starting" }), "Starting the server")
  same(title(nothing, { kind = "failed", message = "No server." }), "The server isn't running")
  same(title(nothing, { kind = "running" }, true), "There is no architect to ask yet")
  same(title(state_of({}), { kind = "running" }), nil)
end

tests["completion comes by itself behind a slash at the beginning and an at sign"] = function()
  check(complete.offers("/co") and complete.offers("/drop al") and complete.offers("see @a") and complete.offers("@"))
  check(complete.offers("/preset ") and complete.offers("/once so") and not complete.offers("/once solo why"))
  check(not complete.offers("a/b") and not complete.offers("me@x.y") and not complete.offers("plain"))
  local items = complete.items({ { label = "/code", detail = "edits", insertText = "/code" } })
  same({ items[1].word, items[1].abbr }, { "/code ", "/code" })
end

tests["an architect has its place's colour, the editor model one of its own"] = function()
  local colours = require("moa.colours")
  local discussion = { architects = {} }
  for index = 1, 7 do
    discussion.architects[index] = { name = "a" .. index, model = "m", dropped = false }
  end
  same(colours.of(discussion, "a2"), "MoaArchitect2")
  same(colours.of(discussion, "a7"), "MoaArchitect1")
  same({ colours.of(discussion, "editor"), colours.of(nil, "a1") }, { "MoaEditor", "MoaEditor" })
end

return tests
