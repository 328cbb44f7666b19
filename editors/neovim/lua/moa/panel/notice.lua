-- What the panel says where a discussion can't go on, or hasn't begun: no server, nobody to ask, nothing said yet. Each has words
-- and a next step. Pure; what a step does is handed in.

local rows = require("moa.panel.rows")
local unseen = require("moa.panel.unseen")

local M = {}

---@class moa.panel.Step
---@field label string
---@field run fun()

---@class moa.panel.Steps
---@field demo moa.panel.Step
---@field add moa.panel.Step
---@field settings moa.panel.Step
---@field restart moa.panel.Step

---@param title string
---@param words string[]
---@param steps moa.panel.Step[]
---@return moa.panel.Block
local function block(title, words, steps)
  local lines = {} ---@type moa.panel.Line[]
  lines[1] = { text = title, marks = { { from = 0, to = -1, group = "MoaYou" } } }
  for _, text in ipairs(words) do
    lines[#lines + 1] = { text = unseen.on_one_line(text) }
  end
  if #steps > 0 then
    lines[#lines + 1] = { text = "" }
  end
  for _, step in ipairs(steps) do
    local text, marks = rows.keys({ { "⏎", step.label } })
    lines[#lines + 1] = { text = text, marks = marks, target = { kind = "button", run = step.run } }
  end
  lines[#lines + 1] = { text = "" }
  return { key = "notice/" .. title, kind = "notice", lines = lines, folds = {} }
end

--- The notice for this state, as a block; nil where the discussion speaks for itself.
---@param state moa.State
---@param server moa.ServerState
---@param nobody boolean An answer said that there is no architect to ask
---@param steps moa.panel.Steps
---@return moa.panel.Block?
function M.of(state, server, nobody, steps)
  local discussion = state.discussion
  if server.kind == "failed" then
    local fixes = server.fixes and #server.fixes > 0 and server.fixes or { steps.restart }
    return block("The server isn't running", vim.split(server.message or "", "\n", { plain = true }), fixes)
  elseif server.kind == "starting" then
    return not discussion and block("Starting the server", {}, {}) or nil
  end
  local said = discussion and #(discussion.rounds or {}) + #(discussion.codings or {}) or 0
  if nobody or discussion and #discussion.architects == 0 and said == 0 then
    return block("There is no architect to ask yet", {
      "Three ways to go on. Set the key of a provider that you have an account with, in Neovim's environment.",
      "Or start Ollama with a model on this machine: it is found by itself.",
      "Or see how a discussion goes first: the demo needs neither.",
    }, { steps.settings, steps.add, steps.demo })
  elseif said > 0 then
    return nil
  end
  return block("What shall we think about?", {
    "Say what you want to change, and why. The architects answer one after the other, and each sees what the others propose.",
    "Type @ to name a file, / for commands: /preset has them answer side by side, or only one. Once you agree, /code turns "
      .. "it into edits that you review.",
  }, { steps.demo })
end

return M
