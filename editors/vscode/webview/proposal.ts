/**
 * The card of a proposal: its words, its hunks as a list, what couldn't be placed, and what can be done with it. Each
 * hunk is a button that opens its place.
 */

import type { ChangeCard, HunkRow, PageCommand, ProblemRow, TurnBlock } from "../src/panel/messages.ts";
import { button, el, prose } from "./dom.ts";
import { codeBlock } from "./markdown.ts";
import type { Piece } from "./reply.ts";
import { GLYPHS as STANDS } from "../src/discussion/stands.ts";
import { tell } from "./page.ts";
import { stanceList } from "./stances.ts";

const GLYPHS = { pending: "○", applied: "✓", rejected: "✗", stale: "~" } as const;

/** The card with these pieces of the reply as its words. `ask` puts something into the prompt. */
export function proposalCard(block: TurnBlock, words: readonly Piece[], ask: (text: string) => void): HTMLElement {
  const { card } = block;
  const title = block.kind === "coding" ? "edits" : "proposal";
  return el(
    "section",
    { class: "card", "aria-label": `${title} of ${block.who}` },
    el("div", { class: "card-head" }, el("span", { class: "card-title" }, title), card && standing(card)),
    ...words.map((piece) => (piece.kind === "edit" ? writtenEdit(piece, card) : prose(piece.text))),
    card && card.hunks.length > 0 && hunkList(card),
    stanceList(block.heard, `What others say of ${block.who}'s ${title}`),
    ...(card?.problems ?? []).map(problem),
    actions(block, ask),
  );
}

/** Shows the reply to the letter, below the card's actions; made only when somebody wants it. */
function asWritten(text: string): HTMLElement {
  const toggle = button(
    "as written",
    () => {
      const row = toggle.parentElement;
      const shown = row?.nextElementSibling;
      if (shown) {
        shown.remove();
      } else {
        row?.after(el("pre", { class: "raw" }, text));
      }
      toggle.setAttribute("aria-expanded", String(!shown));
    },
    { class: "action", tabindex: -1, "aria-expanded": "false" },
  );
  return toggle;
}

/** An edit of the reply, in its place among the words: a pointer to its hunks, or as it was written where it made none. */
export function writtenEdit(piece: Piece, card: ChangeCard | null): HTMLElement {
  const within = (line: number): boolean => line >= piece.line && line < piece.line + piece.lines;
  const hunks = card?.hunks.filter((hunk) => hunk.replyLines.some(within)) ?? [];
  if (card && hunks.length > 0) {
    const pointers = hunks.map((hunk) =>
      button(String(hunk.number), () => show(card.id, hunk.id), {
        class: "pointer",
        title: `${hunk.path}: ${hunk.what}`,
        "aria-label": `Hunk ${hunk.number}, ${hunk.place}`,
        tabindex: -1,
      }),
    );
    return el("p", { class: "pointers" }, el("span", { class: "quiet" }, piece.path ?? "edit"), ...pointers);
  }
  const code = el("div");
  code.innerHTML = codeBlock(bare(piece.text), "");
  if (!card) {
    return code;
  }
  return el("details", { class: "as-written" }, el("summary", { tabindex: -1 }, `${piece.path ?? "An edit"}, as it was written`), code);
}

function hunkList(card: ChangeCard): HTMLElement {
  return el("ol", { class: "hunks" }, ...card.hunks.map((hunk) => el("li", {}, hunkButton(card, hunk))));
}

