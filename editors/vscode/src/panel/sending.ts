/**
 * Sends what is typed: a prompt becomes a round, a `/code`, a drop or another preset, with the files that it names. What
 * can't be sent is said, and its text goes back into the prompt. Keeps the history of prompts, and asks for prices and completions.
 */

import {
  CancellationTokenSource,
  commands,
  ProgressLocation,
  window,
  type Disposable,
  type ExtensionContext,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { RefusedError } from "../server/connection.ts";
import { CANCELLED, type Estimate, type Round, type Uri as Address } from "../wire.ts";
import { mentioned, pickFolder } from "./folders.ts";
import type { Attachment, Submitted, ToPage } from "./messages.ts";
import { confirmation, FREE, priceOf } from "./price.ts";
import { mentions, parsePrompt, remembered, type Prompt } from "./prompt.ts";

const HISTORY = "moa-lsp.history";
/** So long a message waits for its price where that isn't known yet. */
const PRICE_MS = 1_000;
/** One of so many characters is worth a longer wait: it may be one to ask about first, and is the slowest to be counted. */
const LONG = 100_000;
const LONG_PRICE_MS = 20_000;

/** What begins within this needs no word about it. */
const A_MOMENT_MS = 400;

export class Sending implements Disposable {
  /** An answer said that there is no architect to ask. */
  nobody = false;
  /** The last price that was asked for, and what of. */
  #priced: { readonly key: string; readonly rows: readonly Estimate[] } | null = null;
  #run: CancellationTokenSource | null = null;
  /** The message that began last. */
  #begun: number | null = null;
  readonly #subscription: Disposable;

  constructor(
    readonly context: ExtensionContext,
    readonly discussions: Discussions,
    readonly tell: (message: ToPage) => void,
    readonly moved: () => void,
  ) {
    this.#subscription = discussions.connection.onDidChangeState(() => {
      // A key may have been set, or an architect configured: who is there to ask is found out anew.
      this.nobody = false;
    });
  }

  get history(): readonly string[] {
    return this.context.workspaceState.get<readonly string[]>(HISTORY, []);
  }

  async submit({ id, text, attachments, confirmed }: Submitted): Promise<void> {
    // What began stands in the discussion: back in the prompt it would be sent twice.
    const refuse = (words: string | null): void =>
      this.tell({ kind: "refused", id, text: this.#begun === id ? "" : text, words });
    this.#begun = null;
    const prompt = parsePrompt(text);
    if (prompt.kind === "wrong") {
      refuse(prompt.words);
      return;
    }
    const asks = prompt.kind === "discuss" || prompt.kind === "code";
    if (asks && this.discussions.state.running) {
      refuse("A round is running. Stop it, or wait for its end.");
      return;
    }
    try {
      if (!confirmed && asks) {
        const rows = await this.#knownPrice(text, prompt, attachments);
        if (rows && priceOf(rows).large) {
          this.tell({ kind: "confirm", id, words: confirmation(rows) });
          return;
        }
      }
      await this.#send(prompt, text, attachments, id);
    } catch (error) {
      if (error instanceof RefusedError && error.code === CANCELLED) {
        refuse(null);
        return;
      }
      const words = error instanceof Error ? error.message : String(error);
      this.nobody = words.startsWith("There is no architect to ask yet");
      refuse(this.nobody ? null : words);
      this.moved();
      // One that was begun for it stands there, and nothing runs in it.
      void this.discussions.reload();
    }
  }

  /** `moa-lsp.retry`: asks an architect once more whose last turn failed or was stopped. */
  async retry(given: unknown): Promise<void> {
    const architect = (given as { readonly architect?: unknown } | undefined)?.architect;
    if (typeof architect !== "string") {
      return;
    }
    try {
      await this.#cancellable((token) => this.discussions.request("retry", { architect }, token));
    } catch (error) {
      showRefusal(error);
    }
  }

  /** Has a model write a role for each architect, for what stands in the prompt; they can be edited before it is sent. */
  async writeRoles(text: string, attachments: readonly Attachment[]): Promise<void> {
    const say = (words: string): void => this.tell({ kind: "said", words });
    const prompt = parsePrompt(text);
    if (prompt.kind !== "discuss" || prompt.preset !== undefined) {
      say("Type the message first: the roles are written for it, and for the preset in force.");
      return;
    }
    const { message } = prompt;
    const discussion = this.discussions.state.discussion?.id;
    const files = await filesOf(message, attachments);
    const argument = { ...(discussion ? { discussion } : {}), message, ...someFiles(files) };
    const options = { location: ProgressLocation.Notification, title: "Writing roles for this message", cancellable: true };
    try {
      const written = await window.withProgress(options, (shown, token) =>
        this.discussions.request("write-roles", argument, token, (message) => shown.report({ message })),
      );
      if (!discussion) {
        this.discussions.show({ rounds: [], codings: [], ...written });
      }
      say("The roles stand beside the architects' names. Click one to edit it; then send.");
    } catch (error) {
      if (!(error instanceof RefusedError && error.code === CANCELLED)) {
        say(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** `moa-lsp.stop`: whoever began the run, here or elsewhere. */
  async stop(): Promise<void> {
    this.#run?.cancel();
    const discussion = this.discussions.state.discussion?.id;
    if (discussion) {
      await this.discussions.request("cancel", { discussion }).catch(showRefusal);
    }
  }

  async complete(id: number, text: string, position: number): Promise<void> {
    if (this.discussions.connection.state.kind !== "running") {
      this.tell({ kind: "completions", id, rows: [] });
      return;
    }
    const rows = await this.discussions.request("complete", { text, position }).catch(() => []);
    this.tell({ kind: "completions", id, rows });
  }

  async estimate(id: number, text: string, attachments: readonly Attachment[]): Promise<void> {
    const prompt = parsePrompt(text);
    const running = this.discussions.connection.state.kind === "running";
    const rows = running ? await this.#price(text, prompt, attachments) : null;
    const free = rows?.length === 0 && prompt.kind === "code";
    const price = free
      ? { words: FREE, tip: "Everything is decided: what you took is put together without a model." }
      : rows
        ? priceOf(rows)
        : { words: null, tip: "" };
    this.tell({ kind: "estimate", id, words: price.words, tip: price.tip });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#run?.dispose();
  }

  async #send(prompt: Prompt, text: string, attachments: readonly Attachment[], id: number): Promise<void> {
    const discussion = this.discussions.state.discussion?.id;
    const within = discussion ? { discussion } : {};
    switch (prompt.kind) {
      case "wrong":
        return;
      case "drop":
        await this.discussions.request("drop-architect", { ...within, name: prompt.name });
        this.#accept(id, text, false);
        return;
      case "preset":
        await (prompt.name ? this.discussions.selectPreset(prompt.name) : commands.executeCommand("moa-lsp.selectPreset"));
        this.#accept(id, text, false);
        return;
      case "code": {
        const files = await filesOf(prompt.message, attachments);
        const argument = { ...within, ...(prompt.message ? { message: prompt.message } : {}), ...someFiles(files) };
        await this.#whileItRuns(id, text, (token) => this.discussions.request("code", argument, token));
        return;
      }
      case "discuss": {
        const files = await filesOf(prompt.message, attachments);
        const folder = discussion ? null : await pickFolder(files);
        if (folder === undefined) {
          this.tell({ kind: "refused", id, text, words: null });
          return;
        }
        const selected = attachments.find((one) => one.range);
        const argument = {
          ...within,
          message: prompt.message,
          ...(prompt.preset === undefined ? {} : { preset: prompt.preset }),
          ...someFiles(files),
          ...(selected?.range ? { selection: { uri: selected.uri, range: selected.range } } : {}),
          ...(folder ? { folder: folder.uri.toString() } : {}),
        };
        const round = await this.#whileItRuns(id, text, (token, report) =>
          this.discussions.request("discuss", argument, token, report),
        );
        this.nobody = isNobody(round);
      }
    }
  }

  /**
   * Runs it, and says that it was accepted as soon as it began: from then on its text stands in the discussion. What is
   * reported before that, the panel would show nowhere else.
   */
  async #whileItRuns<Result>(
    id: number,
    text: string,
    run: (token: CancellationTokenSource["token"], report: (words: string) => void) => Promise<Result>,
  ): Promise<Result> {
    let saying: NodeJS.Timeout | undefined;
    const report = (words: string): void => {
      clearTimeout(saying);
      saying = setTimeout(() => {
        if (this.#begun !== id) {
          this.tell({ kind: "said", words: `${words}…` });
        }
      }, A_MOMENT_MS);
    };
    const begun = this.discussions.connection.onEvent((event) => {
      if (event.kind === "roundStarted" || event.kind === "codeStarted") {
        begun.dispose();
        this.#begun = id;
        this.#accept(id, text);
      }
    });
    try {
      return await this.#cancellable((token) => run(token, report));
    } finally {
      clearTimeout(saying);
      begun.dispose();
    }
  }

  async #cancellable<Result>(run: (token: CancellationTokenSource["token"]) => Promise<Result>): Promise<Result> {
    const source = new CancellationTokenSource();
    this.#run = source;
    try {
      return await run(source.token);
    } finally {
      if (this.#run === source) {
        this.#run = null;
      }
      source.dispose();
    }
  }

  /** `went`: what is attached went along. */
  #accept(id: number, text: string, went = true): void {
    const history = remembered(this.history, text);
    void this.context.workspaceState.update(HISTORY, history);
    this.tell({ kind: "accepted", id, history, went });
  }

  /** The price of just this, if it is known or comes soon. */
  async #knownPrice(
    text: string,
    prompt: Prompt,
    attachments: readonly Attachment[],
  ): Promise<readonly Estimate[] | null> {
    if (this.#priced?.key === this.#keyOf(text, attachments)) {
      return this.#priced.rows;
    }
    if (this.discussions.connection.state.kind !== "running") {
      return null;
    }
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), text.length < LONG ? PRICE_MS : LONG_PRICE_MS));
    return Promise.race([this.#price(text, prompt, attachments), late]);
  }

  async #price(text: string, prompt: Prompt, attachments: readonly Attachment[]): Promise<readonly Estimate[] | null> {
    if (prompt.kind !== "discuss" && prompt.kind !== "code") {
      return null;
    }
    const discussion = this.discussions.state.discussion?.id;
    try {
      const rows = await this.discussions.request("estimate", {
        ...(discussion ? { discussion } : {}),
        message: prompt.message,
        ...someFiles(await filesOf(prompt.message, attachments)),
        for: prompt.kind,
        ...(prompt.kind === "discuss" && prompt.preset !== undefined ? { preset: prompt.preset } : {}),
      });
      this.#priced = { key: this.#keyOf(text, attachments), rows };
      return rows;
    } catch {
      return null;
    }
  }

  /** What a price is of: the same words cost something else by another preset. */
  #keyOf(text: string, attachments: readonly Attachment[]): string {
    return JSON.stringify([text, attachments, this.discussions.state.discussion?.preset]);
  }
}

/** Says why it wasn't done; that it was stopped, the user knows. */
export function showRefusal(error: unknown): void {
  if (!(error instanceof RefusedError && error.code === CANCELLED)) {
    void window.showWarningMessage(error instanceof Error ? error.message : String(error));
  }
}

function someFiles(files: readonly Address[]): { files?: readonly Address[] } {
  return files.length > 0 ? { files } : {};
}

function isNobody(round: Round): boolean {
  return round.turns.length === 0;
}

/** What is attached, and what the text names by `@path` where there is such a file in a workspace folder. */
async function filesOf(text: string, attachments: readonly Attachment[]): Promise<readonly Address[]> {
  return [...new Set([...attachments.map((one) => one.uri), ...(await mentioned(mentions(text)))])];
}
