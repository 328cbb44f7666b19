-- The bar above the discussion, with its title, the preset and the architects, and the one above the prompt, with the round,
-- what was spent and what runs. Pure: texts for 'winbar', in which a `%` of anybody's words is only a percent sign.

local colours = require("moa.colours")
local money = require("moa.discussion.money")
local reduce = require("moa.discussion.state")
local regions = require("moa.discussion.regions")
local turn = require("moa.panel.turn")
local unseen = require("moa.panel.unseen")
local rows = require("moa.panel.rows")

local M = {}

--- A title is never shorter than so many cells.
local LEAST_TITLE = 16

---@alias moa.panel.Chunk {[1]: string, [2]: string?}

---@param chunks moa.panel.Chunk[]
---@return string
local function bar(chunks)
  local parts = {}
  for _, chunk in ipairs(chunks) do
    local text = chunk[1]:gsub("%%", "%%%%")
    parts[#parts + 1] = chunk[2] and ("%%#%s#%s%%*"):format(chunk[2], text) or text
  end
  return table.concat(parts)
end

---@param chunks moa.panel.Chunk[]
---@return integer
local function width_of(chunks)
  local sum = 0
  for _, chunk in ipairs(chunks) do
    sum = sum + vim.api.nvim_strwidth(chunk[1])
  end
  return sum
end

---@alias moa.panel.Detail "models"|"names"|"glyphs"

--- One architect: its glyph, and as much else as there is room for.
---@param state moa.State
---@param one moa.Architect
---@param detail moa.panel.Detail
---@return moa.panel.Chunk[]
local function chip(state, one, detail)
  local group = one.dropped and "MoaDropped" or colours.of(state.discussion, one.name)
  local chunks = { { one.dropped and "◌" or one.seat == "aggregator" and "★" or "●", group } }
  if detail ~= "glyphs" then
    chunks[#chunks + 1] = { " " .. unseen.on_one_line(one.name), group }
  end
  if detail == "models" then
    local model = turn.short_model(one.model)
    chunks[#chunks + 1] = { " " .. (one.dropped and model .. " (dropped)" or model), "MoaQuiet" }
  end
  if state.activities[one.name] then
    chunks[#chunks + 1] = { "…", group }
  end
  return chunks
end

--- The architect whose name stands at this byte of the shape, as a word of its own.
---@param architects moa.Architect[]
---@param shape string
---@param at integer
---@return moa.Architect?
local function named_at(architects, shape, at)
  local function is_end(character)
    return character == "" or character:find("[%s(),]") ~= nil
  end
  local found ---@type moa.Architect?
  if at == 1 or is_end(shape:sub(at - 1, at - 1)) then
    for _, one in ipairs(architects) do
      local last = at + #one.name
      if shape:sub(at, last - 1) == one.name and is_end(shape:sub(last, last)) then
        found = (not found or #one.name > #found.name) and one or found
      end
    end
  end
  return found
end

--- The architects as their preset puts them together, those in no part of it behind. A shape that names none of them is
--- passed over: then they stand side by side.
---@param state moa.State
---@param detail moa.panel.Detail
---@return moa.panel.Chunk[]
local function chips(state, detail)
  local chunks, said = {}, {} ---@type moa.panel.Chunk[], table<string, boolean>
  local discussion = state.discussion
  if not discussion then
    return chunks
  end
  local shape, at, between = unseen.on_one_line(discussion.shape or ""), 1, ""
  local function put_between()
    local text = between
    for _, sign in ipairs(detail == "glyphs" and { "∥", "→", "⇄" } or {}) do
      text = text:gsub(" ?" .. sign .. " ?", sign)
    end
    chunks[#chunks + 1] = text ~= "" and { text, "MoaQuiet" } or nil
    between = ""
  end
  while at <= #shape do
    local one = named_at(discussion.architects, shape, at)
    if one then
      put_between()
      -- Whose model was said once isn't described again.
      vim.list_extend(chunks, chip(state, one, said[one.name] and detail == "models" and "names" or detail))
      said[one.name] = true
      at = at + #one.name
    else
      between = between .. shape:sub(at, at)
      at = at + 1
    end
  end
  if next(said) then
    put_between()
  else
    chunks = {}
  end
  local drawn = next(said) ~= nil
  for _, one in ipairs(discussion.architects) do
    -- Of many in one stage the shape tells only how many.
    if not said[one.name] and (one.dropped or not drawn) then
      chunks[#chunks + 1] = #chunks > 0 and { detail == "glyphs" and " " or "  " } or nil
      vim.list_extend(chunks, chip(state, one, detail))
    end
  end
  return chunks
end

--- As many of the chunks as fit, the last one cut.
---@param chunks moa.panel.Chunk[]
---@param cells integer
---@return moa.panel.Chunk[]
local function fitting(chunks, cells)
  local found, room = {}, cells
  for index, chunk in ipairs(chunks) do
    local width = vim.api.nvim_strwidth(chunk[1])
    local needed = width + (chunks[index + 1] and 1 or 0)
    if needed > room and width_of(vim.list_slice(chunks, index)) > room then
      found[#found + 1] = room > 0 and { rows.cut(chunk[1], room), chunk[2] } or nil
      return found
    end
    found[#found + 1] = chunk
    room = room - width
  end
  return found
end

--- The bar above the discussion: its title at the left; at the right the preset in force and the architects as it asks
--- them, as fully as they fit.
---@param state moa.State
---@param width integer Cells
---@return string
function M.head(state, width)
  local discussion = state.discussion
  local title = discussion and discussion.title ~= "" and discussion.title or "New discussion"
  title = unseen.on_one_line(title)
  local name = discussion and discussion.preset and unseen.on_one_line(discussion.preset) or ""
  local found = {} ---@type moa.panel.Chunk[]
  for _, detail in ipairs({ "models", "names", "glyphs" }) do
    found = chips(state, detail)
    if name ~= "" then
      table.insert(found, 1, { name .. "  ", "MoaKey" })
    end
    local least = math.min(detail == "models" and 32 or LEAST_TITLE, vim.api.nvim_strwidth(title))
    if width_of(found) + least + 4 <= width then
      break
    end
  end
  found = fitting(found, math.max(8, width - math.min(LEAST_TITLE, vim.api.nvim_strwidth(title)) - 4))
  local left = rows.cut(title, math.max(LEAST_TITLE, width - width_of(found) - 4))
  return bar({ { " " }, { left, "MoaYou" } }) .. "%=" .. bar(found) .. " "
end

--- What stands below a discussion: the round, what it cost, how much of it came out of the cache, what waits.
---@param state moa.State
---@param short? boolean In as few words as can be understood
---@param looking? moa.Looking What of the proposals is shown
---@return string[]
function M.foot_words(state, short, looking)
  local discussion = state.discussion
  if not discussion then
    return {}
  end
  local rounds = discussion.rounds or {}
  local last = rounds[#rounds]
  local usage = reduce.spent(discussion)
  local words = {}
  -- Whoever sees only a part is to know it.
  words[#words + 1] = looking and regions.looking_words(looking) or nil
  local open = #regions.contested(state.disagreement)
  words[#words + 1] = open > 0 and ("%s %d"):format(regions.GLYPHS.contested, open) .. (short and "" or " contested")
    or nil
  words[#words + 1] = last and "round " .. last.number or nil
  local ended = false
  for _, run in ipairs(reduce.runs(discussion)) do
    ended = ended or run.status ~= "running"
  end
  words[#words + 1] = ended and money.usd(usage) .. (short and "" or " this discussion") or nil
  words[#words + 1] = last and money.cached(usage) or nil
  local waiting = reduce.to_review(state)
  local what = (waiting == 1 and "1 hunk" or waiting .. " hunks") .. (short and "" or " to review")
  words[#words + 1] = waiting > 0 and what or nil
  return words
end

---@class moa.panel.Prompting What the prompt has to say
---@field price? string What the message may cost
---@field busy? boolean It was sent, and hasn't begun yet

--- The bar above the prompt.
---@param state moa.State
---@param prompting moa.panel.Prompting
---@param width integer Cells
---@param looking? moa.Looking
---@return string
function M.foot(state, prompting, width, looking)
  local right = {} ---@type moa.panel.Chunk[]
  if prompting.price then
    right[#right + 1] = { prompting.price .. "  ", "MoaPrice" }
  end
  if state.running then
    vim.list_extend(right, { { "■", "MoaError" }, { " <C-c>", "MoaKey" }, { " stop", "MoaQuiet" } })
  elseif prompting.busy then
    right[#right + 1] = { "sending…", "MoaQuiet" }
  else
    vim.list_extend(
      right,
      { { "<C-s>", "MoaKey" }, { " send  ", "MoaQuiet" }, { "g?", "MoaKey" }, { " keys", "MoaQuiet" } }
    )
  end
  local room = width - width_of(right) - 4
  local words = M.foot_words(state, false, looking)
  if vim.api.nvim_strwidth(table.concat(words, " · ")) > room then
    words = M.foot_words(state, true, looking)
  end
  -- What matters less stands further behind, and goes first where it is narrow.
  while #words > 1 and vim.api.nvim_strwidth(table.concat(words, " · ")) > room do
    words[#words] = nil
  end
  local left = table.concat(words, " · ")
  return bar({ { " " }, { left, "MoaPrice" } }) .. "%=" .. bar(right) .. " "
end

return M
