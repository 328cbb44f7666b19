-- The menus of the panel, by `vim.ui.select` and `vim.ui.input`: discussions to switch, search, rename, fork, delete and export,
-- architects to add. Those of presets and of roles have files of their own. Its rule: who leaves a menu has changed nothing.

local current = require("moa.discussion.current")
local money = require("moa.discussion.money")
local say = require("moa.say").say
local turn = require("moa.panel.turn")
local unseen = require("moa.panel.unseen")

local M = {}

local UNTITLED = "New discussion"

---@param done fun(discussion: moa.Discussion)
local function needed(done)
  local discussion = current.state().discussion
  if discussion then
    done(discussion)
  else
    say("There is no discussion yet. Say something first.", vim.log.levels.WARN)
  end
end

---@param discussion moa.Discussion
---@return string
local function title_of(discussion)
  local title = unseen.on_one_line(discussion.title or "")
  return title ~= "" and title or UNTITLED
end

--- When a discussion was begun, in this machine's time zone. Pure, but for the zone.
---@param created string ISO 8601 in UTC
---@return string
local function date_of(created)
  local year, month, day, hour, minute = created:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+)")
  if not year then
    return created
  end
  local given = { year = year, month = month, day = day, hour = hour, min = minute, sec = 0 }
  local as_local = os.time(given)
  local utc = os.date("!*t", as_local)
  utc.isdst = os.date("*t", as_local).isdst
  return os.date("%Y-%m-%d %H:%M", as_local + os.difftime(as_local, os.time(utc))) --[[@as string]]
end

