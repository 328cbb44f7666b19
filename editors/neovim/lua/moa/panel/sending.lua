-- Sends what is typed: a prompt becomes a round, a `/code`, a drop or another preset, with the files that it names. What can't be sent is said, and
-- its text stays in the prompt. Also asks what a message may cost. Never here: the buffer in which one types.

local client = require("moa.client")
local current = require("moa.discussion.current")
local price = require("moa.panel.price")
local prompt = require("moa.discussion.prompt")
local protocol = require("moa.protocol")
local start = require("moa.server.start")

local M = {}

--- So long a message waits for its price where that isn't known yet…
local PRICE_MS = 1000
--- …and so long one that takes files of so many bytes along: the first price of a server takes a while.
local LARGE_PRICE_MS = 15000
local LARGE_BYTES = 200000

---@class moa.panel.Attachment A file, or lines of one, that goes along with the next message
---@field uri moa.Uri
---@field range? moa.Range
---@field label string `api.py`, or `api.py:10–24` with lines counted from 1

---@class moa.panel.Outcome What is told while a message is sent; each at most once
---@field began fun() Its text stands in the discussion from now on
---@field refused fun(words?: string) It wasn't sent; the words say why, where they are not said elsewhere
---@field ended fun() It is over, whatever came of it

--- An answer said that there is no architect to ask.
M.nobody = false

---@type {key: string, rows: moa.Estimate[]}?
local priced
---@type (fun())?
local cancel_run

