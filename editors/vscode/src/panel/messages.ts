/**
 * What the panel's page and the extension say to each other: types both ways, and what is shown as plain data. The page
 * knows nothing of the server and decides nothing; it draws what stands here and tells what the user did. Prices and
 * times come as words, made in `view.ts`. Lines count from 0, as on the wire, unless a name says otherwise.
 */

import type { Filter } from "../discussion/filter.ts";
import type { Attitude, Conflict, HunkStatus, PlanStep, Range, RunStatus, Seat, Settled, Stand, Uri } from "../wire.ts";
import type { ShapePart } from "./shape.ts";

/** The place of an architect among its discussion's voices, as `colourIndex` gives it; -1 for the editor model. */
export type Colour = number;

export interface Chip {
  readonly name: string;
  readonly model: string;
  /** The model's name in full, and the role, for who points at it. */
  readonly tip: string;
  readonly colour: Colour;
  readonly dropped: boolean;
  readonly speaking: boolean;
  /** Its role: a name of the library, or words. */
  readonly role: string | null;
  /** What it is there for, where that isn't to propose. */
  readonly seat: Seat | null;
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
  /** How the architects stand to it, in a sign and in words; `null` and empty where nothing is to be said of that. */
  readonly stand: Stand | null;
  readonly standWords: string;
  /** What each of the others thinks of just this: `bravo objects: it hides KeyError`. */
  readonly views: readonly string[];
  /** Whoever proposes it or said something about it. */
  readonly involved: readonly string[];
  /** The lines it came from: of the proposal, in a `/code` of the reply. */
  readonly replyLines: readonly number[];
}

/** What an architect said of another's proposal. */
export interface StanceRow {
  readonly kind: Attitude;
  readonly architect: string;
  readonly colour: Colour;
  /** `bravo objects to step 2: it hides KeyError`. */
  readonly words: string;
}

export interface QuestionRow {
  /** Which turn of which round asks it, by their numbers. */
  readonly round: number;
  readonly turn: number;
  /** From 1 within its turn. */
  readonly number: number;
  readonly text: string;
  readonly choices: readonly string[];
  readonly answer: string | null;
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
  /** The preset it was asked by, where that isn't the plain round. */
  readonly preset: string | null;
  /** Tokens of the whole round; `null` while it runs. */
  readonly figures: string | null;
}

/** The head of one stage of a round; the turns whose `within` is its key stand in it. */
export interface StageBlock {
  readonly kind: "stage";
  readonly key: string;
  /** What people call it; never empty. */
  readonly name: string;
  /** Whether its turns stand side by side where there is room, and how many columns that makes. */
  readonly parallel: boolean;
  readonly columns: number;
  /** Who speaks in it, in order. */
  readonly who: readonly { readonly name: string; readonly colour: Colour; readonly status: RunStatus | "waiting" }[];
  /** Somebody speaks for all in it. */
  readonly answer: boolean;
  /** An answer that speaks for it stands below, so that it may be folded. */
  readonly folds: boolean;
  /** What can be told of it while it is folded: `3 proposals, 1 failed, 4 hunks to review`. */
  readonly summary: string;
}

/** What is to be known about a round as a whole: who wasn't asked, why it ended before its time. */
export interface NotesBlock {
  readonly kind: "notes";
  readonly key: string;
  readonly notes: readonly string[];
}

