/**
 * What the extension and the server say to each other, beyond plain LSP: a mirror of the project's `docs/protocol.md`,
 * one to one. Types only; nothing here runs. Lines and characters count from 0, characters in UTF-16 units, as
 * VS Code negotiates; tokens are the provider's; money is US dollars, `null` where it isn't known (never 0 for unknown).
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
  readonly repair?: Repair;
  readonly error?: Failure;
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
  /** An architect's name, or `editor`. */
  readonly source: string;
  readonly title: string;
  readonly status: ChangeStatus;
  readonly files: readonly FileChange[];
  readonly diff: string;
  readonly problems: readonly Problem[];
  readonly reasons?: readonly string[];
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

interface InDiscussion {
  readonly discussion?: string;
}

interface OfChange {
  readonly change: string;
  readonly hunks?: readonly string[];
}

/** Each command: what it takes and what it gives. `discuss` is the request `moa/discuss`. */
export interface Commands {
  readonly discuss: {
    argument: InDiscussion & {
      readonly message: string;
      readonly files?: readonly Uri[];
      readonly selection?: { readonly uri: Uri; readonly range: Range };
      readonly folder?: Uri;
      /** Another preset for this one message. */
      readonly preset?: string;
    };
    result: Round;
  };
  readonly code: { argument: InDiscussion & { readonly message?: string; readonly files?: readonly Uri[] }; result: Change };
  readonly retry: { argument: InDiscussion & { readonly architect: string }; result: Round };
  readonly cancel: { argument: InDiscussion; result: Discussion };
  readonly "drop-architect": { argument: InDiscussion & { readonly name: string }; result: Discussion };
  readonly "restore-architect": { argument: InDiscussion & { readonly name: string }; result: Discussion };
  readonly "add-architect": {
    argument: InDiscussion & { readonly model: string; readonly name?: string; readonly role?: string };
    result: Discussion;
  };
  readonly "set-role": { argument: InDiscussion & { readonly name: string; readonly role?: string | null }; result: Discussion };
  readonly "new-discussion": { argument: { readonly folder?: Uri }; result: Discussion };
  readonly "show-discussion": { argument: InDiscussion; result: Discussion };
  readonly "list-discussions": { argument: Record<string, never>; result: readonly Discussion[] };
  readonly "select-discussion": { argument: { readonly discussion: string }; result: Discussion };
  readonly "rename-discussion": { argument: InDiscussion & { readonly title: string }; result: Discussion };
  readonly "delete-discussion": { argument: { readonly discussion: string }; result: readonly Discussion[] };
  readonly "fork-discussion": { argument: InDiscussion & { readonly afterRound?: number }; result: Discussion };
  readonly "search-discussions": { argument: { readonly query: string }; result: readonly Found[] };
  readonly "export-discussion": { argument: InDiscussion; result: { readonly title: string; readonly markdown: string } };
  readonly apply: { argument: OfChange; result: Change };
  readonly reject: { argument: OfChange & { readonly reason?: string }; result: Change };
  readonly unreject: { argument: OfChange; result: Change };
  readonly undo: { argument: { readonly change: string }; result: Change };
  readonly preview: { argument: { readonly change: string }; result: Preview };
  readonly checkpoints: { argument: InDiscussion; result: readonly Checkpoint[] };
  readonly restore: { argument: { readonly checkpoint: string; readonly files?: readonly Uri[] }; result: Restored };
  readonly estimate: {
    argument: InDiscussion & {
      readonly message: string;
      readonly files?: readonly Uri[];
      readonly for?: "discuss" | "code";
      readonly preset?: string;
    };
    /** A row for each call; somebody who is asked several times stands there several times. */
    result: readonly Estimate[];
  };
  readonly presets: { argument: InDiscussion; result: readonly Preset[] };
  readonly "select-preset": { argument: InDiscussion & { readonly preset: string }; result: Discussion };
  readonly "save-preset": {
    argument: InDiscussion & { readonly name: string; readonly replace?: boolean };
    result: Preset;
  };
  readonly "rename-preset": { argument: { readonly name: string; readonly to: string }; result: Preset };
  readonly "delete-preset": { argument: { readonly name: string }; result: readonly Preset[] };
  readonly roles: { argument: InDiscussion; result: readonly Role[] };
  readonly "write-roles": { argument: InDiscussion & { readonly message: string; readonly files?: readonly Uri[] }; result: Discussion };
  readonly complete: { argument: { readonly text: string; readonly position: number }; result: readonly Completion[] };
  readonly models: { argument: Record<string, never>; result: readonly ModelRow[] };
}

export type CommandName = keyof Commands;

interface Told<Kind extends string> {
  readonly kind: Kind;
  readonly discussion: string;
}

/** The `moa/event` notification. In `discussionUpdated` the key `discussion` holds the object itself. */
export type MoaEvent =
  | (Told<"roundStarted"> & { readonly number: number; readonly message: string; readonly preset?: string })
  /** Before a stage's first turn, in rounds with several stages or with one in which they speak side by side. */
  | (Told<"stageStarted"> & StagePlan & { readonly step: number })
  | (Told<"roundNoted"> & { readonly text: string; readonly architect?: string })
  | (Told<"turnStarted"> & { readonly architect: string; readonly step?: number; readonly stage?: string })
  | (Told<"turnDelta"> & { readonly architect: string; readonly text: string })
  | (Told<"turnWaiting"> & { readonly architect: string; readonly seconds: number; readonly reason: string })
  | (Told<"turnFinished"> & { readonly turn: Turn })
  | (Told<"roundFinished"> & { readonly round: Round })
  | (Told<"editRead"> & {
      readonly architect: string | null;
      readonly path: string;
      readonly edit: FileKind | "rewrite";
      readonly fits: boolean | null;
      readonly problem?: string;
    })
  | (Told<"repairStarted"> & { readonly architect: string | null; readonly problems: readonly Problem[] })
  | (Told<"repairFinished"> & {
      readonly architect: string | null;
      readonly placed: number;
      readonly left: number;
      readonly status: RunStatus;
      readonly usage: Usage;
    })
  | (Told<"codeStarted"> & { readonly message: string; readonly model: string })
  | (Told<"codeDelta"> & { readonly text: string })
  | (Told<"codeWaiting"> & { readonly seconds: number; readonly reason: string })
  | (Told<"codeFinished"> & { readonly coding: Coding })
  | (Told<"changeReady"> & { readonly change: Change })
  | (Told<"changeUpdated"> & { readonly change: Change })
  | { readonly kind: "discussionUpdated"; readonly discussion: Discussion };

/** The error codes of `docs/protocol.md`. */
export const INVALID = -32602;
export const NOT_POSSIBLE = -32803;
export const CANCELLED = -32800;
