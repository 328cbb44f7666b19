/**
 * Models that VS Code has: an architect `vscode:VENDOR/FAMILY` is asked through `vscode.lm`, on the account that the
 * user has with its vendor. Its rules: a model is asked only when the server asks for it by name, and VS Code itself
 * asks the user whether it may be; a request that is cancelled is cancelled at the vendor; nothing of what is said is
 * logged. What the answers mean is `asking.ts`'s.
 */

import {
  CancellationTokenSource,
  Disposable,
  LanguageModelChatMessage,
  LanguageModelTextPart,
  lm,
  type CancellationToken,
  type ExtensionContext,
} from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Server } from "../server/server.ts";
import { CANCELLED } from "../wire.ts";
import {
  Coalesced,
  modelOptions,
  notFound,
  offered,
  ownPreset,
  parsed,
  refusalOf,
  withoutSystem,
  type AskModel,
  type OfferedModel,
  type Refusal,
} from "./asking.ts";
import { isPreset } from "./offered-presets.ts";

const JUSTIFICATION = "moa asks this model as one of your architects.";

/** Pieces of text are put together for so long, in milliseconds: vendors send them by the word. */
const PIECES_EVERY_MS = 30;

interface Answer {
  readonly finish: "stop";
}

/** Serves `moa/askModel` and `moa/listModels` to each client of the server. */
export function registerEditorModels(_context: ExtensionContext, server: Server): Disposable {
  return server.onClient((client) => {
    // A client that ends takes its calls with it: their answers would reach nobody, and go on costing.
    const ended = new CancellationTokenSource();
    const served = [
      client.onRequest("moa/askModel", (asked: AskModel, token: CancellationToken) =>
        answered(client, asked, token, ended.token),
      ),
      client.onRequest("moa/listModels", async (): Promise<readonly OfferedModel[]> =>
        offered(await lm.selectChatModels({})),
      ),
    ];
    return new Disposable(() => {
      ended.cancel();
      ended.dispose();
      for (const one of served) {
        one.dispose();
      }
    });
  });
}

/** Asks, and streams the reply as `moa/modelText`. Resolves to the answer of `moa/askModel`; rejects with its error. */
async function answered(
  client: LanguageClient,
  asked: AskModel,
  cancelled: CancellationToken,
  ended: CancellationToken,
): Promise<Answer> {
  const { ResponseError } = await import("vscode-languageclient/node");
  const refused = ({ code, message, data }: Refusal): Error => new ResponseError(code, message, data);
  if (isPreset(asked.model)) {
    throw refused(ownPreset(asked.model));
  }
  const name = parsed(asked.model);
  const [model] = name ? await lm.selectChatModels({ vendor: name.vendor, family: name.family }) : [];
  if (!model) {
    throw refused(notFound(asked.model));
  }
  const stop = new CancellationTokenSource();
  const listening = [
    cancelled.onCancellationRequested(() => stop.cancel()),
    ended.onCancellationRequested(() => stop.cancel()),
  ];
  if (cancelled.isCancellationRequested || ended.isCancellationRequested) {
    stop.cancel();
  }
  const text = new Coalesced(
    (piece) => client.sendNotification("moa/modelText", { call: asked.call, text: piece }),
    PIECES_EVERY_MS,
  );
  try {
    const messages = withoutSystem(asked.messages).map(({ role, text }) =>
      role === "assistant" ? LanguageModelChatMessage.Assistant(text) : LanguageModelChatMessage.User(text),
    );
    const options = { justification: JUSTIFICATION, modelOptions: { ...modelOptions(asked) } };
    const response = await model.sendRequest(messages, options, stop.token);
    for await (const part of response.stream) {
      // What else a model may send (its thoughts, calls of tools that it wasn't given) is no part of its answer.
      if (part instanceof LanguageModelTextPart) {
        text.add(part.value);
      }
    }
    await text.end();
  } catch (error) {
    await text.end();
    throw stop.token.isCancellationRequested ? new ResponseError(CANCELLED, "Stopped.") : refused(refusalOf(error));
  } finally {
    Disposable.from(...listening, stop).dispose();
  }
  // A stream that was cancelled may end as one that is done.
  if (cancelled.isCancellationRequested) {
    throw new ResponseError(CANCELLED, "Stopped.");
  }
  // The API has no word for how a reply ended: one that was cut or filtered is an error of its vendor's, not an end.
  return { finish: "stop" };
}
