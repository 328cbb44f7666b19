/**
 * Which hunk the user is at, and the way to the next one. The cursor counts in the file itself as well as in the
 * proposal; a hunk is gone to in the review where it is open, else in the normal editor.
 */

import { Range, Selection, TextEditorRevealType, Uri, window, type Disposable, type TextEditor } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Change, FileChange } from "../wire.ts";
import { countOf, idsOf, isAbout, isShownAt, lineOf, spotsOf, standsAt, step, type Span, type Stop } from "./hunks.ts";
import { locationOf } from "./locations.ts";
import { keyOf, type Places } from "./places.ts";
import type { Previews } from "./previews.ts";
import { fileOf, proposalOf, type View } from "./view.ts";

/** Milliseconds that a review gets to show a file's editor. */
const SHOWS_WITHIN = 2000;

/** A hunk that waits for the user, at a place that can be gone to. */
export interface Here {
  readonly change: Change;
  readonly file: FileChange;
  readonly hunk: string;
}

interface Place extends Here {
  readonly stop: Stop;
}

export class Navigation {
  constructor(
    readonly discussions: Discussions,
    readonly places: Places,
    readonly previews: Previews,
    readonly view: View,
  ) {}

  /** The pending hunks at the cursor: several where several architects want different things of one line. */
  here(editor: TextEditor | undefined = window.activeTextEditor): readonly Here[] {
    if (!editor) {
      return [];
    }
    const { line } = editor.selection.active;
    const found = fileOf(this.discussions, editor.document.uri);
    if (found) {
      const { change, file } = found;
      const shown = this.#shown(change, file).filter(({ span }) => isShownAt(span, line));
      return shown.map(({ hunk }) => ({ change, file, hunk }));
    }
    const reviewed = this.view.inFront();
    const about = this.places.pendingIn(editor.document.uri).filter((one) => isAbout(one.span, line));
    const own = about.filter((one) => one.change.id === reviewed);
    return (own.length > 0 ? own : about).map(({ change, file, hunk }) => ({ change, file, hunk: hunk.id }));
  }

  /** The file that is being looked at and that a change has pending hunks in. */
  file(uri: Uri | undefined = window.activeTextEditor?.document.uri): { change: Change; file: FileChange } | undefined {
    if (!uri) {
      return undefined;
    }
    const found = fileOf(this.discussions, uri);
    if (found) {
      return found;
    }
    const spots = this.places.pendingIn(uri);
    const reviewed = this.view.inFront();
    return spots.find((one) => one.change.id === reviewed) ?? spots[0];
  }

  /** Goes to the next (1) or previous (-1) pending hunk; of the change under review where one is. */
  async go(by: 1 | -1): Promise<void> {
    const reviewed = this.discussions.change(this.view.inFront() ?? this.#reviewedAt() ?? "");
    const under = reviewed && countOf(reviewed, "pending") > 0 ? reviewed : undefined;
    const places = under ? this.#inReview(under) : this.#inEditor();
    const editor = window.activeTextEditor;
    const location = editor && locationOf(editor.document.uri);
    const at = editor && { file: location ? keyOf(location.file) : keyOf(editor.document.uri), line: editor.selection.active.line };
    const next = places[step(places.map((one) => one.stop), at ?? null, by)];
    if (!next) {
      void window.setStatusBarMessage("No proposed hunk waits for you.", 4000);
      return;
    }
    await (under ? this.#showInReview(next) : this.#showInEditor(next));
  }

  /** Shows a hunk, whatever its status, where the user can see it. */
  async show(id: string, hunk: string): Promise<void> {
    const change = this.discussions.change(id);
    const file = change?.files.find((one) => one.hunks.some((each) => each.id === hunk));
    if (!change || !file) {
      void window.showInformationMessage("That proposal isn't part of this discussion any more.");
      return;
    }
    const spot = this.#places(change).find((one) => one.hunk.id === hunk);
    const pending = idsOf(change, "pending", file.uri).includes(hunk);
    const noFileYet = file.kind === "create" && pending;
    if (pending && (noFileYet || this.view.tabs(id).length > 0)) {
      await this.view.open(change);
      const place = this.#inReview(change).find((one) => one.hunk === hunk);
      if (place) {
        await this.#showInReview(place);
      }
      return;
    }
    const line = spot ? lineOf(spot.span) : 0;
    await this.#showInEditor({ change, file, hunk, stop: { file: keyOf(standsAt(file)), line } });
  }

  #places(change: Change): ReturnType<typeof spotsOf> {
    const now = this.places.pending().filter((one) => one.change.id === change.id);
    return [...now, ...(["pending", "applied", "rejected", "stale"] as const).flatMap((status) => spotsOf([change], status))];
  }

  /** The change of the review that the cursor's document belongs to, also where its tab is no diff. */
  #reviewedAt(): string | undefined {
    const uri = window.activeTextEditor?.document.uri;
    return uri && locationOf(uri)?.change;
  }

