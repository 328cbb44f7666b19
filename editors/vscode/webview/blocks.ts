/**
 * One block of the discussion as an element: what the user asked, or a turn (stages and notes are in `stage.ts`). A
 * finished turn is drawn once and kept; one that runs grows at its end.
 */

import type { AskedBlock, Block, ChangeCard, Live, TurnBlock } from "../src/panel/messages.ts";
import { button, el, prose, put } from "./dom.ts";
import { remembered, rememberFold, tell } from "./page.ts";
import { proposalCard, writtenEdit } from "./proposal.ts";
import { linesOfProse, pieces, unreadStances, type Piece } from "./reply.ts";
import { Speech } from "./speech.ts";
import { questionCard, stanceList } from "./stances.ts";
import { NotesView, StageView } from "./stage.ts";

/** So many lines of reasons aren't worth a fold. */
const SHORT = 3;

export interface BlockView {
  readonly element: HTMLElement;
  /** Where the blocks stand that are within this one, and whether they are folded away. */
  readonly inside?: HTMLElement;
  readonly folded?: boolean;
  show(block: Block): void;
  grow(text: string): void;
  /** The architect whose word it is, if it is one's. */
  readonly who?: string | undefined;
  /** Folds or unfolds its reasons; false where there are none. */
  fold(): boolean;
  /** Once a second while it runs. */
  tick(now: number): void;
}

/** What a block needs from the page around it. */
export interface Surroundings {
  /** Puts something into the prompt. */
  ask(text: string): void;
  /** Whether the view follows the end: only then may what was read just now be folded. */
  following(): boolean;
}

export function blockView(block: Block, around: Surroundings): BlockView {
  switch (block.kind) {
    case "asked":
      return new AskedView(block);
    case "stage":
      return new StageView(block, around);
    case "notes":
      return new NotesView(block);
    case "turn":
    case "coding":
      return new TurnView(block, around);
  }
}

class AskedView implements BlockView {
  readonly element = el("article", { class: "block asked" });

  constructor(block: AskedBlock) {
    this.show(block);
  }

  show(block: Block): void {
    if (block.kind !== "asked") {
      return;
    }
    this.element.setAttribute("aria-label", `Round ${block.round}: you asked`);
    put(
      this.element,
      el(
        "header",
        {},
        el("span", { class: "name" }, "You"),
        block.preset !== null && el("span", { class: "quiet", title: "The preset it was asked by" }, `by ${block.preset}`),
        block.figures !== null && el("span", { class: "figures", title: "Tokens sent in this round" }, block.figures),
      ),
      el("div", { class: "message" }, block.text),
      this.#files(block),
    );
  }

  grow(): void {
    // What was asked doesn't grow.
  }

  fold(): boolean {
    const details = this.element.querySelector("details");
    details?.toggleAttribute("open");
    return details !== null;
  }

  tick(): void {
    // Nothing here runs.
  }

  #files({ files, leftOut }: AskedBlock): HTMLElement | null {
    if (files.length === 0 && leftOut.length === 0) {
      return null;
    }
    const shown = files.length > 4 ? `${files.slice(0, 3).join(" · ")} and ${files.length - 3} more` : files.join(" · ");
    if (leftOut.length === 0 && files.length <= 4) {
      return el("div", { class: "files", title: files.join("\n") }, shown);
    }
    const summary = [shown, leftOut.length > 0 ? `${leftOut.length} left out` : ""].filter(Boolean).join(" · ");
    return el(
      "details",
      { class: "files" },
      el("summary", { tabindex: -1 }, summary),
      el(
        "ul",
        {},
        ...files.map((path) => el("li", {}, path)),
        ...leftOut.map(({ path, reason }) =>
          el("li", { class: "left-out" }, `${path}: `, el("span", { class: "quiet" }, reason)),
        ),
      ),
    );
  }
}

class TurnView implements BlockView {
  readonly element: HTMLElement;
  readonly #head = el("header");
  readonly #body = el("div", { class: "body" });
  #block: TurnBlock;
  #growing: Growing | null = null;
  #why: HTMLElement | null = null;