--- A discussion in one line of a picker.
---@param discussion moa.Discussion
---@return string
function M.line_of(discussion)
  local price = money.usd(discussion.usage)
  local parts = { date_of(discussion.created) }
  parts[#parts + 1] = discussion.running and "running" or nil
  parts[#parts + 1] = price ~= money.UNKNOWN and price or nil
  return ("%s %s  %s"):format(discussion.current and "●" or " ", title_of(discussion), table.concat(parts, " · "))
end

---@param id string
---@param round? integer
local function select(id, round)
  current.ask("select-discussion", { discussion = id }, function(discussion)
    current.show(discussion)
    require("moa.panel").open({ focus = true, round = round })
  end)
end

--- Begins a new discussion.
function M.new()
  current.ask("new-discussion", {}, function(discussion)
    current.show(vim.tbl_extend("force", { rounds = {}, codings = {} }, discussion))
    require("moa.panel").open({ focus = true, prompt = true })
  end)
end

--- Goes to another discussion.
function M.switch()
  current.ask("list-discussions", {}, function(list)
    local items = { { line = "+ New discussion", run = M.new } }
    for _, one in ipairs(list) do
      items[#items + 1] = {
        line = M.line_of(one),
        run = function()
          select(one.id)
        end,
      }
    end
    local given = {
      prompt = "Which discussion?",
      kind = "moa.discussion",
      format_item = function(item)
        return item.line
      end,
    }
    vim.ui.select(items, given, function(item)
      if item then
        item.run()
      end
    end)
  end)
end

--- What was found, each in a line. Pure.
---@param found moa.Found[]
---@return {line: string, discussion: string, round?: integer}[]
function M.found_lines(found)
  local items = {}
  for _, one in ipairs(found) do
    local excerpts = #one.excerpts > 0 and one.excerpts or { false }
    for _, excerpt in ipairs(excerpts) do
      local line = title_of(one.discussion)
      if excerpt then
        local text = unseen.on_one_line(excerpt.text)
        line = ("%s  round %d · %s: %s"):format(line, excerpt.round, excerpt.architect or "you", text)
      else
        line = line .. "  " .. date_of(one.discussion.created)
      end
      items[#items + 1] = { line = line, discussion = one.discussion.id, round = excerpt and excerpt.round or nil }
    end
  end
  return items
end

--- Searches titles, messages and replies of all discussions.
---@param query? string
function M.search(query)
  local function search(words)
    if not words or vim.trim(words) == "" then
      return
    end
    current.ask("search-discussions", { query = words }, function(found)
      local items = M.found_lines(found)
      if #items == 0 then
        say(("Nothing found for “%s”."):format(vim.trim(words)))
        return
      end
      local given = {
        prompt = ("Found “%s”:"):format(vim.trim(words)),
        kind = "moa.found",
        format_item = function(item)
          return item.line
        end,
      }
      vim.ui.select(items, given, function(item)
        if item then
          select(item.discussion, item.round)
        end
      end)
    end)
  end
  if query and query ~= "" then
    search(query)
  else
    vim.ui.input({ prompt = "Search in titles, messages and replies: " }, search)
  end
end

--- Gives the discussion another title.
function M.rename()
  needed(function(discussion)
    local given = { prompt = "What shall the discussion be called? ", default = discussion.title }
    vim.ui.input(given, function(title)
      if title and vim.trim(title) ~= "" then
        current.ask("rename-discussion", { discussion = discussion.id, title = vim.trim(title) })
      end
    end)
  end)
end

--- Goes on in a copy of the discussion, up to a round.
function M.fork()
  needed(function(discussion)
    local rounds = discussion.rounds or {}
    if #rounds == 0 then
      say("There is nothing to fork yet: this discussion has no round.", vim.log.levels.WARN)
      return
    end
    local function fork(round)
      if round then
        current.ask("fork-discussion", { discussion = discussion.id, afterRound = round.number }, function(copy)
          current.show(copy)
          require("moa.panel").open({ focus = true, prompt = true })
        end)
      end
    end
    if #rounds == 1 then
      fork(rounds[1])
      return
    end
    local newest_first = {}
    for index = #rounds, 1, -1 do
      newest_first[#newest_first + 1] = rounds[index]
    end
    local given = {
      prompt = "Up to where?",
      kind = "moa.round",
      format_item = function(round)
        local all = round == rounds[#rounds] and " (everything)" or ""
        return ("After round %d%s  %s"):format(round.number, all, unseen.on_one_line(round.message):sub(1, 160))
      end,
    }
    vim.ui.select(newest_first, given, fork)
  end)
end

--- Deletes the discussion, once the user said yes.
function M.delete()
  needed(function(discussion)
    local prompt = ("Delete “%s”? Its rounds and pending changes go with it. What was applied stays in your files."):format(
      title_of(discussion)
    )
    vim.ui.select({ "Keep it", "Delete it" }, { prompt = prompt, kind = "moa.confirm" }, function(_, index)
      if index == 2 then
        current.ask("delete-discussion", { discussion = discussion.id }, function()
          current.reload()
        end)
      end
    end)
  end)
end

--- Shows the discussion as a Markdown document in a buffer of its own.
function M.export()
  needed(function(discussion)
    current.ask("export-discussion", { discussion = discussion.id }, function(exported)
      require("moa.panel.window").to_editing()
      vim.cmd.enew()
      local buffer = vim.api.nvim_get_current_buf()
      vim.bo[buffer].modeline = false
      local lines = vim.split(exported.markdown:gsub("\n$", ""), "\n", { plain = true })
      vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
      vim.bo[buffer].filetype = "markdown"
    end)
  end)
end

---@param row moa.Model
---@return string
local function model_line(row)
  if row.ready then
    return ("%s  %s"):format(row.model, row.provider)
  end
  local wants = row.reason or row.keyVariable and "wants " .. row.keyVariable or "not ready"
  return ("%s  %s · %s"):format(row.model, row.provider, unseen.on_one_line(wants))
end

---@param model string
local function add(model)
  local prompt = ("Role of %s, if it is to have one (Enter alone: none): "):format(turn.short_model(model))
  vim.ui.input({ prompt = prompt }, function(role)
    if not role then
      return
    end
    local discussion = current.state().discussion
    local argument = { model = model, discussion = discussion and discussion.id }
    argument.role = vim.trim(role) ~= "" and vim.trim(role) or nil
    current.ask("add-architect", argument, function(added)
      require("moa.panel.sending").nobody = false
      if not discussion then
        current.show(vim.tbl_extend("force", { rounds = {}, codings = {} }, added))
      end
    end)
  end)
end

--- Lets one more model take part: one that the server knows, or any by its name.
function M.add_architect()
  current.ask("models", {}, function(rows)
    local items = vim.list_extend({}, rows)
    items[#items + 1] = false
    local given = {
      prompt = "Add an architect:",
      kind = "moa.model",
      format_item = function(row)
        return row and model_line(row) or "Another one, by its name…"
      end,
    }
    vim.ui.select(items, given, function(row, index)
      if row then
        add(row.model)
      elseif index then
        vim.ui.input({ prompt = "The model's name, as in openai/NAME: " }, function(model)
          if model and vim.trim(model) ~= "" then
            add(vim.trim(model))
          end
        end)
      end
    end)
  end)
end

---@param file string
---@param method string
---@return fun()
local function in_file(file, method)
  return function()
    require("moa.panel." .. file)[method]()
  end
end

--- All of these in one menu.
function M.menu()
  local items = {
    { "Switch to another discussion", M.switch },
    { "New discussion", M.new },
    { "Search all discussions", M.search },
    { "Rename", M.rename },
    { "Fork", M.fork },
    { "Export as Markdown", M.export },
    { "Who wants what: architects × places", in_file("matrix", "open") },
    { "The plan", in_file("plan", "open") },
    { "Choose by which preset the architects are asked", in_file("presets", "choose") },
    { "Have one message held by another preset", in_file("presets", "once") },
    { "Save this set-up as a preset", in_file("presets", "save") },
    { "Add an architect", M.add_architect },
    { "Set an architect's role", in_file("roles", "give") },
    { "See and edit all roles", in_file("roles", "edit") },
    { "Delete", M.delete },
  }
  local given = {
    prompt = current.state().discussion and title_of(current.state().discussion) or UNTITLED,
    kind = "moa.menu",
    format_item = function(item)
      return item[1]
    end,
  }
  vim.ui.select(items, given, function(item)
    if item then
      item[2]()
    end
  end)
end

return M
