/**
 * What the panel shows, out of what is known: a discussion's and the server's state give a `PanelView`, and two of these
 * the `Patch` that leads from one to the other. Pure. A block is made anew only where what it is made of moved, so a
 * long discussion costs no more than a short one while text streams.
 */

import { boardOf } from "./board.ts";
import { basename, changeCard } from "./card.ts";
import { colourIndex, voices } from "../discussion/colours.ts";
import { filterWords } from "../discussion/filter.ts";
import { formatCached, formatTokens, formatUsd, tokensOf } from "../discussion/money.ts";
import { EDITOR, isEndedEarly, spent, toReview, NOTHING, type Activity, type DiscussionState } from "../discussion/state.ts";
import type { Architect, Coding, Discussion, Failure, Round, Turn, Usage } from "../wire.ts";
import type { AskedBlock, Block, Board, Chip, Foot, Head, Live, PanelView, Patch, StanceRow, TurnBlock } from "./messages.ts";
import { noticeOf, type Around } from "./notice.ts";
import { stripOf } from "./preset-words.ts";
import { isAnswer, partsOf, seatOf, stageBlock, type Part } from "./stages.ts";
import { gaveUpNotes, heardOf, questionsIn, saidIn } from "./stances.ts";

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
    const known = voices(discussion);
    const heard = heardOf(discussion, known);
    for (const entry of inOrder(discussion, state)) {
      const { key } = entry;
      switch (entry.kind) {
        case "asked": {
          const { round } = entry;
          put(key, [round.message, round.files, round.leftOut, round.usage, round.preset], () => askedBlock(key, round));
          break;
        }
        case "stage": {
          const { part, answered } = entry;
          const runs = part.turns.map(({ turn }) => turn);
          const colours = runs.map((turn) => colourIndex(known, turn.architect));
          put(key, [answered, part.planned.join(" "), architects, ...runs, ...colours], () =>
            stageBlock(key, part, known, architects, answered),
          );
          break;
        }
        case "notes": {
          const { notes } = entry;
          put(key, [notes], () => ({ kind: "notes", key, notes }));
          break;
        }
        case "run": {
          const { run, who } = entry;
          const activity = run.status === "running" ? state.activities.get(who) : undefined;
          const again = entry.again && !state.running;
          const colour = colourIndex(known, who);
          const role = architects.find((one) => one.name === who);
          const beside = besideOf(entry, known, heard.get(key) ?? [], state);
          // Small, and told by what it says: what it is made of is spread over the discussion.
          const told = JSON.stringify(beside);
          put(key, [run, activity, role, colour, again, entry.replaced, entry.within, told], () => ({
            ...turnBlock({ ...entry, again }, colour, architects, activity, beside.notes),
            heard: beside.heard,
            said: beside.said,
            questions: beside.questions,
          }));
        }
      }
    }
  }
  const view: PanelView = {
    head: headOf(state, around),
    chips: chipsOf(state),
    blocks,
    board: boardOf(state),
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
    ...(alike(before.board, after.board) ? {} : { board: after.board }),
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

/** A turn or a `/code`, with what decides how it is shown. */
interface Run {
  readonly kind: "run";
  readonly key: string;
  readonly run: Turn | Coding;
  readonly who: string;
  /** The key of the stage that it stands in. */
  readonly within: string | null;
  /** The number of its round; 0 for a `/code`. */
  readonly round: number;
  /** It answers for all. */
  readonly answer: boolean;
  /** Whether it can be asked for once more, as soon as nothing runs. */
  readonly again: boolean;
  /** Whether another turn was asked in its place. */
  readonly replaced: boolean;
}

type Entry =
  | Run
  | { readonly kind: "asked"; readonly key: string; readonly round: Round }
  | { readonly kind: "stage"; readonly key: string; readonly part: Part; readonly answered: boolean }
  | { readonly kind: "notes"; readonly key: string; readonly notes: readonly string[] };

/** Rounds with their turns, and each `/code` behind the round it came after. The keys stay an entry's own for good. */
function inOrder(discussion: Discussion, state: DiscussionState): readonly Entry[] {
  const { id, rounds = [], codings = [] } = discussion;
  const entries: Entry[] = [];
  const code = (within: (coding: Coding) => boolean): void => {
    for (const coding of codings.filter(within)) {
      const key = `${id}/code-${coding.number}`;
      const alone = { round: 0, within: null, answer: false, again: false, replaced: false };
      entries.push({ kind: "run", key, run: coding, who: EDITOR, ...alone });
    }
  };
  const first = rounds[0]?.number ?? Infinity;
  code((coding) => coding.afterRound < first);
  for (const [place, round] of rounds.entries()) {
    const last = place === rounds.length - 1;
    entries.push(...ofRound(`${id}/${round.number}`, round, discussion.architects, last, last ? state : NOTHING));
    const next = rounds[place + 1]?.number ?? Infinity;
    code((coding) => coding.afterRound >= round.number && coding.afterRound < next);
  }
  return entries;
}

/** What was asked, each stage with its turns (a plain round has turns alone), and the notes. */
function ofRound(
  key: string,
  round: Round,
  architects: readonly Architect[],
  isLast: boolean,
  state: DiscussionState,
): readonly Entry[] {
  const { turns, notes = [] } = round;
  const lastOf = new Map(turns.map((turn, index) => [turn.architect, index]));
  const lastWithin = new Map(turns.map((turn, index) => [placeOf(turn), index]));
  const run = (turn: Turn, index: number, within: string | null, answer: boolean): Run => ({
    kind: "run",
    key: `${key}/${index}`,
    run: turn,
    who: turn.architect,
    round: round.number,
    within,
    answer,
    // Only the architect's last word in the last round can be asked for once more.
    again: isLast && lastOf.get(turn.architect) === index && isEndedEarly(turn),
    replaced: lastWithin.get(placeOf(turn)) !== index,
  });
  const parts = partsOf(round, state);
  const entries: Entry[] = [{ kind: "asked", key, round }];
  if (parts.length === 0) {
    entries.push(...turns.map((turn, index) => run(turn, index, null, false)));
  }
  const answers = parts.findLastIndex(
    (part) => isAnswer(part, architects) && part.turns.some(({ turn }) => turn.status === "done"),
  );
  for (const [at, part] of parts.entries()) {
    const stage = `${key}/stage-${part.step}`;
    const answer = isAnswer(part, architects);
    entries.push({ kind: "stage", key: stage, part, answered: at < answers });
    entries.push(...part.turns.map(({ turn, index }) => run(turn, index, stage, answer)));
  }
  if (notes.length > 0) {
    entries.push({ kind: "notes", key: `${key}/notes`, notes });
  }
  return entries;
}

function placeOf({ step = 1, architect }: Turn): string {
  return `${step} ${architect}`;
}

/** What rounds are held by where nobody chose anything: not worth a word. */
const PLAIN_ROUNDS: ReadonlySet<string> = new Set(["default", "round"]);

function askedBlock(key: string, round: Round): AskedBlock {
  const tokens = round.usage.inputTokens;
  return {
    kind: "asked",
    key,
    round: round.number,
    text: round.message,
    files: round.files ?? [],
    leftOut: (round.leftOut ?? []).map(({ path, reason }) => ({ path, reason })),
    preset: round.preset && !PLAIN_ROUNDS.has(round.preset) ? round.preset : null,
    figures: tokens === null ? null : formatTokens(tokens),
  };
}

/** What of a turn isn't told by it alone: what others said of it, where its hunks stand. */
function besideOf(
  { run, round }: Run,
  known: readonly Architect[],
  heard: readonly StanceRow[],
  { changes }: DiscussionState,
): Pick<TurnBlock, "heard" | "said" | "questions" | "notes"> {
  if ("afterRound" in run) {
    return { heard, said: [], questions: [], notes: [] };
  }
  return { heard, said: saidIn(run, known), questions: questionsIn(run, round), notes: gaveUpNotes(run, changes) };
}

function turnBlock(
  { key, run, who, within, answer, again, replaced }: Run,
  colour: number,
  architects: readonly Architect[],
  activity: Activity | undefined,
  notes: readonly string[],
): Omit<TurnBlock, "heard" | "said" | "questions"> {
  const architect = architects.find((one) => one.name === who);
  const coding = "afterRound" in run;
  const card = run.change ? changeCard(run.change) : null;
  return {
    kind: coding ? "coding" : "turn",
    key,
    within,
    who,
    colour,
    answer,
    model: coding && run.composed ? "put together without a model" : shortModel(run.model),
    tip: [run.model, architect?.role].filter(Boolean).join("\n"),
    dropped: architect?.dropped ?? false,
    told: coding && !run.composed ? run.message : null,
    status: run.status,
    text: run.text,
    proposal: coding ? null : run.proposal,
    card: card && (card.hunks.length > 0 || card.problems.length > 0) ? card : null,
    ...figuresOf(run),
    notes: [...(coding ? [] : (run.notes ?? [])), ...notes, ...repairNote(run)],
    error: wordsOf(run.status, run.error),
    onceMore: !coding && run.retries !== undefined,
    retry: again,
    drop: !coding && run.status === "failed" && !replaced && architect?.dropped === false,
    live: run.status === "running" ? liveOf(activity) : null,
  };
}

function figuresOf(run: Turn | Coding): { figures: string; figuresTip: string } {
  if (run.status === "running") {
    return { figures: "", figuresTip: "" };
  }
  if ("composed" in run && run.composed) {
    return { figures: "0 ¢", figuresTip: "No model was asked: it is made of hunks that you took" };
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

function headOf({ discussion }: DiscussionState, around: Around): Head {
  const folder = discussion?.folder && around.folders > 1 ? basename(discussion.folder) : null;
  const title = discussion ? discussion.title || "New discussion" : "New discussion";
  return { discussion: discussion?.id ?? null, title, folder, preset: stripOf(discussion, around.presets) };
}

function chipsOf(state: DiscussionState): readonly Chip[] {
  const architects = state.discussion?.architects ?? [];
  return architects.map((one) => ({
    name: one.name,
    model: shortModel(one.model),
    tip: [one.model, one.role, ...chipWords(one)].filter(Boolean).join("\n"),
    colour: colourIndex(architects, one.name),
    dropped: one.dropped,
    speaking: state.activities.has(one.name),
    role: one.role ?? null,
    seat: seatOf(one.name, architects),
  }));
}

function chipWords({ seat, paths = [], dropped }: Architect): readonly string[] {
  return [
    ...(seat === "aggregator" ? ["answers for all"] : seat === "arbiter" ? ["judges how far the others got"] : []),
    ...(paths.length > 0 ? [`asked where it is about ${paths.join(", ")}`] : []),
    ...(dropped ? ["dropped: it is asked no more"] : []),
  ];
}

function footOf(state: DiscussionState): Foot {
  const { discussion, running } = state;
  if (!discussion) {
    return { words: [], tip: "", running, pending: 0 };
  }
  const rounds = discussion.rounds ?? [];
  const last = rounds.at(-1);
  const usage = spent(discussion, state.beside);
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
  if (!isTurn(old) || !isTurn(block) || !block.text.startsWith(old.text)) {
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
  const said: string[] = [...boardSaid(before.board, after.board)];
  for (const block of after.blocks) {
    const old = known.get(block.key);
    if (old === block) {
      continue;
    }
    if (block.kind === "notes") {
      said.push(...block.notes.slice(old?.kind === "notes" ? old.notes.length : 0));
    }
    if (block.kind === "stage" && !old) {
      said.push(`${block.name}: ${block.who.map((one) => one.name).join(", ")}`);
    }
    if (!isTurn(block)) {
      continue;
    }
    const was = old && isTurn(old) ? old.status : null;
    const asked = old && isTurn(old) ? old.questions.length : 0;
    said.push(...block.questions.slice(asked).map((one) => `${block.who} asks: ${one.text}`));
    if (was !== block.status && (was === "running" || block.status === "running")) {
      said.push(announcement(block));
    }
  }
  return said;
}

function boardSaid(before: Board | null, after: Board | null): readonly string[] {
  const open = after?.counts.contested ?? 0;
  const was = before?.counts.contested ?? 0;
  const places = open === 1 ? "1 place is" : `${open} places are`;
  return [
    ...(open === was ? [] : [open === 0 ? "Nothing is contested any more." : `${places} contested.`]),
    ...(before && after && !alike(before.filter, after.filter) ? [filterWords(after.filter)] : []),
  ];
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

function isTurn(block: Block): block is TurnBlock {
  return block.kind === "turn" || block.kind === "coding";
}

function alike(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function sameEach(one: readonly unknown[] | undefined, other: readonly unknown[]): boolean {
  return one?.length === other.length && other.every((each, index) => each === one[index]);
}
