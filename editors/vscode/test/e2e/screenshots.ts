/**
 * Draws the pictures of the extension for people: the panel and the review, dark and light, of a discussion as it may
 * go. What the architects say is the demo's recording, the prices are its models' own. Run by `scripts/test-vscode
 * --screenshots`, which writes `docs/images/vscode-*.png`.
 */

import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Editor } from "./editor.ts";
import { Provider, type Reply } from "./provider.ts";
import { until } from "./until.ts";
import type { Window } from "./window.ts";
import { Workspace } from "./workspace.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const IMAGES = join(ROOT, "docs/images");
const DEMO = join(ROOT, "moa_lsp/demo");
/** A picture is looked at in a page, not archived. */
const MOST_BYTES = 300_000;

const VIEWPORT = { width: 1440, height: 900 };
const THEMES = { dark: "Dark Modern", light: "Light Modern" } as const;

/** Whom the demo's names stand for here: models of three makers, all reached by the one protocol that the provider speaks. */
const ARCHITECTS = [
  { name: "alpha", model: "deepinfra/anthropic/claude-sonnet-5" },
  { name: "bravo", model: "openai/gpt-6-sol" },
  { name: "charlie", model: "deepinfra/google/gemini-3.1-pro" },
];
const EDITOR = { name: "editor", model: "deepinfra/anthropic/claude-opus-5" };
const MESSAGES = ["Let's improve the error handling in our API.", "Keep alpha's error type, do bravo's narrow except; no retry."];

interface Said {
  readonly speaker: string;
  readonly turn: number;
  readonly text: string;
}

const said = readFileSync(join(DEMO, "demo.jsonl"), "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Said);

async function main(): Promise<void> {
  for (const [theme, name] of Object.entries(THEMES)) {
    await drawn(theme, name);
  }
}

async function drawn(theme: string, name: string): Promise<void> {
  const provider = await Provider.start();
  const workspace = new Workspace(sample(), "tea-shop");
  const editor = await Editor.start({
    viewport: VIEWPORT,
    settings: {
      "workbench.colorTheme": name,
      "workbench.activityBar.location": "default",
      "editor.fontSize": 13,
      "breadcrumbs.enabled": false,
      "workbench.layoutControl.enabled": false,
      "chat.disableAIFeatures": true,
    },
  });
  try {
    for (const { name, model } of [...ARCHITECTS, EDITOR]) {
      // The provider is asked for a model without the first part of its name.
      provider.script(model.slice(model.indexOf("/") + 1), ...said.filter((one) => one.speaker === name).map(replied));
    }
    workspace.settings({
      "moa.architects": ARCHITECTS.map((one) => ({ ...one, apiBase: provider.url })),
      "moa.editor": { model: EDITOR.model, apiBase: provider.url },
    });
    const window = await editor.open(workspace);
    await discussed(window);
    await photographed(window, `vscode-panel-${theme}.png`);
    await reviewed(window);
    await photographed(window, `vscode-review-${theme}.png`);
  } finally {
    await editor.stop();
    await provider.stop();
    workspace.remove();
  }
}

/** A reply at the pace of a quick model, with about the tokens that it would be. */
function replied({ text, turn }: Said): Reply {
  return { text, pace: 8, usage: [1900 + 700 * turn, Math.ceil(text.length / 4)] };
}

/** Two rounds, with the panel wide enough to be read and the code they speak of beside it. */
async function discussed(window: Window): Promise<void> {
  const { panel } = window;
  for (const name of ["tests/test_api.py", "store.py", "api.py"]) {
    await window.openFile(name);
  }
  await panel.show();
  await widened(window, 480);
  for (const message of MESSAGES) {
    await panel.send(message);
    await panel.ended();
  }
  await window.run((editor) => editor.commands.executeCommand("notifications.clearAll"));
}

/** `/code`, one hunk accepted, the view on the next. */
async function reviewed(window: Window): Promise<void> {
  const { panel } = window;
  await panel.send("/code Go ahead.");
  await panel.ended();
  await until("the review", async () => (await window.activeTab())?.includes("Review"));
  await window.lenses("api.py", /Accept$/).first().waitFor();
}

async function photographed(window: Window, name: string): Promise<void> {
  // What was drawn last settles, and the pointer rests where nothing reacts to it.
  await window.page.mouse.move(VIEWPORT.width - 2, VIEWPORT.height - 2);
  await window.page.waitForTimeout(1500);
  mkdirSync(IMAGES, { recursive: true });
  const path = join(IMAGES, name);
  await window.page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MOST_BYTES) {
    throw new Error(`${name} has ${size} bytes, which is too many for a page.`);
  }
  process.stderr.write(`docs/images/${name} written, ${Math.round(size / 1000)} kB\n`);
}

/** Draws the side bar's edge to that width, as a person would. */
async function widened(window: Window, width: number): Promise<void> {
  const bar = await window.page.locator(".part.sidebar").boundingBox();
  if (!bar) {
    throw new Error("There is no side bar.");
  }
  const y = bar.y + bar.height / 2;
  await window.page.mouse.move(bar.x + bar.width + 2, y);
  await window.page.mouse.down();
  await window.page.mouse.move(bar.x + width, y, { steps: 8 });
  await window.page.mouse.up();
}

function sample(): Record<string, string> {
  const folder = join(DEMO, "sample");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !name.includes("__pycache__"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
