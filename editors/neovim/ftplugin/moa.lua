-- What a notebook's buffer (`*.moa`) gets: see `moa.notebook`.

if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = true
vim.opt_local.linebreak = true
vim.opt_local.commentstring = ""
vim.b.undo_ftplugin =
  "setlocal linebreak< commentstring< | silent! nunmap <buffer> <C-s> | silent! iunmap <buffer> <C-s>"
require("moa.notebook").attach(vim.api.nvim_get_current_buf())
