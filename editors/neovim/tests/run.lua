-- Runs the tests: `nvim --headless -u NONE -l tests/run.lua [NAME[/WORDS]…]`, each NAME a file `tests/NAME_test.lua`,
-- all where none is given; with WORDS only those tests of the file whose name holds them. A test file returns a table
-- of functions by what they show. With MOA_SERVER as the server's program and MOA_NVIM as the Neovim that is driven,
-- where those on the PATH aren't meant. Ends with 1 where a test fails.

local here = vim.fs.dirname(vim.fs.normalize(vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")))
vim.opt.runtimepath:prepend(vim.fs.dirname(here))
package.path = here .. "/?.lua;" .. package.path

---@param ok boolean
---@param words? string
function _G.check(ok, words)
  if not ok then
    error(words or "it isn't so", 2)
  end
end

---@param got any
---@param wanted any
function _G.same(got, wanted)
  if not vim.deep_equal(got, wanted) then
    error(("got %s\nwanted %s"):format(vim.inspect(got), vim.inspect(wanted)), 2)
  end
end

local files = vim.fn.glob(here .. "/*_test.lua", false, true)
local chosen = {} ---@type {file: string, words: string}[]
for _, name in ipairs(_G.arg or {}) do
  local file, words = name:match("^([^/]+)/?(.*)$")
  chosen[#chosen + 1] = { file = ("%s/%s_test.lua"):format(here, file), words = words }
end
if #chosen == 0 then
  for _, file in ipairs(files) do
    chosen[#chosen + 1] = { file = file, words = "" }
  end
end
local failed, count = {}, 0
for _, one in ipairs(chosen) do
  local file = one.file
  local tests = dofile(file)
  local names = vim.tbl_filter(function(name)
    return name:find(one.words, 1, true) ~= nil
  end, vim.tbl_keys(tests))
  table.sort(names)
  for _, name in ipairs(names) do
    count = count + 1
    local began = vim.uv.hrtime()
    local ok, problem = xpcall(tests[name], debug.traceback)
    local took = ("%.1f s"):format((vim.uv.hrtime() - began) / 1e9)
    io.stdout:write(("%s  %s: %s (%s)\n"):format(ok and "ok  " or "FAIL", vim.fs.basename(file), name, took))
    if not ok then
      failed[#failed + 1] = name
      io.stdout:write(vim.trim(tostring(problem)):gsub("\nstack traceback.*", ""), "\n")
    end
  end
end
io.stdout:write(("%d tests, %d failed, Neovim %s\n"):format(count, #failed, tostring(vim.version())))
os.exit(#failed == 0 and 0 or 1)
