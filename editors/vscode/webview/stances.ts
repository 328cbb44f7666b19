/**
 * What architects say beside their proposals: what they think of each other's, and what they ask the user. A question is
 * answered by a click on one of its choices or in one's own words; what is half typed survives that its turn is drawn anew.
 */

import type { QuestionRow, StanceRow } from "../src/panel/messages.ts";
import { SIGNS } from "../src/discussion/stands.ts";
import { button, el } from "./dom.ts";
import { tell } from "./page.ts";

/**
 * A list of stances; `null` where there are none. `label` says whose, for who doesn't see where it stands; below their
 * `own` words nobody's name has to be said again.
 */
export function stanceList(rows: readonly StanceRow[], label: string, own = false): HTMLElement | null {
  return rows.length === 0
    ? null
    : el(
        "ul",
        { class: "stances", "aria-label": label },
        ...rows.map(({ kind, colour, words, architect }) =>
          el(
            "li",
            { class: `stance ${kind} who-${colour}` },
            el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]),
            own
              ? el("span", { class: "quiet" }, words.slice(architect.length + 1))
              : el("span", {}, el("span", { class: "name" }, architect), words.slice(architect.length)),
          ),
        ),
      );
}

/** What was typed of answers that weren't sent, by question. */
const drafts = new Map<string, string>();

export function questionCard(question: QuestionRow, who: string, key: string): HTMLElement {
  const { round, turn, number, text, choices, answer } = question;
  const draft = `${key}/${number}`;
  const send = (words: string): void => {
    if (words.trim()) {
      drafts.delete(draft);
      tell({ kind: "answer", question: { round, turn, number }, answer: words.trim() });
    }
  };
  const field = el("input", {
    type: "text",
    class: "answer-field",
    "data-action": `answer-${number}`,
    placeholder: choices.length > 0 ? "or in your words" : "Your answer",
    "aria-label": `Your answer to ${who}: ${text}`,
    oninput: () => drafts.set(draft, field.value),
    onkeydown: (event) => {
      if ((event as KeyboardEvent).key === "Enter") {
        event.preventDefault();
        send(field.value);
      }
    },
  });
  field.value = drafts.get(draft) ?? "";
  const ways = el(
    "div",
    { class: "answers" },
    ...choices.map((choice, index) =>
      button(choice, () => send(choice), { class: "choice", "data-action": `choice-${number}-${index}`, "aria-pressed": String(choice === answer) }),
    ),
    field,
    button("answer", () => send(field.value), { class: "action", "data-action": `send-${number}` }),
  );
  return el(
    "section",
    { class: answer === null ? "question open" : "question", "aria-label": `${who} asks` },
    el("p", { class: "question-text" }, el("span", { class: "sign", "aria-hidden": "true" }, "?"), text),
    answer === null
      ? ways
      : el("details", {}, el("summary", {}, el("span", { class: "quiet" }, "You: "), answer, el("span", { class: "quiet" }, "  (change)")), ways),
  );
}
