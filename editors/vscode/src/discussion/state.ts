/**
 * A discussion as it is known here: what `moa/show-discussion` said, and each `moa/event` since. Pure: a state and an
 * event give the next state. No rule of a discussion is decided here; what the server says is what stands.
 */

import type {
  Change,
  Coding,
  Disagreement,
  Discussion,
  FileKind,
  MoaEvent,
  Plan,
  Problem,
  Round,
  RunStatus,
  StagePlan,
  Turn,
  Usage,
} from "../wire.ts";
import { NO_FILTER, type Filter } from "./filter.ts";

/** What an architect (or, for `/code`, the editor model) does at the moment, beyond the words that stand in its turn. */
export interface Activity {
  /** Epoch milliseconds at which its turn began. */
  readonly since: number;
  readonly waiting: { readonly seconds: number; readonly reason: string } | null;
  /** The edits that closed in its reply so far. */
  readonly edits: readonly ReadEdit[];
  /** So many edits are asked for once more; 0 outside of that. */
  readonly repairing: number;
}

export interface ReadEdit {
  readonly path: string;
  readonly edit: FileKind | "rewrite";
  readonly fits: boolean | null;
  readonly problem?: string;
}

/** A stage that began in the round that runs: its turns may be still to come. */
export interface Stage extends StagePlan {
  readonly step: number;
}

/** The editor model's place in `activities`; no architect can be called so. */
export const EDITOR = "editor";

export interface DiscussionState {
  /** With `rounds` and `codings`; what runs is in them with the status `running`. `null`: there is none yet. */
  readonly discussion: Discussion | null;
  /** Whether a round or a `/code` is under way. */
  readonly running: boolean;
  /** By architect's name, and `EDITOR`; only of those who are at work. */
  readonly activities: ReadonlyMap<string, Activity>;
  /** Every change of the discussion that was heard of, as it stands now. */
  readonly changes: ReadonlyMap<string, Change>;
  /** The stages of the round that runs, as they began; none once it has ended, for its turns say where they belong. */
  readonly stages: readonly Stage[];
  /** Who isn't asked in the round that runs, though a stage names them: until they are asked after all. */
  readonly passedOver: readonly string[];
  /** What the discussion took beside its runs, as for roles that a model wrote; `costUsd` is null where a part isn't known. */
  readonly beside: Pick<Usage, "costUsd" | "knownCostUsd">;
  /** Where the architects differ, and the plan, as they were told last; `null` where that isn't known yet. */
  readonly disagreement: Disagreement | null;
  readonly plan: Plan | null;
  readonly filter: Filter;
}

export const NOTHING: DiscussionState = {
  discussion: null,
  running: false,
  activities: new Map(),
  changes: new Map(),
  stages: [],
  passedOver: [],
  beside: { costUsd: 0, knownCostUsd: 0 },
  disagreement: null,
  plan: null,
  filter: NO_FILTER,
};

const UNKNOWN: Usage = { inputTokens: null, cachedTokens: null, outputTokens: null, costUsd: null, knownCostUsd: 0 };

/**
 * The state of a discussion as `moa/show-discussion` gives it (with all rounds). What is running may have been heard of
 * further than the server had stored: of the words in `before` and those given, the longer ones stand.
 */
export function shown(given: Discussion, before: DiscussionState = NOTHING): DiscussionState {
  const same = before.discussion?.id === given.id;
  const discussion = same ? heardFurther(given, before.discussion) : given;
  const changes = new Map<string, Change>();
  for (const run of runsOf(discussion)) {
    if (run.change) {
      changes.set(run.change.id, run.change);
    }
  }
  const running = discussion.running ?? runsOf(discussion).some((run) => run.status === "running");
  const { activities, stages, passedOver } = same && running ? before : NOTHING;
  const beside = running ? (same ? before : NOTHING).beside : besideRuns(discussion);
  const { disagreement, plan, filter } = same ? before : NOTHING;
  return { discussion, running, activities, changes, stages, passedOver, beside, disagreement, plan, filter };
}

