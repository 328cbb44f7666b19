/**
 * The view in which a change is reviewed: opens it, finds it among the tabs, and closes it once everything in it is
 * settled. What its documents hold is `previews.ts`'s, what its buttons do `deeds.ts`'s.
 *
 * All files stand in one multi-diff editor; where the editor has none, each in a diff of its own. Both sides are
 * virtual and come of one answer, so they always fit each other. The left one is the text as it stands in the editor,
 * unsaved edits and all. (With the document itself on the left, its lenses and marks of all other proposals stand in
 * this review too, a file that isn't there yet needs a stand-in, and the right side lags behind the left at each key.)
 */

import { commands, TabInputTextDiff, Uri, window, type Disposable, type Tab } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Change, FileChange } from "../wire.ts";
import { count, countOf, standing } from "./hunks.ts";
import { locationOf, nameOf, SCHEME, titleOf } from "./locations.ts";
import { keyOf, type Places } from "./places.ts";
import { proposalUri, type Previews } from "./previews.ts";

/** The right side of a file: what it would be. */
export function proposalOf(change: Change, file: FileChange): Uri {
  return proposalUri(change.id, file.uri, "after", file.newUri);
}

/** The left side: what it is now. */
function originalOf(change: Change, file: FileChange): Uri {
  return proposalUri(change.id, file.uri, "before");
}

export class View implements Disposable {
  readonly #subscriptions: Disposable[];

  constructor(
    readonly discussions: Discussions,
    readonly places: Places,
    readonly previews: Previews,
  ) {
    this.#subscriptions = [places.onDidMove(() => this.#closeSettled())];
    const restored = window.tabGroups.all
      .map((group) => group.activeTab)
      .filter((tab) => tab && changeIn(tab) !== undefined);
    if (restored.length > 0) {
      const known = discussions.onDidChange((state) => {
        if (state.discussion) {
          known.dispose();
          void this.#showAgain(restored.filter((tab) => tab !== undefined));
        }
      });
      this.#subscriptions.push(known);
    }
  }

  /** The tabs in which a change is being reviewed, of this change or of any. */
  tabs(change?: string): readonly Tab[] {
    const all = window.tabGroups.all.flatMap((group) => group.tabs);
    return all.filter((tab) => {
      const shown = changeIn(tab);
      return shown !== undefined && (change === undefined || shown === change);
    });
  }

  /** The change whose review is in front of the user, if there is one. */
  inFront(): string | undefined {
    const tab = window.tabGroups.activeTabGroup.activeTab;
    return tab && changeIn(tab);
  }

  /**
   * Opens the review of a change, or brings it to the front; at a line of a proposal, where one is given. Rejects as
   * a request does.
   */
  async open(change: Change, at?: { readonly file: FileChange; readonly line: number }): Promise<void> {
    if (this.inFront() === change.id && !at) {
      return;
    }
    if (this.inFront() !== change.id) {
      // Asked first: so a refusal is said in words, and all its documents are there at once.
      await this.previews.fetch(change.id);
    }
    for (const way of [this.#openAsOne, this.#openAsChanges, this.#openEach]) {
      try {
        await way.call(this, change, at);
        return;
      } catch {
        // This editor has no such command: the next way needs less of it.
      }
    }
  }

  /**
   * By the command that VS Code's own Git view uses. It isn't part of the API, so it may go; but by it alone a view
   * keeps its tab when it is opened again, and can be scrolled to a hunk.
   */
  async #openAsOne(change: Change, at?: { readonly file: FileChange; readonly line: number }): Promise<void> {
    const line = (at?.line ?? 0) + 1;
    const range = { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 };
    await commands.executeCommand("_workbench.openMultiDiffEditor", {
      title: titleOf(change),
      multiDiffSourceUri: Uri.from({ scheme: SCHEME, path: `/${change.id}` }),
      resources: change.files.map((file) => ({
        originalUri: originalOf(change, file),
        modifiedUri: proposalOf(change, file),
      })),
      ...(at ? { reveal: { modifiedUri: proposalOf(change, at.file), range } } : {}),
    });
    await this.#keep(change);
  }

