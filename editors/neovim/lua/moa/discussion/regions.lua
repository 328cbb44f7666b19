-- Where the architects differ, in glyphs and in words: how a hunk or a region stands, what an architect thinks of it, what can
-- be taken, and what the user wants to see of all that. Pure. The same glyphs stand in the panel, beside the code, in the
-- hover and in the diff; none of them is told by its colour alone. Never here: which hunks contradict each other, and
-- what a decision means for others, which the server says.

local M = {}

---@type table<moa.Stand, string>
M.GLYPHS = { contested = "◆", agreed = "≡", alone = "◇", settled = "◈" }
---@type table<moa.Stand, string>
M.GROUPS = { contested = "MoaContested", agreed = "MoaAgreed", alone = "MoaQuiet", settled = "MoaSettled" }
--- In the order in which they are counted.
---@type moa.Stand[]
M.STANDS = { "contested", "agreed", "alone", "settled" }
---@type table<moa.Attitude, string>
M.ATTITUDES = { support = "+", amend = "~", object = "!" }
---@type table<moa.Attitude, string>
M.ATTITUDE_GROUPS = { support = "MoaSupports", amend = "MoaAmends", object = "MoaObjects" }
---@type table<moa.Attitude, string>
M.VERBS = { support = "supports", amend = "amends", object = "objects" }
--- What an architect has in a region that it said nothing about.
M.NOTHING = "·"
--- In the matrix: who proposes; of several alternatives with its number.
M.PROPOSES = "●"

---@class moa.Looking What the user wants to see of the proposals
---@field contested boolean Only what is contested
---@field architect? string Only what this architect proposes, or says something about

---@param all string[]
---@param one string
---@return boolean
local function holds(all, one)
  return vim.tbl_contains(all, one)
end

--- How a hunk stands. One that two changes propose alike without being the architects' own is agreed, too.
---@param hunk moa.Hunk
---@return moa.Stand?
function M.stand(hunk)
  if hunk.stand then
    return hunk.stand
  elseif hunk.settled == "taken" then
    return "settled"
  end
  return #hunk.sources > 1 and hunk.status == "pending" and "agreed" or nil
end

