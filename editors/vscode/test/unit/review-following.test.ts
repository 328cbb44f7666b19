/** Hunks' lines while somebody types: held against the text itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { followed, type LineEdit, type Step } from "../../src/review/following.ts";
import type { Span } from "../../src/review/hunks.ts";

const LINES = ["zero", "one", "two", "three", "four", "five", "six"];

function edit(start: number, startCharacter: number, end: number, endCharacter: number, text: string): LineEdit {
  return { start, startCharacter, end, endCharacter, text };
}

/** The lines after the edits, as an editor makes them. */
function edited(lines: readonly string[], edits: readonly LineEdit[]): readonly string[] {
  const text = lines.join("\n");
  const at = (line: number, character: number): number =>
    lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character;
  const order = [...edits].sort((one, other) => other.start - one.start || other.startCharacter - one.startCharacter);
  const made = order.reduce(
    (now, one) => now.slice(0, at(one.start, one.startCharacter)) + one.text + now.slice(at(one.end, one.endCharacter)),
    text,
  );
  return made.split("\n");
}

function steps(...edits: readonly LineEdit[]): readonly Step[] {
  return [{ version: 2, edits }];
}

const HUNK: Span = { start: 3, end: 5 };

const AROUND: readonly (readonly [string, readonly LineEdit[]])[] = [
  ["a line above", [edit(0, 0, 0, 0, "new\n")]],
  ["a line right above", [edit(3, 0, 3, 0, "new\n")]],
  ["two lines above and one below", [edit(1, 3, 1, 3, "\nnew\nnew"), edit(6, 0, 6, 0, "new\n")]],
  ["within a line above", [edit(1, 1, 1, 2, "xyz")]],
  ["lines above gone", [edit(0, 0, 2, 0, "")]],
  ["all lines above gone", [edit(0, 0, 3, 0, "")]],
  ["a line below", [edit(5, 0, 5, 0, "new\n")]],
  ["lines below gone", [edit(5, 0, 6, 3, "")]],
  ["the end of the line right above", [edit(2, 3, 2, 3, "x\ny")]],
];

for (const [what, edits] of AROUND) {
  test(`${what}: the hunk keeps its lines`, () => {
    const { span, touched } = followed(HUNK, steps(...edits));
    assert.deepEqual(edited(LINES, edits).slice(span.start, span.end), ["three", "four"]);
    assert.equal(touched, false);
  });
}

const INTO: readonly (readonly [string, LineEdit])[] = [
  ["a character in it", edit(3, 2, 3, 2, "x")],
  ["its last line's end", edit(4, 4, 4, 4, "\nnew")],
  ["the line above joined to it", edit(2, 3, 3, 0, "")],
  ["a line above typed onto it", edit(3, 0, 3, 0, "x")],
  ["a part of it gone", edit(4, 0, 5, 0, "")],
  ["all of it gone, and more", edit(2, 0, 6, 0, "")],
];

for (const [what, one] of INTO) {
  test(`${what}: the server is asked`, () => {
    const { span, touched } = followed(HUNK, steps(one));
    assert.ok(touched);
    assert.ok(span.start >= 0 && span.start <= span.end, JSON.stringify(span));
  });
}

test("an insertion moves with the lines above it and stays before those below", () => {
  const insertion = { start: 3, end: 3 };
  assert.deepEqual(followed(insertion, steps(edit(0, 0, 0, 0, "new\n"))), {
    span: { start: 4, end: 4 },
    touched: false,
  });
  assert.deepEqual(followed(insertion, steps(edit(4, 0, 4, 0, "new\n"))), { span: insertion, touched: false });
});

test("an edit of an insertion's neighbour is the server's to judge", () => {
  const insertion = { start: 3, end: 3 };
  assert.ok(followed(insertion, steps(edit(2, 1, 2, 1, "x"))).touched);
  assert.ok(followed(insertion, steps(edit(3, 1, 3, 1, "x"))).touched);
});

test("steps follow each other", () => {
  const first = { version: 2, edits: [edit(0, 0, 0, 0, "a\nb\n")] };
  const second = { version: 3, edits: [edit(0, 0, 1, 0, "")] };
  assert.deepEqual(followed(HUNK, [first, second]), { span: { start: 4, end: 6 }, touched: false });
});
