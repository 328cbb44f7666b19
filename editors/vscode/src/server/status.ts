/** The item in the status bar, and the list that a click on it opens. The words are `status-words.ts`'s. */

import { commands, Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window, type QuickPickItem } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { toReview } from "../discussion/state.ts";
import type { Remedy } from "./connection.ts";
import type { Server } from "./server.ts";
import { statusOf } from "./status-words.ts";

/** While text streams the discussion moves many times a second; nobody reads faster than this. */
const DRAW_EVERY_MS = 150;

export function registerStatus(server: Server, discussions: Discussions): Disposable {
  const item = window.createStatusBarItem("moa-lsp.status", StatusBarAlignment.Right, 90);
  item.name = "moa";
  item.command = "moa-lsp.showStatus";
  let drawing: NodeJS.Timeout | undefined;
  const draw = (): void => {
    drawing = undefined;
    const status = statusOf(server.state, discussions.state);
    item.text = status.text;
    item.tooltip = new MarkdownString().appendText(status.words);
    item.accessibilityInformation = { label: `moa. ${status.words}`, role: "button" };
    item.backgroundColor = status.warns ? new ThemeColor("statusBarItem.warningBackground") : undefined;
  };
  const drawSoon = (): void => {
    drawing ??= setTimeout(draw, DRAW_EVERY_MS);
  };
  draw();
  item.show();
  return Disposable.from(
    item,
    server.onDidChangeState(drawSoon),
    discussions.onDidChange(drawSoon),
    new Disposable(() => clearTimeout(drawing)),
    commands.registerCommand("moa-lsp.showStatus", () => showStatus(server, discussions)),
  );
}

interface Action extends QuickPickItem {
  readonly does: Remedy;
}

async function showStatus(server: Server, discussions: Discussions): Promise<void> {
  const picked = await window.showQuickPick(actions(server, discussions), {
    title: "moa",
    placeHolder: statusOf(server.state, discussions.state).words,
  });
  if (picked) {
    await commands.executeCommand(picked.does.command, ...(picked.does.arguments ?? []));
  }
}

function actions({ state }: Server, discussions: Discussions): readonly Action[] {
  const action = (icon: string, title: string, command: string): Action => ({
    label: `$(${icon}) ${title}`,
    does: { title, command },
  });
  return [
    ...(state.kind === "failed" ? state.remedies.map((does) => ({ label: `$(lightbulb) ${does.title}`, does })) : []),
    ...(state.kind === "restricted" ? [action("shield", "Trust this workspace…", "moa-lsp.manageTrust")] : []),
    ...(discussions.state.running ? [action("debug-stop", "Stop what is under way", "moa-lsp.stop")] : []),
    ...(toReview(discussions.state) > 0 ? [action("diff-multiple", "Review the change", "moa-lsp.review")] : []),
    action("comment-discussion", "Show the discussion", "moa-lsp.panel.focus"),
    action("key", "Set a provider's key…", "moa-lsp.setKey"),
    action("trash", "Remove a provider's key…", "moa-lsp.removeKey"),
    action("settings-gear", "Open settings", "moa-lsp.openSettings"),
    ...(state.kind === "running" ? [action("debug-restart", "Restart the server", "moa-lsp.restartServer")] : []),
    ...(state.kind === "failed" ? [] : [action("output", "Show log", "moa-lsp.showLog")]),
  ];
}