function heardFurther(given: Discussion, before: Discussion): Discussion {
  const heard = new Map((before.rounds ?? []).map((round) => [round.number, round]));
  const longer = (turn: Turn, number: number): Turn => {
    const was = heard.get(number)?.turns.find((one) => one.architect === turn.architect && one.status === "running");
    return turn.status === "running" && was && was.text.length > turn.text.length ? { ...turn, text: was.text } : turn;
  };
  const rounds = (given.rounds ?? []).map((round) => ({
    ...round,
    turns: round.turns.map((turn) => longer(turn, round.number)),
  }));
  const was = (before.codings ?? []).find((one) => one.status === "running");
  const codings = (given.codings ?? []).map((one) =>
    one.status === "running" && was?.number === one.number && was.text.length > one.text.length
      ? { ...one, text: was.text }
      : one,
  );
  return { ...given, rounds, codings };
}

/** The state after an event of this discussion; events of others, and those that make no sense here, change nothing. */
export function after(state: DiscussionState, event: MoaEvent, now: number): DiscussionState {
  const { discussion } = state;
  if (discussion?.id !== discussionOf(event)) {
    return state;
  }
  switch (event.kind) {
    case "disagreementUpdated":
      return withDisagreement(state, event.disagreement);
    case "discussionUpdated": {
      const updated = { ...discussion, ...event.discussion };
      return { ...state, discussion: updated, beside: state.running ? state.beside : besideRuns(updated) };
    }
    case "roundStarted":
      return { ...withRound(state, begun(discussion.id, event)), running: true, stages: [], passedOver: [] };
    case "stageStarted": {
      const { step, stage, architects, parallel } = event;
      const others = state.stages.filter((one) => one.step !== step);
      return { ...state, stages: [...others, { step, stage, architects, parallel }], running: true };
    }
    case "roundNoted": {
      const { text, architect } = event;
      const noted = withLastRound(state, (round) => ({ ...round, notes: [...(round.notes ?? []), text] }));
      return architect === undefined ? noted : { ...noted, passedOver: [...state.passedOver, architect] };
    }
    case "turnStarted": {
      const model = discussion.architects.find((one) => one.name === event.architect)?.model ?? "";
      const next = withLastRound(state, (round) => {
        const turn = turnBegun(event, model, round, state.stages);
        return { ...round, turns: [...round.turns, turn] };
      });
      return { ...withActivity(next, event.architect, () => idleSince(now)), running: true };
    }
    case "turnDelta":
      return withActivity(
        withTurn(state, event.architect, (turn) => ({ ...turn, text: turn.text + event.text })),
        event.architect,
        (activity) => ({ ...activity, waiting: null }),
      );
    case "turnWaiting":
      return withActivity(state, event.architect, (activity) => ({ ...activity, waiting: waitOf(event) }));
    case "turnFinished":
      return withoutActivity(
        withChange(
          withTurn(state, event.turn.architect, () => event.turn),
          event.turn.change,
        ),
        event.turn.architect,
      );
    case "roundFinished":
      return { ...withRound(state, event.round), running: false, activities: new Map(), stages: [], passedOver: [] };
    case "editRead": {
      const edit: ReadEdit = { ...event };
      const who = event.architect ?? EDITOR;
      return withActivity(state, who, (activity) => ({ ...activity, edits: [...activity.edits, edit] }));
    }
    case "repairStarted":
      return withActivity(state, event.architect ?? EDITOR, (one) => ({ ...one, repairing: event.problems.length }));
    case "repairFinished":
      return withActivity(state, event.architect ?? EDITOR, (one) => ({ ...one, repairing: 0 }));
    case "codeStarted": {
      const codings = discussion.codings ?? [];
      const number = Math.max(0, ...codings.map((one) => one.number)) + 1;
      const coding = codingBegun(discussion, number, event.message, event.model);
      const next = { ...state, discussion: { ...discussion, codings: [...codings, coding] }, running: true };
      return withActivity(next, EDITOR, () => idleSince(now));
    }
    case "codeDelta":
      return withActivity(
        withLastCoding(state, (coding) => ({ ...coding, text: coding.text + event.text })),
        EDITOR,
        (activity) => ({ ...activity, waiting: null }),
      );
    case "codeWaiting":
      return withActivity(state, EDITOR, (activity) => ({ ...activity, waiting: waitOf(event) }));
    case "codeFinished":
      return {
        ...withoutActivity(withChange(withLastCoding(state, () => event.coding), event.coding.change), EDITOR),
        running: false,
      };
    case "changeReady":
    case "changeUpdated":
      return withChange(state, event.change);
  }
}

