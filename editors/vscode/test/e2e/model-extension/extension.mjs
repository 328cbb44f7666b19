// A stand-in for an extension that brings chat models: vendor `moa-test`, with the families below. What they say is
// scripted, so that a test can say what must come of it.
//
// With MOA_TEST_MODELS in the editor's environment, a JSON file's path, `{FAMILY: [TEXT, …]}` in it replaces a
// family's replies (read anew at each call; the reply is the one of the call's turn, the last one for all later turns). With
// MOA_TEST_MODELS_LOG, what happens is appended to that file, one JSON object a line: `{event, family, messages?}`.
import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import * as vscode from "vscode";

const STEADY = `The answer swallows every error alike. One narrow place to catch them is enough.

<proposal>
Catch only what can go wrong here:

greet.py
\`\`\`python
<<<<<<< SEARCH
    return "Hello " + name
=======
    return f"Hello {name}!"
>>>>>>> REPLACE
\`\`\`
</proposal>
`;

const FAMILIES = {
  /** Answers at once, in small pieces. */
  steady: { replies: [STEADY, "<proposal>\nIt stands as I said.\n</proposal>\n"], pause: 5 },
  /** A word every 200 ms, for minutes: there to be cancelled. */
  slow: { replies: ["word ".repeat(1000)], pause: 200 },
  /** Answers with an error, as a model that the user didn't allow. */
  refusing: { replies: [], pause: 0 },
};

export function activate(context) {
  context.subscriptions.push(
    vscode.lm.registerLanguageModelChatProvider("moa-test", {
      provideLanguageModelChatInformation: () =>
        Object.keys(FAMILIES).map((family) => ({
          id: family,
          name: `Scripted ${family}`,
          family,
          version: "1",
          maxInputTokens: 100_000,
          maxOutputTokens: 10_000,
          capabilities: {},
        })),
      provideLanguageModelChatResponse: answer,
      provideTokenCount: async (_model, text) => Math.ceil(JSON.stringify(text).length / 4),
    }),
  );
  log({ event: "registered" });
}

async function answer(model, messages, _options, progress, token) {
  const asked = messages.map((message) => ({ role: message.role, text: textOf(message) }));
  log({ event: "asked", family: model.family, messages: asked });
  token.onCancellationRequested(() => log({ event: "cancelled", family: model.family }));
  if (model.family === "refusing") {
    throw vscode.LanguageModelError.Blocked("The scripted model refuses this request.");
  }
  const said = asked.filter((message) => message.role === vscode.LanguageModelChatMessageRole.Assistant).length;
  const replies = scripted()[model.family] ?? FAMILIES[model.family].replies;
  for (const piece of replies[Math.min(said, replies.length - 1)].match(/\s*\S+\s*/gu) ?? []) {
    if (token.isCancellationRequested) {
      return;
    }
    progress.report(new vscode.LanguageModelTextPart(piece));
    await wait(FAMILIES[model.family].pause);
  }
  log({ event: "answered", family: model.family });
}

function textOf(message) {
  return message.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
}

function scripted() {
  const path = process.env.MOA_TEST_MODELS;
  return path ? JSON.parse(readFileSync(path, "utf8")) : {};
}

function log(row) {
  const path = process.env.MOA_TEST_MODELS_LOG;
  if (path) {
    appendFileSync(path, `${JSON.stringify(row)}\n`);
  }
}
