/** From `/code` to the files: the review hunk by hunk, what follows the typing, undo, and what is left as it was. */

import assert from "node:assert/strict";
import type { Scene } from "./scenario.ts";
import { scenarios } from "./scenario.ts";
import { edit, proposing } from "./provider.ts";
import { until } from "./until.ts";
import { API } from "./workspace.ts";

const scenario = scenarios();

const GET = ["    return store[key]\n", "    return store.get(key)\n"] as const;
const PUT = ["    store[key] = value\n", "    store[str(key)] = value\n"] as const;
const NAMES = ["    return sorted(store)\n", "    return sorted(store, key=str)\n"] as const;
const MISSING = "class Missing(KeyError):\n    pass\n";

function changed(text: string, ...edits: readonly (readonly [string, string])[]): string {
  return edits.reduce((now, [old, other]) => now.replace(old, () => other), text);
}

/** A discussion of one round, then `/code`, which the editor model answers with these edits. */
async function coded({ provider, window, panel }: Scene, ...edits: readonly string[]): Promise<void> {
  provider.script("alpha", { text: proposing("Let us do it.") });
  provider.script("editor", { text: `As agreed.\n\n${edits.join("\n")}` });
  await window.openFile("api.py");
  await panel.show();
  await panel.send("What about errors?");
  await panel.turn("alpha").shows("Let us do it.");
  await panel.ended();
  await panel.send("/code Do it");
  await panel.ended();
}

const ONE = { architects: ["alpha"] };

scenario("accept one hunk, reject another, type above, accept the rest, undo", ONE, async (scene) => {
  const { workspace, window, panel } = scene;
  await coded(scene, edit("api.py", ...GET), edit("api.py", ...PUT), edit("api.py", ...NAMES), edit("errors.py", "", MISSING));
  const coding = panel.turn("editor");
  await until("four hunks", async () => (await coding.hunks.count()) === 4);

  // The review opens by itself: all files in one view, with buttons above each hunk.
  await until("the review", async () => ((await window.activeTab()) ?? "").includes('Review'));
  await window.lenses("api.py", /Accept$/).first().click();
  const one = changed(API, GET);
  await window.holds("api.py", one);
  assert.equal(workspace.read("api.py"), API, "nothing is saved for the user");

  await until("three hunks that wait", async () => (await panel.pending("editor")) === 3);

  // The first one that is left is that of put.
  await until("the buttons to follow", async () => (await window.lenses("api.py", /Reject$/).count()) === 2);
  await window.lenses("api.py", /Reject$/).first().click();
  await until("two hunks that wait", async () => (await panel.pending("editor")) === 2);
  await window.holds("api.py", one);

  await window.cursor("api.py", 0, 0);
  await window.page.keyboard.type("# A note\n");
  await window.holds("api.py", `# A note\n${one}`);
  const line = `# A note\n${API}`.split("\n").indexOf(NAMES[0].trimEnd());
  await until("the mark to follow", async () => (await window.marks("api.py")).some((mark) => mark.line === line));

  await window.command("moa: Accept the whole proposed change");
  await window.holds("api.py", `# A note\n${changed(API, GET, NAMES)}`);
  await until("nothing to wait", async () => (await panel.pending("editor")) === 0);
  await until("the created file", async () => (await window.textOf("errors.py")) === MISSING);
  assert.equal(workspace.read("api.py"), API, "nothing is saved for the user");
  assert.ok((await window.unsaved()).includes("api.py"));

  await coding.button(/^undo/).click();
  await window.holds("api.py", `# A note\n${API}`);
  await until("the created file to be gone", async () => (await window.textOf("errors.py")) === null);
});

