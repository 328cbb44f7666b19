// The reducer: what is known of a discussion after each event.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { after, EDITOR, NOTHING, pendingHunks, refused, shown, spent, withChange, withPlan } from "../../src/discussion/state.ts";
import type { DiscussionState } from "../../src/discussion/state.ts";
import type { Discussion, MoaEvent, Turn, Usage } from "../../src/wire.ts";
import { aChange, aCoding, aDisagreement, aDiscussion, aPlan, aRegion, aRound, aTurn, aUsage } from "./samples.ts";

const NOW = 1_000;

function play(state: DiscussionState, ...events: readonly MoaEvent[]): DiscussionState {
  return events.reduce((one, event) => after(one, event, NOW), state);
}

const BEGUN = shown(aDiscussion({ id: "d", rounds: [], codings: [] }));
const ROUND: readonly MoaEvent[] = [
  { discussion: "d", kind: "roundStarted", number: 1, message: "Hello" },
  { discussion: "d", kind: "turnStarted", architect: "alpha" },
  { discussion: "d", kind: "turnDelta", architect: "alpha", text: "One " },
  { discussion: "d", kind: "turnDelta", architect: "alpha", text: "two." },
];

describe("a round", () => {
  it("grows as it is told", () => {
    const state = play(BEGUN, ...ROUND);
    assert.equal(state.running, true);
    const [turn] = state.discussion?.rounds?.[0]?.turns ?? [];
    assert.equal(turn?.text, "One two.");
    assert.equal(turn.status, "running");
    assert.equal(turn.model, "openai/gpt");
    assert.equal(state.activities.get("alpha")?.since, NOW);
  });

  it("ends with what the server says of it", () => {
    const turn = aTurn({ architect: "alpha", text: "One two.", change: aChange({ id: "c", discussion: "d" }) });
    const told = play(BEGUN, ...ROUND, { discussion: "d", kind: "turnFinished", turn });
    assert.equal(told.activities.size, 0);
    assert.equal(told.changes.get("c")?.source, "alpha");
    assert.equal(told.running, true);
    const round = aRound({ discussion: "d", number: 1, turns: [turn], files: ["a.py"] });
    const ended = play(told, { discussion: "d", kind: "roundFinished", round });
    assert.equal(ended.running, false);
    assert.deepEqual(ended.discussion?.rounds, [round]);
  });

  it("takes an architect's second try beside the first", () => {
    const failed = aTurn({ number: 3, architect: "alpha", status: "failed" });
    const state = play(
      shown(aDiscussion({ id: "d", rounds: [aRound({ discussion: "d", turns: [failed] })] })),
      { discussion: "d", kind: "turnStarted", architect: "alpha" },
      { discussion: "d", kind: "turnDelta", architect: "alpha", text: "again" },
    );
    assert.deepEqual(
      state.discussion?.rounds?.[0]?.turns.map((turn) => [turn.status, turn.text]),
      [["failed", ""], ["running", "again"]].map(([status, text], index) => [status, index === 0 ? failed.text : text]),
    );
    assert.equal(state.discussion.rounds[0].turns[1]?.retries, 3);
    assert.equal(state.running, true);
  });

  it("tells what is waited for until words arrive", () => {
    const waits = play(BEGUN, ...ROUND, { discussion: "d", kind: "turnWaiting", architect: "alpha", seconds: 3, reason: "busy" });
    assert.deepEqual(waits.activities.get("alpha")?.waiting, { seconds: 3, reason: "busy" });
    const goesOn = play(waits, { discussion: "d", kind: "turnDelta", architect: "alpha", text: "!" });
    assert.equal(goesOn.activities.get("alpha")?.waiting, null);
  });

  it("counts the edits that were read, and those asked for once more", () => {
    const state = play(
      BEGUN,
      ...ROUND,
      { discussion: "d", kind: "editRead", architect: "alpha", path: "a.py", edit: "edit", fits: false, problem: "no" },
      { discussion: "d", kind: "repairStarted", architect: "alpha", problems: [{ message: "no" }] },
    );
    assert.equal(state.activities.get("alpha")?.edits[0]?.path, "a.py");
    assert.equal(state.activities.get("alpha")?.repairing, 1);
    const repaired = play(state, {
      discussion: "d", kind: "repairFinished", architect: "alpha", placed: 1, left: 0, status: "done", usage: aUsage(),
    });
    assert.equal(repaired.activities.get("alpha")?.repairing, 0);
  });
});

describe("a /code", () => {
  it("grows and ends beside the rounds", () => {
    const begun = play(
      BEGUN,
      { discussion: "d", kind: "codeStarted", message: "Go", model: "openai/gpt" },
      { discussion: "d", kind: "codeDelta", text: "a.py" },
    );
    assert.equal(begun.running, true);
    assert.equal(begun.discussion?.codings?.[0]?.text, "a.py");
    assert.ok(begun.activities.has(EDITOR));
    const coding = aCoding({ discussion: "d", change: aChange({ id: "c", discussion: "d", source: EDITOR }) });
    const ended = play(begun, { discussion: "d", kind: "codeFinished", coding });
    assert.equal(ended.running, false);
    assert.deepEqual(ended.discussion?.codings, [coding]);
    assert.ok(ended.changes.has("c"));
  });

  it("stands behind the last round, numbered on", () => {
    const state = play(
      shown(aDiscussion({ id: "d", rounds: [aRound({ number: 4 })], codings: [aCoding({ number: 2 })] })),
      { discussion: "d", kind: "codeStarted", message: "Go", model: "m" },
    );
    const coding = state.discussion?.codings?.[1];
    assert.deepEqual([coding?.number, coding?.afterRound], [3, 4]);
  });
});

