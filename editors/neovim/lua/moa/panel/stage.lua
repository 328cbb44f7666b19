-- The heading of a round's stage, and the round's notes, as lines of the panel. Pure.

local colours = require("moa.colours")
local rows = require("moa.panel.rows")
local stages = require("moa.discussion.stages")
local unseen = require("moa.panel.unseen")

local M = {}

--- The block of a stage's heading: what it is called, and who speaks in it, side by side or one after the other.
---@param key string
---@param discussion moa.Discussion
---@param stage moa.Stage
---@return moa.panel.Block
function M.heading(key, discussion, stage)
  local title = unseen.on_one_line(stages.title(stage))
  local parts = { { title .. "  ", "MoaStage" } }
  for place, name in ipairs(stage.architects) do
    parts[#parts + 1] = place > 1 and { stage.parallel and stages.BESIDE or stages.BEHIND, "MoaQuiet" } or nil
    parts[#parts + 1] = { unseen.on_one_line(name), colours.of(discussion, name) }
  end
  local text, marks = rows.joined(parts)
  local how = #stage.architects > 1 and (stage.parallel and ", asked side by side" or ", asked one after the other")
    or ""
  return {
    key = key,
    kind = "stage",
    lines = { { text = text, marks = marks } },
    folds = {},
    facts = { ("%s: %s%s."):format(title, table.concat(stage.architects, ", "), how) },
  }
end

--- The block of what the round says of itself: who wasn't asked, why it ended before its time; or of what the user settled.
---@param key string
---@param notes string[]
---@param sign? string In front of each
---@param group? string The sign's group
---@return moa.panel.Block
function M.notes(key, notes, sign, group)
  local lines = {} ---@type moa.panel.Line[]
  for index, text in ipairs(notes) do
    lines[index] = {
      text = unseen.on_one_line(text),
      marks = { { from = 0, to = -1, group = "MoaQuiet" } },
      sign = sign or "·",
      sign_group = group or "MoaNotice",
    }
  end
  lines[#lines + 1] = { text = "" }
  return { key = key, kind = "note", lines = lines, folds = {}, facts = notes }
end

return M
