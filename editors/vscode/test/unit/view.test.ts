// What the panel shows, and what of it is told again when something moves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { after, NOTHING, shown, type DiscussionState } from "../../src/discussion/state.ts";
import { changeCard } from "../../src/panel/card.ts";
import type { TurnBlock } from "../../src/panel/messages.ts";
import type { Around } from "../../src/panel/notice.ts";
import { made, patchOf, shortModel } from "../../src/panel/view.ts";
import type { MoaEvent, Turn } from "../../src/wire.ts";
import { aChange, aCoding, aDiscussion, aHunk, aRound, aTurn, aUsage } from "./samples.ts";

const AROUND: Around = { server: { kind: "running", version: "1" }, folders: 1, nobody: false, presets: [] };

function viewOf(state: DiscussionState, around: Partial<Around> = {}) {
  return made(state, { ...AROUND, ...around }, null).view;
}

function turnIn(state: DiscussionState, index: number): TurnBlock {
  const block = viewOf(state).blocks[index];
  assert.ok(block?.kind === "turn" || block?.kind === "coding");
  return block;
}

describe("the blocks", () => {
  it("stand in the order in which things happened", () => {
    const rounds = [aRound({ number: 1, turns: [aTurn()] }), aRound({ number: 2, turns: [aTurn()] })];
    const codings = [aCoding({ number: 1, afterRound: 1 }), aCoding({ number: 2, afterRound: 2 }), aCoding({ number: 3, afterRound: 0 })];
    const { blocks } = viewOf(shown(aDiscussion({ rounds, codings })));
    assert.deepEqual(
      blocks.map((block) => block.key),
      ["d/code-3", "d/1", "d/1/0", "d/code-1", "d/2", "d/2/0", "d/code-2"],
    );
  });

  it("say who, with which model, how long, how much", () => {
    const block = turnIn(shown(aDiscussion({ rounds: [aRound({ turns: [aTurn({ architect: "bravo", model: "anthropic/claude-sonnet-4-5-20250929" })] })] })), 1);
    assert.equal(block.colour, 1);
    assert.equal(block.model, "sonnet-4-5");
    assert.equal(block.tip, "anthropic/claude-sonnet-4-5-20250929\nbreaks things");
    assert.equal(block.figures, "4.1 s · 1.1k tok · 1.0 ¢");
  });

  it("never say 0 for what isn't known", () => {
    const usage = aUsage({ inputTokens: null, outputTokens: null, costUsd: null, knownCostUsd: 0 });
    assert.equal(turnIn(shown(aDiscussion({ rounds: [aRound({ turns: [aTurn({ usage })] })] })), 1).figures, "4.1 s · –");
  });

  it("say that a turn is asked once more, and offer nothing any more at the one in whose place it is", () => {
    const failed = aTurn({ number: 1, architect: "alpha", status: "failed" });
    const again = aTurn({ number: 2, architect: "alpha", status: "failed", retries: 1 });
    const offers = (...turns: readonly Turn[]) => {
      const state = shown(aDiscussion({ rounds: [aRound({ turns })] }));
      return turns.map((_, index) => turnIn(state, index + 1)).map(({ onceMore, retry, drop }) => [onceMore, retry, drop]);
    };
    assert.deepEqual(offers(failed), [[false, true, true]]);
    assert.deepEqual(offers(failed, again), [[false, false, false], [true, true, true]]);
  });

  it("offer a retry only for an architect's last word in the last round, and not while something runs", () => {
    const failed = aTurn({ status: "failed", error: { kind: "x", message: "No key." } });
    const twice = aRound({ number: 2, turns: [failed, aTurn({ architect: "bravo", status: "cancelled" }), failed, aTurn({ architect: "alpha" })] });
    const state = shown(aDiscussion({ rounds: [aRound({ turns: [failed] }), twice] }));
    const retries = (one: DiscussionState) => viewOf(one).blocks.map((block) => block.kind === "turn" && block.retry);
    assert.deepEqual(retries(state), [false, false, false, false, true, false, false]);
    assert.deepEqual(retries({ ...state, running: true }).includes(true), false);
    assert.equal(turnIn(state, 1).error, "No key.");
  });

  it("of a dropped architect say so", () => {
    const architects = [{ name: "alpha", model: "m", dropped: true }];
    const state = shown(aDiscussion({ architects, rounds: [aRound({ turns: [aTurn()] })] }));
    assert.equal(turnIn(state, 1).dropped, true);
    assert.equal(viewOf(state).chips[0]?.dropped, true);
  });
});

