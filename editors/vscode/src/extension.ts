/**
 * Where the extension begins: makes its parts and hands them to each other. Cheap on purpose: the server is started when
 * it is needed, and everything else waits to be asked. What each part does stands in its own folder.
 */

import type { ExtensionContext } from "vscode";
import { Discussions } from "./discussion/discussions.ts";
import { registerEntries } from "./entries/entries.ts";
import { registerEditorModels } from "./models/editor-models.ts";
import { registerMixtureModels } from "./models/mixture-models.ts";
import { registerPanel } from "./panel/panel.ts";
import { registerReview } from "./review/review.ts";
import { Server } from "./server/server.ts";
import { registerStart } from "./server/start.ts";

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  server = new Server(context);
  const discussions = new Discussions(server);
  context.subscriptions.push(
    server,
    discussions,
    registerStart(context, server, discussions),
    registerPanel(context, server, discussions),
    registerReview(context, discussions),
    registerEntries(context, server, discussions),
    registerEditorModels(context, server),
    registerMixtureModels(server),
  );
  server.startWhereUsedBefore();
}

/** The editor waits for this a moment: the server gets its time to store what runs and to end. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}
