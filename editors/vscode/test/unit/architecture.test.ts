/**
 * Which part of the extension may know which: the parts call each other by commands only, and the panel's page, which
 * runs in a browser, knows nothing of the editor. Held against the imports themselves.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** By folder of `src/`: whose modules it may import besides its own and `wire.ts`. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  discussion: ["server/connection.ts"],
  server: ["server/", "discussion/"],
  panel: ["discussion/", "server/connection.ts", "server/server.ts"],
  review: ["discussion/", "server/connection.ts"],
  entries: ["discussion/", "server/connection.ts", "server/"],
  models: ["server/"],
  webview: ["panel/messages.ts", "panel/prompt.ts", "panel/unseen.ts", "discussion/"],
};

interface Import {
  readonly from: string;
  readonly what: string;
  readonly typesOnly: boolean;
}

function imports(path: string): readonly Import[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  const found = text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/gm);
  return [...found].map((one) => ({ from: path, what: one[2] ?? one[3] ?? "", typesOnly: one[1] !== undefined }));
}

function modules(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
}

const files = [...modules("src"), ...modules("webview")].sort();
const all = files.flatMap(imports);

/** What a relative import means, as a path below `src/` (or `webview/…`). */
function target(one: Import): string {
  return relative("src", normalize(join(dirname(one.from), one.what)));
}

test("there is something to hold", () => {
  assert.ok(files.length > 10, files.join(", "));
});

test("a part imports only what it may know", () => {
  for (const one of all.filter((each) => each.what.startsWith("."))) {
    const [top = "", folder = ""] = one.from.split("/");
    const part = top === "webview" ? "webview" : folder;
    if (one.from === "src/extension.ts" || one.from === "src/wire.ts" || target(one) === "wire.ts") {
      continue;
    }
    const may = [top === "webview" ? "../webview/" : `${part}/`, ...(KNOWS[part] ?? [])];
    assert.ok(
      may.some((allowed) => target(one).startsWith(allowed)),
      `${one.from} imports ${one.what}, which it may not know`,
    );
  }
});

test("the panel's page knows nothing of the editor, nor does what it shares with the extension", () => {
  const seen = new Set<string>();
  const reach = (path: string): void => {
    if (seen.has(path)) {
      return;
    }
    seen.add(path);
    for (const one of imports(path).filter((each) => !each.typesOnly)) {
      assert.notEqual(one.what, "vscode", `${path} is part of the page and imports the editor's API`);
      if (one.what.startsWith(".") && one.what.endsWith(".ts")) {
        reach(normalize(join(dirname(path), one.what)));
      }
    }
  };
  for (const path of files.filter((each) => each.startsWith("webview/"))) {
    reach(path);
  }
  assert.ok(seen.size > 0);
});
