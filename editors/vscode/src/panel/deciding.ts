/**
 * What the user does about disagreement that isn't about one place in the code: what is looked at, the plan, the answers to
 * architects' questions, one change put together of hunks that were picked. Taking and leaving stand with the review.
 */

import { commands, Disposable, Range, Uri, window, workspace } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { askAgain, regionWith } from "../discussion/stands.ts";
import { filterWords } from "../discussion/filter.ts";
import { RefusedError } from "../server/connection.ts";
import type { Conflict, Region } from "../wire.ts";
import type { FromPage, ToPage } from "./messages.ts";
import { PlanDocuments } from "./plan-document.ts";
import { showRefusal } from "./sending.ts";

const SAID_MS = 4_000;

export class Deciding implements Disposable {
  readonly #plans: PlanDocuments;
  readonly #subscriptions: Disposable;

  /** `show` brings the panel to the front, `tell` says something to its page. */
  constructor(
    readonly discussions: Discussions,
    readonly show: () => Promise<void>,
    readonly tell: (message: ToPage) => void,
  ) {
    this.#plans = new PlanDocuments(discussions);
    const register = (id: string, run: (given: unknown) => Promise<void> | void): Disposable =>
      commands.registerCommand(`moa-lsp.${id}`, async (given: unknown) => {
        try {
          await run(given);
        } catch (error) {
          showRefusal(error);
        }
      });
    this.#subscriptions = Disposable.from(
      this.#plans,
      register("showDisagreement", (given) => this.#showBoard(given)),
      register("onlyContested", () => this.#onlyContested()),
      register("filterByArchitect", (given) => this.#filterByArchitect(given)),
      register("anotherRound", (given) => this.#anotherRound(given)),
      register("editPlan", () => this.#editPlan()),
    );
  }

  /** One change out of these hunks, without a model; it is opened for review. */
  async compose(hunks: readonly string[]): Promise<void> {
    try {
      const change = await this.discussions.request("compose", { ...this.discussions.within, hunks });
      this.tell({ kind: "composed" });
      await commands.executeCommand("moa-lsp.review", { change: change.id });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.tell({ kind: "conflicts", words, conflicts: conflictsIn(error) });
    }
  }

  async answer({ question, answer }: Extract<FromPage, { readonly kind: "answer" }>): Promise<void> {
    const { round, turn, number } = question;
    try {
      const argument = { ...this.discussions.within, round, turn, question: number, answer };
      const discussion = await this.discussions.request("answer-question", argument);
      this.discussions.hear(discussion);
    } catch (error) {
      showRefusal(error);
    }
  }

  /** The plan as the user has it now; `null`: as it is compiled. */
  async plan(steps: Extract<FromPage, { readonly kind: "plan" }>["steps"]): Promise<void> {
    await this.discussions.request("set-plan", { ...this.discussions.within, ...(steps ? { steps } : {}) }).catch(showRefusal);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #showBoard(given: unknown): Promise<void> {
    const { region = null } = (given ?? {}) as { readonly region?: string | null };
    await this.show();
    this.tell({ kind: "board", region });
    if (!this.discussions.state.disagreement?.regions.length) {
      window.setStatusBarMessage("No proposed edit waits for a decision.", SAID_MS);
    }
  }

  #onlyContested(): void {
    const { filter } = this.discussions.state;
    this.discussions.look({ ...filter, onlyContested: !filter.onlyContested });
    this.#sayFilter();
  }

  async #filterByArchitect(given: unknown): Promise<void> {
    const asked = (given ?? {}) as { readonly architect?: string | null };
    const architect = asked.architect === undefined ? await this.#pickArchitect() : asked.architect;
    if (architect !== undefined) {
      this.discussions.look({ ...this.discussions.state.filter, architect });
      this.#sayFilter();
    }
  }

  #sayFilter(): void {
    window.setStatusBarMessage(filterWords(this.discussions.state.filter), SAID_MS);
  }

  async #pickArchitect(): Promise<string | null | undefined> {
    const { disagreement, discussion, filter } = this.discussions.state;
    const all = disagreement?.architects ?? discussion?.architects.map((one) => one.name) ?? [];
    const items = [
      { label: "Everybody", architect: null },
      ...all.map((name) => ({ label: name, architect: name })),
    ].map((one) => ({ ...one, description: one.architect === filter.architect ? "shown now" : "" }));
    return (await window.showQuickPick(items, { placeHolder: "Whose words and edits are to be shown?" }))?.architect;
  }

  /** Puts it into the prompt, with the lines attached: a round costs something, so it is the user who sends it. */
  async #anotherRound(given: unknown): Promise<void> {
    const { hunks = [] } = (given ?? {}) as { readonly hunks?: readonly string[] };
    const region = regionWith(this.discussions.state.disagreement, hunks);
    if (!region) {
      window.setStatusBarMessage("These lines are proposed by nobody any more.", SAID_MS);
      return;
    }
    const uri = Uri.parse(region.uri);
    const selection = await linesOf(region, uri);
    const where = selection ? "" : `In ${workspace.asRelativePath(uri)}: `;
    await commands.executeCommand("moa-lsp.ask", { message: `${where}${askAgain(region)}`, ...(selection ? { selection } : {}) });
  }

  async #editPlan(): Promise<void> {
    if (!(await this.#plans.open())) {
      void window.showInformationMessage("There is no plan yet: it is compiled from what the architects propose.");
    }
  }
}

/** The region's lines as a selection, those around an insertion; none in a file that isn't there yet. */
async function linesOf({ range }: Region, uri: Uri): Promise<{ readonly uri: Uri; readonly range: Range } | null> {
  try {
    await workspace.fs.stat(uri);
  } catch {
    return null;
  }
  const { start, end } = range;
  const first = start.line === end.line && end.character === 0 ? Math.max(0, start.line - 1) : start.line;
  const last = Math.max(end.line, first + 1);
  return { uri, range: new Range(first, 0, last, end.line === last ? end.character : 0) };
}

function conflictsIn(error: unknown): readonly Conflict[] {
  const data = error instanceof RefusedError ? (error.data as { readonly conflicts?: unknown } | null | undefined) : null;
  return Array.isArray(data?.conflicts) ? (data.conflicts as readonly Conflict[]) : [];
}
