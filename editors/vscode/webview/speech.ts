/**
 * Markdown that grows: what is settled is drawn once and stays, only the last block is drawn again while text arrives.
 */

import { el, prose } from "./dom.ts";
import { rendered, settled } from "./markdown.ts";

export class Speech {
  readonly element = el("div", { class: "prose" });
  readonly #tail = el("div", { class: "tail" });
  #text = "";
  #done = 0;

  constructor() {
    this.element.append(this.#tail);
  }

  /** Shows this text, which usually begins with the one before. */
  show(text: string): void {
    if (text === this.#text) {
      return;
    }
    if (!text.startsWith(this.#text.slice(0, this.#done))) {
      this.element.replaceChildren(this.#tail);
      this.#done = 0;
    }
    this.#text = text;
    const rest = text.slice(this.#done);
    const more = settled(rest);
    if (more > 0) {
      this.#tail.before(...prose(rest.slice(0, more)).childNodes);
      this.#done += more;
    }
    this.#tail.innerHTML = rendered(rest.slice(more));
  }
}
