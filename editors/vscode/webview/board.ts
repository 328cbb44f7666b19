/**
 * The board above the prompt: one quiet line of what is contested, agreed, alone and settled, with the filters; unfolded, a
 * table of places and architects in which each can be decided, and edits of several be picked and put together. Folded by
 * itself, and it grows only when the user unfolds it.
 */

import { GLYPHS } from "../src/discussion/stands.ts";
import type { Board, Choice, Row } from "../src/panel/messages.ts";
import type { Conflict, Stand } from "../src/wire.ts";
import { button, el, put } from "./dom.ts";
import { remembered, rememberFold, tell } from "./page.ts";
import { PlanView } from "./plan.ts";

const FOLD = "board";
const ORDER: readonly Stand[] = ["contested", "agreed", "alone", "settled"];

export class BoardView {
  readonly #line = el("div", { class: "board-line", role: "toolbar", "aria-label": "Where they differ" });
  readonly #matrix = el("div", { class: "matrix" });
  readonly #words = el("p", { class: "board-words", role: "alert", hidden: true });
  readonly #plan = new PlanView(() => this.#draw());
  readonly element = el("section", { class: "board", "aria-label": "Where they differ", hidden: true }, this.#line, this.#words, this.#matrix, this.#plan.element);
  #board: Board | null = null;
  #open = remembered().folds[FOLD] ?? false;
  /** The rows that differ from how they would be by themselves, by their ids: `true` is unfolded. */
  readonly #rows = new Map<string, boolean>();
  /** The choices picked, by their hunks. */
  #picked: ReadonlySet<string> = new Set();
  #conflicts: readonly Conflict[] = [];

  show(board: Board | null): void {
    this.#board = board;
    const there = new Set((board?.rows ?? []).flatMap((row) => row.choices.filter(canBePicked).map(keyOf)));
    this.#picked = new Set([...this.#picked].filter((key) => there.has(key)));
    this.#draw();
  }

  /** Unfolds the matrix, and leads the keyboard to this region's row or to the first one. */
  reveal(region: string | null): void {
    this.#unfold(true);
    if (region !== null) {
      this.#rows.set(region, true);
      this.#draw();
    }
    const link = this.element.querySelector<HTMLElement>(region === null ? ".place" : `.place[data-action="place-${CSS.escape(region)}"]`);
    (link ?? this.#line.querySelector<HTMLElement>("button"))?.focus();
    link?.scrollIntoView({ block: "nearest" });
  }

  composed(): void {
    this.#picked = new Set();
    this.#conflicts = [];
    this.#say(null);
    this.#draw();
  }

  /** Says why it couldn't be put together, at the rows where that can be seen. */
  refused(words: string, conflicts: readonly Conflict[]): void {
    this.#conflicts = conflicts;
    this.#say(words);
    this.#unfold(true);
  }

  #say(words: string | null): void {
    put(this.#words, words ?? "");
    this.#words.hidden = words === null;
  }

  #unfold(open: boolean): void {
    this.#open = open;
    rememberFold(FOLD, open);
    this.#draw();
  }

  #draw(): void {
    const board = this.#board;
    this.element.hidden = board === null;
    if (!board) {
      return;
    }
    const focused = this.element.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.action : undefined;
    const scrolled = this.#matrix.scrollTop;
    this.#plan.show(board.plan);
    put(this.#line, ...this.#lineOf(board));
    this.#matrix.hidden = !this.#open;
    put(this.#matrix, ...(this.#open ? this.#inside(board) : []));
    this.#matrix.scrollTop = scrolled;
    if (focused) {
      this.element.querySelector<HTMLElement>(`[data-action="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
  }

  #lineOf({ counts, architects, filter, plan, free }: Board): readonly (HTMLElement | false)[] {
    const said = ORDER.filter((stand) => counts[stand] > 0);
    const several = architects.length > 1;
    return [
      said.length > 0 &&
        el(
          "button",
          {
            type: "button",
            class: counts.contested > 0 ? "counts-button open" : "counts-button",
            "data-action": "unfold",
            "aria-expanded": String(this.#open),
            "aria-label": `${said.map((stand) => `${counts[stand]} ${stand}`).join(", ")}. Shows who wants what where.`,
            onclick: () => this.#unfold(!this.#open),
          },
          el("span", { "aria-hidden": "true" }, this.#open ? "▾" : "▸"),
          ...said.map((stand) => el("span", { class: `count ${stand}` }, `${GLYPHS[stand]} ${counts[stand]}`, el("span", { class: "word" }, ` ${stand}`))),
        ),
      several && (said.length > 0 || filter.onlyContested) && onlyContested(filter.onlyContested),
      several && (said.length > 0 || filter.architect !== null) && architectFilter(architects.map((one) => one.name), filter.architect),
      plan !== null && this.#plan.toggle,
      free && el("span", { class: "quiet free", title: "Everything is decided: /code puts it together without a model" }, "/code is free"),
    ];
  }

  #inside(board: Board): readonly (HTMLElement | null)[] {
    const { rows, architects, leftOut, decisions } = board;
    const picked = rows.flatMap((row) => row.choices).filter((one) => this.#picked.has(keyOf(one)));
    return [
      rows.length > 0
        ? el(
            "table",
            {},
            el("caption", { class: "unseen" }, "Places in the code, and what each architect wants there"),
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                el("th", { scope: "col" }, "Place"),
                ...architects.map(({ name, colour }) => el("th", { scope: "col", class: `who who-${colour}`, title: name }, name)),
              ),
            ),
            ...rows.map((row) => this.#rowOf(row, architects.length)),
          )
        : null,
      leftOut > 0 ? el("p", { class: "quiet left-out" }, `${leftOut} more ${leftOut === 1 ? "is" : "are"} filtered out.`) : null,
      picked.length > 0 ? this.#compose(picked) : null,
      decisions.length > 0
        ? el(
            "details",
            { class: "decisions" },
            el("summary", { "data-action": "decisions" }, decisions.length === 1 ? "1 decision" : `${decisions.length} decisions`),
            el("ol", {}, ...decisions.map((one) => el("li", {}, one))),
          )
        : null,
    ];
  }

  #compose(picked: readonly Choice[]): HTMLElement {
    const hunks = [...new Set(picked.flatMap((one) => one.hunks))];
    const title = hunks.length === 1 ? "Put together (1 edit)" : `Put together (${hunks.length} edits)`;
    return el(
      "div",
      { class: "compose" },
      button(title, () => tell({ kind: "compose", hunks }), {
        class: "choice strong",
        "data-action": "compose",
        title: "Makes one change of what is picked, without a model: it costs nothing, and nothing is written yet",
      }),
      button("pick none", () => this.composed(), { class: "action", "data-action": "pick-none" }),
    );
  }

  #rowOf(row: Row, architects: number): HTMLElement {
    const { id, stand, place, path, message, cells, choices, at } = row;
    const open = this.#rows.get(id) ?? stand === "contested";
    const toggle = (): void => {
      this.#rows.set(id, !open);
      this.#draw();
    };
    const hunks = new Set(choices.flatMap((one) => one.hunks));
    const reasons = this.#conflicts.filter((one) => one.hunks.some((hunk) => hunks.has(hunk))).map((one) => one.reason);
    return el(
      "tbody",
      { class: `region ${stand}` },
      el(
        "tr",
        {},
        el(
          "th",
          { scope: "row" },
          button(open ? "▾" : "▸", toggle, {
            class: "fold",
            "data-action": `row-${id}`,
            "aria-expanded": String(open),
            "aria-label": `${place}: what is proposed there`,
          }),
          el("span", { class: `stand ${stand}`, title: stand, role: "img", "aria-label": stand }, GLYPHS[stand]),
          button(place, () => at && tell({ kind: "run", command: "moa-lsp.showHunk", argument: at }), {
            class: "place",
            "data-action": `place-${id}`,
            title: `${path}\n${message}`,
          }),
        ),
        ...cells.map(({ sign, words }) =>
          el("td", words ? { title: words } : {}, el("span", { "aria-hidden": "true" }, sign || "·"), el("span", { class: "unseen" }, words || "nothing")),
        ),
      ),
      open
        ? el(
            "tr",
            { class: "within" },
            el(
              "td",
              { colspan: architects + 1 },
              ...reasons.map((reason) => el("p", { class: "conflict", role: "note" }, el("span", { "aria-hidden": "true" }, "✗ "), reason)),
              ...choices.map((one) => this.#choiceOf(one, row)),
              decide(row),
            ),
          )
        : null,
    );
  }

  #choiceOf(choice: Choice, { choices, stand, place }: Row): HTMLElement {
    const { number, architects, summary, reasons, settled, take, hunks } = choice;
    const key = keyOf(choice);
    const who = architects.map((one) => one.name).join(", ");
    const box = el("input", {
      type: "checkbox",
      class: "pick",
      "data-action": `pick-${key}`,
      "aria-label": `Pick ${who}'s edit of ${place}`,
      title: "Pick it, to put edits of several together",
      disabled: !canBePicked(choice),
      onchange: () => {
        const others = [...this.#picked].filter((one) => one !== key);
        this.#picked = new Set(box.checked ? [...others, key] : others);
        this.#conflicts = [];
        this.#say(null);
        this.#draw();
      },
    });
    box.checked = this.#picked.has(key);
    return el(
      "div",
      { class: `alternative ${settled ?? ""}` },
      box,
      el(
        "div",
        { class: "alternative-words" },
        el(
          "div",
          {},
          choices.length > 1 && el("span", { class: "quiet" }, `${number} `),
          ...architects.flatMap(({ name, colour }, index) => [
            el("span", { class: "quiet" }, index > 0 ? " and " : ""),
            el("span", { class: `name who-${colour}` }, name),
          ]),
          el("span", {}, ` ${summary}`),
        ),
        ...reasons.map((one) => el("div", { class: "quiet" }, one)),
      ),
      stand !== "settled" &&
        button(take, () => tell({ kind: "run", command: "moa-lsp.takeHunks", argument: { hunks } }), {
          class: "choice",
          "data-action": `take-${key}`,
          title: "Decides for it. Costs nothing, and writes nothing yet",
        }),
    );
  }
}

/** What can be done about all of a region. */
function decide({ id, stand, choices, place }: Row): HTMLElement {
  const hunks = [...new Set(choices.flatMap((one) => one.hunks))];
  const run = (title: string, name: string, command: "moa-lsp.leaveHunks" | "moa-lsp.reopenHunks" | "moa-lsp.anotherRound"): HTMLElement =>
    button(title, () => tell({ kind: "run", command, argument: { hunks } }), {
      class: "action",
      "data-action": `${name}-${id}`,
      "aria-label": `${title}: ${place}`,
    });
  return el(
    "div",
    { class: "actions" },
    ...(stand === "settled"
      ? [run("open again", "reopen", "moa-lsp.reopenHunks")]
      : [
          run("leave as it is", "leave", "moa-lsp.leaveHunks"),
          run("another round on just this", "again", "moa-lsp.anotherRound"),
        ]),
  );
}

function onlyContested(pressed: boolean): HTMLElement {
  return button("◆ only", () => tell({ kind: "run", command: "moa-lsp.onlyContested", argument: undefined }), {
    class: "toggle",
    "data-action": "only",
    "aria-pressed": String(pressed),
    "aria-label": "Show only what is contested",
    title: "Show only what is contested (c)",
  });
}

function architectFilter(names: readonly string[], chosen: string | null): HTMLElement {
  const select = el(
    "select",
    {
      class: "filter",
      "data-action": "filter",
      "aria-label": "Whose words and edits are shown",
      title: "Whose words and edits are shown",
      onchange: () =>
        tell({ kind: "run", command: "moa-lsp.filterByArchitect", argument: { architect: select.value === "" ? null : select.value } }),
    },
    el("option", { value: "" }, "everybody"),
    ...names.map((name) => el("option", { value: name }, `only ${name}`)),
  );
  select.value = chosen ?? "";
  return select;
}

/** What was decided against is no longer there to be picked. */
function canBePicked({ settled, hunks }: Choice): boolean {
  return settled !== "against" && hunks.length > 0;
}

function keyOf({ hunks }: Choice): string {
  return hunks.join(" ");
}
