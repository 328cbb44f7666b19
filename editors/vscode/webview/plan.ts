/**
 * The plan before `/code`: its steps as a list in which each can be struck, edited in place and moved, with a line for steps
 * of one's own. Each act says the whole plan anew; what is being typed stays while it is drawn again.
 */

import type { PlanEntry, PlanList } from "../src/panel/messages.ts";
import type { PlanStep } from "../src/wire.ts";
import { GLYPHS } from "../src/discussion/stands.ts";
import { button, el, put } from "./dom.ts";
import { remembered, rememberFold, tell } from "./page.ts";

const FOLD = "plan";

export class PlanView {
  readonly #list = el("ol", { class: "plan-steps" });
  readonly #own = el("input", {
    type: "text",
    class: "answer-field",
    placeholder: "Add a step",
    "aria-label": "Add a step to the plan",
    onkeydown: (event) => this.#ownKey(event as KeyboardEvent),
  });
  readonly #foot = el("div", { class: "actions" });
  readonly element = el("section", { class: "plan", "aria-label": "Plan", hidden: true }, this.#list, this.#own, this.#foot);
  #plan: PlanList | null = null;
  #open = remembered().folds[FOLD] ?? false;
  /** The step whose text is being edited, and what was typed. */
  #editing: { readonly id: string; readonly text: string } | null = null;
  #drawn = "";

  /** `moved` has the line drawn anew in which the toggle stands. */
  constructor(readonly moved: () => void) {}

  get toggle(): HTMLElement {
    const steps = this.#plan?.steps ?? [];
    const open = steps.filter((one) => one.stand === "open" || one.stand === "contested").length;
    const words = open > 0 ? `${open} of ${steps.length} open` : "all decided";
    return button(`Plan ${steps.length}`, () => this.unfold(!this.#open), {
      class: "toggle",
      "data-action": "plan",
      "aria-expanded": String(this.#open),
      "aria-label": `Plan, ${steps.length === 1 ? "1 step" : `${steps.length} steps`}, ${words}`,
      title: `What /code is held to: ${words}`,
    });
  }

  unfold(open: boolean): void {
    this.#open = open;
    rememberFold(FOLD, open);
    this.moved();
  }

  show(plan: PlanList | null): void {
    this.#plan = plan;
    this.element.hidden = !this.#open || plan === null;
    const drawn = JSON.stringify([plan, this.#open, this.#editing?.id]);
    if (drawn !== this.#drawn && plan && this.#open) {
      this.#drawn = drawn;
      this.#draw(plan);
    }
  }

  #draw({ steps, edited }: PlanList): void {
    const active = document.activeElement as HTMLElement | null;
    const focused = this.element.contains(active) ? active?.dataset.action : undefined;
    put(this.#list, ...steps.map((step, index) => this.#stepOf(step, index, steps)));
    put(
      this.#foot,
      button("edit as Markdown", () => tell({ kind: "run", command: "moa-lsp.editPlan", argument: undefined }), {
        class: "action",
        "data-action": "plan-markdown",
        title: "Opens it as a document; what is saved there is the plan",
      }),
      edited &&
        button("back to compiled", () => tell({ kind: "plan", steps: null }), {
          class: "action",
          "data-action": "plan-compiled",
          title: "Forgets what you changed: the plan is compiled from the proposals again",
        }),
    );
    if (focused) {
      this.element.querySelector<HTMLElement>(`[data-action="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
  }

  #stepOf(step: PlanStep, index: number, steps: readonly PlanStep[]): HTMLElement {
    const { id, text, architects, stand, added } = step;
    const struck = stand === "struck";
    const sign = stand === "contested" || stand === "settled" ? GLYPHS[stand] : "";
    const act = (label: string, name: string, title: string, run: () => void, disabled = false): HTMLElement =>
      button(label, run, { class: "step-action", "data-action": `${name}-${id}`, "aria-label": `${title}: ${text}`, title, disabled });
    return el(
      "li",
      { class: `step ${stand}` },
      el("span", { class: `stand ${stand}`, title: stand, role: "img", "aria-label": stand }, sign),
      this.#editing?.id === id ? this.#fieldOf(step, steps) : this.#textOf(step),
      el("span", { class: "quiet step-who" }, added ? "yours" : architects.join(", ")),
      el(
        "span",
        { class: "step-actions" },
        act("↑", "up", "Move up", () => this.#tell(moved(steps, index, -1)), index === 0),
        act("↓", "down", "Move down", () => this.#tell(moved(steps, index, 1)), index === steps.length - 1),
        act(struck ? "↺" : "✕", "strike", struck ? "Take up again" : "Strike", () =>
          this.#tell(steps.map((one) => (one === step ? { ...entryOf(one), struck: !struck } : entryOf(one)))),
        ),
      ),
    );
  }

  #textOf({ id, text, stand }: PlanStep): HTMLElement {
    const edit = (): void => {
      this.#editing = { id, text };
      this.show(this.#plan);
      this.#list.querySelector<HTMLElement>(".step-field")?.focus();
    };
    return button(text, edit, {
      class: "step-text",
      "data-action": `text-${id}`,
      title: "Edit this step",
      "aria-label": `${stand === "struck" ? "Struck: " : ""}${text}. Edits it.`,
    });
  }

  #fieldOf(step: PlanStep, steps: readonly PlanStep[]): HTMLElement {
    const { id, text } = step;
    const done = (keep: boolean): void => {
      if (this.#editing?.id !== id) {
        return;
      }
      this.#editing = null;
      const typed = field.value.trim();
      if (keep && typed && typed !== text) {
        this.#tell(steps.map((one) => (one === step ? { ...entryOf(one), text: typed } : entryOf(one))));
      }
      this.show(this.#plan);
      this.#list.querySelector<HTMLElement>(`[data-action="text-${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
    };
    const field = el("input", {
      type: "text",
      class: "answer-field step-field",
      "data-action": `text-${id}`,
      "aria-label": "The step's text. Enter keeps it, Escape leaves it as it was.",
      oninput: () => (this.#editing = { id, text: field.value }),
      onkeydown: (event) => {
        const { key } = event as KeyboardEvent;
        if (key === "Enter" || key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          done(key === "Enter");
        }
      },
    });
    field.value = this.#editing?.text ?? text;
    return field;
  }

  #ownKey(event: KeyboardEvent): void {
    const text = this.#own.value.trim();
    if (event.key === "Enter" && text && this.#plan) {
      event.preventDefault();
      this.#own.value = "";
      this.#tell([...this.#plan.steps.map(entryOf), { text }]);
    }
  }

  #tell(steps: readonly PlanEntry[]): void {
    tell({ kind: "plan", steps });
  }
}

function entryOf({ id, text, stand }: PlanStep): PlanEntry {
  return { id, text, ...(stand === "struck" ? { struck: true } : {}) };
}

/** The steps with that one moved by one place. */
function moved(steps: readonly PlanStep[], index: number, by: 1 | -1): readonly PlanEntry[] {
  const entries = steps.map(entryOf);
  const [entry] = entries.splice(index, 1);
  if (entry) {
    entries.splice(index + by, 0, entry);
  }
  return entries;
}
