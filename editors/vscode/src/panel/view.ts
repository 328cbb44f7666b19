/**
 * What the panel shows, out of what is known: a discussion's and the server's state give a `PanelView`, and two of these
 * the `Patch` that leads from one to the other. Pure. A block is made anew only where what it is made of moved, so a
 * long discussion costs no more than a short one while text streams.
 */

import { basename, changeCard } from "./card.ts";
import { colourIndex } from "../discussion/colours.ts";
import { formatCached, formatTokens, formatUsd, tokensOf } from "../discussion/money.ts";
import { EDITOR, spent, toReview, type Activity, type DiscussionState } from "../discussion/state.ts";
import type { Architect, Coding, Discussion, Failure, Round, Turn, Usage } from "../wire.ts";
import type { AskedBlock, Block, Chip, Foot, Head, Live, PanelView, Patch, TurnBlock } from "./messages.ts";
import { noticeOf, type Around } from "./notice.ts";

/** A view with what its blocks were made of, by which the next one knows what stayed. */
export interface Made {
  readonly view: PanelView;
  readonly sources: ReadonlyMap<string, readonly unknown[]>;
}

/** The view of this state. `before` is the last one that was made, whose blocks are taken over where nothing moved. */
export function made(state: DiscussionState, around: Around, before: Made | null): Made {
  const { discussion } = state;
  const sources = new Map<string, readonly unknown[]>();
  const known = new Map(before?.view.blocks.map((block) => [block.key, block]));
  const blocks: Block[] = [];
  const put = (key: string, from: readonly unknown[], make: () => Block): void => {
    const old = known.get(key);
    const stayed = old && sameEach(before?.sources.get(key), from);
    sources.set(key, from);
    blocks.push(stayed ? old : kept(old, make()));
  };
  if (discussion) {
    const { architects } = discussion;
    for (const entry of inOrder(discussion)) {
      const { key } = entry;
      if (entry.kind === "asked") {
        const { round } = entry;
        put(key, [round.message, round.files, round.leftOut, round.usage], () => askedBlock(key, round));
      } else {
        const { run, who, again, replaced } = entry;
        const activity = run.status === "running" ? state.activities.get(who) : undefined;
        const role = architects.find((one) => one.name === who);
        put(key, [run, activity, role, colourIndex(architects, who), again && !state.running, replaced], () =>
          turnBlock(key, run, who, architects, activity, again && !state.running, replaced),
        );
      }
    }
  }
  const view: PanelView = {
    head: headOf(discussion, around),
    chips: chipsOf(state),
    blocks,
    foot: footOf(state),
    notice: noticeOf(state, around),
  };
  return { view, sources };
}

/** What to tell a page that shows `before` so that it shows `after`; `null` where nothing moved. */
export function patchOf(before: PanelView, after: PanelView): Patch | null {
  const known = new Map(before.blocks.map((block) => [block.key, block]));
  const blocks: Block[] = [];
  const grown: { key: string; text: string }[] = [];
  for (const block of after.blocks) {
    const old = known.get(block.key);
    if (old === block) {
      continue;
    }
    const more = old ? grownBy(old, block) : null;
    if (more === null) {
      blocks.push(block);
    } else {
      grown.push({ key: block.key, text: more });
    }
  }
  const order = after.blocks.map((block) => block.key);
  const said = announcements(before, after);
  const patch: Patch = {
    ...(alike(before.head, after.head) ? {} : { head: after.head }),
    ...(alike(before.chips, after.chips) ? {} : { chips: after.chips }),
    ...(alike(before.foot, after.foot) ? {} : { foot: after.foot }),
    ...(alike(before.notice, after.notice) ? {} : { notice: after.notice }),
    ...(sameEach(before.blocks.map((block) => block.key), order) ? {} : { order }),
    ...(blocks.length > 0 ? { blocks } : {}),
    ...(grown.length > 0 ? { grown } : {}),
    ...(said.length > 0 ? { said } : {}),
  };
  return Object.keys(patch).length > 0 ? patch : null;
}

/** A model's name as short as people say it: without provider, date and the maker's prefix. */
export function shortModel(model: string): string {
  const scheme = /^(replay|vscode):/.exec(model)?.[1];
  const name = model.slice(model.lastIndexOf("/") + 1);
  const short = name
    .replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "")
    .replace(/^claude-/, "")
    .replace(/:latest$/, "");
  return scheme === "replay" ? "replay" : short || model;
}