/** An architect's turn, or a `/code`. */
export interface TurnBlock {
  readonly kind: "turn" | "coding";
  readonly key: string;
  /** The key of the stage in which it stands. */
  readonly within: string | null;
  readonly who: string;
  readonly colour: Colour;
  /** It speaks for all. */
  readonly answer: boolean;
  readonly model: string;
  readonly tip: string;
  readonly dropped: boolean;
  /** What `/code` was told; `null` where nobody was told anything: an architect, or a change put together without a model. */
  readonly told: string | null;
  readonly status: RunStatus;
  readonly text: string;
  readonly proposal: string | null;
  readonly card: ChangeCard | null;
  /** What others said of its proposal, and what it said of theirs. */
  readonly heard: readonly StanceRow[];
  readonly said: readonly StanceRow[];
  readonly questions: readonly QuestionRow[];
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

export type Block = AskedBlock | StageBlock | NotesBlock | TurnBlock;

/** The preset in force. */
export interface Strip {
  readonly name: string;
  /** Who is asked when, on one line; and taken apart, to be drawn, where it could be. */
  readonly shape: string;
  readonly parts: readonly (ShapePart & { readonly colours: readonly Colour[] })[];
  /** What it is, what a message costs and takes: for who points at it. */
  readonly tip: string;
  /** The shape in words that can be read out. */
  readonly spoken: string;
  /** Whether roles can be written by a model for a message. */
  readonly writesRoles: boolean;
}

export interface Head {
  /** The discussion's id; `null`: there is none yet. */
  readonly discussion: string | null;
  readonly title: string;
  /** The workspace folder it belongs to, where there are several. */
  readonly folder: string | null;
  /** `null` where it isn't known yet. */
  readonly preset: Strip | null;
}

/** What an architect has to do with a region: a sign, and the same in words; empty where it has nothing. */
export interface Cell {
  readonly sign: string;
  readonly words: string;
}

/** One way in which a region could read, as something to be taken or picked. */
export interface Choice {
  /** From 1 in its region. */
  readonly number: number;
  readonly architects: readonly { readonly name: string; readonly colour: Colour }[];
  readonly hunks: readonly string[];
  readonly summary: string;
  /** Why: its own reason, and who supports, amends or objects. */
  readonly reasons: readonly string[];
  readonly settled: Settled | null;
  /** What the button says. */
  readonly take: string;
}

/** A region of the code: a row of the matrix. */
export interface Row {
  readonly id: string;
  readonly stand: Stand;
  /** `api.py:12`, the line counted from 1; and the whole path, for who points at it. */
  readonly place: string;
  readonly path: string;
  readonly message: string;
  /** One for each architect of the board. */
  readonly cells: readonly Cell[];
  readonly choices: readonly Choice[];
  /** What leads to the place. */
  readonly at: { readonly change: string; readonly hunk: string } | null;
}

export interface PlanList {
  readonly steps: readonly PlanStep[];
  readonly edited: boolean;
}

/** Where the architects differ, what is decided, and the plan. */
export interface Board {
  readonly counts: Readonly<Record<Stand, number>>;
  readonly architects: readonly { readonly name: string; readonly colour: Colour }[];
  readonly rows: readonly Row[];
  /** So many rows the filter leaves out. */
  readonly leftOut: number;
  readonly filter: Filter;
  /** What was decided, in sentences. */
  readonly decisions: readonly string[];
  readonly plan: PlanList | null;
  /** Whether `/code` would ask nobody now. */
  readonly free: boolean;
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
  /** `null` where there is nothing to see in it. */
  readonly board: Board | null;
  readonly foot: Foot;
  readonly notice: Notice | null;
}

/** What moved since the page was told last. What is left out stays. */
export interface Patch {
  readonly head?: Head;
  readonly chips?: readonly Chip[];
  readonly board?: Board | null;
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
  /** What was submitted is on its way or done, so its text may leave the prompt, and what `went` along with it. */
  | { readonly kind: "accepted"; readonly id: number; readonly history: readonly string[]; readonly went: boolean }
  /** It wasn't sent, or came to nothing: the text is to be in the prompt, and the words beside it. */
  | { readonly kind: "refused"; readonly id: number; readonly text: string; readonly words: string | null }
  /** To be said about the prompt, which stays as it is. */
  | { readonly kind: "said"; readonly words: string }
  /** It is sent when it is submitted once more. */
  | { readonly kind: "confirm"; readonly id: number; readonly words: string }
  /** What stands in the prompt, or comes into it, is to be asked by that preset this once. */
  | { readonly kind: "once"; readonly preset: string }
  /** To answer with `roles`: what stands in the prompt is to have roles written for it. */
  | { readonly kind: "roles" }
  | { readonly kind: "reveal"; readonly round: number }
  /** Unfolds the matrix and leads the keyboard to that region's row, or to the first one. */
  | { readonly kind: "board"; readonly region: string | null }
  /** What was picked is one change now; or it isn't, for the reasons that are named. */
  | { readonly kind: "composed" }
  | { readonly kind: "conflicts"; readonly words: string; readonly conflicts: readonly Conflict[] };

/** The commands that a button of the page may run. Nothing else is taken from it. */
export const PAGE_COMMANDS = [
  "moa-lsp.addArchitect",
  "moa-lsp.anotherRound",
  "moa-lsp.applyHunks",
  "moa-lsp.deleteDiscussion",
  "moa-lsp.demo",
  "moa-lsp.dropArchitect",
  "moa-lsp.editPlan",
  "moa-lsp.exportDiscussion",
  "moa-lsp.filterByArchitect",
  "moa-lsp.forkDiscussion",
  "moa-lsp.installServer",
  "moa-lsp.leaveHunks",
  "moa-lsp.manageTrust",
  "moa-lsp.newDiscussion",
  "moa-lsp.onlyContested",
  "moa-lsp.openSettings",
  "moa-lsp.openWalkthrough",
  "moa-lsp.rejectHunks",
  "moa-lsp.renameDiscussion",
  "moa-lsp.reopenHunks",
  "moa-lsp.restartServer",
  "moa-lsp.retry",
  "moa-lsp.review",
  "moa-lsp.searchDiscussions",
  "moa-lsp.selectPreset",
  "moa-lsp.setKey",
  "moa-lsp.setRole",
  "moa-lsp.showHunk",
  "moa-lsp.showLog",
  "moa-lsp.switchDiscussion",
  "moa-lsp.takeHunks",
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
  "moa-lsp.selectPreset",
  "moa-lsp.setRole",
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

/** A step of the plan as the user left it. Without an id it is their own. */
export interface PlanEntry {
  readonly id?: string;
  readonly text: string;
  readonly struck?: boolean;
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
  /** Have one change put together of these hunks. */
  | { readonly kind: "compose"; readonly hunks: readonly string[] }
  | { readonly kind: "answer"; readonly question: Pick<QuestionRow, "round" | "turn" | "number">; readonly answer: string }
  /** The plan as the user has it now; `null`: as it is compiled. */
  | { readonly kind: "plan"; readonly steps: readonly PlanEntry[] | null }
  /** Have roles written for what stands in the prompt. */
  | { readonly kind: "roles"; readonly text: string; readonly attachments: readonly Attachment[] }
  | { readonly kind: "complete"; readonly id: number; readonly text: string; readonly position: number }
  | { readonly kind: "estimate"; readonly id: number; readonly text: string; readonly attachments: readonly Attachment[] }
  | { readonly kind: "link"; readonly href: string }
  | { readonly kind: "copy"; readonly text: string };
