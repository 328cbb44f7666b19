-- What is done with presets: one is chosen, saved, renamed, deleted, or taken for one message. Its rules: what a message by it
-- costs and how long it takes is seen before it is chosen; who leaves a menu has changed nothing.

local client = require("moa.client")
local current = require("moa.discussion.current")
local rows = require("moa.panel.rows")
local say = require("moa.say").say
local unseen = require("moa.panel.unseen")
local words = require("moa.discussion.presets")

local M = {}

--- So long a completion waits for the server.
local COMPLETION_MS = 2000
--- A picker has its own marks in front of a line.
local PICKER_CELLS = 6

---@return string?
local function discussion_id()
  local discussion = current.state().discussion
  return discussion and discussion.id
end

---@param done fun(presets: moa.Preset[])
local function known(done)
  current.ask("presets", { discussion = discussion_id() }, done)
end

--- Asks the user for one of them; one that can't be used says why.
---@param presets moa.Preset[]
---@param prompt string
---@param done fun(preset: moa.Preset)
local function pick(presets, prompt, done)
  local cells = math.max(60, vim.o.columns - PICKER_CELLS)
  local lines = words.lines(presets, cells, function(text, most)
    return rows.cut(unseen.visible(text), most)
  end)
  local numbers = vim.tbl_keys(presets)
  table.sort(numbers)
  local given = {
    prompt = prompt,
    kind = "moa.preset",
    format_item = function(number)
      return lines[number]
    end,
  }
  vim.ui.select(numbers, given, function(number)
    local chosen = number and presets[number]
    if chosen and chosen.problem then
      say(("%s can't be used: %s"):format(chosen.name, chosen.problem), vim.log.levels.WARN)
    elseif chosen then
      done(chosen)
    end
  end)
end

--- Has the discussion held by this preset from now on; begins one where there is none.
---@param name string
---@param done? fun(failure?: moa.Refusal, discussion?: moa.Discussion)
function M.select(name, done)
  local before = discussion_id()
  current.request("select-preset", { preset = name, discussion = before }, function(failure, discussion)
    if not failure and not before then
      current.show(vim.tbl_extend("force", { rounds = {}, codings = {} }, discussion))
    end
    if done then
      done(failure, discussion)
    elseif failure then
      client.complain(failure)
    else
      local shape = discussion.shape and ": " .. unseen.on_one_line(discussion.shape) or ""
      say(("%s is in force here%s."):format(discussion.preset or name, shape))
    end
  end)
end

--- Puts another preset in force: the named one, else one that the user picks.
---@param name? string
function M.choose(name)
  if name and name ~= "" then
    M.select(name)
    return
  end
  known(function(presets)
    pick(presets, "By which preset from now on?", function(chosen)
      M.select(chosen.name)
    end)
  end)
end

--- Has one message held by another preset: the user picks it, and types on in the prompt.
---@param name? string
function M.once(name)
  if name and name ~= "" then
    require("moa.panel").ask({ preset = name })
    return
  end
  known(function(presets)
    pick(presets, "By which preset, for one message?", function(chosen)
      require("moa.panel").ask({ preset = chosen.name })
    end)
  end)
end

---@param uri? moa.Uri
---@return string
local function where(uri)
  return uri and (", in %s"):format(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~")) or ""
end

---@param name string
---@param replace boolean
local function save(name, replace)
  local argument = { name = name, discussion = discussion_id(), replace = replace or nil }
  current.ask("save-preset", argument, function(saved)
    say(("Saved as %s%s."):format(saved.name, where(saved.uri)))
  end)
end

--- Saves the discussion's set-up under a name. One that was saved before is replaced after a yes, or with `replace`.
---@param name? string Asked for where it isn't given
---@param replace? boolean
function M.save(name, replace)
  if not name or name == "" then
    vim.ui.input({ prompt = "Save this set-up as: " }, function(typed)
      if typed and vim.trim(typed) ~= "" then
        M.save(vim.trim(typed), replace)
      end
    end)
    return
  end
  if replace then
    save(name, true)
    return
  end
  known(function(presets)
    local there = words.called(words.saved(presets), name)
    if not there then
      save(name, false)
      return
    end
    local prompt = ("There is a preset %s already: %s."):format(name, unseen.on_one_line(there.shape))
    vim.ui.select({ "Keep it", "Replace it" }, { prompt = prompt, kind = "moa.confirm" }, function(_, index)
      if index == 2 then
        save(name, true)
      end
    end)
  end)
end

--- The saved preset of that name, else one that the user picks.
---@param name? string
---@param prompt string
---@param done fun(name: string)
local function saved_one(name, prompt, done)
  if name and name ~= "" then
    done(name)
    return
  end
  known(function(presets)
    local saved = words.saved(presets)
    if #saved == 0 then
      say("You have saved no preset yet. `:Moa preset-save NAME` saves the discussion's set-up.")
      return
    end
    pick(saved, prompt, function(chosen)
      done(chosen.name)
    end)
  end)
end

--- Gives a saved preset another name.
---@param name? string
---@param to? string
function M.rename(name, to)
  saved_one(name, "Which preset is to have another name?", function(one)
    local function rename(typed)
      if typed and vim.trim(typed) ~= "" then
        current.ask("rename-preset", { name = one, to = vim.trim(typed) }, function(renamed)
          say(("%s is called %s now%s."):format(one, renamed.name, where(renamed.uri)))
        end)
      end
    end
    if to and to ~= "" then
      rename(to)
    else
      vim.ui.input({ prompt = ("What shall %s be called? "):format(one), default = one }, rename)
    end
  end)
end

--- Deletes a saved preset, once the user said yes, or with `sure`.
---@param name? string
---@param sure? boolean
function M.delete(name, sure)
  saved_one(name, "Which preset is to be deleted?", function(one)
    local function delete()
      current.ask("delete-preset", { name = one }, function()
        say(("The preset %s is deleted."):format(one))
      end)
    end
    if sure then
      delete()
      return
    end
    local prompt = ("Delete the preset %s?"):format(one)
    vim.ui.select({ "Keep it", "Delete it" }, { prompt = prompt, kind = "moa.confirm" }, function(_, index)
      if index == 2 then
        delete()
      end
    end)
  end)
end

--- What the server answers, waited for as a completion has to; empty where it doesn't run.
---@param name moa.CommandName
---@return table[]
local function at_once(name)
  local found, answered = {}, false
  if client.get() then
    client.request(name, { discussion = discussion_id() }, function(_, result)
      answered, found = true, result or {}
    end)
    vim.wait(COMPLETION_MS, function()
      return answered
    end, 10)
  end
  return found
end

---@param all {name: string}[]
---@return string[]
local function names_of(all)
  return vim.tbl_map(function(one)
    return one.name
  end, all)
end

--- The names of all that can be used, for completion.
---@return string[]
function M.names()
  return names_of(vim.tbl_filter(function(one)
    return not one.problem
  end, at_once("presets")))
end

--- The names of the saved ones, for completion.
---@return string[]
function M.saved_names()
  return names_of(words.saved(at_once("presets")))
end

--- The names of the library's roles, for completion.
---@return string[]
function M.role_names()
  return names_of(at_once("roles"))
end

return M
