/** The review's hunks: which there are, which one a line is about, and which one comes next. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ago,
  countOf,
  deed,
  diffOf,
  idsOf,
  inOrder,
  isAbout,
  isShownAt,
  lineOf,
  meet,
  names,
  spanOf,
  spotsOf,
  standing,
  standsAt,
  step,
} from "../../src/review/hunks.ts";
import type { Change, Coding, Discussion, FileChange, Hunk, HunkStatus, Round, Turn } from "../../src/wire.ts";

const API = "file:///w/api.py";
const STORE = "file:///w/store.py";

function hunk(id: string, start: number, end: number, newText = "x\n", status: HunkStatus = "pending"): Hunk {
  const range = { start: { line: start, character: 0 }, end: { line: end, character: 0 } };
  return { id, range, newText, status, sources: ["alpha"] };
}

function file(uri: string, hunks: readonly Hunk[], more: Partial<FileChange> = {}): FileChange {
  return { uri, kind: "edit", version: 1, hunks, ...more };
}

function change(id: string, files: readonly FileChange[], source = "alpha"): Change {
  return { id, discussion: "d", source, title: id, status: "pending", files, diff: "", problems: [] };
}

test("a last line without a line end is a line of the span", () => {
  assert.deepEqual(spanOf({ start: { line: 3, character: 0 }, end: { line: 4, character: 7 } }), { start: 3, end: 5 });
  assert.deepEqual(spanOf({ start: { line: 3, character: 0 }, end: { line: 4, character: 0 } }), { start: 3, end: 4 });
});

test("an insertion is about the line before it, in the file; in the proposal about its own lines", () => {
  const insertion = { start: 4, end: 4 };
  assert.equal(lineOf(insertion), 3);
  assert.equal(lineOf({ start: 0, end: 0 }), 0);
  assert.deepEqual(
    [2, 3, 4].map((line) => isAbout(insertion, line)),
    [false, true, false],
  );
  assert.deepEqual(
    [3, 4, 5].map((line) => isAbout({ start: 4, end: 5 }, line)),
    [false, true, false],
  );
  assert.deepEqual(
    [3, 4, 5, 6].map((line) => isShownAt({ start: 4, end: 6 }, line)),
    [false, true, true, false],
  );
  // One that only takes lines away has no lines in the proposal: it shows where they were.
  assert.ok(isShownAt({ start: 4, end: 4 }, 4));
});

test("spans that share lines or stand end to end meet", () => {
  const span = { start: 4, end: 6 };
  const meets = ([start, end]: readonly [number, number]): boolean =>
    meet(span, { start, end }) && meet({ start, end }, span);
  assert.deepEqual(
    (
      [
        [0, 3],
        [0, 4],
        [5, 5],
        [6, 6],
        [6, 8],
        [7, 8],
      ] as const
    ).map(meets),
    [false, true, true, true, true, false],
  );
});

test("what two changes propose alike is one spot that names both, and goes by the first change", () => {
  const twin = { ...hunk("h9", 1, 2), sources: ["bravo", "alpha"] };
  const spots = spotsOf(
    [change("c1", [file(API, [hunk("h1", 1, 2)])]), change("c2", [file(API, [twin, hunk("h2", 5, 6)])])],
    "pending",
  );
  assert.deepEqual(
    spots.map((one) => [one.change.id, one.hunk.id, one.hunk.sources]),
    [
      ["c1", "h1", ["alpha", "bravo"]],
      ["c2", "h2", ["alpha"]],
    ],
  );
});

test("other text for the same lines is another spot", () => {
  const spots = spotsOf(
    [change("c1", [file(API, [hunk("h1", 1, 2)])]), change("c2", [file(API, [hunk("h2", 1, 2, "y\n")])])],
    "pending",
  );
  assert.equal(spots.length, 2);
});

test("once a renaming is applied its other hunks stand in the new file", () => {
  const hunks = [hunk("r", 0, 0, "", "applied"), hunk("h", 2, 3)];
  const renamed = file(API, hunks, { kind: "rename", newUri: STORE });
  assert.equal(standsAt(renamed), STORE);
  assert.equal(spotsOf([change("c", [renamed])], "pending")[0]?.uri, STORE);
  const waiting = file(API, [hunk("r", 0, 0, ""), hunk("h", 2, 3)], { kind: "rename", newUri: STORE });
  assert.equal(standsAt(waiting), API);
});

test("next and previous go by file, then by line, and round again", () => {
  // Given out of order within a file: the lines count.
  const stops = [
    { file: "b", line: 9 },
    { file: "b", line: 2 },
    { file: "a", line: 4 },
  ];
  const next = (name: string, line: number): number => step(stops, { file: name, line }, 1);
  const previous = (name: string, line: number): number => step(stops, { file: name, line }, -1);
  assert.equal(next("b", 0), 1);
  assert.equal(next("b", 2), 0);
  assert.equal(next("b", 9), 2);
  assert.equal(next("a", 4), 1);
  assert.equal(previous("a", 4), 0);
  assert.equal(previous("b", 2), 2);
  assert.equal(previous("b", 5), 1);
});

test("from where there is no hunk, next is the first and previous the last", () => {
  const stops = [
    { file: "a", line: 4 },
    { file: "b", line: 1 },
  ];
  assert.equal(step(stops, null, 1), 0);
  assert.equal(step(stops, { file: "elsewhere", line: 100 }, -1), 1);
  assert.equal(step([], null, 1), -1);
});

test("a lone hunk is its own next and previous", () => {
  assert.equal(step([{ file: "a", line: 4 }], { file: "a", line: 4 }, 1), 0);
  assert.equal(step([{ file: "a", line: 4 }], { file: "a", line: 4 }, -1), 0);
});

test("hunks are counted and named by status, in all files or in one", () => {
  const one = change("c", [
    file(API, [hunk("h1", 1, 2), hunk("h2", 4, 5, "x\n", "applied")]),
    file(STORE, [hunk("h3", 1, 2), hunk("h4", 7, 8, "x\n", "stale")]),
  ]);
  assert.equal(countOf(one, "pending"), 2);
  assert.equal(countOf(one, "pending", API), 1);
  assert.deepEqual(idsOf(one, "pending", STORE), ["h3"]);
  assert.equal(standing(one), "2 to review, 1 applied, 1 stale");
});

test("changes come in the order in which they were made, /code after the round it followed", () => {
  const ids = ["c1", "c2", "c3", "late"];
  const [c1, c2, c3, late] = ids.map((id) => change(id, [])) as [Change, Change, Change, Change];
  const turn = (one: Change): Turn => ({ architect: "alpha", change: one }) as unknown as Turn;
  const rounds = [
    { number: 1, turns: [turn(c1)] },
    { number: 2, turns: [turn(c3)] },
  ] as unknown as readonly Round[];
  const codings = [{ afterRound: 1, change: c2 }] as unknown as readonly Coding[];
  const discussion = { id: "d", rounds, codings } as unknown as Discussion;
  const changes = new Map([late, c3, c2, c1].map((one) => [one.id, one]));
  assert.deepEqual(
    inOrder(discussion, changes).map((one) => one.id),
    ids,
  );
});

test("what a hunk does is said in words", () => {
  const say = (one: FileChange): string => {
    const [spot] = spotsOf([change("c", [one])], "pending");
    assert.ok(spot);
    return deed(spot, (uri) => uri.replace("file:///w/", ""));
  };
  assert.equal(say(file(API, [hunk("h", 1, 3, "a\nb\nc\n")])), "replace 2 lines by 3");
  assert.equal(say(file(API, [hunk("h", 1, 1, "a\n")])), "insert 1 line");
  assert.equal(say(file(API, [hunk("h", 1, 2, "")])), "remove 1 line");
  assert.equal(say(file(API, [hunk("h", 0, 0, "a\nb")], { kind: "create" })), "create api.py with 2 lines");
  assert.equal(say(file(API, [hunk("h", 0, 9, "")], { kind: "delete" })), "delete api.py");
  assert.equal(say(file(API, [hunk("h", 0, 0, "")], { kind: "rename", newUri: STORE })), "rename api.py to store.py");
});

test("several sources are named as people would", () => {
  assert.equal(names(["alpha"]), "alpha");
  assert.equal(names(["alpha", "bravo", "editor"]), "alpha, bravo and the editor model");
  assert.equal(names([]), "moa");
});

test("a long diff says how much of it is left out, and never for the sake of one line", () => {
  assert.equal(diffOf(["a"], "b\r\nc\r\n", 3), "- a\n+ b\n+ c");
  assert.equal(diffOf([], "1\n2\n3\n4\n", 3), "+ 1\n+ 2\n+ 3\n+ 4");
  assert.equal(diffOf([], "1\n2\n3\n4\n5\n", 3), "+ 1\n+ 2\n+ 3\n  … 2 more lines");
});

test("a diff goes without the indentation that all its lines share, and blank lines share any", () => {
  assert.equal(diffOf(["    a"], "    if b:\n\n      a\n", 9), "- a\n+ if b:\n+ \n+   a");
  assert.equal(diffOf(["\ta"], "    a\n", 9), "- \ta\n+     a");
});

test("how long ago something was is said roughly", () => {
  const now = Date.parse("2026-05-05T12:00:00Z");
  assert.equal(ago("2026-05-05T11:59:50Z", now), "just now");
  assert.equal(ago("2026-05-05T11:57:00Z", now), "3 minutes ago");
  assert.equal(ago("2026-05-05T10:00:00Z", now), "2 hours ago");
  assert.equal(ago("2026-05-04T12:00:00Z", now), "yesterday");
});
