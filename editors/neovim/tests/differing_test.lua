-- Where architects differ: what the panel, the matrix and the code show of it, what of it is looked at, and how the state
-- follows. What the server makes of a decision is in `tests/neovim/test_differing.py`.

local blocks = require("moa.panel.blocks")
local bars = require("moa.panel.bars")
local given_by = require("made")
local hunks = require("moa.review.hunks")
local matrix = require("moa.panel.matrix")
local price = require("moa.panel.price")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")
local who = require("moa.review.who")

local hunk, change, turn_of, state_of, text_of =
  given_by.hunk, given_by.change, given_by.turn_of, given_by.state_of, given_by.text_of

local tests = {}

local function region(id, stand, alternatives, given)
  return vim.tbl_extend("force", {
    id = id,
    uri = "file:///p/api.py",
    range = { start = { line = 4, character = 0 }, ["end"] = { line = 5, character = 0 } },
    stand = stand,
    message = "They differ.",
    alternatives = alternatives,
    views = {},
  }, given or {})
end

local function alternative(architects, hunk_id, given)
  return vim.tbl_extend("force", {
    architects = architects,
    supporters = {},
    hunks = { { change = "c-" .. hunk_id, hunk = hunk_id } },
    summary = "replace 1 line by 1 line: " .. hunk_id,
    reason = "",
    newText = hunk_id .. "\n",
  }, given or {})
end

local CONTESTED = region("h1", "contested", {
  alternative({ "alpha" }, "h1", { reason = "smallest" }),
  alternative({ "bravo", "delta" }, "h2", { supporters = { "echo" } }),
}, {
  views = {
    { architect = "bravo", kind = "amend", reason = "", alternative = 0 },
    { architect = "charlie", kind = "object", reason = "it hides\na KeyError", alternative = 0 },
  },
})
local AGREED = region("h3", "agreed", { alternative({ "alpha", "bravo" }, "h3") })
local ALONE = region("h4", "alone", { alternative({ "charlie" }, "h4") })

local function disagreement(all)
  local counts = { contested = 0, agreed = 0, alone = 0, settled = 0 }
  for _, one in ipairs(all) do
    counts[one.stand] = counts[one.stand] + 1
  end
  return { discussion = "d", architects = { "alpha", "bravo", "charlie", "delta" }, regions = all, counts = counts }
end

tests["the matrix has who proposes, supports and objects to what, and what can be taken below what is contested"] = function()
  local lines = matrix.lines(disagreement({ CONTESTED, AGREED, ALONE }), { contested = false }, function(one)
    return "api.py:" .. one.id
  end, function()
    return "Normal"
  end)
  local texts = vim.tbl_map(function(line)
    return (line.text:gsub("%s+$", ""))
  end, lines)
  same(texts, {
    "◆ 1 contested · ≡ 1 agreed · ◇ 1 alone",
    "             alpha  bravo  charlie  delta",
    "◆ api.py:h1  ●1     ●2 ~1  !1       ●2",
    "    1 alpha  replace 1 line by 1 line: h1 (smallest)",
    "    2 bravo and delta +echo  replace 1 line by 1 line: h2",
    "    ~ bravo amends (1)",
    "    ! charlie objects: it hides a KeyError (1)",
    "≡ api.py:h3  ●      ●      ·        ·      replace 1 line by 1 line: h3",
    "◇ api.py:h4  ·      ·      ●        ·      replace 1 line by 1 line: h4",
  })
  same({ lines[5].region.id, lines[5].alternative }, { "h1", 2 })
end

