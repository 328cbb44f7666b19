/** What the entries hand to the panel, and how the demo leads from step to step. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hintAt, scriptIn, stageOf, workspaceSettings, type Script } from "../../src/entries/demo-stages.ts";
import {
  codeOf,
  discussed,
  foreign,
  isEmpty,
  problemPrompt,
  wholeLines,
  type Lines,
} from "../../src/entries/targets.ts";
import { NOTHING, shown } from "../../src/discussion/state.ts";
import type { Change, Coding, Discussion, HunkStatus, Round, RunStatus } from "../../src/wire.ts";

const TEXT = ["def greet(name):", '    return "Hello"', ""];
const lines: Lines = { lineCount: TEXT.length, lengthOf: (line) => TEXT[line]?.length ?? 0 };

function span(startLine: number, start: number, endLine: number, end: number): Parameters<typeof isEmpty>[0] {
  return { start: { line: startLine, character: start }, end: { line: endLine, character: end } };
}

test("a selection is discussed as it is, and a mere cursor means its line", () => {
  assert.deepEqual(discussed(span(0, 4, 1, 2), lines), span(0, 4, 1, 2));
  assert.deepEqual(discussed(span(1, 7, 1, 7), lines), span(1, 0, 1, 18));
  assert.deepEqual(discussed(span(2, 0, 2, 0), lines), span(2, 0, 2, 0));
});

test("whole lines end in the document, also where a problem doesn't", () => {
  assert.deepEqual(wholeLines(span(0, 5, 1, 3), lines), span(0, 0, 1, 18));
  assert.deepEqual(wholeLines(span(1, 0, 9, 0), lines), span(1, 0, 2, 0));
});

test("a problem is asked about with its message, who found it and its code", () => {
  const one = { message: "x is not\n  defined", source: "Pyright", code: "reportUndefined" };
  assert.equal(problemPrompt([one]), "Let's discuss this problem: x is not defined (Pyright reportUndefined)");
  assert.equal(problemPrompt([{ message: "Odd." }]), "Let's discuss this problem: Odd.");
  assert.equal(problemPrompt([one, one]), problemPrompt([one]), "said twice, it is one problem");
  assert.equal(
    problemPrompt([one, { message: "Odd.", code: 7 }]),
    "Let's discuss these problems:\n- x is not defined (Pyright reportUndefined)\n- Odd. (7)",
  );
  assert.equal(codeOf({ value: "E501" }), "E501");
  assert.equal(codeOf(2304), 2304);
});

test("the server's own diagnostics are no problems to discuss", () => {
  assert.deepEqual(foreign([{ source: "moa" }, { source: "ruff" }, {}]), [{ source: "ruff" }, {}]);
});

const script = {
  files: ["api.py"],
  messages: { first: "One.", second: "Two.", code: "Go." },
  settings: { architects: [{ name: "alpha", model: "replay:demo" }], editor: { model: "replay:demo" } },
} satisfies Script;

test("the script is what the program printed, or nothing", () => {
  assert.deepEqual(scriptIn(JSON.stringify({ folder: "/x", ...script })), script);
  for (const printed of ["", "The sample is in /x", "{}", JSON.stringify({ ...script, messages: { first: 1 } })]) {
    assert.equal(scriptIn(printed), null, printed);
  }
});

test("the sample's settings name the recording, whatever the user's own say", () => {
  assert.deepEqual(JSON.parse(workspaceSettings(script)), {
    "moa.preset": "default",
    "moa.architects": script.settings.architects,
    "moa.editor": script.settings.editor,
  });
});

const usage = { inputTokens: null, cachedTokens: null, outputTokens: null, costUsd: null, knownCostUsd: 0 };

function round(number: number, status: RunStatus): Round {
  const turn = { architect: "alpha", model: "m", status, text: "", proposal: null, change: null, usage, seconds: 0 };
  return { discussion: "d", number, message: "", turns: [turn], usage, seconds: 0 };
}

function coding(change: Change | null): Coding {
  return {
    discussion: "d",
    number: 1,
    afterRound: 2,
    message: "",
    model: "m",
    status: "done",
    text: "",
    change,
    usage,
    seconds: 0,
  };
}

function change(status: Change["status"], hunk: HunkStatus): Change {
  const hunks = [{ id: "h", range: span(0, 0, 1, 0), newText: "", status: hunk, sources: ["editor"] }];
  const files = [{ uri: "file:///api.py", kind: "edit" as const, version: null, hunks }];
  return { id: "c", discussion: "d", source: "editor", title: "", status, files, diff: "", problems: [] };
}

function discussion(rounds: readonly Round[], codings: readonly Coding[] = [], running = false): Discussion {
  return { id: "d", title: "", created: "", architects: [], rounds, codings, usage, running };
}

test("the demo goes on from wherever its discussion is", () => {
  const done = [round(1, "done"), round(2, "done")];
  const stages = [
    [NOTHING, "first"],
    [shown(discussion([])), "first"],
    [shown(discussion([round(1, "running")], [], true)), "running"],
    [shown(discussion([round(1, "cancelled")])), "first"],
    [shown(discussion([round(1, "done")])), "second"],
    [shown(discussion(done)), "code"],
    [shown(discussion([...done, round(3, "done")])), "apart"],
    [shown(discussion(done, [coding(null)])), "code"],
    [shown(discussion(done, [coding(change("pending", "pending"))])), "review"],
    [shown(discussion(done, [coding(change("applied", "applied"))])), "over"],
    [shown(discussion(done, [coding(change("rejected", "rejected"))])), "apart"],
  ] as const;
  for (const [state, stage] of stages) {
    assert.equal(stageOf(state), stage);
  }
});

test("each hint's buttons do the next step", () => {
  const state = shown(discussion([round(1, "done"), round(2, "done")], [coding(change("pending", "pending"))]));
  const given = (stage: Parameters<typeof hintAt>[0]): unknown =>
    hintAt(stage, script, state)?.buttons.map((one) => [one.command, one.given]);
  assert.deepEqual(given("second"), [["moa-lsp.ask", { message: "Two." }]]);
  assert.deepEqual(given("code"), [["moa-lsp.ask", { message: "/code Go." }]]);
  assert.deepEqual(given("review"), [
    ["moa-lsp.review", { change: "c" }],
    ["moa-lsp.applyHunks", { change: "c" }],
  ]);
  assert.deepEqual(given("first"), [], "what to press, and nothing to click");
  assert.equal(hintAt("apart", script, NOTHING), null);
});
