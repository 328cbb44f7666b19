/** The first start on a machine without the server: words and buttons where the discussion would be, and a way on. */

import assert from "node:assert/strict";
import { proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios({ withoutServer: true });

scenario("without a server the panel says so and offers to get one", { architects: ["alpha"] }, async ({ editor, provider, window, panel }) => {
  provider.script("alpha", { text: proposing("I answer.") });
  await panel.show();
  await panel.shows("There is no moa-lsp on this machine yet.");
  assert.ok(await panel.button("Install the server").isVisible());
  assert.ok(await panel.button("Choose a server").isVisible());
  await until("the status bar to say so", async () => (await window.statusBar()).includes('moa'));

  // A message is refused with the same words, and isn't lost.
  await panel.send("Hello?");
  await panel.shows("There is no moa-lsp on this machine yet.");
  await until("the message to be in the prompt", async () => (await panel.prompt.inputValue()) === "Hello?");

  const program = editor.installServer();
  await window.run(async (vscode, path) => {
    await vscode.workspace.getConfiguration("moa").update("server.path", path, vscode.ConfigurationTarget.Global);
  }, program);
  await until("the words to go", async () => !(await panel.text()).includes("There is no moa-lsp"));
  await panel.send("Hello!");
  await panel.turn("alpha").shows("I answer.");
  await panel.ended();
});
