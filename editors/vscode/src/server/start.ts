/** The commands around the server: start it anew, install or choose one, its log, its settings, trust. */

import { commands, ConfigurationTarget, Disposable, window, workspace, type ExtensionContext } from "vscode";
import { mkdir } from "node:fs/promises";
import type { Discussions } from "../discussion/discussions.ts";
import type { ServerState } from "./connection.ts";
import { install } from "./installing.ts";
import { registerKeys } from "./key-commands.ts";
import type { Server } from "./server.ts";
import { registerStatus } from "./status.ts";

export function registerStart(context: ExtensionContext, server: Server, discussions: Discussions): Disposable {
  let hadRun = false;
  return Disposable.from(
    registerStatus(server, discussions),
    registerKeys(server, discussions),
    commands.registerCommand("moa-lsp.restartServer", () => restart(server)),
    commands.registerCommand("moa-lsp.installServer", () => installServer(server)),
    commands.registerCommand("moa-lsp.chooseServer", () => chooseServer(server)),
    commands.registerCommand("moa-lsp.showLog", () => server.log.show()),
    commands.registerCommand("moa-lsp.openSettings", (search?: unknown) =>
      commands.executeCommand(
        "workbench.action.openSettings",
        typeof search === "string" ? search : `@ext:${context.extension.id}`,
      ),
    ),
    commands.registerCommand("moa-lsp.manageTrust", () => commands.executeCommand("workbench.trust.manage")),
    server.onDidChangeState((state) => {
      void commands.executeCommand("setContext", "moa-lsp.serverRunning", state.kind === "running");
      // One that ran and is given up on is told; one that never ran is shown where it was asked for.
      if (state.kind === "failed" && hadRun) {
        hadRun = false;
        void say(state);
      }
      hadRun ||= state.kind === "running";
    }),
  );
}

async function restart(server: Server): Promise<void> {
  await server.restart();
  const { state } = server;
  if (state.kind === "restricted") {
    const trust = "Trust this workspace…";
    const words = "This workspace isn't trusted, so the server isn't started and nothing is sent to any model.";
    if ((await window.showInformationMessage(words, trust)) === trust) {
      await commands.executeCommand("moa-lsp.manageTrust");
    }
  }
  void say(state);
}

async function installServer(server: Server): Promise<void> {
  await mkdir(server.folder, { recursive: true });
  // A server that runs from the very place would be in the way.
  await server.stop();
  if (await install(server.surroundings(), server.folder, server.log)) {
    await restart(server);
  }
}

async function chooseServer(server: Server): Promise<void> {
  const picked = await window.showOpenDialog({
    title: "The program moa-lsp",
    openLabel: "Use this server",
    canSelectMany: false,
  });
  const path = picked?.[0]?.fsPath;
  if (path) {
    const settings = workspace.getConfiguration("moa");
    await settings.update("server.path", path, ConfigurationTarget.Global);
    await restart(server);
  }
}

/** Says a failure, with a button for each way out; nothing where there is none. */
async function say(state: ServerState): Promise<void> {
  if (state.kind !== "failed") {
    return;
  }
  const picked = await window.showErrorMessage(state.words, ...state.remedies.map((remedy) => remedy.title));
  const remedy = state.remedies.find((one) => one.title === picked);
  if (remedy) {
    await commands.executeCommand(remedy.command, ...(remedy.arguments ?? []));
  }
}
