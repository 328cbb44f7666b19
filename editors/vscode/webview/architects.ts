/** The head of the page: the discussion's title and its menus, and the architects as chips. */

import type { Chip, Head } from "../src/panel/messages.ts";
import { el, icon, iconButton, put } from "./dom.ts";
import { tell } from "./page.ts";

export class Heading {
  readonly #title = el("span", { class: "title-text" });
  readonly #folder = el("span", { class: "quiet folder" });
  readonly #chips = el("div", { class: "chips", role: "toolbar", "aria-label": "Architects" });
  readonly element = el(
    "header",
    { class: "heading" },
    el(
      "div",
      { class: "title-row" },
      el(
        "button",
        {
          type: "button",
          class: "title",
          title: "Switch to another discussion",
          onclick: () => tell({ kind: "run", command: "moa-lsp.switchDiscussion", argument: undefined }),
        },
        this.#title,
        this.#folder,
        icon("down"),
      ),
      iconButton("add", "New discussion", () => tell({ kind: "run", command: "moa-lsp.newDiscussion", argument: undefined })),
      iconButton("search", "Search discussions", () =>
        tell({ kind: "run", command: "moa-lsp.searchDiscussions", argument: undefined }),
      ),
      iconButton("more", "Rename, fork, export, delete", () => tell({ kind: "more" })),
    ),
    this.#chips,
  );

  showHead(head: Head): void {
    put(this.#title, head.title);
    put(this.#folder, head.folder ?? "");
    this.#folder.hidden = head.folder === null;
  }

  showChips(chips: readonly Chip[]): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.architect;
    put(this.#chips, ...chips.map(chip), adding());
    if (focused) {
      this.chip(focused)?.focus();
    }
    this.#chips.hidden = chips.length === 0;
  }

  chip(architect: string): HTMLElement | null {
    return this.#chips.querySelector<HTMLElement>(`[data-architect="${CSS.escape(architect)}"]`);
  }
}

function chip({ name, model, tip, colour, dropped, speaking }: Chip): HTMLElement {
  const state = dropped ? ", dropped" : speaking ? ", speaking" : "";
  return el(
    "button",
    {
      type: "button",
      class: `chip who-${colour}${dropped ? " dropped" : ""}${speaking ? " speaking" : ""}`,
      title: tip,
      "data-architect": name,
      "aria-label": `${name}, ${model}${state}. Opens its menu.`,
      onclick: () => tell({ kind: "architect", name }),
    },
    el("span", { class: "dot", "aria-hidden": "true" }, dropped ? "◌" : "●"),
    el("span", { class: "name" }, name),
    el("span", { class: "model" }, dropped ? `${model} (dropped)` : model),
  );
}

function adding(): HTMLElement {
  const button = iconButton("add", "Add an architect", () =>
    tell({ kind: "run", command: "moa-lsp.addArchitect", argument: undefined }),
  );
  button.classList.add("chip-add");
  return button;
}
