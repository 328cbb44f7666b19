-- A discussion from the first message to an edit and back, with the real server and the demo's recording; and how
-- edits are written.

local child = require("child")

local TRUSTED = [[local sample = ... _G.trust(sample)]]

return {
  ["discuss, code, apply and undo, as the editor shows them"] = child.with(function(one)
    local got = one:lua([[
      vim.cmd.edit("api.py")
      local heard, fast = {}, false
      vim.api.nvim_create_autocmd("User", { pattern = "Moa*", callback = function(event)
        heard[event.match] = (heard[event.match] or 0) + 1
        fast = fast or vim.in_fast_event() or event.data.kind == nil
      end })
      local moves = 0
      require("moa").subscribe(function() moves = moves + 1 end)
      local seen = {}
      require("moa.client").on_event(function(event)
        if event.kind == "turnDelta" then
          local round = require("moa").state().discussion.rounds
          seen[event.architect] = #round > 0
        end
      end)
      _G.ask("discuss", { message = "Let's improve the error handling in our API." })
      _G.ask("discuss", { message = "Keep alpha's error type, do bravo's narrow except; no retry." })
      local coded = _G.ask("code", { message = "Go ahead." })
      local before = vim.api.nvim_buf_get_lines(0, 0, -1, false)
      local heard_of = require("moa").state()
      local shown = _G.ask("show-discussion", {}).result
      vim.diagnostic.config({ virtual_text = true })
      vim.wait(300)
      local drawn = 0
      for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
        -- 0.12 has a namespace too in which it only remembers where diagnostics stand.
        if name:match("diagnostic") and (name:match("virtual") or name:match("sign") or name:match("underline")) then
          drawn = drawn + #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, {})
        end
      end
      local diagnostics = #vim.diagnostic.get(0)
      local applied = _G.ask("apply", { change = coded.result.id }).result
      local after = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
      local created = vim.fn.bufnr("errors.py") > 0 and vim.fn.filereadable("errors.py")
      local taken = require("moa").state().changes[applied.id].status
      local undone = _G.ask("undo", { change = applied.id }).result
      return {
        heard = heard, fast = fast, moved = moves > 10, seen = seen,
        rounds = #heard_of.discussion.rounds,
        texts = heard_of.discussion.rounds[1].turns[1].text == shown.rounds[1].turns[1].text,
        running = heard_of.running,
        diagnostics = diagnostics > 0, drawn = drawn,
        applied = applied.status, edited = after:find("ApiError", 1, true) ~= nil, created = created, taken = taken,
        undone = undone.status,
        same = vim.deep_equal(before, vim.api.nvim_buf_get_lines(0, 0, -1, false)),
        left = vim.fn.bufloaded("errors.py"),
        said = _G.said,
      }
    ]])
    same({ got.heard.MoaRoundStarted, got.heard.MoaTurnFinished, got.heard.MoaRoundFinished }, { 2, 6, 2 })
    same({ got.heard.MoaChangeReady, got.heard.MoaCodeFinished, got.fast }, { 1, 1, false })
    same({ got.rounds, got.texts, got.running, got.moved }, { 2, true, false, true })
    same(got.seen, { alpha = true, bravo = true, charlie = true })
    same({ got.diagnostics, got.drawn }, { true, 0 })
    same({ got.applied, got.edited, got.created, got.taken }, { "applied", true, 0, "applied" })
    same({ got.undone, got.same, got.left }, { "pending", true, 0 })
    same(got.said, {})
  end, child.QUICK),

  ["a run that is cancelled is answered so, and what had arrived is kept"] = child.with(function(one)
    same(
      one:lua([[
      local failure
      local cancel = require("moa").request("discuss", { message = "Let's improve the error handling in our API." }, function(why)
        failure = why or "none"
      end)
      vim.wait(30000, function()
        local discussion = require("moa").state().discussion
        local round = discussion and discussion.rounds and discussion.rounds[1]
        return round and round.turns[1] and #round.turns[1].text > 0
      end, 5)
      cancel()
      assert(vim.wait(10000, function() return failure end, 5))
      vim.wait(5000, function() return not require("moa").state().running end, 5)
      local turn = require("moa").state().discussion.rounds[1].turns[1]
      return { failure, turn.status, #turn.text > 0 }
    ]]),
      { { code = -32800, message = "Stopped." }, "cancelled", true }
    )
  end, TRUSTED),

  ["a run that somebody else stops is answered too"] = child.with(function(one)
    same(
      one:lua([[
      local failure
      require("moa").request("discuss", { message = "Let's improve the error handling in our API." }, function(why)
        failure = why or "none"
      end)
      vim.wait(30000, function() return require("moa").state().running end, 5)
      vim.cmd("Moa cancel")
      assert(vim.wait(10000, function() return failure end, 5))
      return failure
    ]]),
      { code = -32800, message = "Stopped." }
    )
  end, TRUSTED),

  ["one cancelled before the server runs is answered too"] = child.with(function(one)
    same(
      one:lua([[
      local failure
      require("moa").request("list-discussions", {}, function(why) failure = why or "none" end)()
      assert(vim.wait(30000, function() return failure end, 5))
      return failure.code
    ]]),
      -32800
    )
  end, TRUSTED),

  ["an edit is written whole or not at all, where a later file was typed in meanwhile"] = child.with(function(one)
    same(
      one:lua([[
      vim.cmd.edit("api.py")
      vim.cmd.new("store.py")
      _G.ask("list-discussions", {})
      vim.wait(300)
      local client = vim.lsp.get_clients()[1]
      vim.api.nvim_buf_set_lines(0, 0, 0, false, { "# typed" })
      local function edit(path, version)
        local range = { start = { line = 0, character = 0 }, ["end"] = { line = 0, character = 0 } }
        return {
          textDocument = { uri = vim.uri_from_fname(vim.fn.fnamemodify(path, ":p")), version = version },
          edits = { { range = range, newText = "# ours\n", annotationId = "a" } },
        }
      end
      local function apply(asks, ...)
        local params = { label = "An edit", edit = { documentChanges = { ... }, changeAnnotations = { a = { label = "x", needsConfirmation = asks }, b = { label = "y", needsConfirmation = asks } } } }
        return client.handlers["workspace/applyEdit"](nil, params, { client_id = client.id })
      end
      local versions = vim.lsp.util.buf_versions
      local api, store = versions[vim.fn.bufnr("api.py")], versions[vim.fn.bufnr("store.py")]
      local old = apply(nil, edit("api.py", api), edit("store.py", store - 1))
      local untouched = vim.fn.getbufline("api.py", 1)[1]
      vim.fn.confirm = function(words) _G.asked = words return 2 end
      local declined = apply(true, edit("api.py", api), edit("store.py", store))
      vim.fn.confirm = function() return 1 end
      local agreed = apply(true, edit("api.py", api), edit("store.py", store))
      local function first(path) return vim.fn.getbufline(path, 1)[1] end
      return { old.applied, untouched ~= "# ours", declined.applied, _G.asked, agreed.applied, first("api.py"), first("store.py"), _G.said }
    ]]),
      { false, true, false, "moa: An edit\n  api.py: 1 edit\n  store.py: 1 edit", true, "# ours", "# ours", {} }
    )
  end, TRUSTED),

  ["with save_after_apply what was applied stands on the disk"] = child.with(function(one)
    same(
      one:lua([[
      require("moa.config").options.save_after_apply = true
      _G.ask("list-discussions", {})
      local client = vim.lsp.get_clients()[1]
      local uri = vim.uri_from_fname(vim.fn.fnamemodify("deep/new.py", ":p"))
      local range = { start = { line = 0, character = 0 }, ["end"] = { line = 1, character = 0 } }
      local answer = client.handlers["workspace/applyEdit"](nil, { edit = { documentChanges = {
        { kind = "create", uri = uri, options = { ignoreIfExists = true } },
        { textDocument = { uri = uri }, edits = { { range = range, newText = "x = 1\n" } } },
      } } }, { client_id = client.id })
      return { answer.applied, vim.fn.readfile("deep/new.py"), _G.said }
    ]]),
      { true, { "x = 1" }, {} }
    )
  end, TRUSTED),
}
