/**
 * The buttons in the proposal's side of a review: above each pending hunk accept, reject and how it stands, and above a
 * file's first one the whole file. VS Code shows lenses in diffs where `diffEditor.codeLens` is on, which the extension makes the
 * default.
 */

import {
  CodeLens,
  Disposable,
  Range,
  type CodeLensProvider,
  type Event,
  EventEmitter,
  type TextDocument,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { GLYPHS, regionWith } from "../discussion/stands.ts";
import { EDITOR } from "../discussion/state.ts";
import type { FileChange, Hunk } from "../wire.ts";
import { idsOf, isRenaming, names, reviewWords } from "./hunks.ts";
import { locationOf } from "./locations.ts";
import type { Previews } from "./previews.ts";
import { fileOf } from "./view.ts";

/** Until the focus is where it was sent. */
const REFRESH_MS = 250;

export class ProposalLenses implements CodeLensProvider, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly #subscription: Disposable;
  #refreshing: NodeJS.Timeout | undefined;

  constructor(
    readonly discussions: Discussions,
    readonly previews: Previews,
  ) {
    let known = discussions.state.disagreement;
    this.#subscription = Disposable.from(
      previews.onDidUpdate(() => this.#changed.fire()),
      discussions.onDidChange(({ disagreement }) => {
        if (disagreement !== known) {
          known = disagreement;
          this.#changed.fire();
        }
      }),
    );
  }

  get onDidChangeCodeLenses(): Event<void> {
    return this.#changed.event;
  }

  /** Has them drawn again, soon: an editor that lost the focus while they were on their way forgets to draw them. */
  refresh(): void {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => this.#changed.fire(), REFRESH_MS);
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const location = locationOf(document.uri);
    const found = fileOf(this.discussions, document.uri);
    if (!found || location?.side !== "after") {
      return [];
    }
    const { change, file } = found;
    const shown = this.previews.latest(change.id)?.files.find((one) => one.uri === file.uri)?.hunks ?? [];
    const pending = new Set(idsOf(change, "pending", file.uri));
    const { disagreement } = this.discussions.state;
    const lenses: CodeLens[] = [];
    const put = (line: number, title: string, command: string, argument: object): void => {
      const at = new Range(Math.min(line, document.lineCount - 1), 0, Math.min(line, document.lineCount - 1), 0);
      lenses.push(new CodeLens(at, { title, command, arguments: [argument] }));
    };
    for (const [index, { id, start }] of shown.filter((one) => pending.has(one.id)).entries()) {
      const hunk = file.hunks.find((one) => one.id === id);
      const one = { change: change.id, hunks: [id] };
      const who = change.source === EDITOR || hunk?.stand ? "" : ` (${names(hunk?.sources ?? [])})`;
      const what = hunk ? aboutFile(file, hunk) : "";
      put(start, `$(check) Accept${what}${who}`, "moa-lsp.applyHunks", one);
      put(start, `$(x) Reject${what}`, "moa-lsp.rejectHunks", one);
      const region = regionWith(disagreement, [id]);
      if (hunk?.stand) {
        const title = `${GLYPHS[hunk.stand]} ${reviewWords(hunk, change.source)}`;
        put(start, title, "moa-lsp.showDisagreement", { region: region?.id ?? null });
      }
      if (index === 0 && pending.size > 1) {
        const whole = { change: change.id, hunks: [...pending] };
        put(start, `$(check-all) Accept file (${pending.size})`, "moa-lsp.applyHunks", whole);
        put(start, "$(close-all) Reject file", "moa-lsp.rejectHunks", whole);
      }
    }
    return lenses;
  }

  dispose(): void {
    clearTimeout(this.#refreshing);
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

/** What a hunk does to its whole file, which the lines below it don't show. */
function aboutFile(file: FileChange, hunk: Hunk): string {
  return isRenaming(file, hunk) ? " renaming" : file.kind === "delete" ? " deleting" : "";
}
