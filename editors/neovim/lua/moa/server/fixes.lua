-- What can be done where there is no server: a label and the deed for each way that `find.lua` names. Never here:
-- which of them are offered, and how.

local M = {}

---@class moa.Fix What can be done about it
---@field label string
---@field run fun()

---@type table<moa.Way, moa.Fix>
local FIXES = {
  install = {
    label = "Install the server for Neovim",
    run = function()
      require("moa.server.install").install()
    end,
  },
  choose = {
    label = "Name the server's program…",
    run = function()
      vim.ui.input({ prompt = "The full path of moa-lsp: ", completion = "file" }, function(path)
        if path and path ~= "" then
          require("moa.config").options.server.cmd = vim.fn.fnamemodify(path, ":p")
          require("moa.server.start").restart()
        end
      end)
    end,
  },
  log = {
    label = "Show the log",
    run = function()
      vim.cmd.Moa("log")
    end,
  },
  restart = {
    label = "Start again",
    run = function()
      require("moa.server.start").restart()
    end,
  },
  health = {
    label = "Check what is wrong (:checkhealth moa)",
    run = function()
      vim.cmd.checkhealth("moa")
    end,
  },
}

---@param ways moa.Way[]
---@return moa.Fix[]
function M.of(ways)
  return vim.tbl_map(function(way)
    return FIXES[way]
  end, ways)
end

return M
