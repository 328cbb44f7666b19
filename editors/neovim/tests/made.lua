-- What the panel's tests are given: turns, changes and states as the discussion has them. Never here: tests.

local M = {}

function M.usage(given)
  return vim.tbl_extend(
    "keep",
    given or {},
    { inputTokens = 1500, outputTokens = 400, costUsd = 0.009, knownCostUsd = 0.009 }
  )
end

function M.hunk(id, from, to, text, given)
  return vim.tbl_extend("force", {
    id = id,
    range = { start = { line = from, character = 0 }, ["end"] = { line = to, character = 0 } },
    newText = text,
    oldLines = to - from,
    status = "pending",
    sources = { "alpha" },
  }, given or {})
end

function M.change(hunks, given)
  return vim.tbl_extend("force", {
    id = "c1",
    discussion = "d",
    source = "alpha",
    title = "t",
    status = "pending",
    files = { { uri = "file:///p/my%20api.py", kind = "edit", hunks = hunks } },
    diff = "",
    problems = {},
  }, given or {})
end

function M.turn_of(given)
  return vim.tbl_extend("force", {
    architect = "alpha",
    model = "anthropic/claude-sonnet-4-20250514",
    status = "done",
    text = "Because.\n<proposal>\nDo it.\n</proposal>",
    proposal = "Do it.",
    usage = M.usage(),
    seconds = 4.12,
  }, given or {})
end

function M.without_proposal(given)
  local turn_given = M.turn_of(given)
  turn_given.proposal = nil
  return turn_given
end

function M.state_of(turns, given)
  return vim.tbl_extend("force", {
    discussion = {
      id = "d",
      title = "Errors 100 %",
      created = "2026-01-02T03:04:05Z",
      architects = {
        { name = "alpha", model = "anthropic/claude-sonnet-4-20250514", dropped = false },
        { name = "bravo", model = "openai/gpt-4o", dropped = true },
      },
      rounds = {
        {
          discussion = "d",
          number = 1,
          message = "Why?",
          turns = turns,
          usage = M.usage(),
          seconds = 4,
          files = { "api.py" },
        },
      },
      codings = {},
      usage = M.usage(),
    },
    running = false,
    activities = {},
    changes = {},
  }, given or {})
end

function M.text_of(block)
  return table.concat(
    vim.tbl_map(function(line)
      return line.text
    end, block.lines),
    "\n"
  )
end

return M