function hunkButton(card: ChangeCard, hunk: HunkRow): HTMLElement {
  const agreed = hunk.agreed.length > 0 ? `also proposed by ${hunk.agreed.join(" and ")}` : "";
  const counts = [hunk.added > 0 ? `${hunk.added} lines added` : "", hunk.removed > 0 ? `${hunk.removed} taken out` : ""];
  const label = [
    `Hunk ${hunk.number}, ${hunk.place}`,
    hunk.what,
    ...counts,
    hunk.statusWords || "pending",
    agreed,
    hunk.standWords,
    ...hunk.views,
  ];
  return el(
    "button",
    {
      type: "button",
      class: ["hunk", hunk.status, hunk.stand ?? ""].join(" ").trim(),
      "data-hunk": hunk.id,
      "data-change": card.id,
      "aria-label": label.filter(Boolean).join(", "),
      title: [hunk.path, hunk.statusWords, agreed, hunk.standWords, ...hunk.views].filter(Boolean).join("\n"),
      tabindex: -1,
      onclick: () => show(card.id, hunk.id),
    },
    el("span", { class: "glyph", "aria-hidden": "true" }, GLYPHS[hunk.status]),
    el("span", { class: "number" }, String(hunk.number)),
    el("span", { class: "place" }, hunk.place),
    el("span", { class: "counts" }, ...countsOf(hunk), hunk.stand !== null && el("span", { class: `stand ${hunk.stand}` }, STANDS[hunk.stand])),
    el("span", { class: hunk.code ? "what code-words" : "what" }, hunk.what),
    hunk.statusWords !== "" && el("span", { class: "status-words" }, hunk.statusWords),
  );
}

function countsOf(hunk: HunkRow): readonly HTMLElement[] {
  return [
    ...(hunk.added > 0 ? [el("span", { class: "plus" }, `+${hunk.added}`)] : []),
    ...(hunk.removed > 0 ? [el("span", { class: "minus" }, `−${hunk.removed}`)] : []),
  ];
}

function problem(row: ProblemRow): HTMLElement {
  return el(
    "div",
    { class: row.notice ? "problem notice-row" : "problem" },
    el("span", { class: "glyph", "aria-hidden": "true" }, row.notice ? "!" : "✗"),
    el("span", {}, row.message, row.hint ? el("span", { class: "quiet" }, ` ${row.hint}`) : null),
  );
}

function standing(card: ChangeCard): HTMLElement | null {
  const parts = [
    card.pending > 0 ? `${card.pending} to review` : "",
    card.applied > 0 ? `${card.applied} applied` : "",
    card.rejected > 0 ? `${card.rejected} rejected` : "",
  ].filter(Boolean);
  return parts.length > 0 ? el("span", { class: "standing" }, parts.join(" · ")) : null;
}

function actions(block: TurnBlock, ask: (text: string) => void): HTMLElement {
  const { card } = block;
  const run = (title: string, command: PageCommand, name: string, strong = false): HTMLElement =>
    button(title, () => tell({ kind: "run", command, argument: { change: card?.id } }), {
      class: strong ? "action strong" : "action",
      "data-action": name,
      tabindex: -1,
      "aria-label": `${title}: ${block.who}'s ${block.kind === "coding" ? "edits" : "proposal"}`,
    });
  const quote = (): void =>
    ask(block.kind === "coding" ? "About the edits: " : `About ${block.who}'s proposal: `);
  return el(
    "div",
    { class: "actions" },
    card && card.hunks.length > 0 && run("review", "moa-lsp.review", "review", card.pending > 0),
    card && card.pending > 0 && run("apply", "moa-lsp.applyHunks", "apply"),
    card && card.pending > 0 && run("reject", "moa-lsp.rejectHunks", "reject"),
    card && card.applied > 0 && run("undo", "moa-lsp.undoChange", "undo"),
    card && card.rejected > 0 && run("take back the no", "moa-lsp.unrejectHunks", "unreject"),
    button("ask about this", quote, { class: "action", tabindex: -1 }),
    asWritten(block.text),
  );
}

function show(change: string, hunk: string): void {
  tell({ kind: "run", command: "moa-lsp.showHunk", argument: { change, hunk } });
}

/** An edit's lines without the fence around them. */
function bare(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*(?:`{3,}|~{3,})/.test(line))
    .join("\n");
}
