/** A key that is set by command reaches the provider it is for, and is written nowhere that we or our logs are read. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios({ settings: { "moa.trace.server": "verbose" } });
const CANARY = "sk-canary-0f9b1c7e4d2a";

scenario(
  "a key set by command reaches the provider and is in no settings, log or store file",
  { architects: ["alpha"], prepare: ({ provider, workspace }) => {
    workspace.settings({
      "moa.architects": [{ name: "alpha", model: "openai/alpha", apiBase: provider.url, apiKeyEnv: "CANARY_KEY" }],
    });
  } },
  async ({ editor, provider, workspace, window, panel }) => {
    provider.script("alpha", { text: proposing("I know you.") });
    await panel.show();
    await panel.send("Without a key?");
    await panel.turn("alpha").shows("CANARY_KEY");
    await panel.ended();
    assert.equal(provider.requests.length, 0, "without a key nothing is sent");

    await window.command("moa: Set a provider's key…");
    await window.pick("Another variable");
    await window.answer("CANARY_KEY");
    await window.answer(CANARY);
    await until("the key to be kept", () => window.notification("CANARY_KEY").first().isVisible());
    await panel.send("And now?");
    await panel.turn("alpha").shows("I know you.");
    await panel.ended();
    const [asked] = provider.requests;
    assert.equal(asked?.headers.authorization, `Bearer ${CANARY}`);
    assert.ok(!JSON.stringify(asked.messages).includes(CANARY));

    const written = editor.written();
    const store = written.filter((path) => path.startsWith(editor.data));
    assert.ok(store.length > 0, "there is a store to look into");
    const settings = workspace.read(".vscode/settings.json") ?? "";
    assert.ok(settings.includes("CANARY_KEY"));
    for (const path of written) {
      assert.ok(!readFileSync(path).includes(CANARY), `the key stands in ${path}`);
    }
    assert.ok(!settings.includes(CANARY));
    assert.ok(!(await panel.text()).includes(CANARY));
  },
);
