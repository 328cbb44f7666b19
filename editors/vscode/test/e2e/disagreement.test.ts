/** Where architects differ: seen in the code and in the panel, settled by a click or by a key, put together without a model. */

import assert from "node:assert/strict";
import { edit, proposing } from "./provider.ts";
import { scenarios, type Scene } from "./scenario.ts";
import { until } from "./until.ts";
import { API } from "./workspace.ts";

const scenario = scenarios();

const GET = "    return store[key]\n";
const GENTLE = "    return store.get(key)\n";
const STRICT = "    return store[str(key)]\n";
const PUT = ["    store[key] = value\n", "    store[str(key)] = value\n"] as const;
const LINE = API.split("\n").indexOf(GET.trimEnd());

/** A round in which alpha and bravo want different text for one line; alpha proposes another edit, too. */
async function differing({ provider, window, panel }: Scene, ...more: readonly string[]): Promise<void> {
  provider.script("alpha", { text: proposing([edit("api.py", GET, GENTLE), ...more].join("\n")) });
  const stances = "<stances>\n- object ALPHA edit 1: it hides KeyError from every caller\n</stances>\n";
  provider.script("bravo", { text: `${proposing(edit("api.py", GET, STRICT))}\n${stances}` });
  await window.openFile("api.py");
  await panel.show();
  await panel.send("What about errors?");
  await panel.ended();
  await until("the contested lines", async () => (await contested({ window })).length === 1);
}

interface Warning {
  readonly line: number;
  readonly related: readonly string[];
}

/** The warnings about contested lines in api.py, each with what it leads to. */
async function contested({ window }: Pick<Scene, "window">): Promise<readonly Warning[]> {
  return window.run(
    (editor, path) =>
      editor.languages
        .getDiagnostics(editor.Uri.file(path))
        .filter((one) => one.source === "moa" && one.code === "contested")
        .map((one) => ({
          line: one.range.start.line,
          related: (one.relatedInformation ?? []).map((each) => each.message),
        })),
    window.workspace.path("api.py"),
  );
}

scenario("a contested line is seen, settled by a click, and put together with what nobody contests", {}, async (scene) => {
  const { provider, window, panel } = scene;
  await differing(scene, edit("api.py", ...PUT));
  const [warning] = await contested(scene);
  assert.equal(warning?.line, LINE);
  assert.ok(warning.related.length >= 2, "it leads to each alternative");
  assert.match(warning.related.join("\n"), /hides KeyError/);
  await panel.turn("alpha").shows("bravo objects to edit 1: it hides KeyError from every caller");
  assert.equal(await panel.turn("alpha").element.locator(".hunk.contested").count(), 1);
  await until("the sign in the margin", async () => (await window.page.locator(".glyph-margin-widgets .cgmr").count()) > 0);

  // The table is folded until it is wanted; what can't stand together is said at the row.
  await panel.button(/1 contested/).click();
  const picks = panel.page.getByRole("checkbox");
  await picks.nth(0).check();
  await picks.nth(1).check();
  await panel.button(/^Put together/).click();
  await until("the reason", async () => (await panel.page.locator(".region .conflict").count()) > 0);

  await panel.button("Take bravo's").click();
  await until("the contest to be over", async () => (await contested(scene)).length === 0);
  await panel.turn("alpha").shows("decided against");
  await window.holds("api.py", API);

  await panel.page.getByRole("button", { name: /what is proposed there/, expanded: false }).last().click();
  await panel.page.getByRole("checkbox", { name: /^Pick alpha/ }).last().check();
  await panel.page.getByRole("button", { name: /^Put together/ }).click();
  await until("the review", async () => (await window.activeTab())?.startsWith("Review: the composed change"));
  await window.command("moa: Accept the whole proposed change");
  await window.holds("api.py", API.replace(GET, STRICT).replace(...PUT));
  assert.equal(provider.requests.length, 2, "nobody was asked but the two, once each");
});

scenario("a contested line is gone to and settled by keys, and /code then asks nobody", {}, async (scene) => {
  const { provider, window, panel } = scene;
  await differing(scene);
  await window.cursor("api.py", 0, 0);
  await window.chord("Control+Alt+m", "v", async () => (await window.cursorLine()) === LINE);
  await window.chord("Control+Alt+m", "t", async () => window.quickInput.isVisible());
  await window.pick("Take alpha's");
  await until("the contest to be over", async () => (await contested(scene)).length === 0);
  await window.holds("api.py", API);

  await panel.type("/code");
  await panel.shows("nothing is asked: free");
  await panel.send("/code");
  await panel.turn("editor").shows("put together without a model");
  await panel.turn("editor").shows("0 ¢");
  await panel.ended();
  await until("its hunk", async () => (await panel.pending("editor")) === 1);
  await window.command("moa: Accept the whole proposed change");
  await window.holds("api.py", API.replace(GET, GENTLE));
  assert.equal(provider.requests.length, 2);
  assert.deepEqual(provider.of("editor"), []);
});