scenario("hunks are accepted and rejected by key, in the normal editor", ONE, async (scene) => {
  const { window, panel } = scene;
  await coded(scene, edit("api.py", ...GET), edit("api.py", ...PUT));
  await until("two hunks", async () => (await panel.pending("editor")) === 2);
  await window.run((editor) => editor.commands.executeCommand("workbench.action.closeAllEditors"));
  const lines = API.split("\n");
  await window.cursor("api.py", lines.indexOf(PUT[0].trimEnd()), 0);
  await window.chord("Control+Alt+m", "x", async () => (await panel.pending("editor")) === 1);
  await window.cursor("api.py", 0, 0);
  const line = lines.indexOf(GET[0].trimEnd());
  await window.chord("Control+Alt+m", "n", async () => (await window.cursorLine()) === line);
  await window.chord("Control+Alt+m", "a", async () => (await panel.pending("editor")) === 0);
  await window.holds("api.py", changed(API, GET));

  // A rejected one can be had back.
  await panel.turn("editor").button(/^take back the no/).click();
  await until("the rejected one to wait again", async () => (await panel.pending("editor")) === 1);
});

scenario("who types into a hunk makes it stale, and taking that back makes it wait again", ONE, async (scene) => {
  const { window, panel } = scene;
  await coded(scene, edit("api.py", ...GET));
  await until("a hunk", async () => (await panel.pending("editor")) === 1);
  const line = API.split("\n").indexOf(GET[0].trimEnd());
  await window.cursor("api.py", line, GET[0].indexOf("[key]"));
  await window.page.keyboard.type("x");
  await until("the hunk to be stale", async () => (await panel.pending("editor")) === 0);
  await until("its mark to go", async () => (await window.marks("api.py")).length === 0);
  await window.page.keyboard.press("Backspace");
  await until("it to wait again", async () => (await panel.pending("editor")) === 1);
});

scenario("an architect's own proposal is applied from its card", ONE, async ({ provider, window, panel }) => {
  provider.script("alpha", { text: proposing(edit("api.py", ...GET)) });
  await window.openFile("api.py");
  await panel.show();
  await panel.send("Make get gentle.");
  await panel.ended();
  await until("its hunk", async () => (await panel.pending("alpha")) === 1);
  await until("its mark in the code", async () => (await window.marks("api.py")).length === 1);
  await panel.turn("alpha").button(/^apply/).click();
  await window.holds("api.py", changed(API, GET));
  await panel.turn("alpha").button(/^undo/).click();
  await window.holds("api.py", API);
});

const CRLF = API.replaceAll("\n", "\r\n");

scenario("a file with CRLF keeps it", { ...ONE, files: { "api.py": CRLF } }, async (scene) => {
  const { window, workspace, panel } = scene;
  await coded(scene, edit("api.py", GET[0], "    value = store.get(key)\n    return value\n"));
  await until("a hunk", async () => (await panel.pending("editor")) === 1);
  await window.command("moa: Accept the whole proposed change");
  const expected = CRLF.replace("    return store[key]\r\n", "    value = store.get(key)\r\n    return value\r\n");
  await window.holds("api.py", expected);
  await window.run((editor) => editor.workspace.saveAll());
  assert.equal(workspace.read("api.py"), expected);
});

scenario(
  "who wants it has files saved after an apply, but not those with edits of their own",
  { ...ONE, settings: { "moa.saveAfterApply": true }, files: { "api.py": API, "other.py": API } },
  async (scene) => {
    const { window, workspace, panel } = scene;
    await coded(scene, edit("api.py", ...GET), edit("other.py", ...GET));
    await until("two hunks", async () => (await panel.pending("editor")) === 2);
    await window.cursor("other.py", 0, 0);
    await window.page.keyboard.type("# Mine\n");
    await window.holds("other.py", `# Mine\n${API}`);
    await window.command("moa: Accept the whole proposed change");
    await until("api.py to be saved", () => workspace.read("api.py") === changed(API, GET));
    await window.holds("other.py", `# Mine\n${changed(API, GET)}`);
    assert.equal(workspace.read("other.py"), API);
  },
);
