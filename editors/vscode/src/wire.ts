/**
 * What the extension and the server say to each other, beyond plain LSP: commands, events and error codes, a mirror of the
 * project's `docs/protocol.md`, one to one. Types only; nothing here runs. The values themselves stand in `wire-values.ts`,
 * and come from here.
 */

import type {
  Change,
  Checkpoint,
  Coding,
  Completion,
  Disagreement,
  Discussion,
  Estimate,
  FileKind,
  Found,
  ModelRow,
  Plan,
  Preset,
  Preview,
  Problem,
  Range,
  Restored,
  Role,
  Round,
  RunStatus,
  StagePlan,
  Turn,
  Uri,
  Usage,
} from "./wire-values.ts";

export type * from "./wire-values.ts";

interface InDiscussion {
  readonly discussion?: string;
}

interface OfHunks extends InDiscussion {
  readonly hunks: readonly string[];
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
  readonly disagreement: { argument: InDiscussion; result: Disagreement };
  readonly take: { argument: OfHunks; result: Disagreement };
  readonly leave: { argument: OfHunks & { readonly reason?: string }; result: Disagreement };
  readonly reopen: { argument: OfHunks; result: Disagreement };
  /** Refused with `{conflicts: Conflict[]}` where some of them contradict each other. */
  readonly compose: { argument: OfHunks & { readonly title?: string }; result: Change };
  readonly plan: { argument: InDiscussion; result: Plan };
  /** With neither, the plan is compiled anew. */
  readonly "set-plan": {
    argument: InDiscussion & {
      readonly steps?: readonly { readonly id?: string; readonly text: string; readonly struck?: boolean }[];
      readonly markdown?: string;
    };
    result: Plan;
  };
  readonly "answer-question": {
    argument: InDiscussion & {
      readonly round: number;
      readonly turn: number;
      readonly question: number;
      readonly answer: string;
    };
    result: Discussion;
  };
  readonly checkpoints: { argument: InDiscussion; result: readonly Checkpoint[] };
  readonly restore: { argument: { readonly checkpoint: string; readonly files?: readonly Uri[] }; result: Restored };
  readonly estimate: {
    argument: InDiscussion & {
      readonly message: string;
      readonly files?: readonly Uri[];
      readonly for?: "discuss" | "code";
      readonly preset?: string;
    };
    /** A row for each call; somebody who is asked several times stands there several times. None: nobody is asked. */
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
  | { readonly kind: "disagreementUpdated"; readonly disagreement: Disagreement }
  | { readonly kind: "discussionUpdated"; readonly discussion: Discussion };

/** The error codes of `docs/protocol.md`. */
export const INVALID = -32602;
export const NOT_POSSIBLE = -32803;
export const CANCELLED = -32800;
