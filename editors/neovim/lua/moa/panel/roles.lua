-- The architects' roles: one is given from the library or in words, and all of them are seen and edited in a buffer, where writing it
-- (`:w`) sets them. Also has roles written by a model for a message. Its rules: who leaves a menu has changed nothing, and
-- nobody is asked by roles that weren't seen.

local client = require("moa.client")
local current = require("moa.discussion.current")
local prompts = require("moa.discussion.prompt")
local rows = require("moa.panel.rows")
local say = require("moa.say").say
local turn = require("moa.panel.turn")
local wrapped = require("moa.say").wrapped
local unseen = require("moa.panel.unseen")

local M = {}

local NAME = "moa://roles"
local NAMESPACE = vim.api.nvim_create_namespace("moa.roles")
--- So many cells of a role stand in a picker's line.
local LINE_CELLS = 72
--- The window of the roles is never higher.
local MOST_ROWS = 20

---@param done fun(discussion: moa.Discussion)
local function with_architects(done)
  local discussion = current.state().discussion
  if not discussion then
    say("There is no discussion yet. Say something first.", vim.log.levels.WARN)
  elseif #discussion.architects == 0 then
    say("This discussion has no architect yet. Add one first.", vim.log.levels.WARN)
  else
    done(discussion)
  end
end

---@param one moa.Architect
---@return string
local function architect_line(one)
  local role = one.role and "  " .. rows.cut(unseen.on_one_line(one.role), LINE_CELLS) or ""
  return ("%s %s  %s%s"):format(
    one.dropped and "◌" or "●",
    unseen.on_one_line(one.name),
    turn.short_model(one.model),
    role
  )
end

--- The named architect, else one that the user picks.
---@param name? string
---@param prompt string
---@param done fun(one: moa.Architect, discussion: moa.Discussion)
local function architect(name, prompt, done)
  with_architects(function(discussion)
    for _, one in ipairs(discussion.architects) do
      if one.name == name then
        done(one, discussion)
        return
      end
    end
    local given = { prompt = prompt, kind = "moa.architect", format_item = architect_line }
    vim.ui.select(discussion.architects, given, function(one)
      if one then
        done(one, discussion)
      end
    end)
  end)
end

---@param discussion moa.Discussion
---@param name string
---@param role? string
---@param done? fun(failure?: moa.Refusal)
local function set(discussion, name, role, done)
  local said = role and vim.trim(role) or ""
  local argument = { discussion = discussion.id, name = name, role = said ~= "" and said or nil }
  current.request("set-role", argument, done or function(failure)
    if failure then
      client.complain(failure)
    end
  end)
end

---@param one moa.Role
---@return string
local function role_line(one)
  local from = ({ user = " (yours)", project = " (the project's)" })[one.from] or ""
  return ("%s%s  %s"):format(unseen.on_one_line(one.name), from, rows.cut(unseen.on_one_line(one.text), LINE_CELLS))
end

--- Says what an architect is to look at: a role of the library, or words.
---@param name? string Asked for where it isn't given
function M.give(name)
  architect(name, "Whose role?", function(one, discussion)
    current.ask("roles", { discussion = discussion.id }, function(library)
      local items = vim.list_extend({}, library)
      vim.list_extend(items, { "In your words…", "As it is configured" })
      local given = {
        prompt = ("What is %s to look at?"):format(one.name),
        kind = "moa.role",
        format_item = function(item)
          return type(item) == "string" and item or role_line(item)
        end,
      }
      vim.ui.select(items, given, function(item, index)
        if type(item) == "table" then
          set(discussion, one.name, item.name)
        elseif index == #items then
          set(discussion, one.name, nil)
        elseif index then
          local prompt = ("Role of %s, in your words: "):format(one.name)
          vim.ui.input({ prompt = prompt, default = one.role or "" }, function(typed)
            if typed and vim.trim(typed) ~= "" then
              set(discussion, one.name, typed)
            end
          end)
        end
      end)
    end)
  end)
end

