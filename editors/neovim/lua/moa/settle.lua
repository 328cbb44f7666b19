-- What the user settles where architects differ: takes one's, leaves the lines as they are, opens a decision again, asks for another
-- round on just that, puts one change together out of several's hunks, answers a question. Its rules: each is one
-- request that costs nothing (a round aside), what can't be done is said in the server's words, and what is to be put
-- together is kept here alone. Never here: what the user points at (the panel, the matrix and the review know that).

local buffers = require("moa.review.buffers")
local client = require("moa.client")
local current = require("moa.discussion.current")
local regions = require("moa.discussion.regions")
local say = require("moa.say")

local M = {}

--- The hunks that are to be put together; another table after each change.
---@type table<string, boolean>
local selected = {}
local listeners = require("moa.listeners").new()

---@return string?
local function discussion_id()
  local discussion = current.state().discussion
  return discussion and discussion.id
end

--- A region's place, for people: `api.py:12`, `api.py:12-14`.
---@param region moa.Region
---@return string
function M.place(region)
  local span = regions.span(region)
  local last = span.stop > span.start + 1 and ("-%d"):format(span.stop) or ""
  return ("%s:%d%s"):format(buffers.name(region.uri), span.start + 1, last)
end

--- Says what was done, and what is left to be settled.
---@param words string
---@param disagreement moa.Disagreement
local function tell(words, disagreement)
  local left = #regions.contested(disagreement)
  local rest = left == 0 and "Nothing is contested any more." or ("%d still contested."):format(left)
  say.briefly(("%s %s"):format(words, rest))
end

---@param name "take"|"leave"|"reopen"
---@param ids string[]
---@param words string
---@param reason? string
local function settle(name, ids, words, reason)
  current.ask(name, { hunks = ids, reason = reason, discussion = discussion_id() }, function(disagreement)
    tell(words, disagreement)
  end)
end

--- Takes one of what a region could read: what can't stand beside it is decided against.
---@param region moa.Region
---@param alternative moa.Alternative
function M.take(region, alternative)
  local words = ("%s Taken: %s, %s."):format(regions.GLYPHS.settled, regions.whose(alternative), M.place(region))
  settle("take", regions.ids(alternative), words)
end

--- Takes a hunk, with those that it is to stand with.
---@param hunk string
function M.take_hunk(hunk)
  local region, place = regions.of_hunk(current.state().disagreement, hunk)
  if region and place then
    M.take(region, region.alternatives[place])
  else
    settle("take", { hunk }, regions.GLYPHS.settled .. " Taken.")
  end
end

--- Leaves a region's lines as they are.
---@param region moa.Region
---@param reason? string
function M.leave(region, reason)
  local said = reason and vim.trim(reason) ~= "" and vim.trim(reason) or nil
  settle("leave", regions.all_ids(region), ("%s stays as it is."):format(M.place(region)), said)
end

--- Takes the decision about these hunks back.
---@param ids string[]
function M.reopen(ids)
  settle("reopen", ids, "Open again.")
end

--- Asks for another round on just a region: at once with a message, else the question is put into the prompt, to be sent
--- or written anew.
---@param region moa.Region
---@param message? string
function M.another(region, message)
  local given = message and vim.trim(message) or ""
  -- Of a file that is only proposed there is nothing to select.
  local is_there = buffers.of(region.uri) ~= nil or vim.uv.fs_stat(vim.uri_to_fname(region.uri)) ~= nil
  local about = is_there and "these lines" or buffers.name(region.uri)
  require("moa.panel").ask({
    message = given ~= "" and given or regions.question(region, about),
    selection = is_there and { uri = region.uri, range = region.range } or nil,
    send = given ~= "",
  })
end

