-- Which hunks there are, where, in what order, and how they are put into words. Pure: changes in, plain values out.
-- Lines count from 0, and the end of a span is excluded: an insertion's span is empty. Never here: where a hunk stands
-- after some typing (`places.lua`), and whether it may be applied, which the server says.

local regions = require("moa.discussion.regions")

local M = {}

---@class moa.Span
---@field start integer
---@field stop integer Excluded

---@class moa.Spot A hunk in its file; what several changes propose alike is one, and names everybody
---@field change moa.Change
---@field file moa.FileChange
---@field hunk moa.Hunk
---@field sources string[]
---@field uri moa.Uri The file in which it stands now
---@field span moa.Span
---@field twins {change: moa.Change, file: moa.FileChange, hunk: moa.Hunk}[] The same in other changes

--- A range of whole lines as a span. The end of a last line without a line end is that line's.
---@param range moa.Range
---@return moa.Span
function M.span_of(range)
  local stop = range["end"]
  return { start = range.start.line, stop = stop.character > 0 and stop.line + 1 or stop.line }
end

--- The line that stands for a span in the file: an insertion has that before it, as the server's marks do.
---@param span moa.Span
---@return integer
function M.line_of(span)
  return span.stop > span.start and span.start or math.max(span.start - 1, 0)
end

--- Whether a line of the file is one that a hunk is about. Of an insertion these are the lines on both its sides.
---@param span moa.Span
---@param line integer
---@return boolean
function M.is_about(span, line)
  if span.stop > span.start then
    return span.start <= line and line < span.stop
  end
  return line == M.line_of(span)
end

--- Whether two spans share lines, or stand end to end.
---@param one moa.Span
---@param other moa.Span
---@return boolean
function M.meet(one, other)
  return one.start <= other.stop and other.start <= one.stop
end

--- The renaming itself, among the hunks of a file that is renamed.
---@param file moa.FileChange
---@param hunk moa.Hunk
---@return boolean
function M.is_renaming(file, hunk)
  local range = hunk.range
  local empty = range.start.line == range["end"].line and range.start.character == range["end"].character
  return file.kind == "rename" and hunk == file.hunks[1] and empty and hunk.newText == ""
end

--- Where the file of a change is now: at its new place once the renaming was applied.
---@param file moa.FileChange
---@return moa.Uri
function M.stands_at(file)
  local first = file.hunks[1]
  local renamed = file.newUri and first and M.is_renaming(file, first) and first.status == "applied"
  return renamed and file.newUri or file.uri
end