describe("a card", () => {
  it("lists each hunk with its place, what it does and who agrees", () => {
    const [row] = changeCard(aChange({ files: [{ uri: "file:///w/src/my%20api.py", kind: "edit", version: 1, hunks: [aHunk({ sources: ["alpha", "bravo"], newText: "}\n  return 2\n", oldLines: 2, status: "applied" })] }] })).hunks;
    assert.deepEqual(
      [row?.number, row?.place, row?.path, row?.what, row?.added, row?.removed, row?.agreed],
      [1, "my api.py:12", "/w/src/my api.py:12", "return 2", 2, 2, ["bravo"]],
    );
  });

  it("says what becomes of whole files", () => {
    const none = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const rows = changeCard(
      aChange({
        files: [
          { uri: "file:///w/new.py", kind: "create", version: null, hunks: [aHunk({ range: none })] },
          { uri: "file:///w/old.py", kind: "delete", version: null, hunks: [aHunk({ newText: "" })] },
          { uri: "file:///w/a.py", newUri: "file:///w/b.py", kind: "rename", version: 1, hunks: [aHunk({ range: none, newText: "" }), aHunk()] },
        ],
      }),
    ).hunks;
    assert.deepEqual(rows.map((row) => [row.place, row.what]), [
      ["new.py", "new file"],
      ["old.py", "delete the file"],
      ["a.py", "rename to b.py"],
      ["a.py:12", "def f():"],
    ]);
  });

  it("shows the beginning of a line that has no end", () => {
    const hunks = [aHunk({ newText: "a".repeat(1_000_000) })];
    const [row] = changeCard(aChange({ files: [{ uri: "file:///a", kind: "edit", version: 1, hunks }] })).hunks;
    assert.ok(row && row.what.length <= 200);
  });

  it("counts how its hunks stand", () => {
    const hunks = (["pending", "applied", "rejected", "stale"] as const).map((status) => aHunk({ status }));
    const card = changeCard(aChange({ files: [{ uri: "file:///a", kind: "edit", version: 1, hunks }] }));
    assert.deepEqual([card.pending, card.applied, card.rejected], [1, 1, 1]);
    assert.match(card.hunks[3]?.statusWords ?? "", /lines .* have changed/);
  });
});

