-- The review of proposed changes: puts its parts together. An architect's own proposal and what `/code` made are
-- reviewed alike. The one thing kept here is which change the user opened a review of; it ends by itself once
-- everything in it is settled. Never here: how hunks are found (`walk.lua`), drawn (`inline.lua`), or written
-- (`apply.lua`).

local buffers = require("moa.review.buffers")
local contested = require("moa.review.contested")
local current = require("moa.discussion.current")
local deeds = require("moa.review.deeds")
local diff = require("moa.review.diff")
local hunks = require("moa.review.hunks")
local inline = require("moa.review.inline")
local keys = require("moa.review.keys")
local places = require("moa.review.places")
local preview = require("moa.review.preview")
local proposal = require("moa.review.proposal")
local quickfix = require("moa.review.quickfix")
local regions = require("moa.discussion.regions")
local say = require("moa.say")
local walk = require("moa.review.walk")

local M = {}

local NOTHING_HERE = "No proposed hunk on this line. `]m` in a review and `:Moa next` go to the next one."

--- Whose change a `/code` makes: the editor model's, or nobody's where it was put together.
local CODED = { editor = true, composed = true }

--- The change under review.
---@type string?
local reviewed
--- Whether the user goes through what is contested: that lasts until nothing is, and nothing that was taken waits.
local settling = false
local attached = false

---@return moa.Change[] waiting Newest first
local function waiting()
  local found = {}
  for _, change in ipairs(places.changes()) do
    if hunks.count_of(change, "pending") > 0 then
      table.insert(found, 1, change)
    end
  end
  return found
end

--- The change that is in front of the user.
---@return string?
local function in_front()
  local shown = proposal.at(vim.api.nvim_get_current_buf())
  return shown and shown.change or diff.change() or reviewed
end

--- The change that is meant where none was named: the one in front, the one that `/code` made last, the only one, or
--- the user's choice.
---@param done fun(change: moa.Change)
local function with_meant(done)
  local changes = waiting()
  local front = in_front()
  local latest = hunks.latest(current.state())
  for _, change in ipairs(changes) do
    local coded = #latest == 1 and latest[1].id == change.id and CODED[change.source]
    if change.id == front or (not front and coded) then
      done(change)
      return
    end
  end
  if #changes == 0 then
    say.briefly("No proposed change waits for you.")
    return
  end
  deeds.pick_change(changes, "Which proposed change?", function(change)
    done(change --[[@as moa.Change]])
  end)
end

--- The hunk under the cursor, by the user's choice where several want different things of one line.
---@param done fun(here: moa.Here)
local function with_here(done)
  local here = walk.here(in_front())
  if #here == 0 then
    say.briefly(NOTHING_HERE)
  elseif #here == 1 then
    done(here[1])
  else
    vim.ui.select(here, {
      prompt = "Several proposals want different things of this line.",
      kind = "moa.hunk",
      format_item = function(one)
        local first = hunks.lines_of(one.spot.hunk.newText)[1]
        local what = first and vim.trim(first) or "(removes these lines)"
        return ("%s: %s"):format(hunks.names(one.spot.sources), what)
      end,
    }, function(one)
      if one then
        done(one)
      end
    end)
  end
end

local function end_review()
  if reviewed then
    reviewed = nil
    if not settling then
      keys.finish()
    end
    inline.focus(nil)
  end
end

--- Gives a file's buffer the review's keys, where a review lasts and the file is part of it.
---@param buffer integer
local function give_keys(buffer)
  if not reviewed and not settling then
    return
  end
  local change = current.state().changes[reviewed or ""]
  local lasts = change ~= nil and hunks.count_of(change, "pending") > 0
  for _, spot in ipairs(places.spots_in(buffer, "pending")) do
    if lasts or settling and (spot.hunk.stand == "contested" or spot.hunk.stand == "settled") then
      keys.begin(buffer)
      return
    end
  end
end

--- The keys of the review hold in the files in which something is contested, or was taken and waits.
local function begin_settling()
  settling = true
  for _, buffer in ipairs(places.buffers()) do
    give_keys(buffer)
  end
end

--- Says how a change stands of which nothing is left to review, and what can be done about it.
---@param change moa.Change
local function tell_settled(change)
  local how = hunks.standing(change)
  how = how ~= "" and how or "it holds no edits"
  local words = ("%s: nothing is left to review (%s)."):format(hunks.name_of(change), how)
  if hunks.count_of(change, "applied") > 0 then
    words = words .. " `:Moa undo` takes back what was applied."
  end
  if hunks.count_of(change, "rejected") > 0 then
    words = words .. " `:Moa unreject` has the rejected ones wait again."
  end
  say.briefly(words)
