/**
 * Presets in VS Code's own list of models: whatever asks a model there (its chat, another extension) can ask a mixture.
 * Its rules: nothing is offered or asked while the workspace isn't trusted; a list that VS Code makes for itself starts no
 * server; what is cancelled is cancelled in the server, and so at every provider; nothing of what is said is logged.
 * What is said stands in `openai.ts` and the project's `docs/protocol.md` (`moa/answer`).
 */

import { randomUUID } from "node:crypto";
import {
  CancellationTokenSource,
  Disposable,
  EventEmitter,
  LanguageModelChatToolMode,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  lm,
  ProgressLocation,
  window,
  workspace,
  type CancellationToken,
  type Event,
  type LanguageModelChatProvider,
  type LanguageModelChatRequestMessage,
  type LanguageModelResponsePart,
  type PrepareLanguageModelChatModelOptions,
  type Progress,
  type ProvideLanguageModelChatResponseOptions,
} from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Server } from "../server/server.ts";
import { offeredPresets, VENDOR, type PresetModel } from "./offered-presets.ts";
import { allText, chatMessages, chatParameters, roughTokens, ToolCalls, type ToolCallDelta } from "./openai.ts";

/** Offers the presets as models of the vendor `moa-lsp`. */
export function registerMixtureModels(server: Server): Disposable {
  const mixtures = new MixtureModels(server);
  return Disposable.from(mixtures, lm.registerLanguageModelChatProvider(VENDOR, mixtures));
}

/** A call that runs: what is done with what the server says of it. */
interface Call {
  readonly text: (text: string) => void;
  readonly note: (text: string) => void;
  readonly tools: (pieces: readonly ToolCallDelta[]) => void;
}

interface Told {
  readonly call: string;
  readonly text: string;
}

class MixtureModels implements LanguageModelChatProvider<PresetModel>, Disposable {
  readonly #moved = new EventEmitter<void>();
  readonly #calls = new Map<string, Call>();
  readonly #subscriptions: Disposable;
  /** VS Code asks often, and has no models at all for a moment whenever it is told that there are others. */
  #offered: readonly PresetModel[] = [];
  #looking: Promise<void> | undefined;
  #client: LanguageClient | undefined;

  constructor(readonly server: Server) {
    this.#subscriptions = Disposable.from(
      server.onClient((client) => this.#listen(client)),
      server.onDidChangePresets(() => void this.#look()),
      // A server that is started anew brings the same ones again.
      server.onDidChangeState(({ kind }) => void (kind === "starting" ? null : this.#look())),
      this.#moved,
    );
  }

  get onDidChangeLanguageModelChatInformation(): Event<void> {
    return this.#moved.event;
  }

  async provideLanguageModelChatInformation({ silent }: PrepareLanguageModelChatModelOptions): Promise<PresetModel[]> {
    if (!silent && workspace.isTrusted && (await this.server.ready())) {
      await (this.#looking ?? this.#look());
    }
    await this.#looking;
    return [...this.#offered];
  }

  async provideLanguageModelChatResponse(
    model: PresetModel,
    messages: readonly LanguageModelChatRequestMessage[],
    options: ProvideLanguageModelChatResponseOptions,
    progress: Progress<LanguageModelResponsePart>,
    token: CancellationToken,
  ): Promise<void> {
    if (!workspace.isTrusted) {
      throw new Error("This workspace isn't trusted, so nothing is sent to any model. Trust it to ask the architects.");
    }
    if (!(await this.server.ready()) || !this.#client) {
      throw new Error("The moa server isn't running. “moa: Show status” says why.");
    }
    const client = this.#client;
    const mustCall = options.toolMode === LanguageModelChatToolMode.Required;
    const asked = {
      call: randomUUID(),
      preset: model.id,
      messages: chatMessages(messages),
      parameters: chatParameters(options.modelOptions ?? {}, options.tools ?? [], mustCall),
    };
    await window.withProgress({ location: ProgressLocation.Window, title: model.name }, async (shown) => {
      const calls = new ToolCalls();
      this.#calls.set(asked.call, {
        text: (text) => progress.report(new LanguageModelTextPart(text)),
        note: (text) => shown.report({ message: text }),
        tools: (pieces) => calls.add(pieces),
      });
      const stop = new CancellationTokenSource();
      const listening = token.onCancellationRequested(() => stop.cancel());
      try {
        await client.sendRequest("moa/answer", asked, stop.token);
        for (const { id, name, input } of calls.whole()) {
          progress.report(new LanguageModelToolCallPart(id, name, input));
        }
      } catch (error) {
        // Who stopped it knows.
        if (!token.isCancellationRequested) {
          throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
        }
      } finally {
        this.#calls.delete(asked.call);
        Disposable.from(listening, stop).dispose();
      }
    });
  }

  provideTokenCount(_model: PresetModel, text: string | LanguageModelChatRequestMessage): Promise<number> {
    return Promise.resolve(roughTokens(typeof text === "string" ? text : allText(text.content)));
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Finds out what there is to offer, and says so where that is something else than before. */
  async #look(): Promise<void> {
    const looking = (this.#looking = this.#found().then((found) => {
      // Of several looks at once, the last one counts.
      if (this.#looking === looking && JSON.stringify(found) !== JSON.stringify(this.#offered)) {
        this.#offered = found;
        this.#moved.fire();
      }
    }));
    await looking;
  }

  async #found(): Promise<readonly PresetModel[]> {
    if (!workspace.isTrusted || this.server.state.kind !== "running") {
      return [];
    }
    try {
      return offeredPresets(await this.server.request("presets", {}));
    } catch (error) {
      this.server.log.warn(`The presets can't be offered as models: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  }

  #listen(client: LanguageClient): Disposable {
    this.#client = client;
    const listening = [
      client.onNotification("moa/answerText", ({ call, text }: Told) => this.#calls.get(call)?.text(text)),
      client.onNotification("moa/answerNote", ({ call, text }: Told) => this.#calls.get(call)?.note(text)),
      client.onNotification("moa/answerTools", (told: { readonly call: string; readonly calls: readonly ToolCallDelta[] }) =>
        this.#calls.get(told.call)?.tools(told.calls),
      ),
    ];
    return new Disposable(() => {
      for (const one of listening) {
        one.dispose();
      }
      if (this.#client === client) {
        this.#client = undefined;
      }
    });
  }
}
