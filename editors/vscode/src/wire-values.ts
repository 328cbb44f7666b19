/**
 * The values that the extension and the server hand each other: a mirror of the project's `docs/protocol.md`, one to one.
 * Types only; nothing here runs. Which command takes and gives which of them, and the events, stand in `wire.ts`.
 *
 * Lines and characters count from 0, characters in UTF-16 units, as VS Code negotiates; tokens are the provider's; money is
 * US dollars, `null` where it isn't known (never 0 for unknown).
 */

export type Uri = string;

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Usage {
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  /** What is known of the cost: "at least", where `costUsd` is null. */
  readonly knownCostUsd: number;
}

/** What somebody other than an architect is there for: to answer for all, or to judge how far the others got. */
export type Seat = "aggregator" | "arbiter";

export interface Architect {
  readonly name: string;
  readonly model: string;
  /** The name of a role of the library, or words. */
  readonly role?: string;
  /** Left out: an architect. */
  readonly seat?: Seat;
  /** Globs of the files it cares about; where none of them is touched it isn't asked. */
  readonly paths?: readonly string[];
  readonly dropped: boolean;
  readonly added?: boolean;
}

export interface Failure {
  readonly kind: string;
  readonly message: string;
}

export type RunStatus = "running" | "done" | "failed" | "cancelled";

export interface Repair {
  readonly status: RunStatus;
  readonly text: string;
  readonly usage: Usage;
  readonly seconds: number;
  readonly error?: Failure;
}

export interface Turn {
  /** From 1 within its round. */
  readonly number?: number;
  /** The number of the turn in whose place this one was asked. */
  readonly retries?: number;
  /** Counts the stages that were held in its round, from 1. */
  readonly step?: number;
  /** What people call that stage; empty in a plain round. */
  readonly stage?: string;
  /** Whether the turns of its step were asked side by side. */
  readonly parallel?: boolean;
  readonly architect: string;
  readonly model: string;
  readonly status: RunStatus;
  readonly text: string;
  readonly proposal: string | null;
  readonly change: Change | null;
  readonly usage: Usage;
  readonly seconds: number;
  readonly notes?: readonly string[];
  /** What it says of others' proposals, and what it asks the user. */
  readonly stances?: readonly Stance[];
  readonly questions?: readonly Question[];
  /** Its own earlier hunks that it gave up for another's, which it had seen. */
  readonly gaveUp?: readonly GivenUp[];
  /** Of its proposal. */
  readonly steps?: readonly Step[];
  readonly repair?: Repair;
  readonly error?: Failure;
}

export type Attitude = "support" | "amend" | "object";

export interface Stance {
  readonly kind: Attitude;
  /** Whom it is about. */
  readonly architect: string;
  /** The part that is meant, as it was named: `2`, `edit 1`, `api.py:12`; empty for all of it. */
  readonly target: string;
  readonly reason: string;
  readonly change: string | null;
  /** None where it is about words alone. */
  readonly hunks: readonly string[];
}

export interface Question {
  /** From 1 within its turn. */
  readonly number: number;
  readonly text: string;
  readonly choices: readonly string[];
  readonly answer: string | null;
}

export interface GivenUp {
  readonly to: string;
  readonly change: string;
  readonly hunks: readonly string[];
}

export interface Step {
  readonly number: number;
  readonly text: string;
  readonly hunks: readonly string[];
}

/** Something that the user settled; `text` is a sentence for people. */
export interface Decision {
  readonly number: number;
  readonly afterRound: number;
  readonly kind: "taken" | "left" | "reopened" | "answered" | "composed";
  readonly text: string;
}

export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

export interface Round {
  readonly discussion: string;
  readonly number: number;
  readonly message: string;
  readonly turns: readonly Turn[];
  readonly usage: Usage;
  readonly seconds: number;
  readonly files?: readonly string[];
  readonly leftOut?: readonly LeftOut[];
  /** The name of the preset it was held by. */
  readonly preset?: string;
  /** Sentences: who wasn't asked and why, and why it ended before its time. */
  readonly notes?: readonly string[];
}

