/**
 * Draws the pictures of the extension for people: the panel and the review, dark and light, of a discussion as it may
 * go, and a mixture whose architects speak side by side. What they say is the demo's recording, in the mixture the words
 * below; the prices are their models' own. Run by `scripts/test-vscode
 * --screenshots`, which writes `docs/images/vscode-*.png`.
 */

import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Editor } from "./editor.ts";
import { gate, Provider, type Reply } from "./provider.ts";
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

/** What is said in the mixture's two rounds; the second is drawn while its first stage runs. */
const MIXTURE: Readonly<Record<string, readonly [string, string] | readonly [string]>> = {
  alpha: [
    `Any failure comes back as a mute 500, so a caller can't tell a wrong number from a full disk.

<proposal>
1. \`ApiError(status, message)\` in \`errors.py\`; \`handle\` alone turns it into a response.
2. Never echo an exception's own text: it tells strangers about our insides.
</proposal>`,
    "What a caller may learn is the status and one sentence of ours. For everything else, an id: it stands in the answer and in the log, so that",
  ],
  bravo: [
    `There is a test that reserves Oolong, whose record has no \`stock\`. It must stay a bug of ours.

<proposal>
1. Catch \`KeyError\` around the one lookup that may fail, nowhere else.
2. A test for each status: 400, 404, 409, and a plain 500.
</proposal>`,
    "Before anything else a test that fails today:\n\n```python\ndef test_full_disk(store):\n    store.path = Path(\"/dev/full\")\n    answer = reserve(store, 1)\n    assert answer[\"status\"] == 500\n```\n\nIt answers 200, because",
  ],
  charlie: [
    `Two habits and one fix. It needs no hierarchy.

<proposal>
1. One error type, raised where the mistake is known.
2. \`reserve\` and \`save\` lose their \`except\`.
</proposal>`,
    "No retry and no queue. Take out the `except` in `save`, and the caller hears of it. That is one line less, and",
  ],
  chief: [
    `All three want one error type at the edge; alpha and bravo differ on what may be caught below it.

<proposal>
1. \`ApiError\` in \`errors.py\` (all three); \`handle\` answers with its status and message, and with nothing of other exceptions (alpha).
2. \`KeyError\` is caught around the lookup alone (bravo): a record without \`stock\` stays a bug of ours.
3. \`save\` lets \`OSError\` out (charlie), with a test for each status (bravo).
</proposal>`,
  ],
};
const ROLES = { alpha: "security", bravo: "tests", charlie: "simplicity" } as const;
const MIXTURE_MESSAGES = ["Let's improve the error handling in our API.", "And what if the disk is full?"] as const;

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
  await mixed();
}

async function started(theme: string): Promise<Editor> {
  return Editor.start({
    viewport: VIEWPORT,
    settings: {
      "workbench.colorTheme": theme,
      "workbench.activityBar.location": "default",
      "editor.fontSize": 13,
      "breadcrumbs.enabled": false,
      "workbench.layoutControl.enabled": false,
      "chat.disableAIFeatures": true,
    },
  });
}

/** A panel of three with an answer, and its second round while they speak. */
async function mixed(): Promise<void> {
  const provider = await Provider.start();
  const workspace = new Workspace(sample(), "tea-shop");
  const editor = await started(THEMES.dark);
  const never = gate();
  const models = new Map([...ARCHITECTS, { ...EDITOR, name: "chief" }].map(({ name, model }) => [name, model]));
  try {
    for (const [name, [first, second]] of Object.entries(MIXTURE)) {
      const model = models.get(name) ?? "";
      const { length } = second?.match(/\s*\S+/g) ?? [];
      provider.script(model.slice(model.indexOf("/") + 1), { text: first, pace: 8, usage: [1900, Math.ceil(first.length / 4)] }, {
        text: second ?? "",
        pace: 8,
        pause: { after: length, until: never.promise },
      });
    }
    const aggregator = { model: models.get("chief"), apiBase: provider.url };
    const architects = ARCHITECTS.map((one) => ({ ...one, role: ROLES[one.name as keyof typeof ROLES], apiBase: provider.url }));
    workspace.settings({ "moa.presets": { council: { kind: "panel", architects, aggregator } }, "moa.preset": "council" });
    const window = await editor.open(workspace);
    const { panel } = window;
    await window.openFile("api.py");
    await panel.show();
    await window.widenSideBar(900);
    await panel.send(MIXTURE_MESSAGES[0]);
    await panel.ended();
    await panel.send(MIXTURE_MESSAGES[1]);
    for (const name of ["alpha", "bravo", "charlie"]) {
      await panel.turn(name).shows(MIXTURE[name]?.[1]?.slice(-8) ?? "");
    }
    await window.run((vscode) => vscode.commands.executeCommand("notifications.clearAll"));
    await photographed(window, "vscode-mixture.png");
  } finally {
    await editor.stop();
    await provider.stop();
    workspace.remove();
  }
}

async function drawn(theme: string, name: string): Promise<void> {
  const provider = await Provider.start();
  const workspace = new Workspace(sample(), "tea-shop");
  const editor = await started(name);
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
  await window.widenSideBar(480);
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
