/**
 * What stands around the turns of a round: the heading of a stage, which holds them and folds, and the round's notes.
 */

import type { Block, NotesBlock, StageBlock } from "../src/panel/messages.ts";
import type { BlockView, Surroundings } from "./blocks.ts";
import { button, el, icon, put } from "./dom.ts";
import { remembered, rememberFold } from "./page.ts";

export class StageView implements BlockView {
  readonly #head = el("header");
  readonly inside = el("div", { class: "turns" });
  readonly element = el("section", { class: "block stage" }, this.#head, this.inside);
  #block: StageBlock;
  #open: boolean;

  constructor(
    block: StageBlock,
    readonly around: Surroundings,
  ) {
    this.#block = block;
    this.#open = remembered().folds[block.key] ?? !block.folds;
    this.#draw();
  }

  show(block: Block): void {
    if (block.kind !== "stage") {
      return;
    }
    // Who reads in it, away from the end, isn't moved by a fold.
    if (block.folds && !this.#block.folds && this.around.following() && !this.element.contains(document.activeElement)) {
      this.#open = remembered().folds[block.key] ?? false;
    }
    this.#block = block;
    this.#draw();
  }

  get folded(): boolean {
    return !this.#open;
  }

  fold(): boolean {
    if (this.#block.answer) {
      return false;
    }
    this.#open = !this.#open;
    rememberFold(this.#block.key, this.#open);
    this.#draw();
    return true;
  }

  grow(): void {
    // Its turns do.
  }

  tick(): void {
    // Its turns do.
  }

  #draw(): void {
    const { name, parallel, columns, who, answer, summary } = this.#block;
    const { element } = this;
    element.className = `block stage${parallel && this.#open ? " parallel" : ""}${answer ? " answer" : ""}`;
    element.dataset.columns = String(columns);
    element.setAttribute("aria-label", [name, who.map((one) => one.name).join(", "), summary].filter(Boolean).join(": "));
    this.inside.hidden = !this.#open;
    const hadFocus = this.#head.contains(document.activeElement);
    const toggle = button(`${this.#open ? "▾" : "▸"} ${name}`, () => this.fold(), {
      class: "fold",
      tabindex: -1,
      "aria-expanded": String(this.#open),
      "aria-label": `${name}, ${parallel ? "side by side" : "one after the other"}`,
    });
    put(
      this.#head,
      answer ? el("span", { class: "stage-name" }, name) : toggle,
      !answer && el("span", { class: "speakers" }, ...who.map(speaker)),
      !this.#open && el("span", { class: "figures" }, summary),
    );
    if (hadFocus) {
      toggle.focus({ preventScroll: true });
    }
  }
}

function speaker({ name, colour, status }: StageBlock["who"][number]): HTMLElement {
  const sign = { running: "●", waiting: "○", done: "●", failed: "✗", cancelled: "■" }[status];
  return el(
    "span",
    { class: `speaker who-${colour} ${status}` },
    el("span", { class: "dot", "aria-hidden": "true" }, sign),
    el("span", {}, name),
  );
}

export class NotesView implements BlockView {
  readonly element = el("aside", { class: "block notes", "aria-label": "About this round" });

  constructor(block: NotesBlock) {
    this.show(block);
  }

  show(block: Block): void {
    if (block.kind === "notes") {
      put(
        this.element,
        ...block.notes.map((note) => el("p", { class: "note" }, icon("info"), note)),
      );
    }
  }

  fold(): boolean {
    return false;
  }

  grow(): void {
    // It is said whole.
  }

  tick(): void {
    // Nothing here runs.
  }
}
