/** The addresses of a proposal's documents, and what stands in them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { locationOf, partsOf, textAt, titleOf, type Location } from "../../src/review/locations.ts";
import type { Change, PreviewFile } from "../../src/wire.ts";

const WHERE: Location = { change: "c-1", file: "file:///w/a%20b/%23odd%3F.py", side: "after" };

test("an address comes back as what it was made of", () => {
  assert.deepEqual(locationOf(partsOf(WHERE, "a b/#odd?.py")), WHERE);
  assert.deepEqual(locationOf(partsOf({ ...WHERE, side: "before" }, "x")), { ...WHERE, side: "before" });
});

test("the path keeps the file's extension and begins with one slash", () => {
  assert.equal(partsOf(WHERE, "src/api.py").path, "/src/api.py");
  assert.equal(partsOf(WHERE, "//elsewhere/api.py").path, "/elsewhere/api.py");
});

test("an address that isn't ours, or that nobody of us made, means nothing", () => {
  const { query } = partsOf(WHERE, "x");
  assert.equal(locationOf({ scheme: "file", query }), null);
  for (const bad of ["", "null", "[]", "{", '{"change":"c"}', query.replace("after", "beside")]) {
    assert.equal(locationOf({ scheme: "moa-proposal", query: bad }), null, bad);
  }
});

test("a file that isn't there is empty on that side", () => {
  const made: PreviewFile = { uri: WHERE.file, kind: "create", before: null, after: "new\n", hunks: [] };
  assert.equal(textAt([made], WHERE), "new\n");
  assert.equal(textAt([made], { ...WHERE, side: "before" }), "");
  assert.equal(textAt([], WHERE), "");
});

test("a view says whose proposal it shows", () => {
  const change = { source: "alpha" } as Change;
  assert.equal(titleOf(change), "Review: alpha's proposal");
  assert.equal(titleOf({ ...change, source: "editor" }), "Review: the proposed change");
});