end

---@param change moa.Change
local function begin(change)
  end_review()
  reviewed = change.id
  inline.focus(change.id)
  local spots = places.spots("pending", { change })
  local first = spots[1]
  local here = vim.api.nvim_get_current_buf()
  for index = #spots, 1, -1 do
    if buffers.of(spots[index].uri) == here and spots[index].file.kind ~= "create" then
      first = spots[index]
    end
  end
  for _, buffer in ipairs(places.buffers()) do
    give_keys(buffer)
  end
  if first then
    walk.show(first)
  end
  give_keys(vim.api.nvim_get_current_buf())
  local names = {}
  for _, key in ipairs(keys.IN_FILES) do
    names[key.method] = keys.name(key)
  end
  -- The keys can be asked for again; a window over the hunks would be in the way.
  say.in_passing(
    ("%s: %s.  %s next · %s accept · %s reject · %s file · `:Moa diff` side by side"):format(
      hunks.name_of(change),
      hunks.standing(change),
      names.next,
      names.accept,
      names.reject,
      names.accept_file
    )
  )
end

--- Begins the review of a change: its hunks are drawn in their files, the keys of the review hold there, and the cursor
--- is put to the first one. Without one, the change that is meant.
---@param options? {change?: string}
function M.open(options)
  M.attach()
  local id = options and options.change
  if not id then
    with_meant(begin)
    return
  end
  local change = current.state().changes[id]
  if not change then
    say.briefly("That change isn't part of this discussion any more.")
  elseif hunks.count_of(change, "pending") == 0 then
    tell_settled(change)
  else
    begin(change)
  end
end

--- Ends the review: its keys go, its tab and its preview close. Nothing is decided by that.
function M.close()
  preview.close()
  diff.close()
  settling = false
  end_review()
  keys.finish()
end

--- Closes the view that the cursor is in: the preview, or the tab.
function M.close_view()
  if preview.is_open() then
    preview.close()
  else
    diff.close()
  end
end

function M.next()
  walk.go(1, in_front())
end

function M.previous()
  walk.go(-1, in_front())
end

function M.next_file()
  diff.go_to_file(1)
end

function M.previous_file()
  diff.go_to_file(-1)
end

---@param by 1|-1
local function go_contested(by)
  M.attach()
  if contested.go(by) then
    begin_settling()
  end
end

--- Goes to the next contested region, across files.
function M.next_contested()
  go_contested(1)
end

function M.previous_contested()
  go_contested(-1)
end

--- Lists all that is contested in the quickfix list.
function M.contested()
  M.attach()
  contested.quickfix()
  begin_settling()
end

--- Shows a region where the user can see and settle it.
---@param region moa.Region
function M.show_region(region)
  M.attach()
  contested.show(region)
  begin_settling()
end

M.take, M.leave, M.reopen, M.another = contested.take, contested.leave, contested.reopen, contested.another

--- Accepts the hunk under the cursor.
function M.accept()
  with_here(function(here)
    deeds.apply({ change = here.change.id, hunks = { here.spot.hunk.id } })
  end)
end

--- Rejects the hunk under the cursor.
function M.reject()
  with_here(function(here)
    deeds.reject({ change = here.change.id, hunks = { here.spot.hunk.id } })
  end)
end

---@param act fun(which: moa.Which)
local function with_file(act)
  local change, file = walk.file(in_front())
  if change and file then
    act({ change = change.id, hunks = hunks.ids_of(change, "pending", file.uri) })
  else
    say.briefly("No proposed hunk waits in this file.")
  end
end

--- Accepts all that is pending in the current file.
function M.accept_file()
  with_file(deeds.apply)
end

--- Rejects all that is pending in the current file.
function M.reject_file()
  with_file(deeds.reject)
end

--- Accepts all that is pending in the change that is meant.
function M.accept_all()
  with_meant(function(change)
    deeds.apply({ change = change.id })
  end)
end

--- Rejects all that is pending in the change that is meant.
function M.reject_all()
  with_meant(function(change)
    deeds.reject({ change = change.id })
  end)
end

--- Takes back what a change wrote.
---@param change? string
function M.undo(change)
  local front = current.state().changes[in_front() or ""]
  if not change and front and hunks.count_of(front, "applied") > 0 then
    change = front.id
  end
  deeds.undo(change)
