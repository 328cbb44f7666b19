/**
 * Where the hunks of the current discussion stand in the open documents at this moment: the one owner of that here.
 *
 * The ranges of a change hold for the version of the document that it names, and its events come when a status moves.
 * So the edits since that version are kept and the ranges carried along with them, at once and without a question;
 * only where somebody typed into a hunk the server is asked, when they pause, what it made of that. (Decorations that
 * VS Code moves by itself would be right on the screen only: the hover, the keys and the next hunk need the lines
 * too.)
 */

import { EventEmitter, Uri, workspace, type Disposable, type Event, type TextDocument } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Change, HunkStatus } from "../wire.ts";
import type { DiscussionState } from "../discussion/state.ts";
import { followed, type Step } from "./following.ts";
import { inOrder, meet, spotsOf, type Spot } from "./hunks.ts";

/** Milliseconds without a key after which the server is asked. */
const PAUSE = 200;
/** Steps kept for a document; whoever is further behind has to ask. */
const KEPT = 500;

/** A URI as it is compared here: the server and VS Code escape differently. */
export function keyOf(uri: string | Uri): string {
  return (typeof uri === "string" ? Uri.parse(uri) : uri).toString();
}

export class Places implements Disposable {
  readonly #steps = new Map<string, Step[]>();
  readonly #moved = new EventEmitter<void>();
  readonly #subscriptions: Disposable[];
  #known: ReadonlyMap<string, Change>;
  #looked: Pick<DiscussionState, "disagreement" | "filter">;
  /**
   * Hunks that became stale before the user's eyes, by `change/hunk`. Old proposals' stale ones are nobody's
   * business.
   */
  #wentStale: ReadonlySet<string> = new Set();
  #asking: NodeJS.Timeout | undefined;

  constructor(readonly discussions: Discussions) {
    this.#known = discussions.state.changes;
    this.#looked = discussions.state;
    this.#subscriptions = [
      this.#moved,
      discussions.onDidChange((state) => {
        if (state.changes !== this.#known) {
          this.#wentStale = staleSince(this.#wentStale, this.#known, state.changes);
          this.#known = state.changes;
          this.#looked = state;
          this.#moved.fire();
        } else if (state.filter !== this.#looked.filter || state.disagreement !== this.#looked.disagreement) {
          this.#looked = state;
          this.#moved.fire();
        }
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && document.uri.scheme === "file" && this.#known.size > 0) {
          const edits = contentChanges.map(({ range, text }) => ({
            start: range.start.line,
            startCharacter: range.start.character,
            end: range.end.line,
            endCharacter: range.end.character,
            text,
          }));
          this.#typed(document, { version: document.version, edits });
        }
      }),
      workspace.onDidCloseTextDocument((document) => {
        // When it is opened again its versions begin anew, and those that the changes name mean nothing any more.
        if (this.#steps.delete(keyOf(document.uri))) {
          this.#askSoon();
        }
      }),
    ];
  }

  /** Fired when a hunk's status, stand or place may have moved, or other ones are looked at. */
  get onDidMove(): Event<void> {
    return this.#moved.event;
  }

  /** The changes in the order in which they were made. */
  get changes(): readonly Change[] {
    return inOrder(this.discussions.state.discussion, this.#known);
  }

  /** Every pending hunk, each where it stands now. */
  pending(): readonly Spot[] {
    return this.#now("pending");
  }

  /** The pending hunks of one file. */
  pendingIn(uri: Uri): readonly Spot[] {
    return this.pending().filter((one) => keyOf(one.uri) === keyOf(uri));
  }

  /** The hunks of one file that went stale by what the user typed, not by what they accepted in their place. */
  staleIn(uri: Uri): readonly Spot[] {
    const isHere = (one: Spot): boolean => keyOf(one.uri) === keyOf(uri);
    const stale = this.#now("stale").filter(
      (one) => isHere(one) && this.#wentStale.has(`${one.change.id}/${one.hunk.id}`),
    );
    const applied = stale.length > 0 ? this.#now("applied").filter(isHere) : [];
    return stale.filter((one) => !applied.some((other) => meet(one.span, other.span)));
  }

  dispose(): void {
    clearTimeout(this.#asking);
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  #now(status: HunkStatus): readonly Spot[] {
    return spotsOf(this.changes, status).map((spot) => ({
      ...spot,
      span: followed(spot.span, this.#since(spot)).span,
    }));
  }

  #since(spot: Spot): readonly Step[] {
    const steps = this.#steps.get(keyOf(spot.uri)) ?? [];
    return steps.filter((one) => one.version > (spot.file.version ?? 0));
  }

  #typed(document: TextDocument, step: Step): void {
    const key = keyOf(document.uri);
    const here = [...spotsOf(this.changes, "pending"), ...spotsOf(this.changes, "stale")].filter(
      (one) => keyOf(one.uri) === key,
    );
    const steps = this.#steps.get(key) ?? [];
    steps.push(step);
    steps.splice(0, steps.length - KEPT);
    this.#steps.set(key, steps);
    if (here.length === 0) {
      return;
    }
    this.#moved.fire();
    if (here.some((one) => followed(one.span, this.#since(one)).touched)) {
      this.#askSoon();
    }
  }

  #askSoon(): void {
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => void this.discussions.refreshChanges(), PAUSE);
  }
}

function staleSince(
  known: ReadonlySet<string>,
  before: ReadonlyMap<string, Change>,
  now: ReadonlyMap<string, Change>,
): ReadonlySet<string> {
  const stale = new Set<string>();
  for (const change of now.values()) {
    const earlier = before.get(change.id);
    const pending = new Set(
      earlier?.files.flatMap((file) => file.hunks.filter((one) => one.status === "pending").map((one) => one.id)),
    );
    for (const hunk of change.files.flatMap((file) => file.hunks)) {
      const id = `${change.id}/${hunk.id}`;
      if (hunk.status === "stale" && (pending.has(hunk.id) || known.has(id))) {
        stale.add(id);
      }
    }
  }
  return stale;
}