describe("events that aren't of this discussion", () => {
  it("change nothing", () => {
    const state = play(BEGUN, ...ROUND);
    for (const event of ROUND) {
      assert.equal(after(state, { ...event, discussion: "other" } as MoaEvent, NOW), state);
      assert.equal(after(NOTHING, event, NOW), NOTHING);
    }
  });

  it("a title that moves keeps the rounds", () => {
    const bare = { ...aDiscussion({ id: "d", title: "Other" }) } as { rounds?: unknown; codings?: unknown } & Discussion;
    delete bare.rounds;
    delete bare.codings;
    const state = play(BEGUN, ...ROUND, { kind: "discussionUpdated", discussion: bare });
    assert.equal(state.discussion?.title, "Other");
    assert.equal(state.discussion.rounds?.length, 1);
  });
});

describe("a change that moves", () => {
  const change = aChange({ id: "c", discussion: "d" });
  const rounds = [aRound({ number: 1 }), aRound({ number: 2, turns: [aTurn({ change })] })];
  const state = shown(aDiscussion({ id: "d", rounds, codings: [] }));

  it("is the same wherever it stands, and leaves other rounds as they were", () => {
    const applied = { ...change, status: "applied" as const };
    const next = play(state, { discussion: "d", kind: "changeUpdated", change: applied });
    assert.equal(next.changes.get("c"), applied);
    assert.equal(next.discussion?.rounds?.[1]?.turns[0]?.change, applied);
    assert.equal(next.discussion.rounds[0], rounds[0]);
  });

  it("of another discussion isn't taken in", () => {
    assert.equal(withChange(state, aChange({ id: "x", discussion: "other" })), state);
  });

  it("counts what waits and what was refused", () => {
    assert.equal(pendingHunks(change), 2);
    const pointedOut = aChange({ problems: [{ message: "no" }, { message: "look", notice: true }] });
    assert.deepEqual(refused(pointedOut).map((one) => one.message), ["no"]);
  });
});

describe("what was spent beside the runs", () => {
  const turn = aTurn({ usage: aUsage({ costUsd: 0.02, knownCostUsd: 0.02 }) });
  const costOf = (usage: Partial<Usage>, ...turns: readonly Turn[]) => {
    const state = shown(aDiscussion({ id: "d", usage: aUsage(usage), rounds: [aRound({ turns })] }));
    const { costUsd, knownCostUsd } = spent(state.discussion ?? aDiscussion(), state.beside);
    return [costUsd, knownCostUsd];
  };

  it("counts, as far as it is known", () => {
    assert.deepEqual(costOf({ costUsd: 0.05, knownCostUsd: 0.05 }, turn), [0.05, 0.05]);
    assert.deepEqual(costOf({ costUsd: 0.02, knownCostUsd: 0.02 }, turn), [0.02, 0.02]);
    assert.deepEqual(costOf({ costUsd: null, knownCostUsd: 0.02 }, turn), [null, 0.02]);
    assert.deepEqual(costOf({ costUsd: 0.01, knownCostUsd: 0.01 }), [0.01, 0.01], "before anybody was asked");
  });

  it("isn't lost by a round that runs", () => {
    const before = shown(aDiscussion({ id: "d", usage: aUsage({ costUsd: 0.03, knownCostUsd: 0.03 }), rounds: [aRound({ turns: [turn] })] }));
    const state = play(before, { discussion: "d", kind: "roundStarted", number: 2, message: "More" });
    assert.equal(state.beside, before.beside);
    assert.ok(Math.abs((state.beside.costUsd ?? 0) - 0.01) < 1e-9);
  });
});

describe("what was spent", () => {
  it("adds up what ended, and is only at least that where a part isn't known", () => {
    const known = aTurn({ usage: aUsage({ inputTokens: 100, costUsd: 0.01, knownCostUsd: 0.01 }) });
    const unknown = aTurn({ usage: aUsage({ inputTokens: null, costUsd: null, knownCostUsd: 0.002 }) });
    const running = aTurn({ status: "running", usage: aUsage({ costUsd: null }) });
    const of = (...turns: readonly Turn[]) =>
      spent(aDiscussion({ rounds: [aRound({ turns })], codings: [] }));
    assert.equal(of(known, known, running).costUsd, 0.02);
    assert.deepEqual([of(known, unknown).costUsd, of(known, unknown).knownCostUsd], [null, 0.012]);
    assert.equal(of(known, unknown).inputTokens, 100);
    assert.equal(of(unknown).inputTokens, null);
  });
});

describe("where they differ", () => {
  const disagreement = aDisagreement(aRegion());

  it("is what was told last, of this discussion alone", () => {
    const told = play(BEGUN, { kind: "disagreementUpdated", disagreement });
    assert.equal(told.disagreement, disagreement);
    const others = { ...aDisagreement(), discussion: "other" };
    assert.equal(play(told, { kind: "disagreementUpdated", disagreement: others }), told);
    assert.equal(withPlan(told, aPlan({ discussion: "other" })), told);
  });

  it("stays while its discussion is read anew, and goes with it", () => {
    const looked = { ...play(BEGUN, { kind: "disagreementUpdated", disagreement }), plan: aPlan(), filter: { onlyContested: true, architect: "alpha" } };
    const again = shown(aDiscussion({ title: "Again" }), looked);
    assert.deepEqual([again.disagreement, again.plan, again.filter], [looked.disagreement, looked.plan, looked.filter]);
    const other = shown(aDiscussion({ id: "other" }), looked);
    assert.deepEqual([other.disagreement, other.plan, other.filter], [null, null, NOTHING.filter]);
  });
});
