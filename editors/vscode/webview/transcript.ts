/**
 * The list of blocks: each drawn once and kept by its key, only what moved is drawn again. Follows the end while it
 * stands there; otherwise nothing that is being read moves, and a button leads to what is new.
 */

import type { Block } from "../src/panel/messages.ts";
import { blockView, type BlockView, type Surroundings } from "./blocks.ts";
import { NO_FILTER, type Filter } from "../src/discussion/filter.ts";
import { button, el } from "./dom.ts";
import { remember, type Place } from "./page.ts";

/** So near the end counts as the end, in pixels. */
const NEAR = 32;
const KEEP_MS = 200;
/** What unfolds is there after so long. */
const A_MOMENT_MS = 100;
/** What runs is among the last so many blocks. */
const MOST_RUNNING = 24;

export class Transcript {
  readonly #list = el("div", { class: "blocks" });
  readonly element = el(
    "main",
    { class: "transcript", role: "feed", "aria-label": "Discussion. j and k move between turns, Enter opens." },
    this.#list,
  );
  readonly pill = button("↓ new", () => this.toEnd(), { class: "pill", hidden: true });
  readonly #views = new Map<string, BlockView>();
  /** By a block's key: that of the block it stands in, if it stands in one. */
  readonly #within = new Map<string, string | null>();
  readonly #around: Surroundings;
  #order: readonly string[] = [];
  #discussion: string | null = null;
  #filter: Filter = NO_FILTER;
  #follows = true;
  /** The user unfolded something just now: the end may move, what they look at may not. */
  #stills = false;
  #current: string | null = null;
  #keeping: number | undefined;

  constructor(ask: (text: string) => void) {
    this.#around = { ask, following: () => this.#follows };
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // What is drawn late, or folds, must not lose the end.
    const watch = new ResizeObserver(() => {
      if (this.#stills) {
        this.#stills = false;
        this.#scrolled();
      } else {
        this.#hold();
      }
    });
    watch.observe(this.#list);
    watch.observe(this.element);
    this.#list.addEventListener("focusin", (event) => {
      const block = (event.target as Element).closest<HTMLElement>(".block");
      if (block?.dataset.key) {
        this.choose(block.dataset.key);
      }
    });
    this.#list.addEventListener("click", (event) => {
      if ((event.target as Element).closest("summary, [aria-expanded]")) {
        this.#stills = true;
        setTimeout(() => (this.#stills = false), A_MOMENT_MS);
      }
    });
    setInterval(() => this.#tick(), 1000);
  }

  /** Shows just these, of this discussion, at this place; `null`: at the end. */
  begin(discussion: string | null, blocks: readonly Block[], place: Place | null): void {
    this.#discussion = discussion;
    this.#follows = true;
    this.#current = null;
    this.#views.clear();
    this.#within.clear();
    this.#list.replaceChildren();
    this.#order = [];
    this.move(
      blocks.map((block) => block.key),
      blocks,
      [],
    );
    if (place?.discussion === discussion && this.#views.has(place.key)) {
      this.#follows = false;
      this.#views.get(place.key)?.element.scrollIntoView({ block: "start" });
      this.element.scrollBy(0, place.offset);
    }
  }

