-- For `vim.lsp.enable("moa")` (Neovim 0.11 and later): the server starts with the first file of a project, instead of
-- with the first `:Moa`. What is set with `vim.lsp.config("moa", {…})` holds however the server is started, since
-- `moa.server.start` reads it; there is only ever one client, and it is that one's.

local config = require("moa.server.handlers").config()

-- Never called: `root_dir` hands every buffer on. It stands here because a configuration without it isn't valid.
config.cmd = function()
  error("moa: the server is started by moa.server.start")
end

---@param buffer integer
config.root_dir = function(buffer)
  require("moa.server.start").attach_wanted(buffer)
end

return config
