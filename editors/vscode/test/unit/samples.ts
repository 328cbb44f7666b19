// Values of the wire for tests, whole and plain; each takes what the test is about.
import type { Alternative, Change, Coding, Disagreement, Discussion, Hunk, Plan, Region, Round, Stand, Turn, Usage } from "../../src/wire.ts";

export function aUsage(given: Partial<Usage> = {}): Usage {
  return { inputTokens: 1_000, cachedTokens: 0, outputTokens: 100, costUsd: 0.01, knownCostUsd: 0.01, ...given };
}

export function aHunk(given: Partial<Hunk> = {}): Hunk {
  return {
    id: "h1",
    range: { start: { line: 11, character: 0 }, end: { line: 13, character: 0 } },
    newText: "def f():\n    return 1\n    # end\n",
    status: "pending",
    sources: ["alpha"],
    ...given,
  };
}

export function aChange(given: Partial<Change> = {}): Change {
  return {
    id: "c",
    discussion: "d",
    source: "alpha",
    title: "A change",
    status: "pending",
    files: [{ uri: "file:///w/src/my%20api.py", kind: "edit", version: 1, hunks: [aHunk(), aHunk({ id: "h2" })] }],
    diff: "",
    problems: [],
    ...given,
  };
}

export function aTurn(given: Partial<Turn> = {}): Turn {
  return {
    architect: "alpha",
    model: "openai/gpt",
    status: "done",
    text: "Words.",
    proposal: null,
    change: null,
    usage: aUsage(),
    seconds: 4.13,
    ...given,
  };
}

export function aRound(given: Partial<Round> = {}): Round {
  return { discussion: "d", number: 1, message: "Hello", turns: [], usage: aUsage(), seconds: 5, ...given };
}

export function aCoding(given: Partial<Coding> = {}): Coding {
  return {
    discussion: "d",
    number: 1,
    afterRound: 1,
    message: "Go",
    model: "openai/gpt",
    status: "done",
    text: "Edits.",
    change: null,
    usage: aUsage(),
    seconds: 2,
    ...given,
  };
}

export function aDiscussion(given: Partial<Discussion> = {}): Discussion {
  return {
    id: "d",
    title: "Errors",
    created: "2026-11-01T10:00:00Z",
    architects: [
      { name: "alpha", model: "openai/gpt", dropped: false },
      { name: "bravo", model: "anthropic/claude-sonnet-4-5-20250929", role: "breaks things", dropped: false },
    ],
    rounds: [],
    codings: [],
    usage: aUsage(),
    current: true,
    running: false,
    ...given,
  };
}

export function anAlternative(given: Partial<Alternative> = {}): Alternative {
  return {
    architects: ["alpha"],
    supporters: [],
    hunks: [{ change: "c", hunk: "h1" }],
    summary: "replace 2 lines by 3 lines: def f():",
    reason: "",
    newText: "",
    ...given,
  };
}

/** A region that two want otherwise. */
export function aRegion(given: Partial<Region> = {}): Region {
  return {
    id: "h1",
    uri: "file:///w/src/my%20api.py",
    range: { start: { line: 11, character: 0 }, end: { line: 13, character: 0 } },
    stand: "contested",
    message: "alpha and bravo want different text.",
    alternatives: [anAlternative(), anAlternative({ architects: ["bravo"], hunks: [{ change: "c2", hunk: "b1" }] })],
    views: [],
    ...given,
  };
}

export function aDisagreement(...regions: readonly Region[]): Disagreement {
  const count = (stand: Stand): number => regions.filter((one) => one.stand === stand).length;
  const counts = { contested: count("contested"), agreed: count("agreed"), alone: count("alone"), settled: count("settled") };
  return { discussion: "d", architects: ["alpha", "bravo", "charlie"], regions, counts };
}

export function aPlan(given: Partial<Plan> = {}): Plan {
  const step = { id: "s1", text: "Do it", architects: ["alpha"], hunks: ["h1"], stand: "open" } as const;
  return { discussion: "d", steps: [step], edited: false, free: false, markdown: "1. Do it\n", ...given };
}
