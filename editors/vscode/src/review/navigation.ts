/**
 * Which hunk the user is at, and the way to the next one. The cursor counts in the file itself as well as in the
 * proposal; a hunk is gone to in the review where it is open, else in the normal editor.
 */

import {
  Range,
  Selection,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  window,
  type Disposable,
  type TextEditor,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { passes } from "../discussion/filter.ts";
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
  /** The same edit in other changes. */
  readonly twins: readonly string[];
}

interface Place extends Here {
  readonly stop: Stop;
}

export class Navigation implements Disposable {
  /**
   * Where the last step led, and where the cursor was then. VS Code gives an extension no way to put the cursor into a
   * file of a multi-diff editor: until the user moves it themselves, the step counts as being there.
   */
  #gone: { readonly editor: TextEditor; readonly line: number; readonly from: string } | undefined;
  readonly #subscription: Disposable;
  /** Shows which hunk a step led to, where no cursor does. */
  readonly #mark = window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: "solid",
    borderWidth: "0 0 0 3px",
    borderColor: new ThemeColor("focusBorder"),
  });

  constructor(
    readonly discussions: Discussions,
    readonly places: Places,
    readonly previews: Previews,
    readonly view: View,
  ) {
    // Once it is settled there is nothing to be shown; the next step still begins there.
    this.#subscription = previews.onDidUpdate(() => {
      if (this.#gone && this.here().length === 0) {
        this.#gone.editor.setDecorations(this.#mark, []);
      }
    });
  }

  /** The pending hunks at the cursor: several where several architects want different things of one line. */
  here(): readonly Here[] {
    const at = this.cursor();
    if (!at) {
      return [];
    }
    const { uri, line } = at;
    const found = fileOf(this.discussions, uri);
    if (found) {
      const { change, file } = found;
      if (locationOf(uri)?.side === "before") {
        const spots = spotsOf([change], "pending").filter((one) => one.file === file && isAbout(one.span, line));
        return spots.map(({ hunk, twins }) => ({ change, file, hunk: hunk.id, twins }));
      }
      const shown = this.#shown(change, file).filter(({ span }) => isShownAt(span, line));
      return shown.map(({ hunk }) => ({ change, file, hunk, twins: [] }));
    }
    const reviewed = this.view.inFront();
    const about = this.places.pendingIn(uri).filter((one) => isAbout(one.span, line));
    const own = about.filter((one) => one.change.id === reviewed);
    return (own.length > 0 ? own : about).map(({ change, file, hunk, twins }) => ({ change, file, hunk: hunk.id, twins }));
  }

  /** The file that is being looked at and that a change has pending hunks in. */
  file(uri: Uri | undefined = this.cursor()?.uri): { change: Change; file: FileChange } | undefined {
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

  dispose(): void {
    this.#subscription.dispose();
    this.#mark.dispose();
  }

  /**
   * Goes to the next (1) or previous (-1) pending hunk; of the change under review where one is. Where `group` is given,
   * only to the first of each group, and to none that is in no group. Resolves to whether there was one.
   */
  async go(by: 1 | -1, group?: (hunks: readonly string[]) => string | undefined): Promise<boolean> {
    const reviewed = this.discussions.change(this.view.inFront() ?? "");
    const first = (all: readonly Place[]): readonly Place[] => (group ? firstOfEach(all, group) : all);
    const review = reviewed ? first(this.#inReview(reviewed)) : [];
    const under = review.length > 0 ? reviewed : undefined;
    const places = under ? review : first(this.#inEditor());
    const at = this.cursor();
    const here = at ? { file: keyOf(locationOf(at.uri)?.file ?? at.uri), line: at.line } : null;
    const next =
      places[
        step(
          places.map((one) => one.stop),
          here,
          by,
        )
      ];
    if (next) {
      await (under ? this.#showInReview(next) : this.#showInEditor(next));
    }
    return next !== undefined;
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
    await this.#showInEditor({ change, file, hunk, twins: [], stop: { file: keyOf(standsAt(file)), line } });
  }

  #places(change: Change): ReturnType<typeof spotsOf> {
    const now = this.places.pending().filter((one) => one.change.id === change.id);
    return [
      ...now,
      ...(["pending", "applied", "rejected", "stale"] as const).flatMap((status) => spotsOf([change], status)),
    ];
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
        twins: [],
        stop: { file: keyOf(file.uri), line: span.start },
      })),
    );
  }

  #inEditor(): readonly Place[] {
    const { filter } = this.discussions.state;
    return this.places.pending().filter(({ hunk }) => passes(filter, hunk)).map(({ change, file, hunk, twins, uri, span }) => ({
      change,
      file,
      hunk: hunk.id,
      twins,
      stop: { file: keyOf(uri), line: lineOf(span) },
    }));
  }

  async #showInReview(place: Place): Promise<void> {
    const { change, file, stop } = place;
    const uri = proposalOf(change, file);
    const find = (): TextEditor | undefined =>
      window.visibleTextEditors.find((one) => keyOf(one.document.uri) === keyOf(uri));
    if (!this.view.isOnly(uri)) {
      await this.view.open(change, { file, line: stop.line });
    }
    let editor = await appears(find, SHOWS_WITHIN);
    if (!editor) {
      // The multi-diff editor makes no editor of a file that is scrolled far away, and here it couldn't be led there.
      await this.view.openFile(change, file);
      editor = await appears(find, SHOWS_WITHIN);
    }
    if (editor) {
      this.#reveal(editor, stop.line, place);
    }
  }

  #reveal(editor: TextEditor, line: number, { change, file, hunk }: Place): void {
    const last = editor.document.lineCount - 1;
    const at = Math.min(line, last);
    editor.selection = new Selection(at, 0, at, 0);
    editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
    this.#gone?.editor.setDecorations(this.#mark, []);
    this.#gone = undefined;
    if (window.activeTextEditor !== editor) {
      this.#gone = { editor, line: at, from: cursorOf(window.activeTextEditor) };
      const span = this.#shown(change, file).find((one) => one.hunk === hunk)?.span;
      editor.setDecorations(this.#mark, [new Range(at, 0, Math.max(at, Math.min((span?.end ?? at) - 1, last)), 0)]);
    }
  }

  /** Where the user is: at the cursor, or where the last step led. */
  cursor(): { readonly uri: Uri; readonly line: number } | undefined {
    const editor = window.activeTextEditor;
    if (this.#gone && this.#gone.from === cursorOf(editor) && window.visibleTextEditors.includes(this.#gone.editor)) {
      return { uri: this.#gone.editor.document.uri, line: this.#gone.line };
    }
    this.#gone?.editor.setDecorations(this.#mark, []);
    this.#gone = undefined;
    return editor && { uri: editor.document.uri, line: editor.selection.active.line };
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

/** Of each group the place that comes first in its file. */
function firstOfEach(all: readonly Place[], group: (hunks: readonly string[]) => string | undefined): readonly Place[] {
  const first = new Map<string, Place>();
  for (const place of all) {
    const name = group([place.hunk, ...place.twins]);
    const known = name === undefined ? undefined : first.get(name);
    if (name !== undefined && (!known || place.stop.line < known.stop.line)) {
      first.set(name, place);
    }
  }
  return [...first.values()];
}

function cursorOf(editor: TextEditor | undefined): string {
  return editor
    ? `${keyOf(editor.document.uri)} ${editor.selection.active.line}:${editor.selection.active.character}`
    : "";
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
