-- The highlight groups: each a link to one that every colour scheme has, and only a default, so that a scheme or the user can set
-- them. Also which of them an architect speaks in: by its place among the discussion's architects, the same one in the
-- panel, in the signs and in the diff. A colour is never the only sign of who speaks; the name stands beside it.

local M = {}

--- So many architects have a colour of their own; then they come round again.
M.COUNT = 6

--- Each group with what it links to and what is shown in it, for the help. Without a link: `define` says what it is.
---@type {[1]: string, [2]: string|false, [3]: string}[]
M.GROUPS = {
  { "MoaArchitect1", "Function", "the first architect's name and bar" },
  { "MoaArchitect2", "DiagnosticWarn", "the second's" },
  { "MoaArchitect3", "Identifier", "the third's" },
  { "MoaArchitect4", "String", "the fourth's" },
  { "MoaArchitect5", "DiagnosticError", "the fifth's" },
  { "MoaArchitect6", "Type", "the sixth's; the seventh has the first's again" },
  { "MoaEditor", "Statement", "the editor model's" },
  { "MoaYou", "Title", "what you said, and headings" },
  { "MoaDropped", "Comment", "a dropped architect" },
  { "MoaStage", "Label", "the heading of a round's stage" },
  { "MoaAnswer", "Title", "who answers for all" },
  { "MoaProposal", "Title", "a proposal, and a hunk that waits" },
  { "MoaQuiet", "Comment", "what is beside the point: models, times, hints" },
  { "MoaPrice", "Comment", "prices" },
  { "MoaError", "DiagnosticError", "what failed" },
  { "MoaNotice", "DiagnosticWarn", "what to look at before you apply it" },
  { "MoaKey", "Special", "keys to press" },
  { "MoaPlace", "Directory", "files and lines" },
  { "MoaAdded", "Added", "counts of new lines" },
  { "MoaRemoved", "Removed", "counts of lines that go" },
  { "MoaApplied", "DiagnosticOk", "a hunk that is applied" },
  { "MoaRejected", "Comment", "a hunk that is rejected" },
  { "MoaAgreed", "DiagnosticInfo", "what several agree on" },
  { "MoaContested", "DiagnosticWarn", "what the architects differ on" },
  { "MoaSettled", "DiagnosticOk", "what you settled" },
  { "MoaSupports", "DiagnosticOk", "who supports a proposal" },
  { "MoaAmends", "DiagnosticInfo", "who would change a part of it" },
  { "MoaObjects", "DiagnosticWarn", "who objects to it" },
  { "MoaQuestion", "Title", "what an architect asks you" },
  { "MoaHunkNew", "DiffAdd", "new lines in the review" },
  { "MoaHunkSign", "DiagnosticInfo", "the review's signs" },
  { "MoaStale", "Comment", "a stale hunk" },
  { "MoaHunkOld", false, "lines in the review that would go; `DiffDelete` where that has a background" },
  { "MoaName", false, "an architect's name, beside its colour: bold" },
  { "MoaCode", false, "code in the panel, without a language: plain" },
  { "MoaFolded", false, "a closed fold: plain" },
  { "MoaBar", false, "the bars above the panel's windows: plain" },
}

--- Old lines keep their syntax's colours, so they need a background; what `DiffDelete` is in many schemes, the default one among
--- them, has none.
---@return vim.api.keyset.highlight
local function old_lines()
  local theirs = vim.api.nvim_get_hl(0, { name = "DiffDelete", link = false })
  if (theirs.bg or theirs.reverse) and (theirs.ctermbg or theirs.cterm and theirs.cterm.reverse) then
    return { link = "DiffDelete", default = true }
  end
  local dark = vim.o.background == "dark"
  return {
    bg = theirs.bg or (dark and "#4a2025" or "#ffd7d5"),
    ctermbg = theirs.ctermbg or (dark and 52 or 224),
    default = true,
  }
end

local function define()
  vim.api.nvim_set_hl(0, "MoaHunkOld", old_lines())
  for _, group in ipairs(M.GROUPS) do
    if group[2] then
      vim.api.nvim_set_hl(0, group[1], { link = group[2], default = true })
    end
  end
  vim.api.nvim_set_hl(0, "MoaName", { bold = true, default = true })
  -- Plain, whatever lies below: a link to `Normal` would bring its background along.
  for _, group in ipairs({ "MoaCode", "MoaFolded", "MoaBar" }) do
    vim.api.nvim_set_hl(0, group, { default = true })
  end
end

--- Defines the groups, now and after each `:colorscheme`.
function M.attach()
  define()
  vim.api.nvim_create_autocmd("ColorScheme", {
    group = vim.api.nvim_create_augroup("moa.colours", { clear = true }),
    callback = define,
  })
end

--- The group in which this architect, or the editor model, is shown: by its place among the discussion's architects, and
--- behind them among those who spoke by another preset. Who isn't known to the discussion is shown as the editor is.
---@param discussion? moa.Discussion
---@param name string
---@return string group
function M.of(discussion, name)
  local place, seen = 0, {} ---@type integer, table<string, boolean>
  local function is_it(one)
    if not seen[one] then
      seen[one] = true
      place = place + 1
    end
    return one == name
  end
  local function group()
    return "MoaArchitect" .. (place - 1) % M.COUNT + 1
  end
  for _, one in ipairs(discussion and discussion.architects or {}) do
    if is_it(one.name) then
      return group()
    end
  end
  for _, round in ipairs(discussion and discussion.rounds or {}) do
    for _, turn in ipairs(round.turns) do
      if is_it(turn.architect) then
        return group()
      end
    end
  end
  return "MoaEditor"
end

return M