---@param text string
---@param attachments moa.panel.Attachment[]
---@return string
local function key_of(text, attachments)
  local discussion = current.state().discussion
  local parts = { text, discussion and discussion.preset or "" }
  for _, one in ipairs(attachments) do
    parts[#parts + 1] = one.label
  end
  return table.concat(parts, "\0")
end

--- What is attached, and what the text names by `@path` where there is such a file.
---@param message string
---@param attachments moa.panel.Attachment[]
---@return moa.Uri[]? files Nil where there are none
local function files_of(message, attachments)
  local files = {}
  for _, one in ipairs(attachments) do
    files[#files + 1] = one.uri
  end
  for _, uri in ipairs(prompt.files(message, start.folders())) do
    if not vim.tbl_contains(files, uri) then
      files[#files + 1] = uri
    end
  end
  return #files > 0 and files or nil
end

---@return string?
local function discussion_id()
  local discussion = current.state().discussion
  return discussion and discussion.id
end

--- Asks what a message may cost; `done` gets nil where that can't be said. Starts no server.
---@param text string As it was typed
---@param attachments moa.panel.Attachment[]
---@param done fun(rows?: moa.Estimate[])
function M.estimate(text, attachments, done)
  local read = prompt.parse(text)
  if (read.kind ~= "discuss" and read.kind ~= "code") or client.state().kind ~= "running" then
    done(nil)
    return
  end
  local argument = {
    message = read.message,
    discussion = discussion_id(),
    files = files_of(read.message, attachments),
    preset = read.preset,
    ["for"] = read.kind,
  }
  client.request("estimate", argument, function(failure, rows)
    if not failure then
      priced = { key = key_of(text, attachments), rows = rows }
    end
    done(not failure and rows or nil)
  end)
end

--- The price of just this, if it is known or comes soon.
---@param text string
---@param attachments moa.panel.Attachment[]
---@param done fun(rows?: moa.Estimate[])
local function known_price(text, attachments, done)
  if priced and priced.key == key_of(text, attachments) then
    done(priced.rows)
    return
  end
  local over = false
  local function once(rows)
    if not over then
      over = true
      done(rows)
    end
  end
  M.estimate(text, attachments, once)
  local bytes = 0
  for _, uri in ipairs(files_of(prompt.parse(text).message or "", attachments) or {}) do
    local stat = vim.uv.fs_stat(vim.uri_to_fname(uri))
    bytes = bytes + (stat and stat.size or 0)
  end
  vim.defer_fn(function()
    once(nil)
  end, bytes > LARGE_BYTES and LARGE_PRICE_MS or PRICE_MS)
end

---@param name "discuss"|"code"
---@param argument table
---@param outcome moa.panel.Outcome
local function run(name, argument, outcome)
  local began = false
  local forget = client.on_event(function(event)
    if not began and (event.kind == "roundStarted" or event.kind == "codeStarted") then
      began = true
      M.nobody = false
      outcome.began()
    end
  end)
  cancel_run = current.request(name, argument, function(failure, result)
    forget()
    cancel_run = nil
    if failure and failure.code ~= protocol.CANCELLED then
      M.nobody = vim.startswith(failure.message, "There is no architect to ask yet")
      -- What began stands in the discussion, and how it ended stands there too.
      local state = client.state()
      local said_elsewhere = M.nobody or state.kind == "failed" and state.message == failure.message
      local next_step = vim.startswith(failure.message, "The roles are written") and " `:Moa roles` shows them." or ""
      outcome.refused(not said_elsewhere and failure.message .. next_step or nil)
    elseif failure and not began then
      outcome.refused(nil)
    elseif not began then
      outcome.began()
    end
    if failure and not began then
      -- A discussion that was begun for it was told of while it ran, and no event says that it doesn't.
      current.reload()
    end
    if result and result.turns then
      M.nobody = #result.turns == 0
    end
    outcome.ended()
  end)
end

---@param read moa.Prompt
---@param attachments moa.panel.Attachment[]
---@param outcome moa.panel.Outcome
local function send(read, attachments, outcome)
  local function settled(failure)
    if failure then
      outcome.refused(failure.message)
    else
      outcome.began()
    end
    outcome.ended()
  end
  if read.kind == "drop" then
    current.request("drop-architect", { name = read.name, discussion = discussion_id() }, settled)
    return
  elseif read.kind == "preset" then
    local presets = require("moa.panel.presets")
    if read.name then
      presets.select(read.name, settled)
    else
      settled(nil)
      presets.choose()
    end
    return
  end
  local argument = { discussion = discussion_id(), files = files_of(read.message, attachments), preset = read.preset }
  if read.kind == "discuss" then
    argument.message = read.message
    for _, one in ipairs(attachments) do
      if one.range and not argument.selection then
        argument.selection = { uri = one.uri, range = one.range }
      end
    end
  elseif read.message ~= "" then
    argument.message = read.message
  end
  run(read.kind, argument, outcome)
end

--- Sends a prompt as it was typed, to the letter.
---@param text string
---@param attachments moa.panel.Attachment[]
---@param outcome moa.panel.Outcome
function M.submit(text, attachments, outcome)
  local read = prompt.parse(text)
  if read.kind == "wrong" then
    outcome.refused(read.words)
    outcome.ended()
    return
  elseif read.kind == "drop" or read.kind == "preset" then
    send(read, attachments, outcome)
    return
  elseif current.state().running then
    outcome.refused("A round is running. Stop it, or wait for its end.")
    outcome.ended()
    return
  end
  -- The folders against which files are named are known once the server runs.
  client.ready(function(ok)
    if not ok then
      outcome.refused(client.state().kind ~= "failed" and "The server was stopped meanwhile. Try again." or nil)
      outcome.ended()
      return
    end
    known_price(text, attachments, function(rows)
      if not rows or not price.is_large(rows) then
        send(read, attachments, outcome)
        return
      end
      local question = { prompt = price.question(rows), kind = "moa.confirm" }
      vim.ui.select({ "Send it", "Don't send it" }, question, function(_, index)
        if index == 1 then
          send(read, attachments, outcome)
        else
          outcome.refused(nil)
          outcome.ended()
        end
      end)
    end)
  end)
end

--- Stops what runs, whoever began it.
function M.stop()
  if cancel_run then
    cancel_run()
  end
  local id = discussion_id()
  if id and client.get() then
    current.ask("cancel", { discussion = id })
  end
end

return M