--- "alpha", "alpha and bravo", "alpha, bravo and charlie".
---@param names string[]
---@return string
function M.names(names)
  if #names > 1 then
    return table.concat(names, ", ", 1, #names - 1) .. " and " .. names[#names]
  end
  return names[1] or ""
end

--- "alpha's", "alpha and bravo's".
---@param alternative moa.Alternative
---@return string
function M.whose(alternative)
  return M.names(alternative.architects) .. "'s"
end

--- "bravo objects: it hides a KeyError".
---@param view {architect: string, kind: moa.Attitude, reason: string}
---@return string
function M.said(view)
  local reason = vim.trim(view.reason or "")
  return ("%s %s%s"):format(view.architect, M.VERBS[view.kind] or view.kind, reason ~= "" and ": " .. reason or "")
end

--- The region that a hunk is part of, and its place among what can be taken there.
---@param disagreement? moa.Disagreement
---@param hunk string
---@return moa.Region?
---@return integer? place From 1; nil of a hunk that says the same as another one, which stands for both
function M.of_hunk(disagreement, hunk)
  for _, region in ipairs(disagreement and disagreement.regions or {}) do
    for place, alternative in ipairs(region.alternatives) do
      for _, one in ipairs(alternative.hunks) do
        if one.hunk == hunk then
          return region, place
        end
      end
    end
    if holds(region.hunks or {}, hunk) then
      return region, nil
    end
  end
end

--- The ids of an alternative's hunks.
---@param alternative moa.Alternative
---@return string[]
function M.ids(alternative)
  return vim.tbl_map(function(one)
    return one.hunk
  end, alternative.hunks)
end

--- The ids of all hunks of a region.
---@param region moa.Region
---@return string[]
function M.all_ids(region)
  if region.hunks then
    return region.hunks
  end
  local ids = {}
  for _, alternative in ipairs(region.alternatives) do
    vim.list_extend(ids, M.ids(alternative))
  end
  return ids
end

--- What an architect has in a region: whether it proposes something, and what it thinks of the rest, each with the number of the
--- alternative where there are several: "●2 !1".
---@param region moa.Region
---@param architect string
---@return string cell
---@return string group
function M.cell(region, architect)
  local parts, group = {}, nil ---@type string[], string?
  local function put(sign, place, as)
    parts[#parts + 1] = sign .. (#region.alternatives > 1 and tostring(place) or "")
    group = group or as
  end
  for place, alternative in ipairs(region.alternatives) do
    if holds(alternative.architects, architect) then
      local is_taken, is_lost = alternative.settled == "taken", alternative.settled == "against"
      put(is_taken and M.GLYPHS.settled or M.PROPOSES, place, is_lost and "MoaRejected" or "MoaPlace")
    end
  end
  for _, view in ipairs(region.views) do
    if view.architect == architect then
      put(M.ATTITUDES[view.kind] or M.NOTHING, view.alternative + 1, M.ATTITUDE_GROUPS[view.kind])
    end
  end
  for place, alternative in ipairs(region.alternatives) do
    if holds(alternative.supporters, architect) then
      put(M.ATTITUDES.support, place, M.ATTITUDE_GROUPS.support)
    end
  end
  return #parts > 0 and table.concat(parts, " ") or M.NOTHING, group or "MoaQuiet"
end

--- Whether an architect proposes something in a region, or says something about it.
---@param region moa.Region
---@param architect string
---@return boolean
function M.takes_part(region, architect)
  return M.cell(region, architect) ~= M.NOTHING
end

--- Whether a region is among what the user wants to see.
---@param looking moa.Looking
---@param region moa.Region
---@return boolean
function M.shows_region(looking, region)
  return (not looking.contested or region.stand == "contested")
    and (looking.architect == nil or M.takes_part(region, looking.architect))
end

--- Whether a hunk is among what the user wants to see.
---@param looking moa.Looking
---@param hunk moa.Hunk
---@return boolean
function M.shows(looking, hunk)
  if looking.contested and hunk.stand ~= "contested" then
    return false
  elseif looking.architect == nil or holds(hunk.sources, looking.architect) then
    return true
  end
  for _, view in ipairs(hunk.views or {}) do
    if view.architect == looking.architect then
      return true
    end
  end
  return false
end

--- What is shown, in words: "only what is contested, only bravo's"; nil: all.
---@param looking moa.Looking
---@return string?
function M.looking_words(looking)
  local words = {}
  words[#words + 1] = looking.contested and "only " .. M.GLYPHS.contested or nil
  words[#words + 1] = looking.architect and "only " .. looking.architect or nil
  return #words > 0 and table.concat(words, ", ") or nil
end

--- "◆ 2 contested · ≡ 3 agreed"; empty where there is nothing.
---@param disagreement? moa.Disagreement
---@return string
function M.counted(disagreement)
  local parts = {}
  for _, stand in ipairs(M.STANDS) do
    local count = disagreement and disagreement.counts[stand] or 0
    parts[#parts + 1] = count > 0 and ("%s %d %s"):format(M.GLYPHS[stand], count, stand) or nil
  end
  return table.concat(parts, " · ")
end

--- Those that the user hasn't decided.
---@param disagreement? moa.Disagreement
---@return moa.Region[]
function M.contested(disagreement)
  return vim.tbl_filter(function(region)
    return region.stand == "contested"
  end, disagreement and disagreement.regions or {})
end

--- Whether something is contested, or was taken and waits to be written.
---@param disagreement? moa.Disagreement
---@return boolean
function M.is_unsettled(disagreement)
  local counts = disagreement and disagreement.counts or {}
  return (counts.contested or 0) + (counts.settled or 0) > 0
end

--- What can be taken in a region, by the name of who proposes it; nil where that architect proposes nothing there.
---@param region moa.Region
---@param name string
---@return moa.Alternative?
function M.alternative_of(region, name)
  for _, alternative in ipairs(region.alternatives) do
    if holds(alternative.architects, name) then
      return alternative
    end
  end
end

--- What a further round about a region only is asked: what is open there, in words.
---@param region moa.Region
---@param about string "these lines", or a file's name
---@return string
function M.question(region, about)
  local parts = {}
  for _, alternative in ipairs(region.alternatives) do
    local want = #alternative.architects > 1 and "want to" or "wants to"
    parts[#parts + 1] = ("%s %s %s"):format(M.names(alternative.architects), want, alternative.summary)
  end
  for _, view in ipairs(region.views) do
    parts[#parts + 1] = M.said(view)
  end
  return ("Only about %s: %s. Which is right here, and why?"):format(about, table.concat(parts, "; "))
end

--- The lines that a region is about, end excluded; an insertion's are empty.
---@param region moa.Region
---@return {start: integer, stop: integer}
function M.span(region)
  local last = region.range["end"]
  return { start = region.range.start.line, stop = last.character > 0 and last.line + 1 or last.line }
end

return M
