/**
 * The plan as a Markdown document: what is saved in it is the plan. A file system of one file for each discussion, so that
 * the editor's own saving, undo and "not saved" hold for it. What the server then made of the text is what the document
 * holds.
 */

import {
  Disposable,
  EventEmitter,
  FileChangeType,
  FileSystemError,
  FileType,
  Uri,
  window,
  workspace,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";

const SCHEME = "moa-plan";
/** Until the editor is done with saving. */
const SAVED_MS = 300;

export class PlanDocuments implements FileSystemProvider, Disposable {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #subscriptions: Disposable;
  /** What each document was given last, and when, in epoch milliseconds. */
  readonly #given = new Map<string, { readonly text: string; readonly at: number }>();
  /** The discussions of which a plan is being saved. */
  readonly #saving = new Set<string>();

  constructor(readonly discussions: Discussions) {
    this.#subscriptions = Disposable.from(
      this.#changed,
      workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true }),
      discussions.onDidChange(({ plan }) => {
        if (plan && this.#given.has(plan.discussion) && !this.#saving.has(plan.discussion)) {
          this.#take(plan.discussion, plan.markdown);
        }
      }),
    );
  }

  /** Opens the current discussion's plan; false where there is none yet. */
  async open(): Promise<boolean> {
    const discussion = this.discussions.state.discussion?.id;
    const plan = discussion === undefined ? null : await this.discussions.request("plan", { discussion });
    if (!plan || plan.steps.length === 0) {
      return false;
    }
    const document = await workspace.openTextDocument(Uri.from({ scheme: SCHEME, path: `/${plan.discussion}/plan.md` }));
    await window.showTextDocument(document, { preview: false });
    return true;
  }

  get onDidChangeFile(): EventEmitter<FileChangeEvent[]>["event"] {
    return this.#changed.event;
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const discussion = discussionIn(uri);
    try {
      const { markdown } = await this.discussions.request("plan", { discussion });
      this.#given.set(discussion, { text: markdown, at: this.#given.get(discussion)?.at ?? Date.now() });
      return Buffer.from(markdown);
    } catch (error) {
      // A document that was restored with the window: its discussion may be gone, or the server not be there yet.
      throw FileSystemError.Unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const discussion = discussionIn(uri);
    const text = Buffer.from(content).toString("utf8");
    this.#saving.add(discussion);
    try {
      const { markdown } = await this.discussions.request("set-plan", { discussion, markdown: text });
      this.#given.set(discussion, { text, at: Date.now() });
      // The editor asks how its own text was written first; a change that comes before that, it takes for this.
      setTimeout(() => this.#take(discussion, markdown), SAVED_MS);
    } catch (error) {
      throw FileSystemError.Unavailable(error instanceof Error ? error.message : String(error));
    } finally {
      this.#saving.delete(discussion);
    }
  }

  async stat(uri: Uri): Promise<FileStat> {
    const discussion = discussionIn(uri);
    if (!this.#given.has(discussion)) {
      await this.readFile(uri);
    }
    const { text, at } = this.#given.get(discussion) ?? { text: "", at: 0 };
    return { type: FileType.File, ctime: 0, mtime: at, size: Buffer.byteLength(text) };
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(): void {
    throw FileSystemError.NoPermissions("There is one plan for each discussion, and nothing else.");
  }

  delete(): void {
    throw FileSystemError.NoPermissions("A plan can't be deleted: strike its steps, or have it compiled anew.");
  }

  rename(): void {
    throw FileSystemError.NoPermissions("A plan belongs to its discussion.");
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** The document holds this text from now on. */
  #take(discussion: string, text: string): void {
    if (this.#given.get(discussion)?.text === text) {
      return;
    }
    // Another moment than the one before, by which the editor knows that there is something to read.
    this.#given.set(discussion, { text, at: Math.max(Date.now(), (this.#given.get(discussion)?.at ?? 0) + 1) });
    const uri = Uri.from({ scheme: SCHEME, path: `/${discussion}/plan.md` });
    this.#changed.fire([{ type: FileChangeType.Changed, uri }]);
  }
}

function discussionIn(uri: Uri): string {
  return uri.path.split("/")[1] ?? "";
}
