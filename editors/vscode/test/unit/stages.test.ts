// A round in stages: what is known of it while it runs, and what the panel shows of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { after, shown, type DiscussionState } from "../../src/discussion/state.ts";
import { voices } from "../../src/discussion/colours.ts";
import type { StageBlock, TurnBlock } from "../../src/panel/messages.ts";
import type { Around } from "../../src/panel/notice.ts";
import { made, patchOf } from "../../src/panel/view.ts";
import type { Architect, MoaEvent, Turn } from "../../src/wire.ts";
import { aChange, aDiscussion, aRound, aTurn } from "./samples.ts";

const AROUND: Around = { server: { kind: "running", version: "1" }, folders: 1, nobody: false, presets: [] };
const ARCHITECTS: readonly Architect[] = [
  { name: "alpha", model: "openai/gpt", dropped: false },
  { name: "bravo", model: "anthropic/claude", dropped: false },
  { name: "aggregator", model: "openai/gpt", seat: "aggregator", dropped: false },
];
const PANEL = aDiscussion({ id: "d", architects: ARCHITECTS, preset: "panel", shape: "(alpha ∥ bravo) → aggregator", rounds: [] });

const begun = (step: number, stage: string, architects: readonly string[], parallel: boolean): MoaEvent => ({
  ...{ kind: "stageStarted", discussion: "d", step, stage, architects, parallel },
});
const started = (architect: string, step: number, stage: string): MoaEvent => ({ kind: "turnStarted", discussion: "d", architect, step, stage });
const delta = (architect: string, text: string): MoaEvent => ({ kind: "turnDelta", discussion: "d", architect, text });
const finished = (turn: Turn): MoaEvent => ({ kind: "turnFinished", discussion: "d", turn });

function play(state: DiscussionState, ...events: readonly MoaEvent[]): DiscussionState {
  return events.reduce((one, event) => after(one, event, 5), state);
}

const SIDE_BY_SIDE: readonly MoaEvent[] = [
  { kind: "roundStarted", discussion: "d", number: 1, message: "Why?", preset: "panel" },
  begun(1, "proposals", ["alpha", "bravo"], true),
  started("alpha", 1, "proposals"),
  started("bravo", 1, "proposals"),
  delta("alpha", "One "),
  delta("bravo", "Eins "),
  delta("alpha", "two."),
  delta("bravo", "zwei."),
];

function blocks(state: DiscussionState) {
  return made(state, AROUND, null).view.blocks;
}

function stages(state: DiscussionState): readonly StageBlock[] {
  return blocks(state).filter((block) => block.kind === "stage");
}

function turns(state: DiscussionState): readonly TurnBlock[] {
  return blocks(state).filter((block): block is TurnBlock => block.kind === "turn");
}

describe("architects who speak side by side", () => {
  it("each grow in their own turn", () => {
    const state = play(shown(PANEL), ...SIDE_BY_SIDE);
    assert.deepEqual(
      state.discussion?.rounds?.[0]?.turns.map(({ architect, text, parallel, stage, step }) => [architect, text, parallel, stage, step]),
      [
        ["alpha", "One two.", true, "proposals", 1],
        ["bravo", "Eins zwei.", true, "proposals", 1],
      ],
    );
    assert.equal(state.discussion.rounds[0].preset, "panel");
  });

  it("stand in the stage that told of them, also before they begin", () => {
    const waiting = play(shown(PANEL), ...SIDE_BY_SIDE.slice(0, 3));
    const [stage] = stages(waiting);
    assert.deepEqual(
      stage?.who.map(({ name, status }) => [name, status]),
      [["alpha", "running"], ["bravo", "waiting"]],
    );
    assert.deepEqual([stage.name, stage.parallel, stage.columns, stage.folds], ["proposals", true, 2, false]);
    assert.deepEqual(turns(waiting).map((turn) => turn.within), [stage.key]);
  });

  it("end without touching each other", () => {
    const state = play(shown(PANEL), ...SIDE_BY_SIDE, finished(aTurn({ number: 1, architect: "alpha", step: 1, stage: "proposals", parallel: true, text: "Done." })), delta("bravo", " drei."));
    const [alpha, bravo] = state.discussion?.rounds?.[0]?.turns ?? [];
    assert.deepEqual([alpha?.status, alpha?.text], ["done", "Done."]);
    assert.deepEqual([bravo?.status, bravo?.text], ["running", "Eins zwei. drei."]);
    assert.deepEqual([...state.activities.keys()], ["bravo"]);
  });

  it("stay where they were once the round has ended", () => {
    const running = play(shown(PANEL), ...SIDE_BY_SIDE);
    const ended = (architect: string, number: number): Turn =>
      aTurn({ architect, number, step: 1, stage: "proposals", parallel: true });
    const round = aRound({ discussion: "d", preset: "panel", turns: [ended("alpha", 1), ended("bravo", 2)] });
    const over = play(running, { kind: "roundFinished", discussion: "d", round });
    assert.deepEqual(over.stages, []);
    assert.deepEqual(blocks(over).map((block) => block.key), blocks(running).map((block) => block.key));
    assert.deepEqual(turns(over).map((turn) => turn.within), ["d/1/stage-1", "d/1/stage-1"]);
    assert.equal(stages(over)[0]?.parallel, true);
  });

  it("are told of by words while they grow, not drawn anew", () => {
    const before = made(play(shown(PANEL), ...SIDE_BY_SIDE.slice(0, 6)), AROUND, null);
    const next = made(play(shown(PANEL), ...SIDE_BY_SIDE), AROUND, before);
    assert.deepEqual(patchOf(before.view, next.view), {
      grown: [{ key: "d/1/0", text: "two." }, { key: "d/1/1", text: "zwei." }],
    });
  });
});