  /** Takes in what moved: the keys of all blocks, those that are new or other, and what was added to the end of some. */
  move(
    order: readonly string[] | null,
    blocks: readonly Block[],
    grown: readonly { readonly key: string; readonly text: string }[],
  ): void {
    for (const block of blocks) {
      const view = this.#views.get(block.key);
      if (view) {
        view.show(block);
      } else {
        const made = blockView(block, this.#around);
        made.element.dataset.key = block.key;
        made.element.tabIndex = -1;
        this.#views.set(block.key, made);
      }
      this.#within.set(block.key, "within" in block ? block.within : null);
    }
    for (const { key, text } of grown) {
      this.#views.get(key)?.grow(text);
    }
    for (const { key } of blocks) {
      this.#sift(this.#views.get(key));
    }
    if (order) {
      this.#arrange(order);
    }
    if (this.#current === null) {
      this.choose(this.#order.at(-1) ?? null);
    } else {
      this.#tabStops(this.#current, 0);
    }
    if (this.#follows) {
      this.#hold();
    } else if (order !== null || grown.length > 0) {
      this.pill.hidden = false;
    }
  }

  /** Has only this looked at. */
  filter(filter: Filter): void {
    this.#filter = filter;
    this.element.classList.toggle("only-contested", filter.onlyContested);
    for (const view of this.#views.values()) {
      this.#sift(view);
    }
    this.#hold();
  }

  /** Makes this the block in which the keyboard is. */
  choose(key: string | null): void {
    if (key === this.#current) {
      return;
    }
    if (this.#current !== null) {
      this.#tabStops(this.#current, -1);
    }
    this.#current = key;
    if (key !== null) {
      this.#tabStops(key, 0);
    }
  }

  /** Moves the keyboard by so many blocks. */
  step(by: number): void {
    // What is folded away is passed over.
    const isSeen = (key: string): boolean => !this.#holder(key)?.folded && !this.#views.get(key)?.element.hidden;
    const seen = this.#order.filter((key) => key === this.#current || isSeen(key));
    const at = seen.indexOf(this.#current ?? "");
    const next = seen[Math.min(seen.length - 1, Math.max(0, at + by))];
    if (next) {
      this.choose(next);
      const element = this.#views.get(next)?.element;
      element?.focus({ preventScroll: true });
      element?.scrollIntoView({ block: "nearest" });
    }
  }

  /** The block in which the keyboard is. */
  get current(): BlockView | null {
    return this.#views.get(this.#current ?? "") ?? null;
  }

  toEnd(): void {
    this.#follows = true;
    this.#hold();
  }

  reveal(round: number): void {
    const key = `${this.#discussion ?? ""}/${round}`;
    const view = this.#views.get(key);
    if (view) {
      this.#follows = false;
      this.choose(key);
      view.element.scrollIntoView({ block: "start" });
      view.element.focus({ preventScroll: true });
    }
  }

  #arrange(order: readonly string[]): void {
    const stay = new Set(order);
    for (const [key, view] of this.#views) {
      if (!stay.has(key)) {
        view.element.remove();
        this.#views.delete(key);
        this.#within.delete(key);
      }
    }
    /** By what blocks stand in: the place for the next one there. */
    const places = new Map<HTMLElement, Element | null>();
    for (const key of order) {
      const element = this.#views.get(key)?.element;
      const holder = this.#holder(key)?.inside ?? this.#list;
      const at = places.has(holder) ? (places.get(holder) ?? null) : holder.firstElementChild;
      if (element === at) {
        places.set(holder, at.nextElementSibling);
      } else if (element) {
        holder.insertBefore(element, at);
        places.set(holder, at);
      }
    }
    this.#order = order.filter((key) => this.#views.has(key));
    if (this.#current !== null && !this.#views.has(this.#current)) {
      this.#current = null;
    }
  }

  /** The block in which the one of that key stands. */
  #holder(key: string): BlockView | undefined {
    return this.#views.get(this.#within.get(key) ?? "");
  }

  #sift(view: BlockView | undefined): void {
    if (view) {
      const { architect } = this.#filter;
      view.element.hidden = architect !== null && view.who !== undefined && view.who !== architect;
    }
  }

  #tabStops(key: string, index: number): void {
    const element = this.#views.get(key)?.element;
    if (element) {
      element.tabIndex = index;
      for (const one of element.querySelectorAll<HTMLElement>("button, summary, input, [role=link]")) {
        if (one.closest(".block") === element) {
          one.tabIndex = index;
        }
      }
    }
  }

  #hold(): void {
    if (this.#follows) {
      this.element.scrollTop = this.element.scrollHeight;
      this.pill.hidden = true;
    }
  }

  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.#follows = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#follows) {
      this.pill.hidden = true;
    }
    clearTimeout(this.#keeping);
    this.#keeping = window.setTimeout(() => remember({ place: this.#place() }), KEEP_MS);
  }

  #place(): Place | null {
    if (this.#follows) {
      return null;
    }
    const top = this.element.getBoundingClientRect().top;
    for (const key of this.#order) {
      const box = this.#views.get(key)?.element.getBoundingClientRect();
      if (box && box.bottom > top) {
        return { discussion: this.#discussion, key, offset: Math.round(top - box.top) };
      }
    }
    return null;
  }

  #tick(): void {
    const now = Date.now();
    for (const key of this.#order.slice(-MOST_RUNNING)) {
      this.#views.get(key)?.tick(now);
    }
  }
}
