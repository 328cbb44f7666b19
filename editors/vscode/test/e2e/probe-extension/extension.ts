/**
 * The tests' eyes inside the editor: an extension that runs a function's text with `vscode` in its scope and answers with
 * what it returns, as JSON. So a test reads documents, tabs, diagnostics and settings as the editor holds them, instead
 * of guessing from the screen. What users do is done by keyboard and mouse, never through here.
 *
 * It listens on a free loopback port and tells the test process, which listens at `MOA_PROBE`, which folder and port
 * are its own. A window that is loaded anew says so anew.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runInThisContext } from "node:vm";
import * as vscode from "vscode";

type Question = (editor: typeof vscode, argument: unknown) => unknown;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const address = process.env.MOA_PROBE;
  if (!address) {
    return;
  }
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      void answered(text).then((answer) => response.end(JSON.stringify(answer)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.subscriptions.push({ dispose: () => server.close() });
  const { port } = server.address() as AddressInfo;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  await fetch(address, { method: "POST", body: JSON.stringify({ folder, port }) });
}

async function answered(text: string): Promise<{ value?: unknown; error?: string }> {
  try {
    const { source, argument } = JSON.parse(text) as { source: string; argument: unknown };
    // What turns TypeScript into JavaScript marks inner functions by a call of `__name`.
    const question = runInThisContext(`(__name) => (${source})`) as (name: (it: unknown) => unknown) => Question;
    return { value: await question((it) => it)(vscode, argument) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