--- All roles as one text: a heading for each architect, and below it its role. Pure.
---@param architects moa.Architect[]
---@return string[]
function M.as_lines(architects)
  local lines = {}
  for _, one in ipairs(architects) do
    if not one.dropped then
      lines[#lines + 1] = "# " .. one.name
      vim.list_extend(lines, vim.split(vim.trim(one.role or ""), "\r?\n"))
      lines[#lines + 1] = ""
    end
  end
  lines[#lines] = nil
  return lines
end

--- The roles that such a text gives, by architect; a heading that names nobody is part of a role. Pure.
---@param lines string[]
---@param architects moa.Architect[]
---@return table<string, string>
function M.of_lines(lines, architects)
  local names, found, name = {}, {}, nil ---@type table<string, boolean>, table<string, string[]>, string?
  for _, one in ipairs(architects) do
    names[one.name] = true
  end
  for _, line in ipairs(lines) do
    local heading = vim.trim(line:match("^#%s+(.+)$") or "")
    if names[heading] then
      name = heading
      found[name] = found[name] or {}
    elseif name then
      table.insert(found[name], line)
    end
  end
  return vim.tbl_map(function(said)
    return vim.trim(table.concat(said, "\n"))
  end, found)
end

--- Sets those roles that are other than before, one after the other.
---@param buffer integer
local function write(buffer)
  with_architects(function(discussion)
    local said = M.of_lines(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), discussion.architects)
    local due = vim.tbl_filter(function(one)
      return said[one.name] ~= nil and said[one.name] ~= vim.trim(one.role or "")
    end, discussion.architects)
    local tick = vim.api.nvim_buf_get_changedtick(buffer)
    local count = #due
    local function next_one()
      local one = table.remove(due, 1)
      if one then
        set(discussion, one.name, said[one.name], function(failure)
          if failure then
            client.complain(failure)
          else
            next_one()
          end
        end)
        return
      end
      if vim.api.nvim_buf_is_valid(buffer) and vim.api.nvim_buf_get_changedtick(buffer) == tick then
        vim.bo[buffer].modified = false
      end
      local words = { [0] = "No role is other than before.", "1 role is set." }
      say(words[count] or count .. " roles are set.")
    end
    next_one()
  end)
end

--- Shows below the roles which ones the library has.
---@param buffer integer
---@param library moa.Role[]
local function hint(buffer, library)
  if #library == 0 or vim.fn.bufwinid(buffer) == -1 then
    return
  end
  local names = table.concat(
    vim.tbl_map(function(one)
      return unseen.on_one_line(one.name)
    end, library),
    ", "
  )
  local width = vim.api.nvim_win_get_width(vim.fn.bufwinid(buffer)) - 2
  local lines = vim.tbl_map(function(line)
    return { { line, "MoaQuiet" } }
  end, wrapped("A name is enough for one of the library: " .. names, width))
  table.insert(lines, 1, { { "" } })
  vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, vim.api.nvim_buf_line_count(buffer) - 1, 0, { virt_lines = lines })
end

--- Shows all roles in a buffer, to be edited; writing it sets them.
function M.edit()
  with_architects(function(discussion)
    require("moa.panel.window").to_editing()
    local lines = M.as_lines(discussion.architects)
    local open = vim.fn.bufnr("^" .. NAME .. "$")
    if open > 0 then
      vim.api.nvim_buf_delete(open, { force = true })
    end
    vim.cmd.new()
    local buffer = vim.api.nvim_get_current_buf()
    vim.api.nvim_buf_set_name(buffer, NAME)
    vim.bo[buffer].buftype = "acwrite"
    vim.bo[buffer].bufhidden = "wipe"
    vim.bo[buffer].swapfile = false
    vim.bo[buffer].modeline = false
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
    vim.bo[buffer].modified = false
    vim.bo[buffer].filetype = "markdown"
    vim.api.nvim_win_set_height(0, math.min(MOST_ROWS, math.max(#lines + 6, 8)))
    vim.wo[0].winbar = " Roles  %#MoaKey#:w%* sets them"
    vim.wo[0].wrap, vim.wo[0].linebreak = true, true
    vim.api.nvim_create_autocmd("BufWriteCmd", {
      buffer = buffer,
      callback = function()
        write(buffer)
      end,
    })
    current.ask("roles", { discussion = discussion.id }, function(library)
      hint(buffer, library)
    end)
  end)
end

---@param message string
local function write_for(message)
  local discussion = current.state().discussion
  say("The roles are being written…")
  local files = prompts.files(message, require("moa.server.start").folders())
  local argument = { message = message, discussion = discussion and discussion.id, files = #files > 0 and files or nil }
  current.ask("write-roles", argument, function()
    -- A discussion that was begun for it was told of while it ran.
    current.reload(M.edit)
  end)
end

--- Has a model write the architects' roles for a message: the given one, else what stands in the prompt. They are shown to
--- be edited before anybody is asked.
---@param message? string
function M.write_for(message)
  local text = vim.trim(message or "")
  text = text ~= "" and text or prompts.parse(require("moa.panel.prompt").text()).message or ""
  if text ~= "" then
    write_for(text)
    return
  end
  vim.ui.input({ prompt = "Roles for which message? " }, function(typed)
    if typed and vim.trim(typed) ~= "" then
      write_for(vim.trim(typed))
    end
  end)
end

return M