  constructor(
    block: TurnBlock,
    readonly around: Surroundings,
  ) {
    this.#block = block;
    this.element = el("article", { class: "block turn" }, this.#head, this.#body);
    this.#draw(false);
  }

  show(block: Block): void {
    if (block.kind !== "turn" && block.kind !== "coding") {
      return;
    }
    const ended = this.#block.status === "running" && block.status !== "running";
    this.#block = block;
    this.#draw(ended);
  }

  get who(): string | undefined {
    return this.#block.kind === "turn" ? this.#block.who : undefined;
  }

  grow(text: string): void {
    this.#block = { ...this.#block, text: this.#block.text + text };
    this.#growing?.show(this.#block.text, this.#block.live);
  }

  fold(): boolean {
    const toggle = this.#why?.querySelector<HTMLButtonElement>(".fold");
    toggle?.click();
    return toggle !== null && toggle !== undefined;
  }

  tick(now: number): void {
    const since = this.#block.live?.since ?? 0;
    const figures = this.#head.querySelector(".figures");
    if (since > 0 && figures) {
      figures.textContent = `${Math.max(0, Math.round((now - since) / 1000))} s`;
    }
  }

  #draw(justEnded: boolean): void {
    const block = this.#block;
    const { element } = this;
    const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    element.className = `block turn who-${block.colour} ${block.status}${block.dropped ? " dropped" : ""}${block.answer ? " answer" : ""}`;
    element.setAttribute("aria-label", `${block.who}, ${block.model}, ${statusWord(block)}`);
    this.#drawHead();
    if (block.status === "running") {
      if (!this.#growing) {
        this.#growing = new Growing(block);
        put(this.#body, told(block), this.#growing.element);
      }
      this.#growing.show(block.text, block.live);
      return;
    }
    this.#growing = null;
    this.#drawBody(justEnded);
    if (focused && !focused.isConnected) {
      // The keyboard stays where it was, though all of it was drawn anew.
      (sameIn(element, focused) ?? element).focus({ preventScroll: true });
    }
  }

  #drawHead(): void {
    const { who, model, tip, figures, figuresTip, dropped, kind, told, onceMore } = this.#block;
    const name = kind === "turn" ? who : told === null ? "change" : "editor";
    put(
      this.#head,
      el("span", { class: "dot", "aria-hidden": "true" }, dropped ? "◌" : "●"),
      el("span", { class: "name" }, name),
      el("span", { class: "model", title: tip }, model),
      onceMore && el("span", { class: "quiet" }, "once more"),
      dropped && el("span", { class: "quiet" }, "dropped"),
      el("span", { class: "figures", title: figuresTip }, figures),
    );
  }

  #drawBody(justEnded: boolean): void {
    const block = this.#block;
    const { why, words } = apart(block);
    const card = block.card ?? words.length > 0 ? proposalCard(block, words, (text) => this.around.ask(text)) : null;
    const foldable = card !== null && linesOfProse(why.map((piece) => piece.text).join("\n")) > SHORT;
    // Who read on while it streamed, away from the end, isn't moved by a fold.
    const open = remembered().folds[block.key] ?? (justEnded && !this.around.following());
    this.#why = why.length > 0 ? this.#reasons(why, words.length > 0 ? null : block.card, foldable, open) : null;
    put(
      this.#body,
      told(block),
      this.#why,
      card ?? stanceList(block.heard, `What others say of ${block.who}'s proposal`),
      stanceList(block.said, `What ${block.who} says of others`, true),
      ...block.questions.map((question) => questionCard(question, block.who, block.key)),
      ...block.notes.map((note) => el("p", { class: "note quiet" }, note)),
      block.error !== null && this.#ending(block.error),
    );
  }

  /** `card` is that of the hunks which these pieces may have made. */
  #reasons(why: readonly Piece[], card: ChangeCard | null, foldable: boolean, open: boolean): HTMLElement {
    const text = el(
      "div",
      { class: "reasons" },
      ...why.map((piece) => (piece.kind === "edit" ? writtenEdit(piece, card) : prose(piece.text))),
    );
    const element = el("div", { class: "why" }, text);
    if (foldable) {
      const lines = linesOfProse(why.map((piece) => piece.text).join("\n"));
      const toggle = button("", () => set(element.classList.contains("folded"), true), { class: "fold", tabindex: -1 });
      const set = (unfolded: boolean, keep: boolean): void => {
        element.classList.toggle("folded", !unfolded);
        toggle.textContent = unfolded ? "▾ why" : `▸ why (${lines} lines)`;
        toggle.setAttribute("aria-expanded", String(unfolded));
        if (keep) {
          rememberFold(this.#block.key, unfolded);
        }
      };
      set(open, false);
      element.append(toggle);
    }
    return element;
  }

  #ending(words: string): HTMLElement {
    const { status, retry, drop, who } = this.#block;
    const again = (): void => tell({ kind: "run", command: "moa-lsp.retry", argument: { architect: who } });
    return el(
      "div",
      { class: `ending ${status}`, role: "note" },
      el("span", { class: "ending-words" }, words),
      el(
        "span",
        { class: "actions" },
        retry && button("Retry", again, { class: "action", tabindex: -1, "aria-label": `Ask ${who} once more` }),
        drop &&
          button("Drop", () => tell({ kind: "run", command: "moa-lsp.dropArchitect", argument: { name: who } }), {
            class: "action",
            tabindex: -1,
            "aria-label": `Drop ${who}`,
          }),
      ),
    );
  }
}

/** A turn that runs: its pieces as they arrive, the edits as rows, and what is going on. */
class Growing {
  readonly element = el("div", { class: "growing" });
  readonly #now = el("div", { class: "now quiet" });
  readonly #edits: boolean;
  #parts: { readonly piece: Piece; readonly element: HTMLElement; readonly speech: Speech | null }[] = [];

