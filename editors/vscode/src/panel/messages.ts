/**
 * What the panel's page and the extension say to each other: types both ways, and what is shown as plain data. The page
 * knows nothing of the server and decides nothing; it draws what stands here and tells what the user did. Prices and
 * times come as words, made in `view.ts`. Lines count from 0, as on the wire, unless a name says otherwise.
 */

import type { HunkStatus, Range, RunStatus, Uri } from "../wire.ts";

/** The place of an architect among its discussion's, as `colourIndex` gives it; -1 for the editor model. */
export type Colour = number;

export interface Chip {
  readonly name: string;
  readonly model: string;
  /** The model's name in full, and the role, for who points at it. */
  readonly tip: string;
  readonly colour: Colour;
  readonly dropped: boolean;
  readonly speaking: boolean;
}

/** One hunk in a proposal's list. */
export interface HunkRow {
  readonly id: string;
  /** Counts from 1 in its change. */
  readonly number: number;
  /** `store.py:12`, the line counted from 1. */
  readonly place: string;
  /** The whole path and line, for who points at it. */
  readonly path: string;
  /** Its first telling line, or what becomes of the file. */
  readonly what: string;
  /** Whether `what` is a line of code. */
  readonly code: boolean;
  readonly added: number;
  readonly removed: number;
  readonly status: HunkStatus;
  /** `applied`, or why it can't be. */
  readonly statusWords: string;
  /** The others who propose the very same. */
  readonly agreed: readonly string[];
  /** The lines it came from: of the proposal, in a `/code` of the reply. */
  readonly replyLines: readonly number[];
}

export interface ProblemRow {
  readonly message: string;
  readonly hint: string | null;
  /** It was placed; this is only to be looked at. */
  readonly notice: boolean;
  readonly replyLine: number | null;
}

export interface ChangeCard {
  readonly id: string;
  readonly hunks: readonly HunkRow[];
  readonly problems: readonly ProblemRow[];
  readonly pending: number;
  readonly applied: number;
  readonly rejected: number;
}

/** What happens at the moment in a turn that runs. */
export interface Live {
  /** Epoch milliseconds at which it began; 0 where that isn't known (the window was opened meanwhile). */
  readonly since: number;
  /** Why nothing arrives, and for how many seconds. */
  readonly waiting: { readonly seconds: number; readonly reason: string } | null;
  readonly edits: readonly { readonly path: string; readonly fits: boolean | null; readonly problem: string | null }[];
  readonly repairing: number;
}

