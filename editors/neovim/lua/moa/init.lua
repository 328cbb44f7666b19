-- The plugin's API: `require("moa")`. Nothing has to be called; `setup` only overrides defaults. Thin: each function
-- hands on to the part that does it, which is loaded then.

local M = {}

--- Sets options, each of them optional (`:help moa-options`).
---@param options? table In the shape of `moa.Options`, any part of it
function M.setup(options)
  local config = require("moa.config")
  local wrong = config.set(options)
  if #wrong > 0 then
    require("moa.say").say("setup: " .. table.concat(wrong, "; ") .. ". No option was changed.", vim.log.levels.ERROR)
    return
  end
  if config.options.server.autostart then
    local group = vim.api.nvim_create_augroup("moa.autostart", { clear = true })
    vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
      group = group,
      desc = "moa: start the server with the first file of a project",
      callback = function(event)
        vim.schedule(function()
          if vim.api.nvim_buf_is_valid(event.buf) then
            require("moa.server.start").attach_wanted(event.buf)
          end
        end)
      end,
    })
  end
end

--- Carries out one of the server's commands (`docs/protocol.md`); starts the server where that is needed.
---@param name moa.CommandName
---@param argument table
---@param done? fun(failure?: moa.Refusal, result?: any)
---@return fun() cancel
function M.request(name, argument, done)
  return require("moa.discussion.current").request(name, argument, done)
end

--- The current discussion as it stands: with its rounds, who is at work, and every change that was proposed in it.
---@return moa.State
function M.state()
  return require("moa.discussion.current").state()
end

--- Has `each` called after each move of the discussion.
---@param each fun(state: moa.State)
---@return fun() unsubscribe
function M.subscribe(each)
  return require("moa.discussion.current").subscribe(each)
end

--- How the server stands.
---@return moa.ServerState
function M.server()
  return require("moa.client").state()
end

--- A text for the statusline; its `%` are escaped. Empty until the plugin is first used. Loads nothing by itself.
---@return string
function M.status()
  return package.loaded["moa.client"] and require("moa.status").text() or ""
end

--- Opens the panel.
---@param options? {focus?: boolean}
function M.open(options)
  require("moa.panel").open(options or { focus = true })
end

--- Puts a message into the prompt, or with `send` asks the architects at once; with `preset` that one message is held by
--- another preset.
---@param options {message?: string, preset?: string, files?: string[], selection?: {uri: string, range: moa.Range}, send?: boolean}
function M.ask(options)
  require("moa.panel").ask(options)
end

--- Reads all presets: what each asks whom and when, and what a message by it is expected to cost and to take.
---@param done fun(failure?: moa.Refusal, presets?: moa.Preset[])
function M.presets(done)
  local discussion = M.state().discussion
  M.request("presets", { discussion = discussion and discussion.id }, done)
end

--- The name of the preset in force in the current discussion; nil where that isn't known yet. Loads nothing by itself.
---@return string?
function M.preset()
  local discussion = package.loaded["moa.discussion.current"] and M.state().discussion
  return discussion and discussion.preset or nil
end

--- Puts a preset in force in the current discussion; without a name the user picks one.
---@param name? string
function M.select_preset(name)
  require("moa.panel.presets").choose(name)
end

--- Saves the current discussion's architects, roles and preset under a name; one that was saved before is replaced after a
--- yes, or with `replace`.
---@param name? string
---@param replace? boolean
function M.save_preset(name, replace)
  require("moa.panel.presets").save(name, replace)
end

--- Gives a saved preset another name.
---@param name? string
---@param to? string
function M.rename_preset(name, to)
  require("moa.panel.presets").rename(name, to)
end

--- Deletes a saved preset after a yes, or with `sure`.
---@param name? string
---@param sure? boolean
function M.delete_preset(name, sure)
  require("moa.panel.presets").delete(name, sure)
end

--- Has a model write the architects' roles for a message; they are shown to be edited before anybody is asked.
---@param message? string
function M.write_roles(message)
  require("moa.panel.roles").write_for(message)
end

--- Where the architects differ and where not, as it stands now; nil where that isn't known. Loads nothing by itself.
---@return moa.Disagreement?
function M.disagreement()
  return package.loaded["moa.discussion.current"] and M.state().disagreement or nil
end

--- Takes what an architect wants for the lines under the cursor; without a name the only one, or the one that the user picks.
---@param name? string
function M.take(name)
  require("moa.review").take({ text = name or "" })
end

--- Leaves the lines under the cursor as they are.
---@param reason? string
function M.leave(reason)
  require("moa.review").leave({ text = reason or "" })
end

--- Opens the review of a change, or of all that waits.
---@param options? {change?: string}
function M.review(options)
  require("moa.review").open(options or {})
end

return M
