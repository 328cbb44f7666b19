// Where the architects differ: in signs and words, as a matrix, on the proposals it is about, and in the code.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filterWords, NO_FILTER, passes } from "../../src/discussion/filter.ts";
import { askAgain, hunksOf, regionWith, stanceWords, standWords } from "../../src/discussion/stands.ts";
import { after, shown, type DiscussionState } from "../../src/discussion/state.ts";
import { boardOf } from "../../src/panel/board.ts";
import { changeCard } from "../../src/panel/card.ts";
import type { TurnBlock } from "../../src/panel/messages.ts";
import { made, patchOf } from "../../src/panel/view.ts";
import { inlineWords, reviewWords, spotsOf } from "../../src/review/hunks.ts";
import type { HunkView, Region, Stance, Turn } from "../../src/wire.ts";
import { aChange, aCoding, aDisagreement, aDiscussion, aHunk, anAlternative, aPlan, aRegion, aRound, aTurn, aUsage } from "./samples.ts";

const AROUND = { server: { kind: "running", version: "1" }, folders: 1, nobody: false, presets: [] } as const;
const OBJECTS: HunkView = { architect: "bravo", kind: "object", reason: "it hides KeyError", round: 1, turn: 2 };
const CHANGE = aChange();

function stateWith(...regions: readonly Region[]): DiscussionState {
  return { ...shown(aDiscussion({ rounds: [aRound({ turns: [aTurn({ change: CHANGE })] })] })), disagreement: aDisagreement(...regions) };
}

function turns(state: DiscussionState): readonly TurnBlock[] {
  return made(state, AROUND, null).view.blocks.filter((block): block is TurnBlock => block.kind === "turn" || block.kind === "coding");
}

describe("words", () => {
  it("say who thinks what of which part, and why", () => {
    assert.equal(stanceWords(OBJECTS, "step 2"), "bravo objects to step 2: it hides KeyError");
    assert.equal(stanceWords({ kind: "support", architect: "bravo", reason: "" }), "bravo supports");
    assert.equal(stanceWords({ kind: "amend", architect: "bravo", reason: "keep the name" }, "edit 1"), "bravo amends edit 1: keep the name");
  });

  it("say how a hunk stands, a decision before all else", () => {
    assert.match(standWords({ stand: "contested" }), /^contested/);
    assert.match(standWords({ stand: "settled", settled: "taken" }), /you took it/);
    assert.match(standWords({ settled: "against" }), /against it/);
    assert.equal(standWords({}), "");
  });

  it("stand at a line's end: whose, and who is against the only one", () => {
    const alpha = aHunk({ stand: "contested" });
    const bravo = aHunk({ id: "b", stand: "contested", sources: ["bravo"] });
    assert.equal(inlineWords([alpha, bravo]), "◆ alpha or bravo");
    assert.equal(inlineWords([aHunk({ stand: "contested", views: [OBJECTS] })]), "◆ alpha, bravo objects");
    assert.equal(inlineWords([aHunk({ stand: "agreed", sources: ["alpha", "bravo"] })]), "≡ alpha and bravo");
    assert.equal(inlineWords([aHunk({ stand: "alone" })]), "◇ alpha");
    assert.equal(inlineWords([aHunk({ stand: "settled", settled: "taken" })]), "◈ alpha's, taken");
  });

  it("stand above a hunk in a review", () => {
    assert.equal(reviewWords(aHunk({ stand: "contested", views: [OBJECTS] }), "alpha"), "contested: bravo objects");
    assert.equal(reviewWords(aHunk({ stand: "agreed", sources: ["alpha", "bravo"] }), "alpha"), "agreed: bravo, too");
  });

  it("ask for another round on what they differ on", () => {
    assert.match(askAgain(aRegion()), /alpha and bravo want different text/);
    const objection = aRegion({ alternatives: [anAlternative()], views: [{ ...OBJECTS, alternative: 0 }] });
    assert.match(askAgain(objection), /^bravo would have these lines otherwise/);
  });
});

describe("a region", () => {
  it("is found by any of its hunks", () => {
    const region = aRegion();
    assert.deepEqual(hunksOf(region), ["h1", "b1"]);
    assert.equal(regionWith(aDisagreement(region), ["x", "b1"]), region);
    assert.equal(regionWith(aDisagreement(region), ["x"]), undefined);
    assert.equal(regionWith(null, ["b1"]), undefined);
  });
});

