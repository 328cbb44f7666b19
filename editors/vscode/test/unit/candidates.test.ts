import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { candidates, failure, fits, which, type Candidate, type Found, type Surroundings } from "../../src/server/candidates.ts";

interface Machine extends Partial<Omit<Surroundings, "look">> {
  /** What stands on the disk: programs, and what is something else or a link to elsewhere. */
  readonly disk?: Readonly<Record<string, Found["kind"] | { readonly link: string }>>;
}

function machine({ disk = {}, ...rest }: Machine): Surroundings {
  return {
    named: "",
    folders: ["/work/app"],
    ownEnvironments: [],
    path: "/home/me/bin:/usr/bin",
    windows: false,
    home: "/home/me",
    installed: "/ours/server",
    version: "0.1.0",
    look: (path) => {
      const at = disk[path] ?? "missing";
      if (typeof at === "object") {
        return { kind: "program", real: at.link };
      }
      return at === "program" ? { kind: "program", real: path } : { kind: at };
    },
    ...rest,
  };
}

function found(around: Surroundings): readonly Candidate[] {
  const all = candidates(around);
  assert.ok(!("words" in all), "words" in all ? all.words : "");
  return all;
}

function refused(around: Surroundings): string {
  const all = candidates(around);
  assert.ok("words" in all);
  return all.words;
}

describe("the programs that are tried", () => {
  it("are all that the machine has, in their order, of the matching version", () => {
    const disk = {
      "/usr/bin/pipx": "program",
      "/usr/bin/uvx": "program",
      "/usr/bin/moa-lsp": "program",
      "/ours/server/bin/moa-lsp": "program",
    } as const;
    assert.deepEqual(
      found(machine({ disk })).map((one) => [one.origin, one.command, ...one.arguments]),
      [
        ["path", "/usr/bin/moa-lsp"],
        ["installed", "/ours/server/bin/moa-lsp"],
        ["uvx", "/usr/bin/uvx", "--from", "moa-lsp==0.1.0", "moa-lsp"],
        ["pipx", "/usr/bin/pipx", "run", "--spec", "moa-lsp==0.1.0", "moa-lsp"],
      ],
    );
  });

  it("are only the one that the user named", () => {
    const disk = { "/usr/bin/moa-lsp": "program", "/home/me/dev/moa-lsp": "program" } as const;
    const [only, ...more] = found(machine({ disk, named: "~/dev/moa-lsp" }));
    assert.deepEqual([only?.origin, only?.command, more], ["setting", "/home/me/dev/moa-lsp", []]);
  });

  it("are never the workspace's own unless the user wants that", () => {
    const disk = { "/work/app/.venv/bin/moa-lsp": "program", "/usr/bin/moa-lsp": "program" } as const;
    const path = "/work/app/.venv/bin:/usr/bin";
    assert.deepEqual(
      found(machine({ disk, path })).map((one) => one.command),
      ["/usr/bin/moa-lsp"],
    );
    assert.deepEqual(
      found(machine({ disk, path, ownEnvironments: ["/work/app"] })).map((one) => one.command),
      ["/work/app/.venv/bin/moa-lsp"],
    );
  });

  it("are on Windows those that end in .exe", () => {
    const windows = machine({
      windows: true,
      folders: ["C:\\work"],
      path: "bin;C:\\Work\\tools;C:\\Tools",
      installed: "C:\\ours\\server",
      disk: {
        "C:\\Work\\tools\\moa-lsp.exe": "program",
        "C:\\Tools\\moa-lsp.exe": "program",
        "C:\\ours\\server\\Scripts\\moa-lsp.exe": "program",
      },
    });
    assert.deepEqual(
      found(windows).map((one) => one.command),
      ["C:\\Tools\\moa-lsp.exe", "C:\\ours\\server\\Scripts\\moa-lsp.exe"],
    );
  });
});

describe("a name on the PATH", () => {
  it("is never looked up in an entry that isn't a full path", () => {
    const disk = { "bin/uvx": "program", "uvx": "program", "/work/app/uvx": "program" } as const;
    assert.equal(which(machine({ disk, path: "bin::.:~/bin" }), "uvx"), null);
  });

  it("never leads into a workspace folder, however the folder is spelt, nor by a link", () => {
    const disk = {
      "/work/APP/bin/uvx": "program",
      "/usr/bin/uvx": { link: "/work/app/bin/uvx" },
      "/opt/bin/uvx": "program",
    } as const;
    assert.equal(which(machine({ disk, path: "/work/APP/bin:/usr/bin:/opt/bin" }), "uvx"), "/opt/bin/uvx");
  });

  it("may lead into a folder whose name only begins like the workspace's", () => {
    const disk = { "/work/app-tools/uvx": "program", "/work/..app/uvx": "program" } as const;
    assert.equal(which(machine({ disk, path: "/work/app-tools" }), "uvx"), "/work/app-tools/uvx");
    assert.equal(which(machine({ disk, path: "/work/..app", folders: ["/work/app"] }), "uvx"), "/work/..app/uvx");
  });
});

describe("the words for having no server", () => {
  it("say what is wrong with the program that was named", () => {
    const disk = { "/opt": "folder", "/opt/notes.txt": "not-executable" } as const;
    assert.match(refused(machine({ disk, named: "moa-lsp" })), /isn't a full path/);
    assert.match(refused(machine({ disk, named: "/opt/moa-lsp" })), /\/opt\/moa-lsp, which doesn't exist/);
    assert.match(refused(machine({ disk, named: "/opt" })), /is a folder/);
    assert.match(refused(machine({ disk, named: "/opt/notes.txt" })), /may not be run/);
  });

  it("say that the environment which was asked for has none", () => {
    assert.match(refused(machine({ ownEnvironments: ["/work/app"] })), /no moa-lsp in the \.venv of \/work\/app/);
  });

  it("offer to install one where there is nothing at all", () => {
    const nothing = candidates(machine({}));
    assert.ok("words" in nothing);
    assert.deepEqual(nothing.ways, ["install", "choose", "log"]);
  });

  const candidate: Candidate = { origin: "path", command: "/usr/bin/moa-lsp", arguments: [] };

  it("hold the last words of one that died, and both versions of one that doesn't fit", () => {
    const died = failure(candidate, { kind: "died", lastWords: "ModuleNotFoundError: No module named 'attrs'" }, "0.1.0");
    assert.match(died.words, /ended at its start.*No module named 'attrs'/);
    const refused = failure(candidate, { kind: "refused", answer: "Unhandled method initialize" }, "0.1.0");
    assert.match(refused.words, /refused to start.*Unhandled method initialize/);
    const old = failure(candidate, { kind: "version", version: "0.3.0" }, "0.1.4");
    assert.match(old.words, /The server is 0\.3\.0, this extension wants 0\.1\.x/);
    assert.deepEqual(old.ways[0], "install");
  });

  it("don't offer to install another one where the user named theirs", () => {
    const own = failure({ ...candidate, origin: "setting" }, { kind: "silent", seconds: 30 }, "0.1.0");
    assert.ok(!own.ways.includes("install"));
  });
});

describe("a version", () => {
  it("fits where the first two numbers agree", () => {
    assert.ok(fits("0.1.0", "0.1.9"));
    assert.ok(fits("0.1.0.dev3", "0.1.0"));
    assert.ok(!fits("0.2.0", "0.1.0"));
    assert.ok(!fits("0.10.0", "0.1.0"));
    assert.ok(!fits("", "0.1.0"));
  });
});