describe("an architect with several turns in a round", () => {
  const [first, revision] = [
    aTurn({ number: 1, architect: "alpha", step: 1, stage: "proposals", parallel: true }),
    aTurn({ number: 3, architect: "alpha", step: 2, stage: "revision", parallel: true }),
  ];

  it("has a turn of its own in each stage, which is no retry", () => {
    const state = play(
      shown({ ...PANEL, rounds: [aRound({ discussion: "d", turns: [first] })] }),
      begun(2, "revision", ["alpha"], true),
      started("alpha", 2, "revision"),
      delta("alpha", "Now I see."),
    );
    const [before, now] = state.discussion?.rounds?.[0]?.turns ?? [];
    assert.equal(before, first);
    assert.deepEqual([now?.text, now?.retries], ["Now I see.", undefined]);
    assert.deepEqual(turns(state).map(({ within, onceMore }) => [within, onceMore]), [["d/1/stage-1", false], ["d/1/stage-2", false]]);
  });

  it("may keep the floor in one stage, which is no retry either", () => {
    const kept = shown({ ...PANEL, rounds: [aRound({ discussion: "d", turns: [aTurn({ number: 1, architect: "alpha" })] })] });
    const state = play(kept, { kind: "turnStarted", discussion: "d", architect: "alpha" });
    assert.equal(state.discussion?.rounds?.[0]?.turns[1]?.retries, undefined);
  });

  it("is asked once more in the stage in which it failed, beside what came after", () => {
    const failed = { ...first, status: "failed" as const, error: { kind: "x", message: "No." } };
    const answer = aTurn({ number: 2, architect: "aggregator", step: 2, stage: "answer" });
    const round = aRound({ discussion: "d", turns: [failed, answer] });
    const state = play(shown({ ...PANEL, rounds: [round] }), started("alpha", 1, "proposals"), delta("alpha", "Better."));
    const again = state.discussion?.rounds?.[0]?.turns[2];
    assert.deepEqual([again?.retries, again?.parallel, again?.text], [1, true, "Better."]);
    const shownTurns = turns(state).map(({ key, within, onceMore, drop }) => [key, within, onceMore, drop]);
    assert.deepEqual(shownTurns, [
      ["d/1/0", "d/1/stage-1", false, false],
      ["d/1/2", "d/1/stage-1", true, false],
      ["d/1/1", "d/1/stage-2", false, false],
    ]);
  });

  it("is offered a retry of its last word alone", () => {
    const state = shown({
      ...PANEL,
      rounds: [aRound({ discussion: "d", turns: [{ ...first, status: "failed" }, revision] })],
    });
    assert.deepEqual(turns(state).map((turn) => turn.retry), [false, false]);
  });
});

describe("an answer for all", () => {
  const proposal = aTurn({ number: 1, architect: "alpha", step: 1, stage: "proposals", parallel: true, change: aChange({}) });
  const failed = aTurn({ number: 2, architect: "bravo", step: 1, stage: "proposals", parallel: true, status: "failed" });
  const answer = aTurn({ number: 3, architect: "aggregator", step: 2, stage: "answer" });
  const of = (...turns: readonly Turn[]) => shown({ ...PANEL, rounds: [aRound({ discussion: "d", turns })] });

  it("has what it answers for folded, with what that held", () => {
    const [proposals, last] = stages(of(proposal, failed, answer));
    assert.deepEqual([proposals?.folds, proposals?.answer], [true, false]);
    assert.equal(proposals?.summary, "1 answer · 1 without an answer · 2 hunks to review");
    assert.deepEqual([last?.folds, last?.answer], [false, true]);
    assert.deepEqual(turns(of(proposal, failed, answer)).map((turn) => turn.answer), [false, false, true]);
  });

  it("that failed or is still being given folds nothing", () => {
    for (const status of ["running", "failed", "cancelled"] as const) {
      assert.equal(stages(of(proposal, failed, { ...answer, status }))[0]?.folds, false, status);
    }
  });

  it("is known by its name where the discussion has no such seat", () => {
    const state = shown({ ...PANEL, architects: ARCHITECTS.slice(0, 1), rounds: [aRound({ discussion: "d", turns: [proposal, answer] })] });
    assert.equal(stages(state)[1]?.answer, true);
  });
});

