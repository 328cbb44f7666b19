-- What the keys of the discussion do with what stands under the cursor: open, apply, reject, take back, settle, answer, drop, retry,
-- ask, copy. Its rule: a deed is the server's; what it refuses is said in its words.

local current = require("moa.discussion.current")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")
local say = require("moa.say").say
local settle = require("moa.settle")
local unseen = require("moa.panel.unseen")
local window = require("moa.panel.window")

local M = {}

---@param block moa.panel.Block?
---@param line moa.panel.Line?
---@return string? change
---@return moa.panel.Target? target
local function change_at(block, line)
  local target = line and line.target
  if target and target.change then
    return target.change, target
  end
  return block and block.change, nil
end

---@param card? moa.panel.Card
---@param id string
---@return moa.panel.HunkRow?
local function row_of(card, id)
  for _, row in ipairs(card and card.hunks or {}) do
    if row.id == id then
      return row
    end
  end
end

---@param change string
---@param hunk? string
local function show(change, hunk)
  window.uncover()
  local review = require("moa.review")
  if hunk then
    review.show_hunk(change, hunk)
  else
    review.open({ change = change })
  end
end

--- Opens the hunk, the review of the card, answers with the choice, or presses the button; elsewhere opens or closes the fold.
---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.open(block, line)
  local target = line and line.target
  if vim.fn.foldclosed(".") ~= -1 then
    vim.cmd("normal! zo")
  elseif target and target.run then
    target.run()
  elseif target and target.kind == "choice" then
    settle.answer(target.ask, target.answer)
  elseif target and target.kind == "place" then
    if target.at then
      show(target.at.change, target.at.hunk)
    end
  elseif target and target.kind == "hunk" then
    show(target.change, target.hunk)
  elseif target and target.change then
    local card = block and block.card
    if card and card.id == target.change and #card.hunks > 0 then
      show(target.change)
    else
      say("None of its edits could be placed; there is nothing to review.")
    end
  else
    -- A file's name in the words, as anywhere; other words of the reasons fold.
    local file = line and line.text:find("%S") and vim.fn.findfile(vim.fn.expand("<cfile>")) or ""
    if file ~= "" then
      local path = vim.fn.fnamemodify(file, ":p")
      window.to_editing()
      vim.cmd.edit(vim.fn.fnameescape(path))
    elseif vim.fn.foldlevel(".") > 1 then
      vim.cmd("normal! za")
    end
  end
end

---@param name "apply"|"reject"
---@param block? moa.panel.Block
---@param line? moa.panel.Line
local function decide(name, block, line)
  local change, target = change_at(block, line)
  if not change then
    say("There is nothing to " .. name .. " here: put the cursor on a hunk or on a proposal.")
    return
  end
  local hunk = target and target.kind == "hunk" and target or nil
  if hunk and hunk.status ~= "pending" then
    local why = {
      applied = "It is applied already; `u` takes that back.",
      rejected = "It was rejected; `u` takes that back.",
      stale = "The lines that it replaces have changed since.",
    }
    say(why[hunk.status])
    return
  elseif not hunk and block and block.card and block.card.pending == 0 then
    say("None of its hunks is pending.")
    return
  end
  require("moa.review.deeds")[name]({ change = change, hunks = hunk and { hunk.hunk } or nil })
end

---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.accept(block, line)
  decide("apply", block, line)
end

---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.reject(block, line)
  decide("reject", block, line)
end

--- Takes back: what was decided about the hunk, the no to it, else what was applied of the change, else the no to all of it.
---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.undo(block, line)
  local change, target = change_at(block, line)
  local card = block and block.card
  local row = target and target.kind == "hunk" and row_of(card, target.hunk)
  if row and row.settled and row.status ~= "applied" then
    settle.reopen({ row.id })
  elseif target and target.kind == "hunk" and target.status == "rejected" then
    current.ask("unreject", { change = change, hunks = { target.hunk } })
  elseif change and card and card.applied > 0 then
    require("moa.review.deeds").undo(change)
  elseif change and card and card.rejected > 0 then
    current.ask("unreject", { change = change })
  else
    say("There is nothing to take back here.")
  end
end

--- The hunk under the cursor; where there is none, that is said.
---@param line? moa.panel.Line
---@return moa.panel.Target?
local function hunk_under(line)
  local target = line and line.target
  if target and target.kind == "hunk" then
    return target
  end
  say("Put the cursor on a hunk of a proposal.")
end

--- Takes the hunk under the cursor over what contradicts it. Nothing is written by that.
---@param line? moa.panel.Line
function M.take(line)
  local target = hunk_under(line)
  if target then
    settle.take_hunk(target.hunk)
  end
end

---@param line? moa.panel.Line
---@param deed fun(region: moa.Region)
local function with_region(line, deed)
  local target = hunk_under(line)
  local region = target and regions.of_hunk(current.state().disagreement, target.hunk)
  if region then
    deed(region)
  elseif target then
    say("Nothing is open about these lines any more.")
  end
end

--- Leaves the lines of the hunk under the cursor as they are, whoever wants what there.
---@param line? moa.panel.Line
function M.leave(line)
  with_region(line, settle.leave)