type Entry =
  | { readonly kind: "asked"; readonly key: string; readonly round: Round }
  | {
      readonly kind: "run";
      readonly key: string;
      readonly run: Turn | Coding;
      readonly who: string;
      /** Whether it can be asked for once more, as soon as nothing runs. */
      readonly again: boolean;
      /** Whether another turn was asked in its place. */
      readonly replaced: boolean;
    };

/** Rounds with their turns, and each `/code` behind the round it came after. The keys stay an entry's own for good. */
function inOrder(discussion: Discussion): readonly Entry[] {
  const { id, rounds = [], codings = [] } = discussion;
  const entries: Entry[] = [];
  const code = (within: (coding: Coding) => boolean): void => {
    for (const coding of codings.filter(within)) {
      entries.push({ kind: "run", key: `${id}/code-${coding.number}`, run: coding, who: EDITOR, again: false, replaced: false });
    }
  };
  const first = rounds[0]?.number ?? Infinity;
  code((coding) => coding.afterRound < first);
  for (const [place, round] of rounds.entries()) {
    entries.push({ kind: "asked", key: `${id}/${round.number}`, round });
    const lastOf = new Map(round.turns.map((turn, index) => [turn.architect, index]));
    for (const [index, turn] of round.turns.entries()) {
      // Only the architect's last word in the last round can be asked for once more.
      const replaced = lastOf.get(turn.architect) !== index;
      const again = place === rounds.length - 1 && !replaced && isEndedEarly(turn);
      entries.push({ kind: "run", key: `${id}/${round.number}/${index}`, run: turn, who: turn.architect, again, replaced });
    }
    const next = rounds[place + 1]?.number ?? Infinity;
    code((coding) => coding.afterRound >= round.number && coding.afterRound < next);
  }
  return entries;
}

function isEndedEarly(turn: Turn): boolean {
  return turn.status === "failed" || turn.status === "cancelled";
}

function askedBlock(key: string, round: Round): AskedBlock {
  const tokens = round.usage.inputTokens;
  return {
    kind: "asked",
    key,
    round: round.number,
    text: round.message,
    files: round.files ?? [],
    leftOut: (round.leftOut ?? []).map(({ path, reason }) => ({ path, reason })),
    figures: tokens === null ? null : formatTokens(tokens),
  };
}

function turnBlock(
  key: string,
  run: Turn | Coding,
  who: string,
  architects: readonly Architect[],
  activity: Activity | undefined,
  retry: boolean,
  replaced: boolean,
): TurnBlock {
  const architect = architects.find((one) => one.name === who);
  const coding = "afterRound" in run;
  const card = run.change ? changeCard(run.change) : null;
  return {
    kind: coding ? "coding" : "turn",
    key,
    who,
    colour: colourIndex(architects, who),
    model: shortModel(run.model),
    tip: [run.model, architect?.role].filter(Boolean).join("\n"),
    dropped: architect?.dropped ?? false,
    told: coding ? run.message : "",
    status: run.status,
    text: run.text,
    proposal: coding ? null : run.proposal,
    card: card && (card.hunks.length > 0 || card.problems.length > 0) ? card : null,
    ...figuresOf(run),
    notes: [...(coding ? [] : (run.notes ?? [])), ...repairNote(run)],
    error: wordsOf(run.status, run.error),
    onceMore: !coding && run.retries !== undefined,
    retry,
    drop: !coding && run.status === "failed" && !replaced && architect?.dropped === false,
    live: run.status === "running" ? liveOf(activity) : null,
  };
}

function figuresOf(run: Turn | Coding): { figures: string; figuresTip: string } {
  if (run.status === "running") {
    return { figures: "", figuresTip: "" };
  }
  const { usage } = run;
  const time = `${run.seconds.toFixed(1)} s`;
  const tokens = tokensOf(usage);
  const price = formatUsd(usage);
  const figures = [time, ...(tokens === null ? [] : [formatTokens(tokens)]), price].join(" · ");
  return { figures, figuresTip: [`${time} in all`, ...inFull(usage)].join("\n") };
}

function inFull(usage: Usage): readonly string[] {
  const price = formatUsd(usage);
  return [
    usage.inputTokens === null
      ? "The provider told no tokens"
      : `${usage.inputTokens.toLocaleString("en")} tokens in, ${(usage.outputTokens ?? 0).toLocaleString("en")} out`,
    ...(formatCached(usage) ? [formatCached(usage) ?? ""] : []),
    price === "–" ? "The price isn't known" : price,
  ];
}

