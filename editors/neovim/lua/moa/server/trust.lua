-- Whether the user trusts what a folder's `moa.toml` says, by Neovim's own list (`vim.secure`, `:trust`), which knows
-- files by their content. The question is ours, since Neovim's is about code that it would run itself, and its
-- answers differ by version. A folder without a `moa.toml` needs none: what comes into it later, the server asks
-- about. Never here: what is trusted of it.

local M = {}

---@param folder string
---@return string? path The folder's `moa.toml`; nil where there is none
function M.file(folder)
  local path = vim.fs.joinpath(folder, "moa.toml")
  return vim.uv.fs_stat(path) and path or nil
end

--- Neovim's list lies in a folder that a first session doesn't have yet; `vim.secure` fails without it.
local function make_place()
  vim.fn.mkdir(vim.fn.stdpath("state") --[[@as string]], "p")
end

--- What Neovim's list says of a file, without any question.
---@param path string
---@return "trusted"|"denied"|"unknown"
local function known(path)
  make_place()
  local asked = false
  local confirm = vim.fn.confirm
  -- There is no other way to look without being asked; an answer of 0 is "cancelled", and changes nothing.
  vim.fn.confirm = function()
    asked = true
    return 0
  end
  local ok, text = pcall(vim.secure.read, path)
  vim.fn.confirm = confirm
  if ok and text then
    return "trusted"
  end
  return asked and "unknown" or "denied"
end

--- Adds each folder's `moa.toml`, as it stands on the disk now, to the files that Neovim trusts, or takes it away.
---@param folders string[]
---@param action "allow"|"remove"|"deny"
---@return string[] done The files that this was done with
---@return string? problem In words
function M.set(folders, action)
  local done = {}
  make_place()
  for _, folder in ipairs(folders) do
    local path = M.file(folder)
    if path then
      local given = { action = action, path = path }
      if action == "allow" then
        -- Neovim trusts the text of a buffer: one with changes that aren't saved would be trusted in place of the file.
        local buffer = vim.fn.bufadd(path)
        vim.fn.bufload(buffer)
        if vim.bo[buffer].modified then
          return done, ("Save %s first: what is trusted is the file as it stands on the disk."):format(path)
        end
        given = { action = action, bufnr = buffer }
      end
      local ok, message = vim.secure.trust(given)
      if not ok then
        return done, message
      end
      done[#done + 1] = path
    end
  end
  return done
end

local YES, LOOK, NOT_NOW, NEVER = "Trust it", "Look at it first", "Not now", "Never trust it"

--- Whether all of these folders are trusted. Asks about each `moa.toml` that Neovim doesn't know yet, or that changed.
---@param folders string[]
---@param done fun(trusted: boolean, declined: string[]) Told the files without a yes
function M.ask(folders, done)
  local declined = {}
  local function step(index)
    local folder = folders[index]
    if not folder then
      done(#declined == 0, declined)
      return
    end
    local path = M.file(folder)
    local state = path and known(path) or "trusted"
    if state ~= "unknown" then
      declined[#declined + 1] = state == "denied" and path or nil
      step(index + 1)
      return
    end
    local prompt = ("%s may name addresses that code and keys are sent to. Trust it as it stands?"):format(
      vim.fn.fnamemodify(path --[[@as string]], ":~")
    )
    vim.ui.select({ YES, LOOK, NOT_NOW, NEVER }, { prompt = prompt, kind = "moa.trust" }, function(answer)
      if answer == YES and #M.set({ folder }, "allow") == 1 then
        step(index + 1)
        return
      end
      declined[#declined + 1] = path
      if answer == NEVER then
        M.set({ folder }, "deny")
      elseif answer == LOOK then
        vim.cmd.sview(vim.fn.fnameescape(path --[[@as string]]))
      end
      step(index + 1)
    end)
  end
  step(1)
end

return M