  async #openAsChanges(change: Change): Promise<void> {
    if (this.inFront() === change.id) {
      return;
    }
    // It makes a new tab each time.
    await window.tabGroups.close([...this.tabs(change.id)], true);
    const triples = change.files.map((file) => [
      proposalOf(change, file),
      originalOf(change, file),
      proposalOf(change, file),
    ]);
    await commands.executeCommand("vscode.changes", titleOf(change), triples);
    await this.#keep(change);
  }

  async #openEach(change: Change): Promise<void> {
    for (const file of change.files) {
      await this.openFile(change, file);
    }
  }

  /** A review that isn't finished must not give way to the next file that is looked at. */
  async #keep(change: Change): Promise<void> {
    if (this.inFront() === change.id) {
      await commands.executeCommand("workbench.action.keepEditor");
    }
  }

  /** Whether what is in front is a diff of that one proposal. */
  isOnly(proposal: Uri): boolean {
    const input = window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof TabInputTextDiff && keyOf(input.modified) === keyOf(proposal);
  }

  /** Opens the diff of one file in a tab of its own. */
  async openFile(change: Change, file: FileChange): Promise<void> {
    const [left, right] = [originalOf(change, file), proposalOf(change, file)];
    const name = right.path.split("/").at(-1) ?? "";
    if (!this.previews.latest(change.id)) {
      await this.previews.fetch(change.id);
    }
    await commands.executeCommand("vscode.diff", left, right, `${name} (${titleOf(change)})`, { preview: false });
  }

  dispose(): void {
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  /**
   * A review in front when the window was loaded is empty: VS Code asked for its documents before anybody here could
   * give them, and doesn't ask again. (One that was behind another tab asks when it comes to the front.)
   */
  async #showAgain(tabs: readonly Tab[]): Promise<void> {
    for (const tab of tabs) {
      const change = this.discussions.change(changeIn(tab) ?? "");
      const inFront = tab === window.tabGroups.activeTabGroup.activeTab;
      await window.tabGroups.close(tab, true);
      if (change && inFront && countOf(change, "pending") > 0) {
        await this.open(change).catch(() => undefined);
      }
    }
  }

  /**
   * Nothing is left to decide: the view goes by itself, quietly. What is settled can be brought back from the panel.
   */
  #closeSettled(): void {
    for (const tab of this.tabs()) {
      const change = this.discussions.change(changeIn(tab) ?? "");
      if (change && countOf(change, "pending") === 0) {
        const stale = countOf(change, "stale");
        const why = stale ? ` ${count(stale, "hunk")} went stale: those lines were changed since.` : "";
        window.setStatusBarMessage(`$(check) ${nameOf(change)}: ${standing(change)}.${why}`, 8000);
        void window.tabGroups.close(tab, true);
      }
    }
  }
}

/** The id of the change that a tab shows. */
function changeIn(tab: Tab): string | undefined {
  for (const uri of urisIn(tab.input)) {
    const location = locationOf(uri);
    if (location) {
      return location.change;
    }
  }
  return undefined;
}

/** The documents of a tab. The input of a multi-diff editor isn't in the API's types yet: it is taken as it comes. */
function urisIn(input: unknown): readonly Uri[] {
  if (typeof input !== "object" || input === null) {
    return [];
  }
  const { modified, uri, textDiffs } = input as Readonly<Record<string, unknown>>;
  const own = [modified, uri].filter((one) => one instanceof Uri);
  return Array.isArray(textDiffs) ? [...own, ...textDiffs.flatMap(urisIn)] : own;
}

/** Whether a document is one of a change's, and of which of its files: its own text or the proposal's. */
export function fileOf(
  discussions: Discussions,
  uri: Uri,
): { readonly change: Change; readonly file: FileChange } | undefined {
  const location = locationOf(uri);
  const change = location ? discussions.change(location.change) : undefined;
  const file = change?.files.find((one) => keyOf(one.uri) === keyOf(location?.file ?? ""));
  return change && file ? { change, file } : undefined;
}
