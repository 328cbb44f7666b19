/**
 * The head of the page: the discussion's title and its menus, the preset with who is asked when, and the architects as
 * chips with their roles.
 */

import type { Chip, Head, Strip } from "../src/panel/messages.ts";
import { button, el, icon, iconButton, put } from "./dom.ts";
import { tell } from "./page.ts";
import { drawn } from "./shape.ts";

export class Heading {
  readonly #title = el("span", { class: "title-text" });
  readonly #folder = el("span", { class: "quiet folder" });
  readonly #preset = el("div", { class: "preset", hidden: true });
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
    this.#preset,
    this.#chips,
  );

  /** `roles` has roles written for what stands in the prompt. */
  constructor(readonly roles: () => void) {}

  showHead(head: Head): void {
    put(this.#title, head.title);
    put(this.#folder, head.folder ?? "");
    this.#folder.hidden = head.folder === null;
    this.#showPreset(head.preset);
  }

  showChips(chips: readonly Chip[]): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.architect;
    put(this.#chips, ...chips.map(chip), adding());
    if (focused) {
      this.chip(focused)?.focus();
    }
    this.#chips.hidden = chips.length === 0;
  }

  #showPreset(strip: Strip | null): void {
    this.#preset.hidden = strip === null;
    if (strip) {
      const focused = this.#preset.contains(document.activeElement);
      const choose = presetButton(strip);
      put(
        this.#preset,
        choose,
        strip.writesRoles &&
          button("write roles", this.roles, { class: "preset-roles", title: "Has a model write a role for each, for the message below" }),
      );
      if (focused) {
        choose.focus();
      }
    }
  }

  chip(architect: string): HTMLElement | null {
    return this.#chips.querySelector<HTMLElement>(`[data-architect="${CSS.escape(architect)}"]`);
  }
}

/** The preset's name, its shape drawn and in words; opens the list of presets. */
function presetButton({ name, shape, parts, tip, spoken }: Strip): HTMLElement {
  return el(
    "button",
    {
      type: "button",
      class: "preset-button",
      title: tip,
      "aria-label": spoken,
      onclick: () => tell({ kind: "run", command: "moa-lsp.selectPreset", argument: undefined }),
    },
    el("span", { class: "name" }, name),
    drawn(parts),
    el("span", { class: "preset-shape" }, shape),
    icon("down"),
  );
}

function chip(shown: Chip): HTMLElement {
  const { name, role, colour, dropped } = shown;
  return el(
    "span",
    { class: `chip-group who-${colour}${dropped ? " dropped" : ""}` },
    person(shown),
    role !== null &&
      el(
        "button",
        {
          type: "button",
          class: "chip-role",
          "data-architect": name,
          title: `${role}\n\nA click changes it.`,
          "aria-label": `Role of ${name}: ${role}. Changes it.`,
          onclick: () => tell({ kind: "run", command: "moa-lsp.setRole", argument: { name } }),
        },
        role,
      ),
  );
}

const SEATS = { aggregator: "answers for all", arbiter: "judges" } as const;

function person({ name, model, tip, colour, dropped, speaking, seat }: Chip): HTMLElement {
  const place = seat ? `, ${SEATS[seat]}` : "";
  const state = dropped ? ", dropped" : speaking ? ", speaking" : "";
  const dot = dropped ? "◌" : seat === "aggregator" ? "◎" : seat === "arbiter" ? "◆" : "●";
  return el(
    "button",
    {
      type: "button",
      class: `chip who-${colour}${dropped ? " dropped" : ""}${speaking ? " speaking" : ""}`,
      title: tip,
      "data-architect": name,
      "aria-label": `${name}, ${model}${place}${state}. Opens its menu.`,
      onclick: () => tell({ kind: "architect", name }),
    },
    el("span", { class: "dot", "aria-hidden": "true" }, dot),
    el("span", { class: "name" }, name),
    // Who has a seat of its own is called by it already.
    seat !== null && seat !== name && el("span", { class: "seat" }, SEATS[seat]),
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