end

--- Asks for another round on just these lines.
---@param line? moa.panel.Line
function M.another(line)
  with_region(line, settle.another)
end

--- Selects the hunk under the cursor, or all that is pending in the card, to be put together; or no longer.
---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.select(block, line)
  local target, ids = line and line.target, {}
  for _, row in ipairs(block and block.card and block.card.hunks or {}) do
    local is_meant = target and (target.kind == "card" or target.hunk == row.id)
    ids[#ids + 1] = is_meant and row.status == "pending" and row.id or nil
  end
  if #ids == 0 then
    say("Put the cursor on a hunk that is pending, or on the head of a proposal.")
  else
    settle.select(ids)
  end
end

--- Shows only the proposals of the architect under the cursor, or everybody's again.
---@param block? moa.panel.Block
function M.only_this(block)
  local looking = require("moa.discussion.looking")
  local who = block and block.kind == "turn" and block.who or nil
  if looking.now().architect or not who then
    looking.only_architect(nil)
  else
    looking.only_architect(who)
  end
end

---@param block? moa.panel.Block
---@return moa.Architect?
local function architect_of(block)
  local discussion = current.state().discussion
  for _, one in ipairs(discussion and discussion.architects or {}) do
    if block and one.name == block.who then
      return one
    end
  end
end

--- Asks the architect under the cursor no more, or again.
---@param block? moa.panel.Block
function M.drop(block)
  local one = architect_of(block)
  if not one then
    say("Put the cursor on what an architect said, to drop it or to bring it back.")
    return
  end
  current.ask(one.dropped and "restore-architect" or "drop-architect", { name = one.name })
end

--- Asks the architect under the cursor once more; elsewhere whose turn at the end failed.
---@param blocks moa.panel.Block[]
---@param block? moa.panel.Block
function M.retry(blocks, block)
  local due = block and block.retry and block or nil
  for _, one in ipairs(blocks) do
    due = due or (one.retry and one or nil)
  end
  if not due then
    say("Nobody's last turn failed or was stopped.")
    return
  end
  current.ask("retry", { architect = due.who })
end

--- Puts the beginning of a question about it into the prompt.
---@param block? moa.panel.Block
function M.ask_about(block)
  if not block then
    return
  end
  local about = {
    asked = ("About round %d: "):format(block.round or 0),
    coding = "About the edits: ",
    turn = ("About %s's %s: "):format(block.who, block.card and "proposal" or "answer"),
  }
  if about[block.kind] then
    require("moa.panel").ask({ message = about[block.kind] })
  end
end

--- Copies the reply, or the message, as it was written.
---@param block? moa.panel.Block
function M.yank(block)
  if not block or not block.raw then
    return
  end
  local register = vim.v.register
  local lines = vim.split(block.raw:gsub("\n+$", ""), "\n", { plain = true })
  vim.fn.setreg(register, lines, "V")
  local who = block.kind == "asked" and "What you said"
    or (block.who == reduce.EDITOR and "The editor" or block.who) .. "'s reply"
  say(("%s is in the register %s: %d %s."):format(who, register, #lines, #lines == 1 and "line" or "lines"))
end

---@param change moa.Change
---@param id string
---@return moa.Hunk?
local function hunk_of(change, id)
  for _, file in ipairs(change.files) do
    for _, hunk in ipairs(file.hunks) do
      if hunk.id == id then
        return hunk
      end
    end
  end
end

--- Says in a small window all that is known of what stands under the cursor.
---@param block? moa.panel.Block
---@param line? moa.panel.Line
function M.details(block, line)
  if not block then
    return
  end
  local target = line and line.target
  local lines, syntax = {}, ""
  if target and target.kind == "hunk" then
    local row = row_of(block.card, target.hunk)
    if row then
      lines = { row.path }
      lines[#lines + 1] = row.status_words ~= "" and row.status_words or nil
      lines[#lines + 1] = row.stand and ("%s %s"):format(regions.GLYPHS[row.stand], row.stand) or nil
      lines[#lines + 1] = #row.agreed > 0 and "also proposed by " .. table.concat(row.agreed, " and ") or nil
      for _, view in ipairs(row.hunk.views or {}) do
        lines[#lines + 1] = ("%s %s"):format(regions.ATTITUDES[view.kind] or "·", regions.said(view))
      end
    end
    local change = current.state().changes[target.change]
    local hunk = change and hunk_of(change, target.hunk)
    if hunk and hunk.newText ~= "" then
      lines[#lines + 1] = ""
      for text in vim.gsplit((hunk.newText:gsub("\n$", "")), "\n", { plain = true }) do
        lines[#lines + 1] = "+" .. unseen.visible(text)
      end
      syntax = "diff"
    end
  else
    lines = vim.list_extend({}, block.facts or {})
  end
  lines = vim.tbl_map(unseen.visible, lines)
  if #lines > 0 then
    vim.lsp.util.open_floating_preview(lines, syntax, { border = "rounded", focus_id = "moa.details", wrap = true })
  end
end

return M
