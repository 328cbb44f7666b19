-- Notebooks, `*.moa`: one types a prompt into a document, and the server writes the answer below it. All that this part
-- adds to plain LSP is a key that sends, the menu of completions, and Markdown's colours. Never here: what a prompt is, or
-- what is written, which the server decides.

local M = {}

--- Sends the prompt at the cursor of the current buffer. Where there is none, or it can't be sent, a message says so.
function M.send()
  local client, compat = require("moa.client"), require("moa.compat")
  local buffer = vim.api.nvim_get_current_buf()
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  require("moa.server.start").attach_wanted(buffer)
  client.with_server(function()
    local text = vim.api.nvim_buf_get_lines(buffer, line - 1, line, false)[1] or ""
    local position = { line = line - 1, character = compat.to_units(text, column, client.encoding()) }
    -- Not waited for: what comes of it, also what goes wrong, stands in the notebook.
    client.request(
      "send",
      { document = vim.uri_from_bufnr(buffer), position = position, wait = false },
      function(failure)
        if failure then
          client.complain(failure)
        end
      end
    )
  end)
end

--- Makes a buffer a notebook.
---@param buffer integer
function M.attach(buffer)
  if not pcall(vim.treesitter.start, buffer, "markdown") then
    vim.bo[buffer].syntax = "markdown"
  end
  vim.keymap.set({ "n", "i" }, "<C-s>", "<Plug>(moa-send)", { buffer = buffer, desc = "moa: send this" })
  vim.api.nvim_create_autocmd("LspAttach", {
    group = vim.api.nvim_create_augroup("moa.notebook." .. buffer, { clear = true }),
    buffer = buffer,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      -- Older ones have the menu by `<C-x><C-o>` only.
      if client and client.name == "moa" and vim.lsp.completion then
        vim.lsp.completion.enable(true, client.id, buffer, { autotrigger = true })
      end
    end,
  })
end

return M