function repairNote(run: Turn | Coding): readonly string[] {
  if (!run.repair || run.status === "running") {
    return [];
  }
  const failed = run.repair.error ? ` That failed: ${run.repair.error.message}` : "";
  return [`Edits that didn't fit were asked for once more.${failed}`];
}

function wordsOf(status: Turn["status"], error: Failure | undefined): string | null {
  if (status === "failed") {
    return error?.message ?? "It ended without a reason.";
  }
  // One that nobody stopped says why it ended: its server did.
  return status === "cancelled" ? (error?.message ?? "Stopped. What had arrived is kept.") : null;
}

function liveOf(activity: Activity | undefined): Live {
  return {
    since: activity?.since ?? 0,
    waiting: activity?.waiting ?? null,
    edits: (activity?.edits ?? []).map(({ path, fits, problem }) => ({ path, fits, problem: problem ?? null })),
    repairing: activity?.repairing ?? 0,
  };
}

function headOf(discussion: Discussion | null, around: Around): Head {
  const folder = discussion?.folder && around.folders > 1 ? basename(discussion.folder) : null;
  const title = discussion ? discussion.title || "New discussion" : "New discussion";
  return { discussion: discussion?.id ?? null, title, folder };
}

function chipsOf(state: DiscussionState): readonly Chip[] {
  const architects = state.discussion?.architects ?? [];
  return architects.map((one) => ({
    name: one.name,
    model: shortModel(one.model),
    tip: [one.model, one.role, one.dropped ? "dropped: it is asked no more" : null].filter(Boolean).join("\n"),
    colour: colourIndex(architects, one.name),
    dropped: one.dropped,
    speaking: state.activities.has(one.name),
  }));
}

function footOf(state: DiscussionState): Foot {
  const { discussion, running } = state;
  if (!discussion) {
    return { words: [], tip: "", running, pending: 0 };
  }
  const rounds = discussion.rounds ?? [];
  const last = rounds.at(-1);
  const usage = spent(discussion);
  const words = [
    ...(last ? [`round ${last.number}`] : []),
    ...(hasEnded(discussion) ? [`${formatUsd(usage)} this discussion`] : []),
    ...(last && formatCached(usage) ? [formatCached(usage) ?? ""] : []),
  ];
  return { words, tip: last ? inFull(usage).join("\n") : "", running, pending: toReview(state) };
}

/** Whether there is anything that can have cost something. */
function hasEnded({ rounds = [], codings = [] }: Discussion): boolean {
  return [...rounds.flatMap((round) => round.turns), ...codings].some((run) => run.status !== "running");
}

/** The old block where the new one says the same: what only looks new isn't sent. */
function kept(old: Block | undefined, block: Block): Block {
  return old && alike(old, block) ? old : block;
}

/** What was added to the end of a block's text, where nothing else moved; else `null`. */
function grownBy(old: Block, block: Block): string | null {
  if (old.kind === "asked" || block.kind === "asked" || !block.text.startsWith(old.text)) {
    return null;
  }
  return alike({ ...old, text: "" }, { ...block, text: "" }) ? block.text.slice(old.text.length) : null;
}

/** What a person who doesn't see the panel is told: who began, who ended and how. */
function announcements(before: PanelView, after: PanelView): readonly string[] {
  if (before.head.discussion !== after.head.discussion) {
    return [`Discussion: ${after.head.title}`];
  }
  const known = new Map(before.blocks.map((block) => [block.key, block]));
  const said: string[] = [];
  for (const block of after.blocks) {
    const old = known.get(block.key);
    if (block.kind === "asked" || old === block) {
      continue;
    }
    const was = old && old.kind !== "asked" ? old.status : null;
    if (was !== block.status && (was === "running" || block.status === "running")) {
      said.push(announcement(block));
    }
  }
  return said;
}

function announcement(block: TurnBlock): string {
  switch (block.status) {
    case "running":
      return `${block.who} begins`;
    case "done": {
      const count = block.card?.hunks.length ?? 0;
      return count > 0 ? `${block.who} finished, ${count} ${count === 1 ? "hunk" : "hunks"}` : `${block.who} finished`;
    }
    case "failed":
      return `${block.who} failed: ${block.error ?? ""}`;
    case "cancelled":
      return `${block.who} was stopped`;
  }
}

function alike(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function sameEach(one: readonly unknown[] | undefined, other: readonly unknown[]): boolean {
  return one?.length === other.length && other.every((each, index) => each === one[index]);
}
