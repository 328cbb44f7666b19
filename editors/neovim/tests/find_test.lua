-- Which programs may be the server, and the words for each way in which none is.

local find = require("moa.server.find")

---@param programs table<string, string> What stands at each path: where its links lead
local function around(programs, more)
  return vim.tbl_extend("force", {
    folders = { "/w" },
    own_environment = false,
    path = "/usr/bin:/opt/bin",
    windows = false,
    home = "/home/me",
    installed = "/data/server",
    version = "0.1.0",
    look = function(path)
      if programs[path] == "folder" or programs[path] == "not-executable" then
        return { kind = programs[path] }
      end
      return programs[path] and { kind = "program", real = programs[path] } or { kind = "missing" }
    end,
  }, more or {})
end

local function first(programs, more)
  local found, why = find.candidates(around(programs, more))
  return found and found[1].cmd or why.words
end

return {
  ["in order: PATH, the plugin's own, uvx, pipx"] = function()
    local all = {}
    for _, path in ipairs({ "/opt/bin/moa-lsp", "/data/server/bin/moa-lsp", "/usr/bin/uvx", "/usr/bin/pipx" }) do
      all[path] = path
    end
    local found = find.candidates(around(all))
    same(
      vim.tbl_map(function(one)
        return table.concat(one.cmd, " ")
      end, found),
      {
        "/opt/bin/moa-lsp",
        "/data/server/bin/moa-lsp",
        "/usr/bin/uvx --from moa-lsp==0.1.0 moa-lsp",
        "/usr/bin/pipx run --spec moa-lsp==0.1.0 moa-lsp",
      }
    )
  end,

  ["nothing is run from inside the workspace, not by a link either"] = function()
    check(first({ ["/w/bin/moa-lsp"] = "/w/bin/moa-lsp" }, { path = "/w/bin" }):match("There is no moa%-lsp"))
    check(first({ ["/usr/bin/moa-lsp"] = "/W/x" }):match("There is no moa%-lsp"))
    check(first({ ["bin/moa-lsp"] = "x", ["./moa-lsp"] = "x" }, { path = "bin:.:" }):match("There is no moa%-lsp"))
    same(first({ ["/wide/moa-lsp"] = "/wide/moa-lsp" }, { path = "/wide/" }), { "/wide/moa-lsp" })
  end,

  ["the workspace's environment only where the user said so"] = function()
    local programs = { ["/w/.venv/bin/moa-lsp"] = "/w/.venv/bin/moa-lsp" }
    same(first(programs, { own_environment = true }), { "/w/.venv/bin/moa-lsp" })
    check(first(programs):match("There is no moa%-lsp on this machine"))
    check(first({}, { own_environment = true }):match("no moa%-lsp in the %.venv of /w"))
  end,

  ["what the user named is the only one tried"] = function()
    local programs =
      { ["/usr/bin/moa-lsp"] = "x", ["/home/me/x"] = "/home/me/x", ["/f"] = "folder", ["/n"] = "not-executable" }
    same(first(programs, { named = "~/x" }), { "/home/me/x" })
    same(first(programs, { named = { "/home/me/x", "-P" } }), { "/home/me/x", "-P" })
    check(first(programs, { named = "moa-lsp" }):match("isn't a full path"))
    check(first(programs, { named = "/y" }):match("doesn't exist"))
    check(first(programs, { named = "/f" }):match("is a folder"))
    check(first(programs, { named = "/n" }):match("may not be run"))
  end,

  ["on Windows only .exe, below Scripts"] = function()
    local programs = { ["C:\\t\\moa-lsp.exe"] = "C:\\t\\moa-lsp.exe" }
    same(first(programs, { windows = true, path = "rel;C:\\t", folders = { "C:\\w" } }), { "C:\\t\\moa-lsp.exe" })
    same(find.in_environment({ windows = true }, "C:\\e", "python"), "C:\\e\\Scripts\\python.exe")
  end,

  ["which versions fit"] = function()
    check(find.fits("0.1.7", "0.1.0") and find.fits("0.1", "0.1.3") and find.fits("0.1.0rc1", "0.1.0"))
    check(not find.fits("0.10.0", "0.1.0") and not find.fits("", "0.1.0") and not find.fits("x", "0.1.0"))
  end,
}