  constructor(block: TurnBlock) {
    this.#edits = block.kind === "coding";
    this.element.append(this.#now);
  }

  show(text: string, live: Live | null): void {
    const all = pieces(text, true);
    for (const [index, piece] of all.entries()) {
      const part = this.#parts[index];
      if (part?.piece.kind !== piece.kind || part.piece.proposed !== piece.proposed) {
        this.#cut(index);
        this.#add(piece);
      }
      const shown = this.#parts[index];
      if (shown?.speech) {
        shown.speech.show(piece.text);
      } else if (shown) {
        drawEdit(shown.element, piece, live);
      }
    }
    this.#cut(all.length);
    put(this.#now, doing(text, live));
    this.#now.hidden = this.#now.textContent === "";
  }

  #add(piece: Piece): void {
    const speech = piece.kind === "edit" ? null : new Speech();
    const element = speech?.element ?? el("div", { class: "edit-row" });
    this.#parts.push({ piece, element, speech });
    if (!piece.proposed || this.#edits) {
      this.#now.before(element);
      return;
    }
    const last = this.#now.previousElementSibling;
    const card = last?.classList.contains("card") ? last : this.#card();
    card.append(element);
  }

  #card(): Element {
    const card = el("section", { class: "card" }, el("div", { class: "card-head" }, el("span", { class: "card-title" }, "proposal")));
    this.#now.before(card);
    return card;
  }

  #cut(from: number): void {
    for (const { element } of this.#parts.splice(from)) {
      const card = element.parentElement;
      element.remove();
      if (card?.classList.contains("card") && card.childElementCount === 1) {
        card.remove();
      }
    }
  }
}

function drawEdit(element: HTMLElement, piece: Piece, live: Live | null): void {
  const read = (live?.edits ?? []).filter(({ path }) => piece.path !== null && path.endsWith(piece.path));
  const bad = read.find((edit) => edit.fits === false);
  const mark = bad ? "✗" : piece.closed && read.length > 0 ? "✓" : "✎";
  put(
    element,
    el("span", { class: "glyph", "aria-hidden": "true" }, mark),
    el("span", { class: "place" }, piece.path ?? "an edit"),
    el("span", { class: "quiet" }, piece.closed ? (bad?.problem ?? "") : `${piece.lines} lines so far`),
  );
  element.classList.toggle("refused", bad !== undefined);
}

function doing(text: string, live: Live | null): string {
  if (live?.waiting) {
    const { seconds, reason } = live.waiting;
    return seconds > 0 ? `waits ${Math.round(seconds)} s: ${reason}` : reason;
  }
  if (live && live.repairing > 0) {
    return `${live.repairing === 1 ? "One edit doesn't" : `${live.repairing} edits don't`} fit; asking for it once more…`;
  }
  return text === "" ? "is thinking…" : "";
}

/** A finished reply's pieces: what stands outside of the proposal, and the proposal's own words. */
function apart(block: TurnBlock): { why: readonly Piece[]; words: readonly Piece[] } {
  const { text, proposal } = block;
  const all = pieces(text, false).flatMap((piece) => withoutBeside(piece, block));
  if (block.kind === "coding") {
    return { why: all.filter((piece) => piece.kind === "prose" || block.card === null), words: [] };
  }
  const words = all.filter((piece) => piece.proposed);
  if (words.length > 0 || proposal === null || proposal.trim() === text.trim()) {
    // The lines that a turn's hunks came from are counted in its proposal.
    const first = words[0]?.line ?? 0;
    return {
      why: all.filter((piece) => !piece.proposed),
      words: words.map((piece) => ({ ...piece, line: piece.line - first })),
    };
  }
  // The server read it more leniently than is done here: where the proposal stands in the text, it is taken out.
  const at = text.indexOf(proposal);
  if (at < 0) {
    return { why: [], words: pieces(proposal, false) };
  }
  return {
    why: [text.slice(0, at), text.slice(at + proposal.length)].flatMap((part) =>
      pieces(part, false).flatMap((piece) => withoutBeside(piece, block)),
    ),
    words: pieces(proposal, false),
  };
}

/** Stances and questions that were read are drawn as such; what wasn't stays words. */
function withoutBeside(piece: Piece, { said, questions }: TurnBlock): readonly Piece[] {
  if (piece.kind === "stances" && said.length > 0) {
    const text = unreadStances(piece.text);
    return text ? [{ ...piece, kind: "prose", text }] : [];
  }
  return piece.kind === "question" && questions.length > 0 ? [] : [piece];
}

/** What stands for the same hunk or action as an element that was there before. */
function sameIn(element: HTMLElement, { dataset }: HTMLElement): HTMLElement | null {
  const name = dataset.hunk ? "hunk" : "action";
  const value = dataset[name];
  return value ? element.querySelector<HTMLElement>(`[data-${name}="${CSS.escape(value)}"]`) : null;
}

function told(block: TurnBlock): HTMLElement | null {
  return block.told === null ? null : el("div", { class: "told" }, el("code", {}, "/code"), ` ${block.told}`);
}

function statusWord(block: TurnBlock): string {
  const word = { running: "is speaking", done: "finished", failed: "failed", cancelled: "stopped" }[block.status];
  return block.onceMore ? `once more, ${word}` : word;
}