---@param one string[]
---@param other string[]
---@return string[]
local function union(one, other)
  local all, seen = {}, {}
  for _, list in ipairs({ one, other }) do
    for _, name in ipairs(list) do
      if not seen[name] then
        seen[name] = true
        all[#all + 1] = name
      end
    end
  end
  return all
end

--- Every hunk of that status (of each, for nil), in the order of changes, files and lines.
---@param changes moa.Change[]
---@param status? moa.HunkStatus
---@return moa.Spot[]
function M.spots_of(changes, status)
  local found, by_key = {}, {}
  for _, change in ipairs(changes) do
    for _, file in ipairs(change.files) do
      local uri = M.stands_at(file)
      for _, hunk in ipairs(file.hunks) do
        if status == nil or hunk.status == status then
          local span = M.span_of(hunk.range)
          local new_name = M.is_renaming(file, hunk) and file.newUri or ""
          local parts = { uri, file.kind, span.start, span.stop, hunk.newText, new_name, hunk.status }
          local key = table.concat(parts, "\0")
          local twin = by_key[key]
          if twin then
            twin.sources = union(twin.sources, hunk.sources)
            table.insert(twin.twins, { change = change, file = file, hunk = hunk })
          else
            local spot =
              { change = change, file = file, hunk = hunk, sources = hunk.sources, uri = uri, span = span, twins = {} }
            by_key[key] = spot
            found[#found + 1] = spot
          end
        end
      end
    end
  end
  return found
end

--- The hunk as the first of these changes that holds it does; nil where none of them does.
---@param spot moa.Spot
---@param ids table<string, boolean>
---@return moa.Spot?
function M.as_in(spot, ids)
  if ids[spot.change.id] then
    return spot
  end
  for _, twin in ipairs(spot.twins) do
    if ids[twin.change.id] then
      return vim.tbl_extend("force", spot, twin)
    end
  end
end

--- The ids of a change's hunks of that status, in all its files or in one.
---@param change moa.Change
---@param status moa.HunkStatus
---@param file? moa.Uri
---@return string[]
function M.ids_of(change, status, file)
  local ids = {}
  for _, one in ipairs(change.files) do
    if file == nil or one.uri == file then
      for _, hunk in ipairs(one.hunks) do
        if hunk.status == status then
          ids[#ids + 1] = hunk.id
        end
      end
    end
  end
  return ids
end

---@param change moa.Change
---@param status moa.HunkStatus
---@param file? moa.Uri
---@return integer
function M.count_of(change, status, file)
  return #M.ids_of(change, status, file)
end

--- The changes in the order in which they were made, by what the discussion says.
---@param state moa.State
---@return moa.Change[]
function M.in_order(state)
  local ordered, seen = {}, {}
  local function add(change)
    if change and state.changes[change.id] and not seen[change.id] then
      seen[change.id] = true
      ordered[#ordered + 1] = state.changes[change.id]
    end
  end
  local discussion = state.discussion or {}
  local function add_codings(round)
    for _, coding in ipairs(discussion.codings or {}) do
      if coding.afterRound == round then
        add(coding.change)
      end
    end
  end
  add_codings(0)
  for _, round in ipairs(discussion.rounds or {}) do
    for _, turn in ipairs(round.turns) do
      add(turn.change)
    end
    add_codings(round.number)
  end
  local rest = vim.tbl_keys(state.changes)
  table.sort(rest)
  for _, id in ipairs(rest) do
    add(state.changes[id])
  end
  return ordered
end

--- The changes that are up for review: that of the last `/code` where it stands after the last round, else those that
--- were proposed in that round.
---@param state moa.State
---@return moa.Change[]
function M.latest(state)
  local discussion = state.discussion
  if not discussion then
    return {}
  end
  local round = (discussion.rounds or {})[#(discussion.rounds or {})]
  local coding = (discussion.codings or {})[#(discussion.codings or {})]
  if coding and coding.change and coding.afterRound >= (round and round.number or 0) then
    return { state.changes[coding.change.id] or coding.change }
  end
  local changes = {}
  for _, turn in ipairs(round and round.turns or {}) do
    if turn.change then
      changes[#changes + 1] = state.changes[turn.change.id] or turn.change
    end
  end
  return changes
end

---@class moa.Stop Where a hunk can be gone to: the file by any name that orders alike, and a line of it
---@field file string
---@field line integer

--- The index of the next (`by` 1) or the previous (-1) stop from here: files in their order, in each its lines, and
--- round again. From a file without stops it is the first or the last one. Nil where there is none.
---@param stops moa.Stop[]
---@param here? moa.Stop
---@param by 1|-1
---@return integer?
function M.step(stops, here, by)
  local place, count = {}, 0
  for _, stop in ipairs(stops) do
    if not place[stop.file] then
      count = count + 1
      place[stop.file] = count
    end
  end
  local order = {}
  for index, stop in ipairs(stops) do
    order[index] = { index = index, at = place[stop.file], line = stop.line }
  end
  table.sort(order, function(one, other)
    if one.at ~= other.at then
      return one.at < other.at
    elseif one.line ~= other.line then
      return one.line < other.line
    end
    return one.index < other.index
  end)
  local at = here and place[here.file]
  local first, last = order[1], order[#order]
  if at then
    local next_one
    for _, one in ipairs(order) do
      local distance = one.at ~= at and one.at - at or one.line - here.line
      if distance * by > 0 then
        next_one = by > 0 and (next_one or one) or by < 0 and one or next_one
      end
    end
    if next_one then
      return next_one.index
    end
  end
  local wrapped = by > 0 and first or last
  return wrapped and wrapped.index or nil
end

--- "alpha", "alpha and bravo", "alpha, bravo and charlie"; the editor model is nobody's name, and neither is what was put
--- together of others' hunks.
---@param sources string[]
---@return string
function M.names(sources)
  local all = {}
  for _, one in ipairs(sources) do
    if one ~= "composed" or #sources == 1 then
      all[#all + 1] = ({ editor = "the editor model", composed = "put together" })[one] or one
    end
  end
  return all[1] and regions.names(all) or "moa"
end

---@param text string
---@return string[] lines Without their ends; what stands after the last line end is a line where it isn't empty
function M.lines_of(text)
  local lines = vim.split((text:gsub("\r\n?", "\n")), "\n", { plain = true })
  if lines[#lines] == "" then
    lines[#lines] = nil
  end
  return lines
end

--- "1 hunk", "3 hunks".
---@param number integer
---@param what string
---@return string
function M.count(number, what)
  return number == 1 and "1 " .. what or ("%d %ss"):format(number, what)
end

--- What a hunk does, from its verb on: "replace 2 lines by 3".
---@param spot moa.Spot
---@param name fun(uri: moa.Uri): string A file's name for people
---@return string
function M.deed(spot, name)
  local file, hunk = spot.file, spot.hunk
  local old, now = spot.span.stop - spot.span.start, #M.lines_of(hunk.newText)
  if file.kind == "create" then
    return ("create %s with %s"):format(name(file.uri), M.count(now, "line"))
  elseif file.kind == "delete" then
    return "delete " .. name(file.uri)
  elseif M.is_renaming(file, hunk) then
    return ("rename %s to %s"):format(name(file.uri), name(file.newUri or file.uri))
  elseif old == 0 then
    return "insert " .. M.count(now, "line")
  end
  return now == 0 and "remove " .. M.count(old, "line") or ("replace %s by %d"):format(M.count(old, "line"), now)
end

--- Who wants what: "alpha and bravo agree to insert 2 lines".
---@param spot moa.Spot
---@param name fun(uri: moa.Uri): string
---@return string
function M.said(spot, name)
  local verb = #spot.sources > 1 and "agree to" or "proposes to"
  return ("%s %s %s"):format(M.names(spot.sources), verb, M.deed(spot, name))
end

--- How a change stands, in a few words: "2 applied, 1 rejected". Empty where nothing was decided and nothing waits.
---@param change moa.Change
---@return string
function M.standing(change)
  local said = {}
  for _, one in ipairs({
    { "pending", "to review" },
    { "applied", "applied" },
    { "rejected", "rejected" },
    { "stale", "stale" },
  }) do
    local number = M.count_of(change, one[1])
    if number > 0 then
      said[#said + 1] = ("%d %s"):format(number, one[2])
    end
  end
  return table.concat(said, ", ")
end

--- What a change is called: "alpha's proposal".
---@param change moa.Change
---@return string
function M.name_of(change)
  local named = { editor = "The proposed change", composed = "The change put together" }
  return named[change.source] or change.source .. "'s proposal"
end

return M
