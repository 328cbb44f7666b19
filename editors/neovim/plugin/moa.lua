-- What Neovim reads at its start: the command `:Moa`, the <Plug> maps, and the file type of prompts. Its rule:
-- nothing is loaded here; each `require` waits until it is needed. Never here: keys in the user's own buffers.

if vim.g.loaded_moa then
  return
end
vim.g.loaded_moa = true

vim.api.nvim_create_user_command("Moa", function(given)
  require("moa.command").run(given)
end, {
  nargs = "*",
  range = true,
  bang = true,
  desc = "Discuss code with several models, and review what they propose",
  complete = function(lead, line, position)
    return require("moa.command").complete(lead, line, position)
  end,
})

for _, subcommand in ipairs({
  "open",
  "close",
  "toggle",
  "discuss",
  "code",
  "cancel",
  "retry",
  "preset",
  "once",
  "roles",
  "new",
  "list",
  "review",
  "next",
  "previous",
  "accept",
  "reject",
  "accept-file",
  "reject-file",
  "accept-all",
  "reject-all",
  "undo",
  "unreject",
  "who",
  "take",
  "leave",
  "reopen",
  "another",
  "next-contested",
  "previous-contested",
  "contested",
  "disagreement",
  "compose",
  "plan",
  "preview",
  "diff",
  "quickfix",
}) do
  local plug = ("<Plug>(moa-%s)"):format(subcommand)
  vim.keymap.set("n", plug, ("<Cmd>Moa %s<CR>"):format(subcommand), { desc = "moa: " .. subcommand })
end
-- The colon puts '<,'> before the command, which is how a selection is handed on.
vim.keymap.set("x", "<Plug>(moa-discuss)", ":Moa discuss<CR>", { silent = true, desc = "moa: discuss the selection" })

vim.keymap.set({ "n", "i" }, "<Plug>(moa-send)", function()
  require("moa.notebook").send()
end, { desc = "moa: send the prompt of a notebook" })

local group = vim.api.nvim_create_augroup("moa.plugin", { clear = true })
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  group = group,
  pattern = "*.moa",
  callback = function(event)
    vim.bo[event.buf].filetype = "moa"
  end,
})
vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "moa",
  callback = function(event)
    require("moa.server.start").attach_wanted(event.buf)
  end,
})
