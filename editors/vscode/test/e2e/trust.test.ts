/** Restricted Mode: nothing is sent, no server runs, the panel says why; and trust takes effect in the same window. */

import assert from "node:assert/strict";
import { proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios({
  asksForTrust: true,
  settings: { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" },
});

scenario("in Restricted Mode nothing is sent; granting trust takes effect at once", {}, async ({ editor, provider, window, panel }) => {
  provider.script("alpha", { text: proposing("Now I may.") });
  provider.script("bravo", { text: proposing("So may I.") });
  assert.equal(await window.run((vscode) => vscode.workspace.isTrusted), false);
  await window.openFile("api.py");
  await panel.show();
  await panel.shows("Nothing is sent before you trust this folder");
  await panel.send("Anybody?");
  await panel.shows(/trust/i);
  await until("the message to be in the prompt", async () => (await panel.prompt.inputValue()) === "Anybody?");
  assert.deepEqual(editor.servers(), [], "no server was started");
  assert.equal(provider.requests.length, 0);

  await panel.button("Manage trust").click();
  await window.page.getByRole("button", { name: /^Trust$/ }).first().click();
  await until("trust", () => window.run((vscode) => vscode.workspace.isTrusted));
  await panel.show();
  await until("the words to go", async () => !(await panel.text()).includes("Nothing is sent before"));
  await panel.send("And now?");
  await panel.turn("alpha").shows("Now I may.");
  await panel.turn("bravo").shows("So may I.");
  await panel.ended();
});