tests["only what is contested, only an architect's"] = function()
  local function shown(looking)
    local found = {}
    for _, one in ipairs({ CONTESTED, AGREED, ALONE }) do
      found[#found + 1] = regions.shows_region(looking, one) and one.id or nil
    end
    return found
  end
  same(shown({ contested = true }), { "h1" })
  same(shown({ contested = false, architect = "charlie" }), { "h1", "h4" })
  same(shown({ contested = false, architect = "bravo" }), { "h1", "h3" })
  same(regions.looking_words({ contested = true, architect = "bravo" }), "only ◆, only bravo")
  same(regions.looking_words({ contested = false }), nil)
end

tests["a hunk of a region is found with its place among what can be taken"] = function()
  local found, place = regions.of_hunk(disagreement({ AGREED, CONTESTED }), "h2")
  same({ found.id, place }, { "h1", 2 })
  same(regions.alternative_of(CONTESTED, "delta"), CONTESTED.alternatives[2])
  same(regions.all_ids(CONTESTED), { "h1", "h2" })
  same(
    regions.question(CONTESTED, "these lines"),
    "Only about these lines: alpha wants to replace 1 line by 1 line: h1; bravo and delta want to replace 1 line by 1 line: h2; "
      .. "bravo amends; charlie objects: it hides\na KeyError. Which is right here, and why?"
  )
end

local function two_turns(given, selected, looking)
  local contested = hunk("h1", 4, 5, "return find(key)\n", { stand = "contested" })
  local agreed = hunk("h2", 9, 9, "say it\n", { stand = "agreed", sources = { "alpha", "bravo" } })
  local first = turn_of({ number = 1, change = change({ contested, agreed }) })
  local second = turn_of(vim.tbl_extend("force", {
    number = 2,
    architect = "bravo",
    text = "Hm.\n<stances>\n- object ALPHA 1: it hides a KeyError\n- support ALPHA edit 2: fine\n- blah\n</stances>",
    stances = {
      {
        kind = "object",
        architect = "alpha",
        target = "1",
        reason = "it hides a KeyError",
        change = "c1",
        hunks = { "h1" },
      },
      { kind = "support", architect = "alpha", target = "", reason = "", hunks = {} },
    },
  }, given or {}))
  second.proposal = second.proposal ~= "" and second.proposal or nil
  local made = blocks.made(state_of({ first, second }), nil, looking, selected)
  return made.blocks[2], made.blocks[3], made
end

tests["a hunk's row has its stand's glyph, and the card what others say of it"] = function()
  local block = two_turns()
  same(
    text_of(block),
    table.concat({
      "alpha  sonnet-4",
      "Because.",
      "proposal  2 to review",
      "Do it.",
      "○ 1 `my api.py:5`   +1 −1 ◆",
      "○ 2 `my api.py:10`  +1    ≡",
      "! bravo objects to 1: it hides a KeyError",
      "+ bravo supports",
      "⏎\u{a0}review  a\u{a0}apply  x\u{a0}reject  c\u{a0}ask\u{a0}about\u{a0}this",
      "",
    }, "\n")
  )
  same(block.lines[7].target, { kind = "place", at = { change = "c1", hunk = "h1" } })
end

tests["who said it has it as rows, and what wasn't read stays words"] = function()
  local _, block = two_turns({ proposal = "" })
  same(
    text_of(block),
    "bravo  sonnet-4  dropped\nHm.\n\n- support ALPHA edit 2: fine\n- blah\n! objects to alpha's step 1: it hides a KeyError\n"
      .. "+ supports alpha's proposal\n"
  )
end

tests["what an architect asks has its choices, and the answer"] = function()
  local text = "So.\n<question>\nShould it stay?\n- Yes, as an alias\n- No\n</question>"
  local question = { number = 1, text = "Should it stay?", choices = { "Yes, as an alias", "No" } }
  local _, block = two_turns({ text = text, proposal = "", stances = {}, questions = { question } })
  same(
    text_of(block),
    "bravo  sonnet-4  dropped\nSo.\n? Should it stay?\n  1 Yes, as an alias\n  2 No\n  ⏎ another answer\n"
  )
  local target = block.lines[4].target
  same(
    { target.kind, target.answer, target.ask },
    { "choice", "Yes, as an alias", { round = 1, turn = 2, question = 1, text = "Should it stay?" } }
  )
  same(block.lines[6].target.answer, nil)
  question.answer = "No"
  _, block = two_turns({ text = text, proposal = "", stances = {}, questions = { question } })
  check(text_of(block):find("  1 Yes, as an alias\n  ✓ No\n$") ~= nil, text_of(block))
  question.answer = "Perhaps"
  _, block = two_turns({ text = text, proposal = "", stances = {}, questions = { question } })
  check(text_of(block):find("  2 No\n  ✓ Perhaps\n$") ~= nil, text_of(block))
end

tests["what an architect gave up is noted quietly, with its place"] = function()
  local _, block =
    two_turns({ proposal = "", stances = {}, gaveUp = { { to = "charlie", change = "c1", hunks = { "h1" } } } })
  local line = block.lines[#block.lines - 1]
  same(line.text, "gave up its edit of `my api.py:5` for charlie's")
  same(line.marks[1].group, "MoaDropped")
end

tests["while only what is contested is shown, the rest says that it isn't"] = function()
  local block, other = two_turns({ proposal = "" }, nil, { contested = true })
  check(
    text_of(block):find("○ 1 `my api.py:5`  +1 −1 ◆\n1 more: only ◆ is shown\n", 1, true) ~= nil,
    text_of(block)
  )
  check(other == nil, "a turn without anything contested stands there")
end

tests["what is selected is marked, and only its block is drawn anew"] = function()
  local _, _, before = two_turns()
  local after = blocks.made(state_of({ before.blocks[2] and turn_of() }), before, nil, { h1 = true })
  check(after ~= nil)
  local block = two_turns(nil, { h1 = true })
  check(text_of(block):find("▣ 1 `my api.py:5`", 1, true) ~= nil, text_of(block))
end

tests["taken and decided against are said"] = function()
  local taken = hunk("h1", 4, 5, "a b\n", { stand = "settled", settled = "taken" })
  local lost = hunk("h2", 4, 5, "c d\n", { status = "rejected", settled = "against", stand = "settled" })
  local block = blocks.made(state_of({ turn_of({ change = change({ taken, lost }) }) })).blocks[2]
  check(text_of(block):find("○ 1 `my api.py:5`  +1 −1 ◈ taken\n", 1, true) ~= nil, text_of(block))
  check(text_of(block):find("✗ 2 `my api.py:5`  +1 −1 ◈ decided against\n", 1, true) ~= nil, text_of(block))
end

tests["what was settled stands behind its round, and what is told of elsewhere doesn't"] = function()
  local state = state_of({ turn_of() })
  local told = vim.tbl_extend("force", state.discussion, {
    decisions = {
      { number = 1, afterRound = 1, kind = "taken", text = "ALPHA's is taken." },
      { number = 2, afterRound = 1, kind = "answered", text = "No." },
    },
  })
  local made = blocks.made(reduce.with_decisions(state, told)).blocks
  local block = made[#made]
  same({ block.kind, text_of(block), block.lines[1].sign }, { "note", "ALPHA's is taken.\n", "◈" })
  same(reduce.with_decisions(state, vim.tbl_extend("force", told, { id = "e" })), state)
end

tests["a /code that asked nobody says so"] = function()
  local state = state_of({ turn_of() })
  state.discussion.codings = {
    {
      discussion = "d",
      number = 1,
      afterRound = 1,
      message = "",
      model = "",
      composed = true,
      status = "done",
      text = "Put together of alpha's 1.",
      usage = { costUsd = 0, knownCostUsd = 0 },
      seconds = 0,
    },
  }
  local made = blocks.made(state).blocks
  local block = made[#made]
  same(block.lines[1].text, "editor  put together without a model")
  same(block.lines[1].right, { { "  0 ¢", "MoaPrice" } })
  same(price.words({}), "0 ¢")
  check(not price.is_large({}))
end

tests["the state follows, and another discussion has another disagreement"] = function()
  local told = disagreement({ CONTESTED })
  local state =
    reduce.after(state_of({ turn_of() }), { kind = "disagreementUpdated", discussion = "d", disagreement = told }, 0)
  same(state.disagreement, told)
  same(reduce.shown(state.discussion, state).disagreement, told)
  same(reduce.shown(vim.tbl_extend("force", state.discussion, { id = "e" }), state).disagreement, nil)
  same(bars.foot_words(state, false, { contested = true })[1], "only ◆")
  same(bars.foot_words(state)[1], "◆ 1 contested")
end

tests["the hover says who proposes, supports, amends and objects, and what else is proposed"] = function()
  local views = {
    { architect = "bravo", kind = "support", reason = "", round = 1, turn = 2 },
    { architect = "charlie", kind = "object", reason = "it hides\na KeyError", round = 1, turn = 3 },
  }
  local one = hunk("h1", 4, 5, "x\n", { stand = "contested", views = views })
  local other = hunk("h2", 4, 5, "y\n", { stand = "contested", sources = { "bravo" } })
  local spots = hunks.spots_of({ change({ one }), change({ other }, { id = "c2" }) })
  local lines = who.lines(spots[1], { spots[2] }, function()
    return "api.py"
  end, function(name)
    return name
  end)
  same(
    vim.tbl_map(function(line)
      return line.text
    end, lines),
    {
      "◆ alpha proposes to replace 1 line by 1",
      "  + bravo supports",
      "  ! charlie objects: it hides",
      "a KeyError",
      "in: t",
      "",
      "◆ Instead, bravo proposes to replace 1 line by 1",
      "+ y",
    }
  )
  same({ lines[2].group, lines[3].group }, { "bravo", "charlie" })
end

return tests