export interface Coding {
  readonly discussion: string;
  readonly number: number;
  readonly afterRound: number;
  readonly message: string;
  readonly model: string;
  readonly status: RunStatus;
  readonly text: string;
  readonly change: Change | null;
  readonly usage: Usage;
  readonly seconds: number;
  /** No model was asked: it was put together of hunks, and cost nothing. */
  readonly composed?: boolean;
  readonly repair?: Repair;
  readonly error?: Failure;
}

export interface Discussion {
  readonly id: string;
  readonly title: string;
  /** ISO 8601 in UTC. */
  readonly created: string;
  readonly architects: readonly Architect[];
  readonly rounds?: readonly Round[];
  readonly codings?: readonly Coding[];
  readonly decisions?: readonly Decision[];
  readonly usage: Usage;
  readonly current?: boolean;
  readonly running?: boolean;
  readonly folder?: Uri | null;
  /** The name of the preset in force, and in one short line who it asks when: `(alpha ∥ bravo) → aggregator`. */
  readonly preset?: string;
  readonly shape?: string;
}

/** Who is asked in one part of a round. */
export interface StagePlan {
  readonly stage: string;
  readonly architects: readonly string[];
  readonly parallel: boolean;
}

/** A named set-up: architects, editor and how they speak. */
export interface Preset {
  readonly name: string;
  readonly kind: string;
  /** A line of what it is. */
  readonly title: string;
  readonly shape: string;
  readonly stages: readonly StagePlan[];
  readonly architects: readonly Pick<Architect, "name" | "model" | "role" | "seat">[];
  readonly calls: { readonly least: number; readonly most: number };
  /** What one message is expected to cost and to take, in seconds; null where it isn't known. `basis` says why in words. */
  readonly costUsd: number | null;
  readonly seconds: number | null;
  readonly basis: string;
  readonly current: boolean;
  readonly from: "built-in" | "settings" | "saved";
  /** Whether a model writes roles for each message by it. */
  readonly writesRoles?: boolean;
  /** The file of a saved one. */
  readonly uri?: Uri;
  /** Why it can't be used. */
  readonly problem?: string;
}

export interface Role {
  readonly name: string;
  readonly text: string;
  readonly from: "built-in" | "user" | "project";
}

export type HunkStatus = "pending" | "applied" | "rejected" | "stale";
export type ChangeStatus = "pending" | "applied" | "partly-applied" | "rejected" | "stale";
export type FileKind = "edit" | "create" | "delete" | "rename";

/** How a hunk, or a region, stands among the architects. */
export type Stand = "contested" | "agreed" | "alone" | "settled";
export type Settled = "taken" | "against";

/** What an architect thinks of one very edit. */
export interface HunkView {
  readonly architect: string;
  readonly kind: Attitude;
  readonly reason: string;
  readonly round: number;
  readonly turn: number;
}

export interface Hunk {
  readonly id: string;
  /** Whole lines, in the document as it is now. */
  readonly range: Range;
  readonly newText: string;
  readonly status: HunkStatus;
  /** Everybody whose proposal of it stands. */
  readonly sources: readonly string[];
  /** The lines at which its blocks begin: of a turn's `proposal`, and of a coding's `text`. */
  readonly replyLines?: readonly number[];
  /** How many lines it takes away, or took. */
  readonly oldLines?: number;
  /** Absent for what no architect proposed, and for what isn't open any more without a contest. */
  readonly stand?: Stand;
  /** What the user decided about it; one that is `taken` is pending until it is written. */
  readonly settled?: Settled;
  /** The newest of each architect. */
  readonly views?: readonly HunkView[];
}

export interface FileChange {
  readonly uri: Uri;
  readonly kind: FileKind;
  readonly newUri?: Uri;
  readonly version: number | null;
  readonly hunks: readonly Hunk[];
}

export interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly hint?: string;
  /** About an edit that was placed: what to look at before applying it. */
  readonly notice?: boolean;
  readonly replyLine?: number;
  readonly near?: { readonly start: number; readonly end: number };
}

