-- Starting the real server and keeping it: both roads, failures in words, trust, crashes, the end, and what it is
-- shown.

local child = require("child")

local TRUSTED = [[local sample = ... _G.trust(sample)]]

---@param folder string
---@param name string
---@param text string
---@return string
local function script(folder, name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "w"))
  file:write("#!/bin/sh\n" .. text .. "\n")
  file:close()
  vim.uv.fs_chmod(path, 493)
  return path
end

--- Has the child try this program as its server, and says the state that came of it.
local function tried(one, cmd)
  return one:lua(
    [[
    require("moa").setup({ server = { cmd = ... } })
    local answer = _G.ask("list-discussions", {})
    local state = require("moa").server()
    local labels = vim.tbl_map(function(fix) return fix.label end, state.fixes or {})
    return { kind = state.kind, words = answer.failure and answer.failure.message, labels = labels }
  ]],
    cmd
  )
end

return {
  ["nothing is started before it is needed"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd.edit("api.py")
      vim.wait(300)
      local loaded = vim.tbl_filter(function(name) return vim.startswith(name, "moa.server") end, vim.tbl_keys(package.loaded))
      return { loaded, #vim.lsp.get_clients(), require("moa").status() }
    ]]),
      { {}, 0, "" }
    )
  end),

  ["a request starts it, and the workspace's buffers are shown to it, also later ones"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd.edit("api.py")
      vim.cmd.new("/etc/hostname")
      local answer = _G.ask("list-discussions", {})
      vim.cmd.new("store.py")
      vim.cmd.new("never-written.py")
      vim.cmd.new()
      vim.cmd.edit("moa://x")
      vim.wait(300)
      local client = vim.lsp.get_clients({ name = "moa" })[1]
      local names = {}
      for buffer in pairs(client.attached_buffers) do
        table.insert(names, vim.fs.basename(vim.api.nvim_buf_get_name(buffer)))
      end
      table.sort(names)
      return { answer, names, #vim.lsp.get_clients(), require("moa").server().kind }
    ]]),
      { { result = {} }, { "api.py", "never-written.py", "store.py" }, 1, "running" }
    )
  end, TRUSTED),

  ["whoever asks while it starts waits for that start"] = child.with(function(one)
    same(
      one:lua([[
      local answers = {}
      for _ = 1, 3 do
        require("moa").request("list-discussions", {}, function(failure) table.insert(answers, failure or "yes") end)
      end
      vim.wait(30000, function() return #answers == 3 end, 10)
      return { answers, #vim.lsp.get_clients() }
    ]]),
      { { "yes", "yes", "yes" }, 1 }
    )
  end, TRUSTED),

  ["enabled for all files, it is the same client with the user's configuration"] = child.with(function(one)
    local got = one:lua([[
      if vim.lsp.enable then
        vim.lsp.config("moa", { settings = { moa = { preset = "mine" } }, on_attach = function() _G.attached = true end })
        vim.lsp.enable("moa")
      else
        require("moa").setup({ server = { cmd = require("moa.config").options.server.cmd, autostart = true }, settings = { preset = "mine" } })
        _G.attached = true
      end
      _G.heard = 0
      vim.cmd.edit("api.py")
      vim.bo.filetype = "python"
      assert(_G.stands("running"))
      require("moa.client").on_event(function() _G.heard = _G.heard + 1 end)
      local answer = _G.ask("new-discussion", {})
      vim.cmd.edit("store.py")
      vim.bo.filetype = "python"
      vim.wait(500)
      local clients = vim.lsp.get_clients()
      return {
        clients = #clients,
        attached = vim.tbl_count(clients[1].attached_buffers),
        heard = _G.heard > 0,
        own = _G.attached,
        settings = clients[1].settings,
        failure = answer.failure,
      }
    ]])
    same(got, { clients = 1, attached = 2, heard = true, own = true, settings = { moa = { preset = "mine" } } })
  end, TRUSTED),

  ["a prompt's file starts it, and is shown to it wherever it lies"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd.edit(vim.fn.tempname() .. ".moa")
      assert(_G.stands("running"))
      vim.wait(2000, function() return #vim.lsp.get_clients({ bufnr = 0 }) == 1 end, 10)
      return { vim.bo.filetype, #vim.lsp.get_clients({ bufnr = 0 }) }
    ]]),
      { "moa", 1 }
    )
  end, TRUSTED),

  ["a file outside of any project starts nothing by itself"] = child.with(function(one)
    same(
      one:lua([[
      require("moa").setup({ server = { autostart = true } })
      vim.cmd.edit(vim.fn.tempname())
      vim.wait(300)
      return { require("moa").server().kind, #vim.lsp.get_clients() }
    ]]),
      { "stopped", 0 }
    )
  end),

  ["each way in which there is no server has its words"] = child.with(function(one)
    same(tried(one, one.folder .. "/nothing"), {
      kind = "failed",
      words = ("The option server.cmd names %s/nothing, which doesn't exist. Name another program, or leave the option out."):format(
        one.folder
      ),
      labels = { "Name the server's program…", "Check what is wrong (:checkhealth moa)" },
    })
    local function anew(path)
      one:lua([[require("moa.server.start").stop()]])
      return tried(one, path).words
    end
    check(
      anew(script(one.folder, "old", "echo moa-lsp 0.9.3")):match("The server is 0%.9%.3, this plugin wants 0%.1%.x")
    )
    check(anew(script(one.folder, "other", "echo pylsp 1.2")):match("isn't moa%-lsp, it calls itself pylsp"))
    check(anew(script(one.folder, "broken", "echo oh no >&2; exit 3")):match("Its last words: oh no"))
    local dies =
      'test "$1" = --version && echo moa-lsp 0.1.0 && exit; printf "Trace\\nBoom: it" >&2; printf " broke\\n" >&2; exit 1'
    check(anew(script(one.folder, "dies", dies)):match("Its last words: Boom: it broke"), "the last words")
    same(one:lua([[return #vim.lsp.get_clients()]]), 0)
  end, TRUSTED),

  ["what failed isn't tried again before somebody says so"] = child.with(function(one)
    local counter = one.folder .. "/count"
    local path = script(one.folder, "broken", ("echo x >> %s; exit 1"):format(counter))
    tried(one, path)
    tried(one, path)
    same(#vim.fn.readfile(counter), 1)
    same(
      one:lua(
        [[
      local done
      require("moa").setup({ server = { cmd = ... } })
      require("moa.server.start").restart(function(ok) done = ok end)
      vim.wait(30000, function() return done ~= nil end, 10)
      return { done, _G.ask("list-discussions", {}).failure or false }
    ]],
        child.server()
      ),
      { true, false }
    )
  end, TRUSTED),

  ["a moa.toml that was denied isn't trusted; `:Moa trust` changes that"] = child.with(function(one)
    local got = one:lua([[
      local file = vim.fn.getcwd() .. "/moa.toml"
      vim.fn.mkdir(vim.fn.stdpath("state"), "p")
      vim.secure.trust({ action = "deny", path = file })
      local function told()
        local client = vim.lsp.get_clients({ name = "moa" })[1]
        return client.config.init_options.trusted
      end
      _G.ask("list-discussions", {})
      local before, words = told(), table.concat(_G.said, "\n")
      vim.cmd("Moa trust")
      vim.wait(30000, function() return require("moa").server().kind ~= "running" end, 10)
      assert(_G.stands("running"))
      return { before, words:match("isn't trusted") ~= nil, told() }
    ]])
    same(got, { false, true, true })
  end),

  ["in a first session it is asked once whether a moa.toml is trusted, and the answer is kept"] = child.with(
    function(one)
      same(
        one:lua([[
      local asked = 0
      vim.ui.select = function(ways, given, chosen)
        asked = asked + 1
        chosen(ways[1])
      end
      _G.ask("list-discussions", {})
      local first = require("moa.server.start").trusted()
      vim.cmd("Moa restart")
      vim.wait(10000, function() return require("moa").server().kind ~= "running" end, 5)
      assert(_G.stands("running"))
      return { first, require("moa.server.start").trusted(), asked }
    ]]),
        { true, true, 1 }
      )
    end
  ),

  ["without a yes it isn't trusted, and it is asked again after the next start"] = child.with(function(one)
    same(
      one:lua([[
      local asked, shown = {}, nil
      vim.ui.select = function(ways, given, chosen)
        table.insert(asked, given.prompt:match("moa.toml"))
        chosen(#asked == 1 and ways[2] or nil)
      end
      vim.fn.confirm = function() error("Neovim's own question isn't ours") end
      _G.ask("list-discussions", {})
      shown = vim.fn.expand("%:t")
      local first = require("moa.server.start").trusted()
      vim.cmd("Moa restart")
      vim.wait(10000, function() return require("moa").server().kind ~= "running" end, 5)
      assert(_G.stands("running"))
      return { first, require("moa.server.start").trusted(), #asked, shown, #_G.said }
    ]]),
      { false, false, 2, "moa.toml", 3 }
    )
  end),

  ["a workspace without a moa.toml needs no question"] = child.with(function(one)
    same(
      one:lua([[
      vim.fn.delete("moa.toml")
      _G.ask("list-discussions", {})
      return { require("moa.server.start").trusted(), #_G.said }
    ]]),
      { true, 0 }
    )
  end),

  ["after a kill it is there again with the discussion, and what was asked is answered"] = child.with(function(one)
    local got = one:lua([[
      _G.ask("new-discussion", {})
      _G.ask("rename-discussion", { title = "Kept" })
      local answers = {}
      require("moa").request("discuss", { message = "Let's improve the error handling in our API." }, function(failure)
        table.insert(answers, failure and failure.message or "it was answered")
      end)
      vim.wait(30000, function() return require("moa").state().running end, 5)
      vim.uv.kill(_G.server_pid(), 9)
      assert(vim.wait(5000, function() return #answers == 1 end, 5))
      assert(_G.stands("running"))
      vim.wait(5000, function() return not require("moa").state().running end, 10)
      local state = require("moa").state()
      return { answers, state.discussion.title, #state.discussion.rounds, state.running, _G.said }
    ]])
    same(got, {
      { "The server ended before it could answer. What had arrived is kept; try again." },
      "Kept",
      1,
      false,
      {},
    })
  end, TRUSTED),

  ["what is asked while the server is started anew waits for it, and is sent once"] = child.with(function(one)
    same(
      one:lua([[
      _G.ask("new-discussion", {})
      local answers = {}
      local function discuss()
        local message = "Let's improve the error handling in our API."
        require("moa").request("discuss", { message = message }, function(failure)
          table.insert(answers, failure and failure.message or "answered")
        end)
        local n = #answers
        assert(vim.wait(30000, function() return #answers > n or require("moa").state().running end, 5))
        vim.cmd("Moa cancel")
        assert(vim.wait(10000, function() return #answers > n end, 5))
        vim.wait(5000, function() return not require("moa").state().running end, 5)
      end
      vim.cmd("Moa trust remove")
      discuss()
      vim.cmd("Moa trust")
      vim.cmd("Moa restart")
      discuss()
      vim.uv.kill(_G.server_pid(), 9)
      vim.wait(5000, function() return not require("moa.client").get() end, 1)
      discuss()
      -- In the middle of a start, a second one.
      vim.uv.kill(_G.server_pid(), 9)
      vim.wait(5000, function() return require("moa").server().kind == "starting" end, 5)
      vim.cmd("Moa restart")
      discuss()
      local rounds = vim.tbl_map(function(round) return round.number end, require("moa").state().discussion.rounds)
      return { answers, rounds, #vim.lsp.get_clients() }
    ]]),
      { { "Stopped.", "Stopped.", "Stopped.", "Stopped." }, { 1, 2, 3, 4 }, 1 }
    )
  end, TRUSTED .. [[ vim.ui.select = function(ways, _, chosen) chosen(nil) end ]]),

  ["one that ends again and again is given up"] = child.with(function(one)
    local got = one:lua([[
      vim.ui.select = function() error("whoever types isn't asked anything") end
      _G.ask("list-discussions", {})
      for _ = 1, 5 do
        assert(_G.stands("running"))
        vim.uv.kill(_G.server_pid(), 9)
        vim.wait(5000, function() return require("moa").server().kind ~= "running" end, 5)
      end
      assert(_G.stands("failed", 5))
      return _G.said
    ]])
    same(#got, 1)
    check(got[1]:match("ended unexpectedly 5 times within 3 minutes.*:Moa restart"), got[1])
  end, TRUSTED),

  ["stopped, it starts again when it is needed; Neovim's own stop is no crash"] = child.with(function(one)
    same(
      one:lua([[
      _G.ask("list-discussions", {})
      vim.cmd("Moa stop")
      assert(_G.stands("stopped"))
      vim.wait(1000, function() return #vim.lsp.get_clients() == 0 end, 10)
      local clients = #vim.lsp.get_clients()
      local failure = _G.ask("list-discussions", {}).failure
      vim.lsp.stop_client(vim.lsp.get_clients())
      return { clients, failure or false, _G.stands("stopped") }
    ]]),
      { 0, false, true }
    )
  end, TRUSTED),

  ["it ends with Neovim within two seconds"] = function()
    local one = child.new(TRUSTED)
    local pid = one:lua([[
      _G.ask("new-discussion", {})
      require("moa").request("discuss", { message = "Let's improve the error handling in our API." })
      vim.wait(30000, function() return require("moa").state().running end, 5)
      return _G.server_pid()
    ]])
    local seconds = one:quit()
    check(seconds ~= nil and seconds < 2.5, ("Neovim took %s s"):format(tostring(seconds)))
    check(
      vim.wait(2000, function()
        return vim.uv.kill(pid, 0) ~= 0
      end, 10),
      "the server lives on"
    )
  end,

  ["one more folder is taken in, without a new start where trust stays what it was"] = child.with(function(one)
    vim.fn.mkdir(one.folder .. "/other/.git", "p")
    local got = one:lua(
      [[
      local other = ...
      _G.ask("list-discussions", {})
      local id = vim.lsp.get_clients()[1].id
      vim.cmd("Moa folder " .. other)
      vim.cmd.edit(other .. "/x.py")
      vim.wait(2000, function() return #vim.lsp.get_clients({ bufnr = 0 }) == 1 end, 10)
      local same_client = vim.lsp.get_clients({ bufnr = 0 })[1].id == id
      local failure = _G.ask("new-discussion", { folder = vim.uri_from_fname(other) }).failure
      return { same_client, failure or false, #require("moa.server.start").folders() }
    ]],
      one.folder .. "/other"
    )
    same(got, { true, false, 2 })
  end, TRUSTED),
}
