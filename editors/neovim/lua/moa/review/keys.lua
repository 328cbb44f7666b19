-- The keys of the review: in the buffers of a proposal always; in the user's own files only while a review lasts that
-- they opened, and as they were before afterwards. What each key does stands here once, with its words for the help.
-- Never here: what is done. `]v` is free in Neovim, where `]c` walks a diff, `]d` diagnostics, and `]o` and `]x` begin
-- others' maps.

local M = {}

---@class moa.Key
---@field lhs string
---@field method string Of `moa.review`
---@field says string

---@type moa.Key[]
M.IN_FILES = {
  { lhs = "]m", method = "next", says = "next hunk" },
  { lhs = "[m", method = "previous", says = "previous hunk" },
  { lhs = "]v", method = "next_contested", says = "next place that is contested (versus)" },
  { lhs = "[v", method = "previous_contested", says = "previous place that is contested" },
  { lhs = "<localleader>a", method = "accept", says = "accept" },
  { lhs = "<localleader>x", method = "reject", says = "reject" },
  { lhs = "<localleader>A", method = "accept_file", says = "accept all of the file" },
  { lhs = "<localleader>u", method = "undo", says = "undo" },
  { lhs = "<localleader>w", method = "who", says = "who wants it, who objects, and why to look closely" },
  { lhs = "<localleader>t", method = "take", says = "take one of several; with a count that one" },
  { lhs = "<localleader>l", method = "leave", says = "leave these lines as they are" },
  { lhs = "<localleader>o", method = "reopen", says = "open a decision again" },
  { lhs = "<localleader>r", method = "another", says = "another round on just this" },
}

---@type moa.Key[]
M.IN_PROPOSALS = {
  { lhs = "]m", method = "next", says = "next hunk" },
  { lhs = "[m", method = "previous", says = "previous hunk" },
  { lhs = "a", method = "accept", says = "accept" },
  { lhs = "x", method = "reject", says = "reject" },
  { lhs = "A", method = "accept_file", says = "accept all of the file" },
  { lhs = "u", method = "undo", says = "undo" },
  { lhs = "K", method = "who", says = "who wants it, who objects, and why to look closely" },
  { lhs = "]v", method = "next_contested", says = "next place that is contested" },
  { lhs = "[v", method = "previous_contested", says = "previous place that is contested" },
  { lhs = "t", method = "take", says = "take one of several; with a count that one" },
  { lhs = "X", method = "leave", says = "leave it as it is" },
}

--- Besides those, in the tab of the side-by-side view.
---@type moa.Key[]
M.IN_TAB = {
  { lhs = "q", method = "close_view", says = "close the tab" },
  { lhs = "]f", method = "next_file", says = "next file" },
  { lhs = "[f", method = "previous_file", says = "previous file" },
}

--- What stood at our keys in a user's buffer before, by buffer and key.
---@type table<integer, table<string, table|false>>
local before = {}

---@param buffer integer
---@param key moa.Key
local function map(buffer, key)
  vim.keymap.set("n", key.lhs, function()
    require("moa.review")[key.method]()
  end, { buffer = buffer, nowait = true, desc = "moa: " .. key.says })
end

---@param lhs string
---@return string
local function resolved(lhs)
  local leader = vim.g.maplocalleader or "\\"
  return (lhs:gsub("<localleader>", (leader:gsub("%%", "%%%%"))))
end

--- A key as it is typed, for people.
---@param key moa.Key
---@return string
function M.name(key)
  return vim.fn.keytrans(vim.keycode(resolved(key.lhs)))
end

--- Sets the keys of a proposal's buffer.
---@param buffer integer
---@param more? moa.Key[]
function M.for_proposal(buffer, more)
  for _, key in ipairs(vim.list_extend(vim.list_slice(M.IN_PROPOSALS), more or {})) do
    map(buffer, key)
  end
  vim.keymap.set("n", "g?", function()
    M.help(vim.list_extend(vim.list_slice(M.IN_PROPOSALS), more or {}))
  end, { buffer = buffer, nowait = true, desc = "moa: the keys" })
end

--- Sets the keys in a file of the user's, for as long as the review lasts.
---@param buffer integer
function M.begin(buffer)
  if before[buffer] then
    return
  end
  before[buffer] = {}
  local own = vim.api.nvim_buf_get_keymap(buffer, "n")
  for _, key in ipairs(M.IN_FILES) do
    local lhs = vim.fn.keytrans(vim.keycode(resolved(key.lhs)))
    before[buffer][key.lhs] = false
    for _, one in ipairs(own) do
      if vim.fn.keytrans(vim.keycode(one.lhs)) == lhs then
        before[buffer][key.lhs] = vim.api.nvim_buf_call(buffer, function()
          return vim.fn.maparg(one.lhs, "n", false, true)
        end)
      end
    end
    map(buffer, key)
  end
end

--- Takes the keys out of all files of the user's.
function M.finish()
  for buffer, keys in pairs(before) do
    if vim.api.nvim_buf_is_valid(buffer) then
      for lhs, own in pairs(keys) do
        pcall(vim.keymap.del, "n", lhs, { buffer = buffer })
        if own and next(own) then
          vim.api.nvim_buf_call(buffer, function()
            vim.fn.mapset("n", false, own)
          end)
        end
      end
    end
  end
  before = {}
end

--- Shows keys in a small window at the cursor.
---@param keys moa.Key[]
function M.help(keys)
  local lines = {}
  for _, key in ipairs(keys) do
    lines[#lines + 1] = ("%8s  %s"):format(M.name(key), key.says)
  end
  vim.lsp.util.open_floating_preview(lines, "", { border = "rounded", focus_id = "moa.keys" })
end

return M
