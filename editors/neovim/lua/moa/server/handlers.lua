-- What the server asks of this client, or tells it: the parts of a client's configuration that are the same however
-- it is started (`lsp/moa.lua` and `start.lua` both take them from here). Never here: the process.

local compat = require("moa.compat")

local M = {}

local listeners = require("moa.listeners").new()

--- Has `each` called with every `moa/event`, in their order, on the main loop.
---@param each fun(event: moa.Event)
---@return fun() unsubscribe
function M.on_event(each)
  return listeners:add(each)
end

--- Takes the annotations out of an edit, and says whether one of them asks for the user's yes. Neovim 0.12 would tell
--- each of them in a message, and ask file by file, so that a no in the middle left half an edit; 0.10 wouldn't ask
--- at all.
---@param edit table A WorkspaceEdit; changed in place
---@return boolean asks
local function without_annotations(edit)
  local asking = 0
  for _, note in pairs(edit.changeAnnotations or {}) do
    asking = asking + (note.needsConfirmation == true and 1 or 0)
  end
  edit.changeAnnotations = nil
  for _, one in ipairs(edit.documentChanges or {}) do
    one.annotationId = nil
    for _, text_edit in ipairs(one.edits or {}) do
      text_edit.annotationId = nil
    end
  end
  -- Whoever accepts a single hunk has said yes to it already.
  return asking > 1
end

--- Asks once for the whole edit.
---@param edit table A WorkspaceEdit
---@param label? string
---@return boolean
local function agreed(edit, label)
  -- The server's own labels begin with the name already.
  local lines = { "moa: " .. (type(label) == "string" and label:gsub("^moa: ", "") or "An edit") }
  for _, one in ipairs(edit.documentChanges or {}) do
    local uri = (one.textDocument or {}).uri or one.uri or one.oldUri
    local what = one.kind or (#one.edits == 1 and "1 edit" or #one.edits .. " edits")
    lines[#lines + 1] = ("  %s: %s"):format(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:."), what)
  end
  return vim.fn.confirm(table.concat(lines, "\n"), "&Apply\n&Leave it", 2, "Question") == 1
end

---@param params {edit: table, label?: string}
---@param context {client_id: integer}
---@return {applied: boolean, failureReason?: string}
local function apply_edit(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if not client then
    return { applied = false, failureReason = "The client has ended." }
  end
  if without_annotations(params.edit) and not agreed(params.edit, params.label) then
    return { applied = false, failureReason = "The user left it." }
  end
  return require("moa.review.apply").apply(params.edit, client)
end

--- What the server's code actions and lenses do is done by the plugin's own ways: they show a run in the panel, and an
--- error as a sentence.
---@param name "apply"|"reject"
---@return fun(command: table)
local function own_deed(name)
  return function(command)
    require("moa.discussion.current").ask(name, (command.arguments or {})[1] or {})
  end
end

--- The parts of the configuration that don't depend on how and where the server is started.
---@return table
function M.config()
  return {
    handlers = {
      ["moa/event"] = function(_, event)
        listeners:tell(compat.without_null(event))
      end,
      ["workspace/applyEdit"] = apply_edit,
    },
    commands = {
      ["moa.discuss"] = function(command)
        local given = (command.arguments or {})[1] or {}
        require("moa.panel").ask({ message = given.message, files = given.files, selection = given.selection })
      end,
      ["moa.code"] = function()
        require("moa.command").run_words("code")
      end,
      ["moa.apply"] = own_deed("apply"),
      ["moa.reject"] = own_deed("reject"),
    },
    -- The panel shows how far a run is; a second progress elsewhere would only nag.
    capabilities = {
      window = { workDoneProgress = false },
      -- Our own applier keeps to both; 0.10 doesn't say so by itself.
      workspace = { workspaceEdit = { documentChanges = true, changeAnnotationSupport = { groupsOnLabel = true } } },
    },
    reuse_client = function(client)
      return client.name == "moa"
    end,
  }
end

--- Hides what the review draws in the buffer itself: the proposals' diagnostics stay in `vim.diagnostic`, and are
--- drawn only in a `moa.toml`, where they are about mistakes.
---@param client_id integer
function M.quiet(client_id)
  local function only_in_settings(key)
    return function(_, buffer)
      local all = vim.diagnostic.config() or {}
      if not vim.api.nvim_buf_get_name(buffer):match("%.toml$") then
        return false
      end
      local value = all[key]
      return type(value) == "function" and value(_, buffer) or value or false
    end
  end
  local config = {}
  for _, key in ipairs({ "virtual_text", "virtual_lines", "signs", "underline" }) do
    config[key] = only_in_settings(key)
  end
  vim.diagnostic.config(config, compat.diagnostics_namespace(client_id))
end

return M