  #shown(change: Change, file: FileChange): readonly { readonly hunk: string; readonly span: Span }[] {
    const shown = this.previews.latest(change.id)?.files.find((one) => one.uri === file.uri)?.hunks ?? [];
    const pending = new Set(idsOf(change, "pending", file.uri));
    return shown.filter((one) => pending.has(one.id)).map(({ id, start, end }) => ({ hunk: id, span: { start, end } }));
  }

  #inReview(change: Change): readonly Place[] {
    return change.files.flatMap((file) =>
      this.#shown(change, file).map(({ hunk, span }) => ({
        change,
        file,
        hunk,
        stop: { file: keyOf(file.uri), line: span.start },
      })),
    );
  }

  #inEditor(): readonly Place[] {
    return this.places.pending().map(({ change, file, hunk, uri, span }) => ({
      change,
      file,
      hunk: hunk.id,
      stop: { file: keyOf(uri), line: lineOf(span) },
    }));
  }

  async #showInReview(place: Place): Promise<void> {
    const { change, file, stop } = place;
    const uri = keyOf(proposalOf(change, file));
    const find = (): TextEditor | undefined => window.visibleTextEditors.find((one) => keyOf(one.document.uri) === uri);
    let editor = find() ?? (await appears(find, 300));
    if (!editor) {
      // The multi-diff editor makes no editor of a file that is scrolled far away, and offers no way to go there.
      await this.view.openFile(change, file);
      editor = await appears(find, SHOWS_WITHIN);
    }
    if (editor) {
      reveal(editor, stop.line);
    }
  }

  async #showInEditor({ change, file, stop }: Place): Promise<void> {
    if (file.kind === "create" && countOf(change, "pending", file.uri) > 0) {
      await this.view.openFile(change, file);
      return;
    }
    try {
      const at = new Range(stop.line, 0, stop.line, 0);
      const editor = await window.showTextDocument(Uri.parse(stop.file), { selection: at });
      editor.revealRange(at, TextEditorRevealType.InCenterIfOutsideViewport);
    } catch {
      void window.showInformationMessage("There is no such file any more: open the review to see what was proposed.");
    }
  }
}

function reveal(editor: TextEditor, line: number): void {
  const at = Math.min(line, editor.document.lineCount - 1);
  editor.selection = new Selection(at, 0, at, 0);
  editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
}

async function appears(find: () => TextEditor | undefined, within: number): Promise<TextEditor | undefined> {
  const there = find();
  if (there) {
    return there;
  }
  return await new Promise((resolve) => {
    const subscriptions: Disposable[] = [];
    const done = (editor: TextEditor | undefined): void => {
      clearTimeout(timer);
      subscriptions.forEach((one) => void one.dispose());
      resolve(editor);
    };
    const timer = setTimeout(() => done(find()), within);
    subscriptions.push(
      window.onDidChangeVisibleTextEditors(() => {
        const editor = find();
        if (editor) {
          done(editor);
        }
      }),
    );
  });
}
