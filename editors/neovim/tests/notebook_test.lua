-- Notebooks: a `*.moa` file in a Neovim of its own, with the real server and the demo's replies.

local Child = require("child")

local tests = {}

-- With the demo's files open, so that they are what is shown.
local OPEN = Child.QUICK
  .. [[
  vim.cmd("filetype plugin on")
  for _, name in ipairs({ "api.py", "store.py", "talk.moa" }) do
    vim.cmd("edit " .. sample .. "/" .. name)
  end
  assert(stands("running"))
  function _G.shows(text)
    return vim.wait(60000, function()
      return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"):find(text, 1, true) ~= nil
    end, 20)
  end
]]

tests["a prompt is sent by its key, and answered below"] = Child.with(function(child)
  local said = child:lua([[
    vim.api.nvim_buf_set_lines(0, 0, -1, false, { "Let's improve the error handling in our API." })
    vim.api.nvim_feedkeys(vim.keycode("<C-s>"), "xt", false)
    return shows("> *Round 1 · ")
  ]])
  check(said, vim.inspect(child:lua("return { vim.api.nvim_buf_get_lines(0, 0, -1, false), said }")))
  local first, heading = unpack(child:lua([[
    local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    return { lines[1], lines[3] }
  ]]))
  same(first, "Let's improve the error handling in our API.")
  check(heading:match("^> ## alpha · ") ~= nil, heading)
  same(child:lua("return { vim.bo.filetype, vim.bo.modified, vim.bo.commentstring }"), { "moa", true, "" })
end, OPEN)

tests["where no prompt stands, it is said"] = Child.with(function(child)
  child:lua([[
    vim.api.nvim_buf_set_lines(0, 0, -1, false, { "> said by somebody" })
    vim.api.nvim_feedkeys(vim.keycode("<C-s>"), "xt", false)
  ]])
  check(child:lua([[return vim.wait(10000, function() return #said > 0 end, 10)]]), "nothing was said")
  check(child:lua("return said[1]"):match("^moa: ") ~= nil, child:lua("return said[1]"))
end, OPEN)

tests["the prompt is completed"] = Child.with(function(child)
  vim.rpcrequest(child.channel, "nvim_input", "i/co<C-x><C-o>")
  check(child:lua([[return vim.wait(10000, function() return vim.fn.getline(1):match("^/code") ~= nil end, 10)]]))
  -- By itself where Neovim can: behind an `@`.
  vim.rpcrequest(child.channel, "nvim_input", "<C-u>@")
  local offered = child:lua([[
    return not vim.lsp.completion or vim.wait(10000, function()
      return vim.fn.complete_info({ "items" }).items[1] ~= nil
    end, 10)
  ]])
  check(offered, "nothing is offered behind an @")
end, OPEN)

return tests