end

--- Has rejected hunks wait again.
---@param change? string
function M.unreject(change)
  deeds.unreject(change)
end

--- Accepts, or with the other function rejects, hunks by their ids: for the panel.
---@param which moa.Which
function M.accept_hunks(which)
  deeds.apply(which)
end

---@param which moa.Which
function M.reject_hunks(which)
  deeds.reject(which)
end

--- The change and the file that a view is about: that of the cursor, else the first one that waits of the change that
--- is meant.
---@param done fun(change: moa.Change, file: moa.FileChange)
local function with_view(done)
  local change, file = walk.file(in_front())
  if change and file and hunks.count_of(change, "pending", file.uri) > 0 then
    done(change, file)
    return
  end
  with_meant(function(meant)
    for _, one in ipairs(meant.files) do
      if hunks.count_of(meant, "pending", one.uri) > 0 then
        done(meant, one)
        return
      end
    end
  end)
end

--- Shows the whole of the current file as it would be.
function M.preview()
  M.attach()
  with_view(preview.open)
end

--- Shows the change side by side, in a tab.
function M.diff()
  M.attach()
  with_view(function(change, file)
    preview.close()
    diff.open(change, file)
    give_keys(vim.api.nvim_get_current_buf())
  end)
end

--- Lists all hunks that are up for review in the quickfix list.
function M.quickfix()
  M.attach()
  local state = current.state()
  local front = state.changes[in_front() or ""]
  local changes = front and { front } or hunks.latest(state)
  if #changes == 0 then
    say.briefly("No change was proposed yet.")
  else
    quickfix.open(changes)
  end
end

--- Shows who wants the hunk under the cursor, and what there is to say about it.
function M.who()
  local here = walk.here(in_front())[1]
  if here then
    -- What others want of the same lines is said there, too.
    require("moa.review.who").open(here.spot)
  else
    say.briefly(NOTHING_HERE)
  end
end

--- Shows a hunk, whatever its status, where the user can see it.
---@param change_id string
---@param hunk_id string
function M.show_hunk(change_id, hunk_id)
  M.attach()
  local change = current.state().changes[change_id]
  for _, spot in ipairs(change and places.spots(nil, { change }) or {}) do
    if spot.hunk.id == hunk_id then
      if spot.hunk.status == "pending" then
        walk.show(spot)
      elseif vim.uv.fs_stat(vim.uri_to_fname(spot.uri)) or buffers.of(spot.uri) then
        walk.show_line(spot.uri, spot.hunk.status == "applied" and spot.span.start or hunks.line_of(spot.span))
      else
        say.briefly("There is no such file any more.")
      end
      return
    end
  end
  say.briefly("That proposal isn't part of this discussion any more.")
end

---@param state moa.State
local function follow(state)
  local change = reviewed and state.changes[reviewed]
  if reviewed and (not change or hunks.count_of(change, "pending") == 0) then
    end_review()
  end
  if settling and not regions.is_unsettled(state.disagreement) then
    settling = false
    if not reviewed then
      keys.finish()
    end
  end
  preview.close_settled()
end

--- Draws pending hunks in buffers from now on.
function M.attach()
  if attached then
    return
  end
  attached = true
  require("moa.colours").attach()
  -- First, so that what is drawn then is drawn right.
  local known, told
  current.subscribe(function(state)
    if state.changes ~= known or state.disagreement ~= told then
      known, told = state.changes, state.disagreement
      follow(state)
    end
  end)
  inline.attach()
  contested.attach()
  quickfix.attach()
  proposal.attach()
  diff.attach()
  places.attach()
  -- A file that the review opens has its hunks only a moment later.
  places.on_move(function(moved)
    for _, buffer in ipairs(moved) do
      give_keys(buffer)
    end
  end)
  local group = vim.api.nvim_create_augroup("moa.review", { clear = true })
  vim.api.nvim_create_autocmd("BufEnter", {
    group = group,
    desc = "moa: the keys of the review in its files",
    callback = function(event)
      give_keys(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd("User", {
    group = group,
    pattern = "MoaCodeFinished",
    desc = "moa: say that a change waits",
    callback = function(event)
      local coding = event.data and event.data.coding
      local change = coding and coding.change
      if change and coding.status == "done" and hunks.count_of(change, "pending") > 0 then
        say.briefly(("The proposed change is ready: %s. `:Moa review` goes through it."):format(hunks.standing(change)))
      end
    end,
  })
end

return M
