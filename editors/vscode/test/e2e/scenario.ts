/**
 * What a scenario starts from: a scripted provider, a workspace of its own, and the editor's window on it. `scenarios`
 * starts the editor that the tests of a file share; where one fails, what was on the screen and in the logs is kept.
 */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Editor, type Setting } from "./editor.ts";
import type { Panel } from "./panel.ts";
import { Provider } from "./provider.ts";
import type { Window } from "./window.ts";
import { architects, Workspace } from "./workspace.ts";

const MINUTES_A_TEST = 6;

/** Where a failed test's picture and logs go. */
const KEPT = process.env.MOA_TEST_KEPT ?? join(import.meta.dirname, "../../dist/e2e");

export interface Scene {
  readonly editor: Editor;
  readonly provider: Provider;
  readonly workspace: Workspace;
  readonly window: Window;
  readonly panel: Panel;
}

export interface Props {
  /** Scripted under their own names. */
  readonly architects?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Added to the workspace's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Done before the window opens. */
  readonly prepare?: (scene: Omit<Scene, "window" | "panel">) => void | Promise<void>;
}

type Act = (scene: Scene) => Promise<void>;

/** Starts the editor for a file's tests, and gives what declares one. */
export function scenarios(setting: Setting = {}): (name: string, props: Props, act: Act) => void {
  let editor: Editor | undefined;
  before(async () => {
    editor = await Editor.start(setting);
  });
  after(() => editor?.stop());
  return (name, props, act) => {
    void test(name, { timeout: MINUTES_A_TEST * 60_000 }, async () => {
      assert.ok(editor, "the editor didn't start");
      await played(editor, name, props, act);
    });
  };
}

async function played(editor: Editor, name: string, props: Props, act: Act): Promise<void> {
  const provider = await Provider.start();
  const workspace = new Workspace(props.files);
  try {
    workspace.settings({ ...architects(provider, ...(props.architects ?? ["alpha", "bravo"])), ...props.settings });
    await props.prepare?.({ editor, provider, workspace });
    const window = await editor.open(workspace);
    await act({ editor, provider, workspace, window, panel: window.panel });
  } catch (error) {
    await keep(editor, name);
    throw error;
  } finally {
    await provider.stop();
    workspace.remove();
  }
}

async function keep(editor: Editor, name: string): Promise<void> {
  mkdirSync(KEPT, { recursive: true });
  const path = join(KEPT, name.replace(/\W+/g, "-").slice(0, 80));
  await editor.picture(`${path}.png`).catch(() => undefined);
  writeFileSync(`${path}.log`, editor.logs());
}
