/**
 * The texts of the virtual documents in which a change is reviewed: what `moa/preview` said last of each change that is
 * being looked at. They follow the typing: an edit of a file concerned, or a change whose status moved, has the preview
 * fetched anew once there is a pause, and only the newest answer counts. Nothing is kept of what nobody looks at.
 */

import { EventEmitter, Uri, workspace, type Disposable, type Event, type TextDocumentContentProvider } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { RefusedError } from "../server/connection.ts";
import type { Change, Preview } from "../wire.ts";
import { standsAt } from "./hunks.ts";
import { locationOf, partsOf, SCHEME, textAt, type Side } from "./locations.ts";
import { keyOf } from "./places.ts";

/** Milliseconds without a key after which the view follows. */
const PAUSE = 150;

/** The address of a file's virtual document. */
export function proposalUri(change: string, file: string, side: Side, shownAs = file): Uri {
  return Uri.from(partsOf({ change, file, side }, workspace.asRelativePath(Uri.parse(shownAs)).replaceAll("\\", "/")));
}

export class Previews implements TextDocumentContentProvider, Disposable {
  readonly #latest = new Map<string, Preview>();
  readonly #arriving = new Map<string, Promise<Preview | undefined>>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #updated = new EventEmitter<string>();
  readonly #subscriptions: Disposable[];
  #known: ReadonlyMap<string, Change>;

  constructor(readonly discussions: Discussions) {
    this.#known = discussions.state.changes;
    this.#subscriptions = [
      this.#changed,
      this.#updated,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      discussions.onDidChange(({ changes }) => {
        const before = this.#known;
        this.#known = changes;
        if (changes !== before) {
          this.#follow((change) => changes.get(change) !== before.get(change));
        }
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && document.uri.scheme === "file") {
          this.#follow((change) => this.#concerns(change, document.uri));
        }
      }),
      workspace.onDidCloseTextDocument(({ uri }) => {
        const change = locationOf(uri)?.change;
        if (change !== undefined) {
          this.#forget(change);
        }
      }),
    ];
  }

  /** Fired with the address of a document whose text is another one now. */
  get onDidChange(): Event<Uri> {
    return this.#changed.event;
  }

  /** Fired with the id of a change whose preview is another one now, also where only the hunks moved. */
  get onDidUpdate(): Event<string> {
    return this.#updated.event;
  }

  /** The preview as it is known now; undefined where nobody looks at that change. */
  latest(change: string): Preview | undefined {
    return this.#latest.get(change);
  }

  /** The newest preview, asked of the server. Undefined where it was overtaken by a newer question. */
  async fetch(change: string): Promise<Preview | undefined> {
    const asked = this.discussions.request("preview", { change });
    const arriving: Promise<Preview | undefined> = asked.then((preview) => {
      if (this.#arriving.get(change) !== arriving) {
        return undefined;
      }
      this.#arriving.delete(change);
      this.#take(preview);
      return preview;
    });
    this.#arriving.set(change, arriving);
    return await arriving;
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const location = locationOf(uri);
    if (!location) {
      return "";
    }
    try {
      const known =
        this.#latest.get(location.change) ??
        (await (this.#arriving.get(location.change) ?? this.fetch(location.change)));
      const preview = known ?? this.#latest.get(location.change);
      return preview ? textAt(preview.files, location) : "";
    } catch (error) {
      // A view that was restored with the window: its discussion may be gone, or the server not be there yet.
      return error instanceof RefusedError ? `This proposal can't be shown: ${error.message}\n` : "";
    }
  }

  dispose(): void {
    for (const one of this.#waiting.values()) {
      clearTimeout(one);
    }
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  /**
   * What nobody looks at isn't followed, so it isn't kept either: it would be an old one when it is looked at again.
   */
  #forget(change: string): void {
    if (!openDocuments().some((one) => locationOf(one)?.change === change)) {
      this.#latest.delete(change);
    }
  }

  #take(preview: Preview): void {
    const before = this.#latest.get(preview.change);
    this.#latest.set(preview.change, preview);
    for (const uri of openDocuments()) {
      const location = locationOf(uri);
      if (
        location?.change === preview.change &&
        (!before || textAt(before.files, location) !== textAt(preview.files, location))
      ) {
        this.#changed.fire(uri);
      }
    }
    this.#updated.fire(preview.change);
  }

  /** Has those of the changes that are being looked at fetched anew, when there is a pause. */
  #follow(which: (change: string) => boolean): void {
    const shown = new Set(openDocuments().map((uri) => locationOf(uri)?.change));
    for (const change of shown) {
      if (change !== undefined && which(change)) {
        clearTimeout(this.#waiting.get(change));
        this.#waiting.set(
          change,
          setTimeout(() => {
            this.#waiting.delete(change);
            void this.fetch(change)
              .catch(() => undefined)
              .then(() => this.#forget(change));
          }, PAUSE),
        );
      }
    }
  }

  #concerns(change: string, uri: Uri): boolean {
    const files = this.discussions.change(change)?.files ?? [];
    return files.some((file) => keyOf(standsAt(file)) === keyOf(uri));
  }
}

function openDocuments(): readonly Uri[] {
  return workspace.textDocuments.map((one) => one.uri).filter((uri) => uri.scheme === SCHEME);
}