describe("twins in two changes", () => {
  it("are one spot, that knows both ids and the newest view of each", () => {
    const one = aHunk({ views: [OBJECTS] });
    const twin = aHunk({ id: "t", sources: ["charlie"], views: [{ ...OBJECTS, kind: "support" }] });
    const file = CHANGE.files[0];
    assert.ok(file);
    const [spot, ...more] = spotsOf([aChange({ files: [{ ...file, hunks: [one] }] }), aChange({ id: "c2", files: [{ ...file, hunks: [twin] }] })], "pending");
    assert.equal(more.length, 0);
    assert.deepEqual(spot?.twins, ["t"]);
    assert.deepEqual(spot.hunk.sources, ["alpha", "charlie"]);
    assert.deepEqual(spot.hunk.views?.map((view) => view.kind), ["support"]);
  });
});

describe("the filter", () => {
  const hunk = { stand: "alone", sources: ["alpha"], views: [{ architect: "bravo", kind: "support" }] } as const;

  it("lets through what it is about", () => {
    assert.ok(passes(NO_FILTER, hunk));
    assert.ok(!passes({ onlyContested: true, architect: null }, hunk));
    assert.ok(passes({ onlyContested: true, architect: "alpha" }, { ...hunk, stand: "contested" }));
    // Who says something of it has to do with it.
    assert.ok(passes({ onlyContested: false, architect: "bravo" }, hunk));
    assert.ok(!passes({ onlyContested: false, architect: "charlie" }, hunk));
  });

  it("is said", () => {
    const said = [NO_FILTER, { onlyContested: true, architect: null }, { onlyContested: false, architect: "alpha" }].map(filterWords);
    assert.equal(new Set(said).size, 3);
  });
});

