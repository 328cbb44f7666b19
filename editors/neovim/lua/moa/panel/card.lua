-- A proposal's change as the panel shows it: its hunks as rows, each with its place, what it does and how it stands, and in
-- words what couldn't be placed. Pure.

local regions = require("moa.discussion.regions")
local unseen = require("moa.panel.unseen")

local M = {}

--- So many characters of a line say what it is about.
local MOST_SHOWN = 160

---@class moa.panel.HunkRow
---@field id string
---@field number integer From 1 in its change
---@field place string `store.py:12`, the line counted from 1
---@field path string The whole path and line
---@field what string Its first telling line, or what becomes of the file
---@field code boolean Whether `what` is a line of code
---@field added integer
---@field removed integer
---@field status moa.HunkStatus
---@field status_words string `applied`, or why it can't be; empty while it is pending
---@field stand? moa.Stand How it stands among the architects
---@field settled? moa.Settled
---@field agreed string[] The others who propose the very same
---@field hunk moa.Hunk
---@field reply_lines integer[]

---@class moa.panel.Card
---@field id string
---@field hunks moa.panel.HunkRow[]
---@field problems moa.Problem[]
---@field pending integer
---@field applied integer
---@field rejected integer

---@type table<moa.HunkStatus, string>
local STATUS_WORDS = {
  pending = "",
  applied = "applied",
  rejected = "rejected",
  stale = "stale: the lines that it replaces have changed",
}

--- What the user decided among several, where that says more.
---@type table<moa.Settled, table<moa.HunkStatus, string>>
local DECIDED = { taken = { pending = "taken" }, against = { rejected = "decided against" } }

--- The path of a file's address, percent signs undone.
---@param uri moa.Uri
---@return string
function M.path_of(uri)
  local path = uri:gsub("^%a[%w+.-]*://[^/]*", ""):gsub("[?#].*$", "")
  return (path:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

--- The last part of an address or path.
---@param uri moa.Uri
---@return string
function M.basename(uri)
  return M.path_of(uri):gsub("/+$", ""):match("[^/]*$")
end

--- `try:` says little; a line of two words says what it is about.
---@param text string
---@return string?
local function telling_line(text)
  local first
  for line in vim.gsplit(text, "\n", { plain = true }) do
    local bare = vim.trim(line):sub(1, MOST_SHOWN)
    local words = 0
    for word in bare:gmatch("[%w_\128-\255]+") do
      words = words + ((words > 0 or #word > 1) and 1 or 0)
    end
    if words > 1 then
      return bare
    end
    first = first or (bare ~= "" and bare or nil)
  end
  return first
end

---@param file moa.FileChange
---@param hunk moa.Hunk
---@param is_renaming boolean
---@return string what
---@return boolean code
local function what_of(file, hunk, is_renaming)
  if file.kind == "create" then
    return "new file", false
  elseif file.kind == "delete" then
    return "delete the file", false
  elseif is_renaming then
    return "rename to " .. M.basename(file.newUri or ""), false
  end
  local telling = telling_line(hunk.newText)
  if telling then
    return telling, true
  end
  return "take these lines out", false
end

---@param text string
---@return integer
local function lines_in(text)
  if text == "" then
    return 0
  end
  local _, breaks = text:gsub("\n", "")
  return breaks + (vim.endswith(text, "\n") and 0 or 1)
end

---@param change moa.Change
---@param file moa.FileChange
---@param hunk moa.Hunk
---@param index integer
---@param number integer
---@return moa.panel.HunkRow
local function row_of(change, file, hunk, index, number)
  -- The first hunk of a renamed file is the renaming itself.
  local is_renaming = file.kind == "rename" and index == 1
  local uri = file.kind == "rename" and hunk.status == "applied" and file.newUri or file.uri
  local whole = file.kind == "create" or file.kind == "delete"
  local line = hunk.range.start.line + 1
  local what, code = what_of(file, hunk, is_renaming)
  local agreed = vim.tbl_filter(function(name)
    return name ~= change.source
  end, hunk.sources)
  return {
    id = hunk.id,
    number = number,
    place = (whole or is_renaming) and M.basename(uri) or ("%s:%d"):format(M.basename(uri), line),
    path = whole and M.path_of(uri) or ("%s:%d"):format(M.path_of(uri), line),
    what = unseen.on_one_line(what),
    code = code,
    added = lines_in(hunk.newText),
    removed = hunk.oldLines or 0,
    status = hunk.status,
    status_words = (hunk.settled and DECIDED[hunk.settled][hunk.status]) or STATUS_WORDS[hunk.status] or "",
    stand = regions.stand(hunk),
    settled = hunk.settled,
    agreed = agreed,
    hunk = hunk,
    reply_lines = hunk.replyLines or {},
  }
end

---@param change moa.Change
---@return moa.panel.Card
function M.of(change)
  local card = { id = change.id, hunks = {}, problems = change.problems, pending = 0, applied = 0, rejected = 0 }
  for _, file in ipairs(change.files) do
    for index, hunk in ipairs(file.hunks) do
      card.hunks[#card.hunks + 1] = row_of(change, file, hunk, index, #card.hunks + 1)
      if card[hunk.status] then
        card[hunk.status] = card[hunk.status] + 1
      end
    end
  end
  return card
end

--- How a card stands, in words: `2 to review · 1 applied`.
---@param card moa.panel.Card
---@return string
function M.standing(card)
  local parts = {}
  for _, part in ipairs({ { card.pending, "to review" }, { card.applied, "applied" }, { card.rejected, "rejected" } }) do
    if part[1] > 0 then
      parts[#parts + 1] = ("%d %s"):format(part[1], part[2])
    end
  end
  return table.concat(parts, " · ")
end

return M