describe("notes", () => {
  const noted: MoaEvent = { kind: "roundNoted", discussion: "d", text: "bravo wasn't asked: it is about src/**.", architect: "bravo" };

  it("stand at the round's end as they come, and are read out", () => {
    const before = made(play(shown(PANEL), ...SIDE_BY_SIDE), AROUND, null);
    const next = made(play(shown(PANEL), ...SIDE_BY_SIDE, noted), AROUND, before);
    const last = next.view.blocks.at(-1);
    assert.deepEqual(last?.kind === "notes" && last.notes, ["bravo wasn't asked: it is about src/**."]);
    assert.deepEqual(patchOf(before.view, next.view)?.said, ["bravo wasn't asked: it is about src/**."]);
  });

  it("take who isn't asked out of the stage that named it", () => {
    const begin = [...SIDE_BY_SIDE.slice(0, 3), noted];
    const [stage] = stages(play(shown(PANEL), ...begin));
    assert.deepEqual([stage?.who.map(({ name }) => name), stage?.columns, stage?.parallel], [["alpha"], 1, false]);
    const later = stages(play(shown(PANEL), ...begin, begun(2, "revision", ["alpha", "bravo"], true), started("bravo", 2, "revision")))[1];
    assert.deepEqual(later?.who.map(({ name }) => name), ["alpha", "bravo"], "until it is asked after all");
  });

  it("stand behind a plain round, too", () => {
    const notes = ["It ended: the money was spent."];
    const state = shown({ ...PANEL, rounds: [aRound({ discussion: "d", turns: [aTurn({})], notes })] });
    assert.deepEqual(blocks(state).map((block) => block.kind), ["asked", "turn", "notes"]);
  });
});

describe("a plain round", () => {
  it("has no stages, and doesn't say by what it was asked", () => {
    const state = shown({ ...PANEL, rounds: [aRound({ discussion: "d", preset: "default", turns: [aTurn({ step: 1, stage: "", parallel: false })] })] });
    assert.deepEqual(blocks(state).map((block) => block.kind), ["asked", "turn"]);
    const [asked] = blocks(state);
    assert.equal(asked?.kind === "asked" && asked.preset, null);
  });

  it("that was asked by another preset says so", () => {
    const [asked] = blocks(shown({ ...PANEL, rounds: [aRound({ discussion: "d", preset: "solo", turns: [] })] }));
    assert.equal(asked?.kind === "asked" && asked.preset, "solo");
  });
});

describe("somebody whom the discussion doesn't know", () => {
  const rounds = [aRound({ discussion: "d", turns: [aTurn({ architect: "zulu" }), aTurn({ architect: "yankee" }), aTurn({ architect: "zulu" })] })];

  it("has a colour behind those whom it knows", () => {
    assert.deepEqual(voices({ ...PANEL, rounds }).map((one) => one.name), ["alpha", "bravo", "aggregator", "zulu", "yankee"]);
    assert.deepEqual(turns(shown({ ...PANEL, rounds })).map((turn) => turn.colour), [3, 4, 3]);
  });

  it("speaks with a model that is told at its end", () => {
    const state = play(shown({ ...PANEL, rounds: [] }), { kind: "roundStarted", discussion: "d", number: 1, message: "x", preset: "solo" }, started("zulu", 1, ""));
    assert.deepEqual(turns(state).map(({ who, colour }) => [who, colour]), [["zulu", 3]]);
  });
});

describe("a chip", () => {
  it("has the role's name, and the seat of who isn't there to propose", () => {
    const architects: readonly Architect[] = [
      { name: "alpha", model: "m", role: "security", paths: ["src/**"], dropped: false },
      ...ARCHITECTS.slice(1),
    ];
    const { chips } = made(shown({ ...PANEL, architects }), AROUND, null).view;
    assert.deepEqual(chips.map(({ role, seat }) => [role, seat]), [["security", null], [null, null], [null, "aggregator"]]);
    assert.match(chips[0]?.tip ?? "", /src\/\*\*/);
  });
});
