-- The help page: it is what the program says now, and Neovim's own rules for such a page hold.

local tests = {}
local help = dofile(vim.fs.dirname(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))) .. "/doc/moa.lua")

---@return string
local function written()
  local file = assert(io.open(help.PATH, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

tests["the page is up to date"] = function()
  check(written() == help.text(), "it isn't: nvim --headless -u NONE -l editors/neovim/doc/moa.lua")
end

tests["no line is wider than a help window"] = function()
  for line in vim.gsplit(written(), "\n", { plain = true }) do
    check(vim.api.nvim_strwidth(line) <= 78, line)
  end
end

tests["tags are made, each once, and what is linked to is there"] = function()
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder)
  vim.fn.writefile(vim.split(written(), "\n", { plain = true }), folder .. "/moa.txt")
  vim.cmd.helptags(folder)
  local tags = {}
  for _, line in ipairs(vim.fn.readfile(folder .. "/tags")) do
    local tag = line:match("^[^\t]+")
    check(not tags[tag], tag)
    tags[tag] = true
  end
  check(tags["moa.txt"] and tags[":Moa-discuss"] and tags["moa.setup()"], vim.inspect(tags))
  for link in written():gmatch("|(moa[^| ]+)|") do
    check(tags[link], link)
  end
  vim.fn.delete(folder, "rf")
end

return tests
