/**
 * The editor's window, used as a person does: commands by F1, keys, clicks. What it holds is read through the probe
 * (`probe-extension/`), which sees documents as the editor does, whether or not they are drawn.
 */

import type * as vscode from "vscode";
import type { Locator, Page } from "playwright-core";
import { Panel } from "./panel.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

type Vscode = typeof vscode;

/** How long what is opened may need to be there. */
const A_MOMENT_MS = 5000;

/** How the probe of the window is found, which is another one after each load. */
export interface Probe {
  readonly port: () => Promise<number>;
  readonly forget: () => void;
}

export class Window {
  readonly panel: Panel;

  constructor(
    readonly page: Page,
    readonly workspace: Workspace,
    private readonly probe: Probe,
  ) {
    this.panel = new Panel(this);
  }

  /** Waits until the window is there, and the extensions in it. */
  async loaded(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor();
    await this.probe.port();
  }

  /** Loads the window anew by the editor's own command. */
  async reload(): Promise<void> {
    this.probe.forget();
    const loading = this.page.waitForEvent("load");
    await this.command("Developer: Reload Window");
    await loading;
    await this.loaded();
  }

  /** Runs a function inside the editor; what it takes and gives has to be JSON, and it sees nothing of this file. */
  async run<Result, Argument = undefined>(
    question: (editor: Vscode, argument: Argument) => Result,
    ...argument: Argument extends undefined ? [] : [Argument]
  ): Promise<Awaited<Result>> {
    const port = await this.probe.port();
    const body = JSON.stringify({ source: question.toString(), argument: argument[0] });
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
    const { value, error } = (await answer.json()) as { value: Awaited<Result>; error?: string };
    if (error !== undefined) {
      throw new Error(`In the editor: ${error}`);
    }
    return value;
  }

  /**
   * Runs a command of the palette by its title, category included ("moa: New discussion"). What opens in that moment takes
   * the focus and closes the palette, which is then opened again, as a person would.
   */
  async command(title: string): Promise<void> {
    await until(`“${title}” in the palette`, async () => {
      await this.page.keyboard.press("F1");
      await this.quickInput.fill(`>${title}`, { timeout: A_MOMENT_MS });
      const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
      await row.click({ timeout: A_MOMENT_MS });
      return true;
    });
  }

  /** The field of the quick input (palette, pick, input box) that is open. */
  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible input.input:visible");
  }

  /** Types an answer into the input box that is open, and waits until it is taken. */
  async answer(text: string): Promise<void> {
    const question = (): Promise<string[]> => this.page.locator(".quick-input-widget:visible").allInnerTexts();
    await this.quickInput.waitFor();
    const asked = await question();
    await this.quickInput.fill(text);
    await this.quickInput.press("Enter");
    await until("the answer to be taken", async () => JSON.stringify(await question()) !== JSON.stringify(asked));
  }

  /**
   * Presses two keys one after the other, as bindings of two have it, until it had its effect: what decides whether a
   * binding holds here is told to the editor a moment after the cursor moved.
   */
  async chord(first: string, second: string, done: () => Promise<boolean>): Promise<void> {
    await until(`the effect of ${first} ${second}`, async () => {
      await this.page.keyboard.press(first);
      await this.page.keyboard.press(second);
      await this.page.waitForTimeout(500);
      return done();
    });
  }

  /** The buttons with these words above hunks, in that file's part of a review. */
  lenses(name: string, words: RegExp): Locator {
    const file = this.page.locator(".multiDiffEntry", { has: this.page.locator(".header", { hasText: name }) });
    return file.locator(".codelens-decoration a", { hasText: words });
  }

  /** The title of the tab that is in front, or null. */
  async activeTab(): Promise<string | null> {
    return this.run((editor) => editor.window.tabGroups.activeTabGroup.activeTab?.label ?? null);
  }

  /** The line (from 0) of the cursor in the active editor, or null. */
  async cursorLine(): Promise<number | null> {
    return this.run((editor) => editor.window.activeTextEditor?.selection.active.line ?? null);
  }

  /** Picks the row of the open quick pick that holds this text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
  }

  /** Opens a file of the workspace and waits until it is the active one. */
  async openFile(name: string): Promise<void> {
    await this.run(async (editor, path) => {
      const document = await editor.workspace.openTextDocument(editor.Uri.file(path));
      await editor.window.showTextDocument(document, { preview: false });
    }, this.workspace.path(name));
  }

  /** Puts the cursor into an open file, lines and characters from 0, with the focus in the editor. */
  async cursor(name: string, line: number, character: number): Promise<void> {
    await this.run(
      async (editor, { path, line, character }) => {
        const document = await editor.workspace.openTextDocument(editor.Uri.file(path));
        const at = new editor.Position(line, character);
        const shown = await editor.window.showTextDocument(document, { preview: false });
        shown.selection = new editor.Selection(at, at);
        shown.revealRange(new editor.Range(at, at));
        await editor.commands.executeCommand("workbench.action.focusActiveEditorGroup");
      },
      { path: this.workspace.path(name), line, character },
    );
  }

  /** The text of a file as the editor holds it (line ends included), or null where it isn't open. */
  async text(name: string): Promise<string | null> {
    return this.run((editor, path) => {
      const found = editor.workspace.textDocuments.find((one) => one.uri.scheme === "file" && one.uri.fsPath === path);
      return found?.getText() ?? null;
    }, this.workspace.path(name));
  }

  /** The text of a file as the editor gives it, open or not; null where there is no such file. */
  async textOf(name: string): Promise<string | null> {
    return this.run(async (editor, path) => {
      try {
        await editor.workspace.fs.stat(editor.Uri.file(path));
      } catch {
        return null;
      }
      return (await editor.workspace.openTextDocument(editor.Uri.file(path))).getText();
    }, this.workspace.path(name));
  }

  /** The names of the workspace's open files that aren't saved. */
  async unsaved(): Promise<readonly string[]> {
    return this.run((editor) =>
      editor.workspace.textDocuments.filter((one) => one.isDirty).map((one) => editor.workspace.asRelativePath(one.uri)),
    );
  }

  /** Waits until the editor's text of that file is this. */
  async holds(name: string, text: string): Promise<void> {
    await until(`${name} to be as expected`, async () => (await this.text(name)) === text, {
      seen: async () => JSON.stringify(await this.text(name)),
    });
  }

  /** The moa diagnostics that stand in a file: their first lines (from 0) and messages. */
  async marks(name: string): Promise<readonly { readonly line: number; readonly message: string }[]> {
    return this.run(
      (editor, path) =>
        editor.languages
          .getDiagnostics(editor.Uri.file(path))
          .filter((one) => one.source === "moa")
          .map((one) => ({ line: one.range.start.line, message: one.message })),
      this.workspace.path(name),
    );
  }

  /** A toast with this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  /** Draws the side bar's edge so that it is so wide, in pixels. */
  async widenSideBar(width: number): Promise<void> {
    const bar = await this.page.locator(".part.sidebar").boundingBox();
    if (!bar) {
      throw new Error("There is no side bar.");
    }
    const y = bar.y + bar.height / 2;
    await this.page.mouse.move(bar.x + bar.width + 2, y);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, y, { steps: 8 });
    await this.page.mouse.up();
  }

  /** The texts of the status bar's items. */
  async statusBar(): Promise<string> {
    return (await this.page.locator(".part.statusbar .statusbar-item").allInnerTexts()).join(" | ");
  }
}