describe("what is told again", () => {
  const begun = shown(aDiscussion({ rounds: [aRound({ turns: [aTurn(), aTurn({ architect: "bravo" })] })] }));
  const delta = (text: string): MoaEvent => ({ discussion: "d", kind: "turnDelta", architect: "alpha", text });
  const running = [
    { discussion: "d", kind: "roundStarted", number: 2, message: "More" } as const,
    { discussion: "d", kind: "turnStarted", architect: "alpha" } as const,
    delta("One"),
  ].reduce((state: DiscussionState, event) => after(state, event, 5), begun);

  it("is nothing where nothing moved", () => {
    const before = made(running, AROUND, null);
    assert.equal(patchOf(before.view, made(running, AROUND, before).view), null);
  });

  it("is only the new words while text streams", () => {
    const before = made(running, AROUND, null);
    const next = made(after(running, delta(" two"), 6), AROUND, before);
    assert.deepEqual(patchOf(before.view, next.view), { grown: [{ key: "d/2/0", text: " two" }] });
    assert.equal(next.view.blocks[1], before.view.blocks[1]);
  });

  it("is the turn that ended, and a sentence about it", () => {
    const before = made(running, AROUND, null);
    const turn = aTurn({ change: aChange({}) });
    const patch = patchOf(before.view, made(after(running, { discussion: "d", kind: "turnFinished", turn }, 9), AROUND, before).view);
    assert.deepEqual(patch?.blocks?.map((block) => block.key), ["d/2/0"]);
    assert.deepEqual(patch.said, ["alpha finished, 2 hunks"]);
    assert.equal(patch.order, undefined);
  });

  it("is a turn that only looks new, not at all", () => {
    const before = made(begun, AROUND, null);
    const copy = JSON.parse(JSON.stringify(begun.discussion)) as typeof begun.discussion;
    assert.equal(patchOf(before.view, made({ ...begun, discussion: copy }, AROUND, before).view), null);
  });

  it("is everything of another discussion", () => {
    const before = made(begun, AROUND, null);
    const other = shown(aDiscussion({ id: "e", title: "Other", rounds: [aRound({ discussion: "e" })] }));
    const patch = patchOf(before.view, made(other, AROUND, before).view);
    assert.deepEqual(patch?.order, ["e/1"]);
    assert.equal(patch.blocks?.length, 1);
    assert.equal(patch.head?.title, "Other");
  });

  it("costs as little in a long discussion: its other blocks are taken over as they are", () => {
    const rounds = Array.from({ length: 100 }, (_, index) => aRound({ number: index + 1, turns: [aTurn(), aTurn({ architect: "bravo" })] }));
    const long = after(
      after(shown(aDiscussion({ rounds })), { discussion: "d", kind: "roundStarted", number: 101, message: "x" }, 1),
      { discussion: "d", kind: "turnStarted", architect: "alpha" },
      1,
    );
    const before = made(long, AROUND, null);
    const next = made(after(long, delta("a"), 2), AROUND, before);
    assert.equal(next.view.blocks.filter((block, index) => block !== before.view.blocks[index]).length, 1);
  });
});

describe("the foot", () => {
  it("says round, cost and cached part", () => {
    const usage = aUsage({ cachedTokens: 610 });
    const { foot } = viewOf(shown(aDiscussion({ rounds: [aRound({ number: 2, turns: [aTurn({ usage, change: aChange({}) })] })] })));
    assert.deepEqual(foot.words, ["round 2", "1.0 ¢ this discussion", "61 % cached"]);
    assert.equal(foot.pending, 1, "two alike are one");
  });
});

describe("what is said where nothing goes on", () => {
  const kinds = (state: DiscussionState, around: Partial<Around>) => viewOf(state, around).notice?.kind;

  it("fits the server's state", () => {
    assert.equal(kinds(NOTHING, { server: { kind: "restricted" } }), "restricted");
    assert.equal(kinds(NOTHING, { server: { kind: "starting" } }), "starting");
    assert.equal(kinds(NOTHING, {}), "empty");
    assert.equal(kinds(NOTHING, { nobody: true }), "nobody");
    assert.equal(kinds(shown(aDiscussion({ rounds: [aRound()] })), {}), undefined);
  });

  it("says what failed, with the buttons that the server named", () => {
    const remedies = [{ title: "Install", command: "moa-lsp.installServer" }];
    const { notice } = viewOf(NOTHING, { server: { kind: "failed", words: "Not found.", remedies } });
    assert.deepEqual(notice?.words, ["Not found."]);
    assert.deepEqual(notice.buttons, [{ title: "Install", command: "moa-lsp.installServer", arguments: [] }]);
  });
});

describe("a model's short name", () => {
  for (const [model, short] of [
    ["anthropic/claude-sonnet-4-5-20250929", "sonnet-4-5"],
    ["openai/gpt-5", "gpt-5"],
    ["gemini/gemini-2.5-pro", "gemini-2.5-pro"],
    ["vscode:copilot/gpt-4o", "gpt-4o"],
    ["ollama/qwen3:latest", "qwen3"],
    ["replay:/some/where/demo.jsonl", "replay"],
    ["openrouter/meta/llama-4", "llama-4"],
  ] as const) {
    it(`of ${model} is ${short}`, () => assert.equal(shortModel(model), short));
  }
});
