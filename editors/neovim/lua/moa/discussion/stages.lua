-- A round's stages: which there are, who speaks in each, whose answer stands for all, and where a note belongs. Pure. No
-- rule of a mixture is decided here; what the server says of a turn is what is shown of it.

local M = {}

--- Asked side by side, and one after the other.
M.BESIDE, M.BEHIND = " ∥ ", " → "

---@param discussion moa.Discussion
---@param name string
---@return moa.Architect?
function M.architect(discussion, name)
  for _, one in ipairs(discussion.architects) do
    if one.name == name then
      return one
    end
  end
end

--- What somebody was there for in a turn. These names are nobody else's, so they tell it also of those who spoke by another
--- preset than the discussion's own, and so aren't among its architects.
---@param turn moa.Turn
---@return moa.Seat?
function M.seat(turn)
  return ({ aggregator = "aggregator", arbiter = "arbiter" })[turn.architect]
end

--- The turn that answers for all, where it is whole or has begun to speak: those before it are its references then.
---@param round moa.Round
---@return moa.Turn?
function M.answer(round)
  for index = #round.turns, 1, -1 do
    local turn = round.turns[index]
    if M.seat(turn) == "aggregator" then
      local speaks = turn.status == "done" or turn.status == "running" and turn.text ~= ""
      return speaks and turn or nil
    end
  end
end

--- The round's stages by their steps, as far as they began; empty in a plain round, which is one stage and needs no
--- heading.
---@param round moa.Round
---@return table<integer, moa.Stage>
function M.of(round)
  local found, many = {}, false ---@type table<integer, moa.Stage>
  for _, turn in ipairs(round.turns) do
    local step = turn.step or 1
    local stage = found[step]
    if not stage then
      stage = { step = step, stage = turn.stage or "", architects = {}, parallel = turn.parallel or false }
      found[step] = stage
    end
    if not vim.tbl_contains(stage.architects, turn.architect) then
      table.insert(stage.architects, turn.architect)
    end
    many = many or step > 1 or stage.parallel or stage.stage ~= ""
  end
  for step, stage in pairs(round.heard and round.heard.stages or {}) do
    -- Who is named here and hasn't spoken yet is still to come.
    found[step] = stage
    many = true
  end
  return many and found or {}
end

--- What people call a stage.
---@param stage moa.Stage
---@return string
function M.title(stage)
  if stage.stage ~= "" then
    return stage.stage
  end
  return stage.parallel and "side by side" or ("stage %d"):format(stage.step or 1)
end

--- The notes of a round with the count of turns behind which each belongs. What no event told of stands at the end.
---@param round moa.Round
---@return {text: string, after: integer}[]
function M.notes(round)
  local found = {}
  for index, text in ipairs(round.notes or {}) do
    found[index] = { text = text, after = round.heard and round.heard.noted[index] or #round.turns }
  end
  return found
end

return M