describe("the matrix", () => {
  const region = aRegion({
    alternatives: [
      anAlternative({ supporters: ["charlie"], reason: "smallest" }),
      anAlternative({ architects: ["bravo"], hunks: [{ change: "c2", hunk: "b1" }], settled: "against" }),
    ],
    views: [{ architect: "bravo", kind: "object", reason: "it hides KeyError", alternative: 0 }],
  });

  it("has a row for each region, and a cell for each architect with its signs", () => {
    const [row] = boardOf(stateWith(region))?.rows ?? [];
    assert.deepEqual(row?.cells.map((cell) => cell.sign), ["●1", "●2 !1", "+1"]);
    assert.match(row.cells[1]?.words ?? "", /bravo proposes[^]*bravo objects to alpha's: it hides KeyError/);
    assert.equal(row.place, "my api.py:12");
    assert.deepEqual(row.at, { change: "c", hunk: "h1" });
  });

  it("says of each alternative whose it is, why, and who is for or against it", () => {
    const [row] = boardOf(stateWith(region))?.rows ?? [];
    const [first, second] = row?.choices ?? [];
    assert.deepEqual(first?.reasons, ["smallest", "+ charlie supports it", "! bravo objects: it hides KeyError"]);
    assert.deepEqual([first.take, first.hunks], ["Take alpha's", ["h1"]]);
    assert.match(second?.reasons[0] ?? "", /decided against/);
  });

  it("counts no alternatives where there is one", () => {
    const agreed = aRegion({ stand: "agreed", alternatives: [anAlternative({ architects: ["alpha", "bravo"] })] });
    const [row] = boardOf(stateWith(agreed))?.rows ?? [];
    assert.deepEqual(row?.cells.map((cell) => cell.sign), ["●", "●", ""]);
  });

  it("leaves out what is filtered, and says how much", () => {
    const state = stateWith(region, aRegion({ id: "h2", stand: "alone", alternatives: [anAlternative({ hunks: [{ change: "c", hunk: "h2" }] })] }));
    const board = boardOf({ ...state, filter: { onlyContested: true, architect: null } });
    assert.deepEqual([board?.rows.map((row) => row.id), board?.leftOut], [["h1"], 1]);
  });

  it("isn't there where there is nothing in it, but stays while something is filtered", () => {
    const empty = stateWith();
    assert.equal(boardOf(empty), null);
    assert.ok(boardOf({ ...empty, filter: { onlyContested: true, architect: null } }));
    assert.equal(boardOf({ ...empty, plan: aPlan({ free: true }) })?.free, true);
  });

  it("is told where it moved, and what moved is said", () => {
    const before = made(stateWith(region), AROUND, null);
    const settled = after(stateWith(region), { kind: "disagreementUpdated", disagreement: aDisagreement() }, 1);
    const patch = patchOf(before.view, made(settled, AROUND, before).view);
    assert.ok(patch);
    assert.equal(patch.board, null);
    assert.deepEqual(patch.said, ["Nothing is contested any more."]);
    assert.equal(patch.blocks, undefined, "no turn is drawn again for it");
  });
});

describe("stances", () => {
  const stance = (given: Partial<Stance>): Stance => ({ kind: "support", architect: "alpha", target: "", reason: "", change: "c", hunks: [], ...given });
  const proposed = aTurn({ number: 1, proposal: "Do it", change: CHANGE });
  const state = (...others: readonly Turn[]): DiscussionState =>
    shown(aDiscussion({ rounds: [aRound({ turns: [proposed, ...others] })] }));

  it("stand on the proposal that they are about, and below the words of who said them", () => {
    const bravo = aTurn({ number: 2, architect: "bravo", stances: [stance({ kind: "object", target: "2", reason: "no" })] });
    const [alpha, other] = turns(state(bravo));
    assert.deepEqual(alpha?.heard.map((row) => [row.kind, row.words]), [["object", "bravo objects to step 2: no"]]);
    assert.deepEqual(other?.said.map((row) => row.words), ["bravo objects to alpha's step 2: no"]);
    assert.deepEqual(other.heard, []);
  });

  it("are the newest of each on the same part, also where only words are meant", () => {
    const first = aTurn({ number: 2, architect: "bravo", stances: [stance({ change: null, kind: "object" })] });
    const second = aTurn({ number: 3, architect: "bravo", stances: [stance({ change: null, reason: "yes" }), stance({ architect: "nobody", change: null })] });
    const [alpha] = turns(state(first, second));
    assert.deepEqual(alpha?.heard.map((row) => row.words), ["bravo supports: yes"]);
  });

  it("draw the turn again that they are about, and no other", () => {
    const quiet = state(aTurn({ number: 2, architect: "charlie" }));
    const before = made(quiet, AROUND, null);
    const bravo = aTurn({ number: 3, architect: "bravo", stances: [stance({})] });
    const loud = state(aTurn({ number: 2, architect: "charlie" }), bravo);
    const patch = patchOf(before.view, made(loud, AROUND, before).view);
    assert.deepEqual(patch?.blocks?.map((block) => block.key), ["d/1/0", "d/1/2"]);
  });

  it("tell quietly what was given up for another's", () => {
    const bravo = aTurn({ number: 2, architect: "bravo", gaveUp: [{ to: "alpha", change: "c", hunks: ["h1"] }] });
    assert.deepEqual(turns(state(bravo))[1]?.notes, ["Gave up its edit of my api.py:12 for alpha's, which it had seen."]);
  });

  it("stand at the hunk, too", () => {
    const change = aChange({ files: [{ uri: "file:///w/a.py", kind: "edit", version: 1, hunks: [aHunk({ stand: "contested", views: [OBJECTS] })] }] });
    const [row] = changeCard(change).hunks;
    assert.equal(row?.stand, "contested");
    assert.deepEqual(row.views, ["bravo objects: it hides KeyError"]);
    assert.deepEqual(row.involved, ["alpha", "bravo"]);
  });
});

describe("questions", () => {
  it("stand in the turn that asks, with what answers them, and are read out", () => {
    const question = { number: 1, text: "Keep the name?", choices: ["Yes", "No"], answer: null };
    const quiet = shown(aDiscussion({ rounds: [aRound({ number: 3, turns: [aTurn({ number: 2 })] })] }));
    const asks = shown(aDiscussion({ rounds: [aRound({ number: 3, turns: [aTurn({ number: 2, questions: [question] })] })] }));
    assert.deepEqual(turns(asks)[0]?.questions, [{ round: 3, turn: 2, ...question }]);
    const before = made(quiet, AROUND, null);
    assert.deepEqual(patchOf(before.view, made(asks, AROUND, before).view)?.said, ["alpha asks: Keep the name?"]);
  });
});

describe("a /code that asked nobody", () => {
  it("says so, and that it cost nothing", () => {
    const usage = aUsage({ inputTokens: 0, outputTokens: 0, costUsd: 0, knownCostUsd: 0 });
    const coding = aCoding({ model: "", composed: true, usage, seconds: 0 });
    const [block] = turns(shown(aDiscussion({ codings: [coding] })));
    assert.deepEqual([block?.model, block?.figures, block?.told], ["put together without a model", "0 ¢", null]);
  });
});