/** The id of the discussion that an event is of. */
function discussionOf(event: MoaEvent): string {
  if (event.kind === "disagreementUpdated") {
    return event.disagreement.discussion;
  }
  return event.kind === "discussionUpdated" ? event.discussion.id : event.discussion;
}

/** The state with where the architects differ now, as an answer or an event gave it. */
export function withDisagreement(state: DiscussionState, disagreement: Disagreement): DiscussionState {
  return state.discussion?.id === disagreement.discussion ? { ...state, disagreement } : state;
}

export function withPlan(state: DiscussionState, plan: Plan): DiscussionState {
  return state.discussion?.id === plan.discussion ? { ...state, plan } : state;
}

/** The state with a change as an answer gave it, wherever in the discussion it stands. */
export function withChange(state: DiscussionState, change: Change | null): DiscussionState {
  if (!change || state.discussion?.id !== change.discussion) {
    return state;
  }
  const put = <Run extends Turn | Coding>(run: Run): Run => (run.change?.id === change.id ? { ...run, change } : run);
  const { rounds = [], codings = [] } = state.discussion;
  return {
    ...state,
    discussion: {
      ...state.discussion,
      rounds: rounds.map((round) =>
        round.turns.some((turn) => turn.change?.id === change.id) ? { ...round, turns: round.turns.map(put) } : round,
      ),
      codings: codings.map(put),
    },
    changes: new Map(state.changes).set(change.id, change),
  };
}

/** The hunks of a change that wait for the user. */
export function pendingHunks(change: Change): number {
  return change.files.reduce((sum, file) => sum + file.hunks.filter((hunk) => hunk.status === "pending").length, 0);
}

/** How many hunks of all proposals wait for the user; what several propose alike is one, as it is in the code. */
export function toReview({ changes }: DiscussionState): number {
  const found = new Set<string>();
  for (const { files } of changes.values()) {
    for (const { uri, hunks } of files) {
      for (const { status, range, newText } of hunks) {
        if (status === "pending") {
          found.add(JSON.stringify([uri, range, newText]));
        }
      }
    }
  }
  return found.size;
}

/** What was not placed, apart from what is only pointed out. */
export function refused(change: Change): readonly Problem[] {
  return change.problems.filter((problem) => !problem.notice);
}

/**
 * What all runs that have ended took together, and what was used beside them; `discussion.usage` is only as new as the
 * last time it was told.
 */
export function spent(discussion: Discussion, beside: DiscussionState["beside"] = NOTHING.beside): Usage {
  const sum = ofRuns(discussion);
  if (beside.costUsd === 0 && beside.knownCostUsd === 0) {
    return sum;
  }
  const nothingRan = sum.costUsd === null && sum.inputTokens === null && sum.knownCostUsd === 0;
  const cost = nothingRan ? 0 : sum.costUsd;
  return {
    ...sum,
    costUsd: cost === null || beside.costUsd === null ? null : cost + beside.costUsd,
    knownCostUsd: sum.knownCostUsd + beside.knownCostUsd,
  };
}

/** What a discussion that was told while nothing runs took beside its runs. */
function besideRuns(discussion: Discussion): DiscussionState["beside"] {
  const { usage } = discussion;
  const sum = ofRuns(discussion);
  const known = usage.knownCostUsd - sum.knownCostUsd;
  // A sum of parts isn't exact to the last digit.
  const knownCostUsd = known > 1e-9 ? known : 0;
  const unknown = usage.costUsd === null && runsOf(discussion).every((run) => run.usage.costUsd !== null);
  return { costUsd: unknown ? null : knownCostUsd, knownCostUsd };
}

