/**
 * Restricted Mode: nothing is sent, no server runs, the panel says why; and trust takes effect in the same window. What a
 * moa.toml comes to want later is asked about.
 */

import assert from "node:assert/strict";
import { proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";
import type { Window } from "./window.ts";

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
  assert.deepEqual(await presetsAsModels(window), [], "no preset is offered as a model");

  await trusted(window);
  await until("the presets to be offered as models", async () => (await presetsAsModels(window)).includes("panel"));
  await until("the words to go", async () => !(await panel.text()).includes("Nothing is sent before"));
  await panel.send("And now?");
  await panel.turn("alpha").shows("Now I may.");
  await panel.turn("bravo").shows("So may I.");
  await panel.ended();
});

scenario(
  "what moa.toml comes to want is asked, and asked again of whoever sends a message meanwhile",
  { prepare: ({ workspace }) => workspace.settings({}) },
  async ({ provider, workspace, window, panel }) => {
    provider.script("alpha", { text: proposing("Now I may.") });
    await panel.show();
    await trusted(window);
    await until("the server", async () => !(await panel.text()).includes("Starting the server"));
    workspace.write("moa.toml", `architects = [{ name = "alpha", model = "openai/alpha", api_base = "${provider.url}" }]\n`);
    await window.notification("That is new since you trusted this folder").waitFor();
    await window.run((vscode) => vscode.commands.executeCommand("notifications.hideToasts"));
    await window.notification("That is new since you trusted this folder").waitFor({ state: "hidden" });

    await panel.type("Anybody?");
    await panel.prompt.press("Control+Enter");
    const question = window.page.locator(".notifications-center .notification-list-item", { hasText: "moa.toml" });
    await question.waitFor();
    assert.equal(provider.requests.length, 0);
    await question.getByRole("button", { name: "Trust it" }).press("Enter");
    await panel.turn("alpha").shows("Now I may.");
    await panel.ended();
  },
);

/** The presets that VS Code offers as models. */
async function presetsAsModels(window: Window): Promise<readonly string[]> {
  return window.run(async (vscode) => (await vscode.lm.selectChatModels({ vendor: "moa-lsp" })).map((one) => one.family));
}

/** Grants trust by the panel's button and the editor's own page. */
async function trusted(window: Window): Promise<void> {
  await window.panel.button("Manage trust").click();
  await window.page.getByRole("button", { name: /^Trust$/ }).first().click();
  await until("trust", () => window.run((vscode) => vscode.workspace.isTrusted));
  await window.page.keyboard.press("Escape");
  await window.panel.show();
}
