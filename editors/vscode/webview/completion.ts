/** The prompt's completions: a list box above it that the text area's arrows move in. */

import type { CompletionRow } from "../src/panel/messages.ts";
import { el, put } from "./dom.ts";

export class Completions {
  readonly element = el("ul", { class: "completions", id: "completions", role: "listbox", "aria-label": "Completions", hidden: true });
  #rows: readonly CompletionRow[] = [];
  #at = 0;

  constructor(
    readonly field: HTMLTextAreaElement,
    readonly take: (row: CompletionRow) => void,
  ) {
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "completions");
    field.setAttribute("aria-expanded", "false");
  }

  get open(): boolean {
    return this.#rows.length > 0;
  }

  show(rows: readonly CompletionRow[]): void {
    this.#rows = rows;
    this.#at = 0;
    put(
      this.element,
      ...rows.map((row, index) =>
        el(
          "li",
          {
            id: `completion-${index}`,
            role: "option",
            title: row.detail,
            // The press must not take the focus from the prompt.
            onmousedown: (event) => {
              event.preventDefault();
              this.take(row);
            },
          },
          el("span", { class: "label" }, row.label),
          el("span", { class: "quiet" }, row.detail),
        ),
      ),
    );
    this.element.hidden = rows.length === 0;
    this.field.setAttribute("aria-expanded", String(rows.length > 0));
    this.#mark();
  }

  close(): void {
    this.show([]);
  }

  step(by: number): void {
    this.#at = (this.#at + by + this.#rows.length) % this.#rows.length;
    this.#mark();
  }

  takeCurrent(): void {
    const row = this.#rows[this.#at];
    if (row) {
      this.take(row);
    }
  }

  #mark(): void {
    for (const [index, option] of [...this.element.children].entries()) {
      const selected = index === this.#at;
      option.setAttribute("aria-selected", String(selected));
      if (selected) {
        option.scrollIntoView({ block: "nearest" });
      }
    }
    if (this.open) {
      this.field.setAttribute("aria-activedescendant", `completion-${this.#at}`);
    } else {
      this.field.removeAttribute("aria-activedescendant");
    }
  }
}