function ofRuns(discussion: Discussion): Usage {
  const ended = runsOf(discussion).filter((run) => run.status !== "running");
  const sum = (of: (usage: Usage) => number | null): number | null => {
    const known = ended.map((run) => of(run.usage)).filter((one) => one !== null);
    return known.length > 0 ? known.reduce((total, one) => total + one, 0) : null;
  };
  return {
    inputTokens: sum((usage) => usage.inputTokens),
    cachedTokens: sum((usage) => usage.cachedTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    costUsd: ended.some((run) => run.usage.costUsd === null) ? null : sum((usage) => usage.costUsd),
    knownCostUsd: sum((usage) => usage.knownCostUsd) ?? 0,
  };
}

function runsOf(discussion: Discussion): readonly (Turn | Coding)[] {
  return [...(discussion.rounds ?? []).flatMap((round) => round.turns), ...(discussion.codings ?? [])];
}

/** Whether it ended without its reply being whole. */
export function isEndedEarly({ status }: Turn): boolean {
  return status === "failed" || status === "cancelled";
}

type Begun<Kind> = Extract<MoaEvent, { readonly kind: Kind }>;

function begun(discussion: string, { number, message, preset }: Begun<"roundStarted">): Round {
  return { discussion, number, message, turns: [], usage: UNKNOWN, seconds: 0, ...(preset === undefined ? {} : { preset }) };
}

function turnBegun(event: Begun<"turnStarted">, model: string, round: Round, stages: readonly Stage[]): Turn {
  const { architect, step = 1, stage = "" } = event;
  const within = round.turns.filter((one) => (one.step ?? 1) === step);
  // One that came to nothing is asked once more in its own stage; a further turn after one that is whole is just that.
  const before = within.findLast((one) => one.architect === architect);
  const retries = before && isEndedEarly(before) ? before.number : undefined;
  const parallel = stages.find((one) => one.step === step)?.parallel ?? within.some((one) => one.parallel);
  return { architect, model, step, stage, parallel, ...RUNNING, ...(retries === undefined ? {} : { retries }) };
}

function codingBegun(discussion: Discussion, number: number, message: string, model: string): Coding {
  const afterRound = Math.max(0, ...(discussion.rounds ?? []).map((round) => round.number));
  return { discussion: discussion.id, number, afterRound, message, model, ...RUNNING };
}

const RUNNING = {
  status: "running" as RunStatus,
  text: "",
  proposal: null,
  change: null,
  usage: UNKNOWN,
  seconds: 0,
};

function idleSince(now: number): Activity {
  return { since: now, waiting: null, edits: [], repairing: 0 };
}

function waitOf(event: { readonly seconds: number; readonly reason: string }): Activity["waiting"] {
  return { seconds: event.seconds, reason: event.reason };
}

/** The round in the place of the one of its number, else as the last one. */
function withRound(state: DiscussionState, round: Round): DiscussionState {
  const rounds = state.discussion?.rounds ?? [];
  const known = rounds.some((one) => one.number === round.number);
  return withRounds(state, known ? rounds.map((one) => (one.number === round.number ? round : one)) : [...rounds, round]);
}

function withRounds(state: DiscussionState, rounds: readonly Round[]): DiscussionState {
  return state.discussion ? { ...state, discussion: { ...state.discussion, rounds } } : state;
}

function withLastRound(state: DiscussionState, change: (round: Round) => Round): DiscussionState {
  const rounds = state.discussion?.rounds ?? [];
  return withRounds(state, replacedLast(rounds, () => true, change));
}

/** Changes the running turn of an architect in the last round; where none runs, the state stays. */
function withTurn(state: DiscussionState, architect: string, change: (turn: Turn) => Turn): DiscussionState {
  const runs = (turn: Turn): boolean => turn.architect === architect && turn.status === "running";
  return withLastRound(state, (round) => ({ ...round, turns: replacedLast(round.turns, runs, change) }));
}

function withLastCoding(state: DiscussionState, change: (coding: Coding) => Coding): DiscussionState {
  if (!state.discussion) {
    return state;
  }
  const codings = replacedLast(state.discussion.codings ?? [], (one) => one.status === "running", change);
  return { ...state, discussion: { ...state.discussion, codings } };
}

function replacedLast<One>(all: readonly One[], which: (one: One) => boolean, change: (one: One) => One): readonly One[] {
  const at = all.findLastIndex(which);
  return at < 0 ? all : all.map((one, index) => (index === at ? change(one) : one));
}

function withActivity(state: DiscussionState, who: string, change: (activity: Activity) => Activity): DiscussionState {
  const activity = change(state.activities.get(who) ?? idleSince(0));
  return { ...state, activities: new Map(state.activities).set(who, activity) };
}

function withoutActivity(state: DiscussionState, who: string): DiscussionState {
  const activities = new Map(state.activities);
  activities.delete(who);
  return { ...state, activities };
}