export interface Change {
  readonly id: string;
  readonly discussion: string;
  /** An architect's name, `editor`, or `composed`. */
  readonly source: string;
  readonly title: string;
  readonly status: ChangeStatus;
  readonly files: readonly FileChange[];
  readonly diff: string;
  readonly problems: readonly Problem[];
  readonly reasons?: readonly string[];
}

/** One way in which a region could read. */
export interface Alternative {
  readonly architects: readonly string[];
  readonly supporters: readonly string[];
  readonly hunks: readonly { readonly change: string; readonly hunk: string }[];
  /** What it does: `replace 2 lines by 4 lines: def get…`. */
  readonly summary: string;
  /** May be empty. */
  readonly reason: string;
  readonly newText: string;
  readonly settled?: Settled;
}

/** An architect that would have an alternative otherwise, or not at all. */
export interface RegionView {
  readonly architect: string;
  readonly kind: Attitude;
  readonly reason: string;
  /** The place of the alternative. */
  readonly alternative: number;
}

/** Lines that proposals are about, and in which they meet. */
export interface Region {
  /** That of one of its hunks. */
  readonly id: string;
  readonly uri: Uri;
  /** Whole lines; an insertion's is empty. */
  readonly range: Range;
  readonly stand: Stand;
  /** A sentence for people. */
  readonly message: string;
  readonly alternatives: readonly Alternative[];
  readonly views: readonly RegionView[];
}

export interface Disagreement {
  readonly discussion: string;
  readonly architects: readonly string[];
  /** In order of file and line. */
  readonly regions: readonly Region[];
  readonly counts: Readonly<Record<Stand, number>>;
}

export interface PlanStep {
  readonly id: string;
  readonly text: string;
  readonly architects: readonly string[];
  readonly hunks: readonly string[];
  readonly stand: "open" | "settled" | "contested" | "struck";
  readonly added?: boolean;
  readonly edited?: boolean;
}

export interface Plan {
  readonly discussion: string;
  readonly steps: readonly PlanStep[];
  /** Whether it is the user's version. */
  readonly edited: boolean;
  /** Whether `/code` without a message would ask nobody now. */
  readonly free: boolean;
  readonly markdown: string;
}

/** With the refusal of a `compose`: every pair that can't stand together. */
export interface Conflict {
  readonly hunks: readonly string[];
  readonly reason: string;
}

export interface PreviewFile {
  readonly uri: Uri;
  readonly newUri?: Uri;
  readonly kind: FileKind;
  /** The text now; null where there is no such file. */
  readonly before: string | null;
  /** The text with the file's pending hunks applied; null where it would be gone. */
  readonly after: string | null;
  /** The lines of `after` (end excluded) in which each pending hunk's new text stands. */
  readonly hunks: readonly { readonly id: string; readonly start: number; readonly end: number }[];
}

export interface Preview {
  readonly change: string;
  readonly files: readonly PreviewFile[];
}

export interface Checkpoint {
  readonly id: string;
  readonly created: string;
  readonly title: string;
  readonly change: string | null;
  readonly discussion: string | null;
  readonly files: readonly { readonly uri: Uri; readonly exists: boolean }[];
}

export interface Restored {
  readonly checkpoint: Checkpoint | null;
  readonly files: readonly Uri[];
  readonly problems: readonly Problem[];
}

export interface Estimate {
  readonly architect: string;
  readonly model: string;
  readonly inputTokens: number | null;
  readonly costUsd: number | null;
  /** The part of the round in which it is asked, where there are several. */
  readonly stage?: string;
}

export interface Completion {
  readonly label: string;
  readonly detail: string;
  readonly insertText: string;
}

export interface ModelRow {
  readonly model: string;
  readonly provider: string;
  readonly ready: boolean;
  readonly keyVariable: string | null;
  readonly reason?: string;
}

export interface Found {
  readonly discussion: Discussion;
  readonly excerpts: readonly { readonly round: number; readonly architect: string | null; readonly text: string }[];
}
