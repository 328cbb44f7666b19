import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOTHING, shown, type Activity, type DiscussionState } from "../../src/discussion/state.ts";
import { Crashes } from "../../src/server/restarts.ts";
import { sentSettings } from "../../src/server/sent-settings.ts";
import { statusOf } from "../../src/server/status-words.ts";
import { keyVariables, wrongWithVariable } from "../../src/server/variables.ts";
import type { Change, Discussion, Hunk, Turn, Usage } from "../../src/wire.ts";

describe("what the server is sent of the settings", () => {
  it("holds what somebody set and nothing else, at every depth", () => {
    const section = {
      architects: ["replay:demo", { model: "openai/x", role: null, headers: {} }],
      editor: null,
      repair: false,
      preset: "",
      recordTo: "",
      presets: { cheap: { editor: undefined, architects: ["a/b"] } },
      server: { path: "/secret/place" },
      saveAfterApply: true,
    };
    assert.deepEqual(sentSettings(section), {
      architects: ["replay:demo", { model: "openai/x", headers: {} }],
      repair: false,
      presets: { cheap: { architects: ["a/b"] } },
    });
  });

  it("is nothing where everything is as the manifest has it", () => {
    assert.deepEqual(sentSettings({ architects: [], editor: null, preset: "", repair: null, server: {} }), {});
    assert.deepEqual(sentSettings(undefined), {});
  });
});

describe("a server that ends by itself", () => {
  it("is started again four times in three minutes, and then no more", () => {
    const crashes = new Crashes();
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((second) => crashes.startAgain(second * 1000)),
      [true, true, true, true, false],
    );
  });

  it("is started again for ever where that happens seldom, and anew after somebody said so", () => {
    const seldom = new Crashes();
    assert.ok([...Array(20).keys()].every((minute) => seldom.startAgain(minute * 60_000)));
    const forgotten = new Crashes();
    [0, 1, 2, 3, 4].forEach((time) => forgotten.startAgain(time));
    forgotten.forget();
    assert.ok(forgotten.startAgain(5));
  });
});

describe("a key's variable", () => {
  it("is never a key that was pasted in its place", () => {
    assert.equal(wrongWithVariable("OPENAI_API_KEY"), null);
    for (const text of ["", "sk-abcdef", "AKIAIOSFODNN7EXAMPLE2", "1KEY", "OUR KEY", "Key"]) {
      assert.ok(wrongWithVariable(text), text);
    }
  });

  it("is offered once, as the server's models name it, else from a short list", () => {
    const row = { model: "a/b", provider: "acme", ready: false };
    assert.deepEqual(
      keyVariables([
        { ...row, keyVariable: "ACME_KEY" },
        { ...row, keyVariable: "ACME_KEY" },
        { ...row, keyVariable: null },
      ]),
      [{ name: "ACME_KEY", provider: "acme" }],
    );
    assert.ok(keyVariables([]).some((one) => one.name === "ANTHROPIC_API_KEY"));
  });
});

const USAGE: Usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costUsd: null, knownCostUsd: 0.032 };
const RUNNING = { kind: "running", version: "0.1.0" } as const;

function hunk(id: string, line: number, status: Hunk["status"] = "pending"): Hunk {
  const range = { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
  return { id, range, newText: "new\n", status, sources: ["alpha"] };
}

function change(id: string, hunks: readonly Hunk[]): Change {
  const files = [{ uri: "file:///a.py", kind: "edit", version: 1, hunks }] as const;
  return { id, discussion: "d", source: "alpha", title: "t", status: "pending", files, diff: "", problems: [] };
}

function turn(architect: string, proposed: Change | null): Turn {
  return { architect, model: "m", status: "done", text: "", proposal: null, change: proposed, usage: USAGE, seconds: 1 };
}

function discussion(turns: readonly Turn[], coded: Change | null = null): Discussion {
  const round = { discussion: "d", number: 1, message: "m", turns, usage: USAGE, seconds: 1 };
  const coding = { ...turn("", coded), discussion: "d", number: 1, afterRound: 1, message: "go", model: "m" };
  return { id: "d", title: "Errors", created: "", architects: [], usage: USAGE, rounds: [round], codings: coded ? [coding] : [] };
}

function atWork(activities: Readonly<Record<string, Partial<Activity>>>): DiscussionState {
  const idle: Activity = { since: 0, waiting: null, edits: [], repairing: 0 };
  const all = Object.entries(activities).map(([who, activity]) => [who, { ...idle, ...activity }] as const);
  return { ...shown(discussion([turn("charlie", null)])), running: true, activities: new Map(all) };
}

describe("the status bar", () => {
  it("shows a lock where the workspace isn't trusted, and the words of a failure", () => {
    assert.match(statusOf({ kind: "restricted" }, NOTHING).text, /lock/);
    const failed = statusOf({ kind: "failed", words: "There is no server.", remedies: [] }, NOTHING);
    assert.deepEqual([failed.words, failed.warns], ["There is no server.", true]);
  });

  it("names who speaks, and what it cost, at least", () => {
    assert.equal(statusOf(RUNNING, atWork({ bravo: {} })).text, "● bravo · ≥ 3.2 ¢");
  });

  it("says who waits and why, unless somebody else is at work", () => {
    const waiting = { seconds: 4, reason: "the provider asked for patience" };
    const alone = statusOf(RUNNING, atWork({ bravo: { waiting } }));
    assert.match(alone.text, /^◌ bravo waits/);
    assert.match(alone.words, /asked for patience/);
    assert.match(statusOf(RUNNING, atWork({ bravo: { waiting }, alpha: {} })).text, /^● alpha ·/);
  });

  it("draws no icon that a name asks for", () => {
    assert.ok(!statusOf(RUNNING, atWork({ "$(error)": {} })).text.includes("$(error)"));
  });

  it("counts the hunks that wait, as many as are marked in the code", () => {
    const proposals = [turn("alpha", change("1", [hunk("a", 3), hunk("b", 9)])), turn("bravo", change("2", [hunk("c", 3)]))];
    assert.match(statusOf(RUNNING, shown(discussion(proposals))).text, /2 hunks/);
    const coded = change("3", [hunk("d", 4), hunk("e", 5, "applied")]);
    assert.match(statusOf(RUNNING, shown(discussion(proposals, coded))).text, /3 hunks/);
    const settled = [turn("alpha", change("1", [hunk("a", 3, "rejected")]))];
    assert.match(statusOf(RUNNING, shown(discussion(settled, change("3", [hunk("d", 3, "applied")])))).text, /moa/);
  });
});
