/**
 * What the packaged extension holds, file by file: whoever installs it gets this and nothing else. Run by
 * `npm run package`, on what was just packaged.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { inflateRawSync } from "node:zlib";

const HERE = resolve(import.meta.dirname, "../..");
const CHECKOUT = resolve(HERE, "../..");

const FILES = [
  "[Content_Types].xml",
  "extension.vsixmanifest",
  "extension/LICENSE.txt",
  "extension/changelog.md",
  "extension/dist/extension.js",
  "extension/dist/panel.js",
  "extension/dist/style.css",
  "extension/media/icon.png",
  "extension/media/moa.svg",
  "extension/media/walkthrough/ask.svg",
  "extension/media/walkthrough/demo.svg",
  "extension/media/walkthrough/model.svg",
  "extension/media/walkthrough/server.svg",
  "extension/package.json",
  "extension/readme.md",
  "extension/schemas/moa.toml.schema.json",
  "extension/snippets/moa.toml.json",
  "extension/syntaxes/toml.language-configuration.json",
  "extension/syntaxes/toml.tmLanguage.json",
];

/** Bytes; some more than it is, so that a dependency which came in unseen is seen here. */
const LARGEST = { "extension/dist/extension.js": 700_000, "extension/dist/panel.js": 400_000 } as const;
const LARGEST_OTHER = 100_000;

const packaged = unzip(readFileSync(resolve(HERE, "dist/moa-lsp.vsix")));

describe("the packaged extension", () => {
  it("holds these files", () => {
    assert.deepEqual([...packaged.keys()].sort(), FILES);
  });

  it("is small", () => {
    for (const [name, content] of packaged) {
      const most = name in LARGEST ? LARGEST[name as keyof typeof LARGEST] : LARGEST_OTHER;
      assert.ok(content.length > 0 && content.length <= most, `${name}: ${content.length} bytes`);
    }
  });

  it("holds no source map, nothing of the machine that it was made on, and no key", () => {
    for (const [name, content] of packaged) {
      const text = content.toString("latin1");
      assert.ok(!text.includes("sourceMappingURL"), name);
      for (const place of [CHECKOUT, homedir()]) {
        assert.ok(place.length < 5 || !text.includes(place), `${name} names ${place}`);
      }
      assert.doesNotMatch(text, /\b(?:sk-[A-Za-z0-9]{20}|ghp_[A-Za-z0-9]{20}|AIza[A-Za-z0-9_-]{30}|npm_[A-Za-z0-9]{20})/, name);
    }
  });

  it("names in its manifest only files that it holds", () => {
    const named = [...(packaged.get("extension/package.json") ?? "").toString().matchAll(/"(?:\.\/)?((?:dist|media|schemas|snippets|syntaxes)\/[^"$]+)"/g)];
    assert.ok(named.length > 5);
    for (const [, path = ""] of named) {
      assert.ok(packaged.has(`extension/${path}`), path);
    }
  });

  it("has the licence of the project", () => {
    assert.deepEqual(packaged.get("extension/LICENSE.txt"), readFileSync(resolve(CHECKOUT, "LICENSE")));
  });
});

/** The files of a zip archive without encryption and below 4 GB, which is what vsce writes. */
function unzip(archive: Buffer): ReadonlyMap<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [number, number, number];
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    files.set(name, archive.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}