/** What the user said, at the head of a round. */
export interface AskedBlock {
  readonly kind: "asked";
  readonly key: string;
  readonly round: number;
  readonly text: string;
  readonly files: readonly string[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  /** Tokens of the whole round; `null` while it runs. */
  readonly figures: string | null;
}

/** An architect's turn, or a `/code`. */
export interface TurnBlock {
  readonly kind: "turn" | "coding";
  readonly key: string;
  readonly who: string;
  readonly colour: Colour;
  readonly model: string;
  readonly tip: string;
  readonly dropped: boolean;
  /** What `/code` was told; empty for an architect. */
  readonly told: string;
  readonly status: RunStatus;
  readonly text: string;
  readonly proposal: string | null;
  readonly card: ChangeCard | null;
  /** `4.1 s · 1.9k tok · 0.9 ¢`, and the same in full for who points at it. */
  readonly figures: string;
  readonly figuresTip: string;
  readonly notes: readonly string[];
  /** Why it failed or ended, in words. */
  readonly error: string | null;
  /** It is asked in the place of an earlier turn that failed or was stopped. */
  readonly onceMore: boolean;
  readonly retry: boolean;
  /** Whether a failed one offers to ask this architect no more. */
  readonly drop: boolean;
  readonly live: Live | null;
}

export type Block = AskedBlock | TurnBlock;

export interface Head {
  /** The discussion's id; `null`: there is none yet. */
  readonly discussion: string | null;
  readonly title: string;
  /** The workspace folder it belongs to, where there are several. */
  readonly folder: string | null;
}

export interface Foot {
  readonly words: readonly string[];
  readonly tip: string;
  readonly running: boolean;
  /** The hunks that wait for the user, over all changes. */
  readonly pending: number;
}

export interface NoticeButton {
  readonly title: string;
  readonly command: string;
  readonly arguments: readonly unknown[];
}

/** What stands in the discussion's place, or above the prompt, where it can't go on by itself. */
export interface Notice {
  readonly kind: "restricted" | "failed" | "starting" | "nobody" | "empty";
  readonly title: string;
  readonly words: readonly string[];
  readonly buttons: readonly NoticeButton[];
}

export interface PanelView {
  readonly head: Head;
  readonly chips: readonly Chip[];
  readonly blocks: readonly Block[];
  readonly foot: Foot;
  readonly notice: Notice | null;
}

/** What moved since the page was told last. What is left out stays. */
export interface Patch {
  readonly head?: Head;
  readonly chips?: readonly Chip[];
  readonly foot?: Foot;
  readonly notice?: Notice | null;
  /** The keys of all blocks, where there are others than before. */
  readonly order?: readonly string[];
  readonly blocks?: readonly Block[];
  /** Text that was added to a turn's end. */
  readonly grown?: readonly { readonly key: string; readonly text: string }[];
  /** Short sentences for screen readers. */
  readonly said?: readonly string[];
}

/** A file, or lines of one, that goes along with the next message. */
export interface Attachment {
  readonly uri: Uri;
  readonly range: Range | null;
  /** `api.py`, or `api.py:10–24` with lines counted from 1. */
  readonly label: string;
}

export interface CompletionRow {
  readonly label: string;
  readonly detail: string;
  readonly insertText: string;
}

export type ToPage =
  | { readonly kind: "all"; readonly view: PanelView; readonly history: readonly string[] }
  | { readonly kind: "some"; readonly patch: Patch }
  | { readonly kind: "completions"; readonly id: number; readonly rows: readonly CompletionRow[] }
  /** `words` is null where the price is too small to be worth a word. */
  | { readonly kind: "estimate"; readonly id: number; readonly words: string | null; readonly tip: string }
  /** To be put into the prompt, beside what stands there; `focus` moves the caret there. */
  | {
      readonly kind: "compose";
      readonly text: string;
      readonly attachments: readonly Attachment[];
      readonly focus: boolean;
    }
  /** What was submitted is on its way, so its text may leave the prompt. */
  | { readonly kind: "accepted"; readonly id: number; readonly history: readonly string[] }
  /** It wasn't sent, or came to nothing: the text is to be in the prompt, and the words beside it. */
  | { readonly kind: "refused"; readonly id: number; readonly text: string; readonly words: string | null }
  /** It is sent when it is submitted once more. */
  | { readonly kind: "confirm"; readonly id: number; readonly words: string }
  | { readonly kind: "reveal"; readonly round: number };

/** The commands that a button of the page may run. Nothing else is taken from it. */
export const PAGE_COMMANDS = [
  "moa-lsp.addArchitect",
  "moa-lsp.applyHunks",
  "moa-lsp.deleteDiscussion",
  "moa-lsp.demo",
  "moa-lsp.dropArchitect",
  "moa-lsp.exportDiscussion",
  "moa-lsp.forkDiscussion",
  "moa-lsp.installServer",
  "moa-lsp.manageTrust",
  "moa-lsp.newDiscussion",
  "moa-lsp.openSettings",
  "moa-lsp.openWalkthrough",
  "moa-lsp.rejectHunks",
  "moa-lsp.renameDiscussion",
  "moa-lsp.restartServer",
  "moa-lsp.retry",
  "moa-lsp.review",
  "moa-lsp.searchDiscussions",
  "moa-lsp.setKey",
  "moa-lsp.showHunk",
  "moa-lsp.showLog",
  "moa-lsp.switchDiscussion",
  "moa-lsp.undoChange",
  "moa-lsp.unrejectHunks",
] as const;

export type PageCommand = (typeof PAGE_COMMANDS)[number];

/** Those of them that ask by lists and boxes, and after which one is back in the panel. */
export const MENUS: readonly PageCommand[] = [
  "moa-lsp.addArchitect",
  "moa-lsp.deleteDiscussion",
  "moa-lsp.dropArchitect",
  "moa-lsp.forkDiscussion",
  "moa-lsp.newDiscussion",
  "moa-lsp.renameDiscussion",
  "moa-lsp.searchDiscussions",
  "moa-lsp.switchDiscussion",
  "moa-lsp.unrejectHunks",
];

export interface Submitted {
  readonly kind: "submit";
  readonly id: number;
  /** As it was typed, to the letter. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** The price was shown, and the user pressed once more. */
  readonly confirmed: boolean;
}

export type FromPage =
  | { readonly kind: "ready" }
  /** Whether the keyboard is in the page. */
  | { readonly kind: "focus"; readonly here: boolean }
  | Submitted
  | { readonly kind: "stop" }
  | { readonly kind: "run"; readonly command: PageCommand; readonly argument: unknown }
  /** A button of the notice, by its place there: what it runs, the extension knows. */
  | { readonly kind: "remedy"; readonly index: number }
  | { readonly kind: "architect"; readonly name: string }
  | { readonly kind: "more" }
  | { readonly kind: "complete"; readonly id: number; readonly text: string; readonly position: number }
  | { readonly kind: "estimate"; readonly id: number; readonly text: string; readonly attachments: readonly Attachment[] }
  | { readonly kind: "link"; readonly href: string }
  | { readonly kind: "copy"; readonly text: string };
