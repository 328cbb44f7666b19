/** Architects that are models of the editor's own, as another extension brings them: asked without any key. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Editor } from "./editor.ts";
import { proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios();

interface Happened {
  readonly event: "registered" | "asked" | "answered" | "cancelled";
  readonly family?: string;
  readonly messages?: readonly { readonly role: number; readonly text: string }[];
}

function happened(editor: Editor, event: Happened["event"]): readonly Happened[] {
  const text = existsSync(editor.modelsLog) ? readFileSync(editor.modelsLog, "utf8") : "";
  const rows = text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Happened);
  return rows.filter((row) => row.event === event);
}

const GREET = { "greet.py": 'def greet(name):\n    return "Hello " + name\n' };
const named = (...families: readonly string[]): Readonly<Record<string, unknown>> => ({
  "moa.architects": families.map((family) => ({ name: family, model: `vscode:moa-test/${family}` })),
});

scenario("a model of the editor's answers, and a stop reaches it", { files: GREET, settings: named("steady", "slow") }, async ({
  editor,
  provider,
  window,
  panel,
}) => {
  writeFileSync(editor.models, JSON.stringify({ steady: [proposing("Use an f-string.")] }));
  await window.openFile("greet.py");
  await panel.show();
  const before = happened(editor, "asked").length;
  await panel.send("How would you say it?");
  await panel.turn("steady").shows("Use an f-string.");
  const [asked] = happened(editor, "asked").slice(before);
  assert.match(asked?.messages?.at(-1)?.text ?? "", /<file path='greet\.py'>[^]*How would you say it\?/);

  await panel.turn("slow").shows("word word");
  await panel.button(/stop/i).click();
  await until("the model to be stopped", () => happened(editor, "cancelled").length > 0);
  await panel.turn("slow").shows("Stopped.");
  await panel.ended();
  assert.equal(provider.requests.length, 0, "no other provider was asked");
});

scenario("a model that refuses, and one that isn't there, are said in line", { settings: named("refusing", "nobody") }, async ({ panel }) => {
  await panel.show();
  await panel.send("Will you?");
  await panel.turn("refusing").shows(/refuses this request/);
  await panel.turn("nobody").shows(/no model moa-test\/nobody/);
  await panel.ended();
});