--- Has the user choose what becomes of a region.
---@param region moa.Region
function M.choose(region)
  local items = {} ---@type {[1]: string, [2]: fun()}[]
  for _, one in ipairs(region.alternatives) do
    local reason = one.reason ~= "" and (" (%s)"):format(one.reason) or ""
    local words = ("Take %s: %s%s"):format(regions.whose(one), one.summary, reason)
    items[#items + 1] = {
      words,
      function()
        M.take(region, one)
      end,
    }
  end
  items[#items + 1] = {
    "Leave these lines as they are",
    function()
      M.leave(region)
    end,
  }
  items[#items + 1] = {
    "Another round on just this",
    function()
      M.another(region)
    end,
  }
  local words = { ("%s %s:"):format(regions.GLYPHS[region.stand], M.place(region)) }
  for _, view in ipairs(region.views) do
    words[#words + 1] = (regions.said(view):gsub("%c", " ")) .. "."
  end
  local given = {
    prompt = table.concat(words, " "),
    kind = "moa.region",
    format_item = function(item)
      return (item[1]:gsub("%c", " "))
    end,
  }
  vim.ui.select(items, given, function(item)
    if item then
      item[2]()
    end
  end)
end

--- Takes what is meant in a region: the architect's of that name, the one of that number, the only one, or the user's choice.
---@param region moa.Region
---@param name? string
---@param number? integer From 1
function M.take_in(region, name, number)
  local only = #region.alternatives == 1 and region.alternatives[1] or nil
  if region.stand == "settled" then
    say.briefly("This was settled already; open the decision again first.")
  elseif name and name ~= "" then
    local one = regions.alternative_of(region, name)
    if one then
      M.take(region, one)
    else
      local names = {}
      for _, alternative in ipairs(region.alternatives) do
        vim.list_extend(names, alternative.architects)
      end
      say.briefly(("%s proposes nothing for %s; %s does."):format(name, M.place(region), table.concat(names, " or ")))
    end
  elseif number and number > 0 then
    if region.alternatives[number] then
      M.take(region, region.alternatives[number])
    else
      say.briefly(only and "There is only one here." or ("There are only %d here."):format(#region.alternatives))
    end
  elseif only then
    M.take(region, only)
  else
    M.choose(region)
  end
end

--- The hunks that are to be put together, by their ids. The table is another one after each change.
---@return table<string, boolean>
function M.selected()
  return selected
end

---@param each fun() Called after another hunk was selected, or one no longer is
---@return fun() unsubscribe
function M.on_select(each)
  return listeners:add(each)
end

--- Selects hunks to be put together, or no longer where all of them are.
---@param ids string[]
function M.select(ids)
  local all = #ids > 0
  for _, id in ipairs(ids) do
    all = all and selected[id] == true
  end
  local after = vim.tbl_extend("force", {}, selected)
  for _, id in ipairs(ids) do
    after[id] = not all or nil
  end
  selected = after
  listeners:tell(selected)
  local count = vim.tbl_count(selected)
  local words = count == 0 and "Nothing is selected." or ("%d selected; `gc` puts them together."):format(count)
  say.briefly(words)
end

--- Of the hunks of all changes, those for which `keep` says so, in the order in which they were proposed.
---@param keep fun(hunk: moa.Hunk): boolean
---@return string[]
local function ids_of(keep)
  local found, known = {}, {}
  for _, change in ipairs(require("moa.review.places").changes()) do
    for _, file in ipairs(change.files) do
      for _, hunk in ipairs(file.hunks) do
        if keep(hunk) and not known[hunk.id] then
          known[hunk.id] = true
          found[#found + 1] = hunk.id
        end
      end
    end
  end
  return found
end

--- Puts one change together, without a model: of the selected hunks, else of those that were taken. What can't stand
--- together is told, pair by pair, and then nothing is made.
---@param title? string
function M.compose(title)
  local ids = ids_of(function(hunk)
    return selected[hunk.id] == true and hunk.status == "pending"
  end)
  if #ids == 0 then
    ids = ids_of(function(hunk)
      return hunk.settled == "taken" and hunk.status == "pending"
    end)
  end
  if #ids == 0 then
    say.briefly("Nothing is selected or taken yet: `S` on a hunk in the panel selects it, `t` takes it.")
    return
  end
  local said = title and vim.trim(title) ~= "" and vim.trim(title) or nil
  local argument = { hunks = ids, title = said, discussion = discussion_id() }
  current.request("compose", argument, function(failure, change)
    if failure then
      local sentences = vim.tbl_map(function(conflict)
        return conflict.reason
      end, failure.data and failure.data.conflicts or {})
      if #sentences > 0 then
        say.say("These can't stand together:\n" .. table.concat(sentences, "\n"), vim.log.levels.WARN)
      else
        client.complain(failure)
      end
      return
    end
    selected = {}
    listeners:tell(selected)
    require("moa.review").open({ change = change.id })
    local count = #ids == 1 and "1 hunk" or #ids .. " hunks"
    say.briefly(("Put together of %s without a model · 0 ¢. `:Moa accept-all` applies it."):format(count))
  end)
end

--- Answers a question of an architect's; without an answer the user is asked for one.
---@param ask {round: integer, turn?: integer, question: integer, text: string}
---@param answer? string
function M.answer(ask, answer)
  if not answer then
    vim.ui.input({ prompt = ask.text:gsub("%c", " ") .. " " }, function(typed)
      if typed and vim.trim(typed) ~= "" then
        M.answer(ask, vim.trim(typed))
      end
    end)
    return
  end
  local argument = {
    round = ask.round,
    turn = ask.turn,
    question = ask.question,
    answer = answer,
    discussion = discussion_id(),
  }
  current.ask("answer-question", argument, function(discussion)
    if not discussion.rounds then
      current.reload()
    end
    say.briefly("Answered; it goes to all of them with the next message.")
  end)
end

return M
