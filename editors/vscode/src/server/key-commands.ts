/** The commands that set and remove a provider's key. Where keys are kept is `keys.ts`'s; their text is seen nowhere else. */

import { commands, Disposable, window, type QuickPickItem } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { ModelRow } from "../wire.ts";
import type { Server } from "./server.ts";
import { keyVariables, wrongWithVariable } from "./variables.ts";

export function registerKeys(server: Server, discussions: Discussions): Disposable {
  return Disposable.from(
    commands.registerCommand("moa-lsp.setKey", (given: unknown) => setKey(server, discussions, given)),
    commands.registerCommand("moa-lsp.removeKey", () => removeKey(server, discussions)),
  );
}

/** `given`: the variable, where whoever runs the command knows it. */
async function setKey(server: Server, discussions: Discussions, given: unknown): Promise<void> {
  const known = typeof given === "string" && !wrongWithVariable(given) ? given : undefined;
  const name = known ?? (await askForVariable(server));
  if (!name) {
    return;
  }
  const key = await window.showInputBox({
    title: `The key for ${name}`,
    prompt: "It is kept in VS Code's secret storage and handed to the server in its environment: never in settings, never in a log.",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() ? null : "Paste the key that your provider gave you."),
  });
  if (!key) {
    return;
  }
  await server.keys.set(name, key.trim());
  await takeEffect(server, discussions, `The key for ${name} is kept.`);
}

async function removeKey(server: Server, discussions: Discussions): Promise<void> {
  const names = server.keys.names();
  if (names.length === 0) {
    void window.showInformationMessage(
      "No key is kept here. Keys in the environment that VS Code was started with aren't moa's to remove.",
    );
    return;
  }
  const name = await window.showQuickPick(names, { title: "Remove a key", placeHolder: "Which one is to be forgotten?" });
  if (name) {
    await server.keys.remove(name);
    await takeEffect(server, discussions, `The key for ${name} is removed.`);
  }
}

interface Offer extends QuickPickItem {
  /** `null`: another one, to be typed. */
  readonly variable: string | null;
}

async function askForVariable(server: Server): Promise<string | undefined> {
  const kept = new Set(server.keys.names());
  const offers: readonly Offer[] = [
    ...keyVariables(await models(server)).map(({ name, provider }) => ({
      label: provider,
      description: name,
      variable: name,
      ...(kept.has(name) && { detail: "There is a key; a new one takes its place." }),
    })),
    { label: "Another variable…", description: "such as the one that apiKeyEnv names", variable: null },
  ];
  const picked = await window.showQuickPick(offers, {
    title: "Set a provider's key",
    placeHolder: "Whose key is it?",
    matchOnDescription: true,
  });
  if (picked?.variable !== null) {
    return picked?.variable;
  }
  return window.showInputBox({
    title: "The variable that the key belongs to",
    placeHolder: "OUR_GATEWAY_KEY",
    ignoreFocusOut: true,
    validateInput: wrongWithVariable,
  });
}

/** The server's list; none where no server runs: a key has to be set before one is of use. */
async function models(server: Server): Promise<readonly ModelRow[]> {
  if (server.state.kind !== "running") {
    return [];
  }
  try {
    return await server.request("models", {});
  } catch {
    return [];
  }
}

/** A server that runs has its environment already, so it is started anew; what is under way is stopped only on a yes. */
async function takeEffect(server: Server, discussions: Discussions, done: string): Promise<void> {
  if (server.state.kind !== "running" && server.state.kind !== "failed") {
    void window.showInformationMessage(done);
    return;
  }
  if (discussions.state.running) {
    const yes = "Restart now";
    const answer = await window.showInformationMessage(
      `${done} It holds once the server is restarted, which stops the round that is under way.`,
      yes,
      "Later",
    );
    if (answer !== yes) {
      return;
    }
  }
  await commands.executeCommand("moa-lsp.restartServer");
  void window.showInformationMessage(done);
}
