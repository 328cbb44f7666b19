-- A round in stages as the panel shows it: headings, threads side by side, notes, the answer for all and its references,
-- and the preset in the bar. A state gives blocks, as in `panel_test.lua`.

local bars = require("moa.panel.bars")
local blocks = require("moa.panel.blocks")

local given_by = require("made")
local state_of, text_of = given_by.state_of, given_by.text_of
local turn_of, without_proposal = given_by.turn_of, given_by.without_proposal

local tests = {}

local function staged(status, given)
  local function one(name, number, step, stage, more)
    local text = ("<proposal>\n%s's way, in short.\nAnd more.\n</proposal>"):format(name)
    return turn_of(vim.tbl_extend("force", {
      architect = name,
      number = number,
      step = step,
      stage = stage,
      parallel = step == 1,
      text = text,
      proposal = ("%s's way, in short.\nAnd more."):format(name),
    }, more or {}))
  end
  local state = state_of({
    one("alpha", 1, 1, "proposals"),
    one("charlie", 2, 1, "proposals"),
    one("aggregator", 3, 2, "answer", status),
  })
  state.discussion.rounds[1].preset = "panel"
  state.discussion.rounds[1].notes = { "bravo isn't asked: it is dropped." }
  table.insert(
    state.discussion.architects,
    { name = "aggregator", model = "m/x", dropped = false, seat = "aggregator" }
  )
  return vim.tbl_extend("force", state, given or {})
end

tests["stages have headings, notes stand in line, and the answer stands out"] = function()
  local made = blocks.made(staged()).blocks
  local texts = vim.tbl_map(function(block)
    return block.lines[1].text
  end, made)
  same(texts, {
    "You  by panel",
    "proposals  alpha ∥ charlie",
    "alpha  sonnet-4",
    "charlie  sonnet-4",
    "answer  aggregator",
    "aggregator  sonnet-4",
    "bravo isn't asked: it is dropped.",
  })
  same({ made[6].lines[1].sign, made[6].lines[2].text, made[6].lines[2].sign }, { "★", "answers for all", "║" })
  same(made[7].lines[1].sign, "·")
  -- Nobody knows charlie here; its colour is its own all the same.
  same({ made[3].group, made[4].group, made[6].group }, { "MoaArchitect1", "MoaArchitect4", "MoaArchitect3" })
end

tests["the references fold to what they are about once somebody answers for them, and only then"] = function()
  local function outer(state, place)
    local folds = blocks.made(state).blocks[place].folds
    return folds[#folds]
  end
  local folded = outer(staged(), 3)
  same({ folded.label, folded.closed }, { "alpha's way, in short.", true })
  same(outer(staged(), 6).closed, false)
  local silent = { status = "running", text = "" }
  same(outer(staged(silent), 3).closed, false)
  same(outer(staged({ status = "running", text = "All" }), 3).closed, true)
  same(outer(staged({ status = "failed", error = { kind = "x", message = "No." } }), 3).closed, false)
end

tests["a stage that has begun is seen before anybody spoke in it"] = function()
  local state = staged()
  local round = state.discussion.rounds[1]
  round.turns[3] = nil
  local answer = { step = 2, stage = "answer", architects = { "aggregator" }, parallel = false }
  round.heard = { stages = { [2] = answer }, noted = { 0 } }
  local texts = vim.tbl_map(function(block)
    return block.lines[1].text
  end, blocks.made(state).blocks)
  same({ texts[2], texts[3], texts[#texts] }, {
    "bravo isn't asked: it is dropped.",
    "proposals  alpha ∥ charlie",
    "answer  aggregator",
  })
end

tests["an architect that speaks in each stage can be asked once more for its last word only"] = function()
  local failed = { status = "failed", text = "", error = { kind = "x", message = "No." } }
  local first = without_proposal(vim.tbl_extend("force", { number = 1, step = 1, parallel = true }, failed))
  local last = without_proposal(vim.tbl_extend("force", { number = 2, step = 2, stage = "revision" }, failed))
  local made = blocks.made(state_of({ first, last })).blocks
  same({ made[3].retry, made[5].retry }, { false, true })
  check(text_of(made[3]):find("drop", 1, true) ~= nil, "it wasn't asked in its place")
  same(made[2].lines[1].text, "side by side  alpha")
end

tests["a thread keeps its place while others grow and end"] = function()
  local state = staged({ status = "running", text = "" }, { running = true })
  local first = blocks.made(state)
  local moved = vim.deepcopy(state)
  local round, was = moved.discussion.rounds[1], state.discussion.rounds[1]
  round.files, round.usage, round.turns[2] = was.files, was.usage, was.turns[2]
  moved.discussion.architects = state.discussion.architects
  local second = blocks.made(moved, first)
  for place = 1, #first.blocks do
    same(first.blocks[place].key, second.blocks[place].key)
  end
  check(first.blocks[4] == second.blocks[4] and first.blocks[3] ~= second.blocks[3])
end

tests["a role stands below its architect's name, as far as it fits"] = function()
  local state = state_of({ turn_of() })
  state.discussion.architects[1].role = "security"
  same(blocks.made(state).blocks[2].lines[2].text, "security")
  state.discussion.architects[1].role = ("words "):rep(40)
  check(vim.api.nvim_strwidth(blocks.made(state).blocks[2].lines[2].text) <= 40)
end

tests["the bar above draws the preset as it asks the architects"] = function()
  local state = staged()
  local discussion = state.discussion
  discussion.title, discussion.preset, discussion.shape = "T", "panel", "(alpha ∥ alpha) → aggregator"
  local function shown(width)
    return vim.trim(vim.api.nvim_eval_statusline(bars.head(state, width), { maxwidth = width }).str)
  end
  local function ends(width, text)
    check(vim.endswith(shown(width), text), shown(width))
  end
  ends(110, "panel  (● alpha sonnet-4 ∥ ● alpha) → ★ aggregator x  ◌ bravo gpt-4o (dropped)")
  ends(70, "panel  (● alpha ∥ ● alpha) → ★ aggregator  ◌ bravo")
  ends(40, "panel  (●∥●)→★ ◌")
  -- Of many the server draws the number only.
  discussion.shape = "8 architects → aggregator"
  ends(70, "panel  8 architects → ★ aggregator x  ◌ bravo gpt-4o (dropped)")
  discussion.shape = "8 architects"
  ends(50, "panel  ● alpha  ◌ bravo  ★ aggregator")
  discussion.shape = ("(alpha ∥ aggregator) → "):rep(20) .. "alpha"
  for width = 20, 120, 7 do
    check(vim.api.nvim_strwidth(shown(width)) <= width, shown(width))
  end
  ends(60, "…")
end

return tests
