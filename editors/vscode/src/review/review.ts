/**
 * The review of proposed changes: puts its parts together, and gives them their commands, keys' contexts and occasions.
 * An architect's own proposal and what `/code` made are reviewed alike.
 */

import { commands, Disposable, languages, Uri, window, workspace, type ExtensionContext } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Change, FileChange } from "../wire.ts";
import { Contested } from "./contested.ts";
import { complain, Deeds, pickChange, type Which } from "./deeds.ts";
import { countOf, idsOf, standing } from "./hunks.ts";
import { Hovers } from "./hovers.ts";
import { ProposalLenses } from "./lenses.ts";
import { nameOf, SCHEME } from "./locations.ts";
import { Marks } from "./marks.ts";
import { Navigation, type Here } from "./navigation.ts";
import { Places } from "./places.ts";
import { Previews } from "./previews.ts";
import { View } from "./view.ts";

export function registerReview(_context: ExtensionContext, discussions: Discussions): Disposable {
  const places = new Places(discussions);
  const previews = new Previews(discussions);
  const view = new View(discussions, places, previews);
  const lenses = new ProposalLenses(discussions, previews);
  const navigation = new Navigation(discussions, places, previews, view);
  const deeds = new Deeds(discussions, places);

  const waiting = (): readonly Change[] => places.changes.filter((one) => countOf(one, "pending") > 0).reverse();

  /** The change that is meant where none was named: the one under review, the only one, or the user's choice. */
  const meant = async (): Promise<Change | undefined> => {
    const changes = waiting();
    const reviewed = view.inFront();
    const change = changes.find((one) => one.id === reviewed) ?? (await pickChange(changes, "Which proposed change?"));
    if (changes.length === 0) {
      void window.showInformationMessage("No proposed change waits for you.");
    }
    return change;
  };

  const open = async (id?: string): Promise<void> => {
    const change = id === undefined ? await meant() : discussions.change(id);
    if (!change) {
      if (id !== undefined) {
        void window.showInformationMessage("That change isn't part of this discussion any more.");
      }
    } else if (countOf(change, "pending") === 0) {
      await sayHowItStands(change);
    } else {
      await view.open(change).catch((error: unknown) => complain(error, "preview"));
    }
  };

  const sayHowItStands = async (change: Change): Promise<void> => {
    const ways = [
      ...(countOf(change, "applied") ? ["Undo"] : []),
      ...(countOf(change, "rejected") ? ["Bring back rejected…"] : []),
    ];
    const stale = countOf(change, "stale") ? " Stale ones come back if their lines do." : "";
    const said = `${nameOf(change)}: nothing is left to review (${standing(change) || "it holds no edits"}).${stale}`;
    const answer = await window.showInformationMessage(said, ...ways);
    if (answer === "Undo") {
      await deeds.undo(change.id);
    } else if (answer) {
      await deeds.unreject({ change: change.id });
    }
  };

  /** Does it to what was named, or to the change that is meant. */
  const withAll = async (act: (which: Which) => Promise<unknown>, which?: Partial<Which>): Promise<void> => {
    const change = which?.change ?? (await meant())?.id;
    if (change !== undefined) {
      await act(which?.hunks ? { change, hunks: which.hunks } : { change });
    }
  };

  const withHere = async (act: (which: Which) => Promise<unknown>): Promise<void> => {
    const one = await pickHere(navigation.here());
    if (one) {
      await act({ change: one.change.id, hunks: [one.hunk] });
    }
  };

  const withFile = async (act: (which: Which) => Promise<unknown>, uri: unknown): Promise<void> => {
    const found = navigation.file(uri instanceof Uri ? uri : undefined) ?? (await pickFile(await meant()));
    if (found) {
      await act({ change: found.change.id, hunks: idsOf(found.change, "pending", found.file.uri) });
    }
  };

  const apply = (which: Which): Promise<boolean> => deeds.apply(which);
  const reject = (which: Which): Promise<boolean> => deeds.reject(which);

  const go = async (by: 1 | -1): Promise<void> => {
    if (!(await navigation.go(by))) {
      window.setStatusBarMessage("No proposed hunk waits for you.", 4000);
    }
    contexts.soon();
  };

  const contested = new Contested(discussions, navigation, deeds, () => contexts.soon());
  const contexts = new Contexts(navigation, view, places, contested);
  return Disposable.from(
    contested,
    places,
    previews,
    view,
    lenses,
    contexts,
    navigation,
    new Marks(places),
    new Hovers(places),
    openWhenCoded(
      discussions,
      (change) => view.open(change),
      () => lenses.refresh(),
    ),
    languages.registerCodeLensProvider({ scheme: SCHEME }, lenses),
    on("review", (given?: Partial<Which>) => open(given?.change)),
    on("showHunk", (given: { readonly change: string; readonly hunk: string }) =>
      navigation.show(given.change, given.hunk).then(() => contexts.soon()),
    ),
    on("applyHunks", (given?: Partial<Which>) => withAll(apply, given)),
    on("rejectHunks", (given?: Partial<Which>) => withAll(reject, given)),
    on("unrejectHunks", (given?: Partial<Which>) => deeds.unreject(given ?? {})),
    on("undoChange", (given?: Partial<Which>) => deeds.undo(given?.change)),
    on("restoreCheckpoint", () => deeds.restore()),
    on("acceptHere", () => withHere(apply)),
    on("rejectHere", () => withHere(reject)),
    on("acceptFile", (uri?: unknown) => withFile(apply, uri)),
    on("rejectFile", (uri?: unknown) => withFile(reject, uri)),
    // A menu gives its own arguments: nothing of them is meant here.
    on("acceptAll", () => withAll(apply)),
    on("rejectAll", () => withAll(reject)),
    on("nextHunk", () => go(1)),
    on("previousHunk", () => go(-1)),
  );
}

function on(name: string, run: (...given: never[]) => unknown): Disposable {
  return commands.registerCommand(`moa-lsp.${name}`, run as (...given: unknown[]) => unknown);
}

async function pickHere(here: readonly Here[]): Promise<Here | undefined> {
  if (here.length === 0) {
    window.setStatusBarMessage("No proposed hunk on this line.", 4000);
  }
  if (here.length < 2) {
    return here[0];
  }
  const items = here.map((one) => {
    const hunk = one.file.hunks.find((each) => each.id === one.hunk);
    const text = hunk?.newText.trim().split("\n", 1)[0] ?? "";
    return { label: hunk?.sources.join(", ") ?? "", description: text || "(removes these lines)", one };
  });
  return (await window.showQuickPick(items, { placeHolder: "Several proposals want different things of this line." }))
    ?.one;
}

async function pickFile(change: Change | undefined): Promise<{ change: Change; file: FileChange } | undefined> {
  const files = change?.files.filter((file) => countOf(change, "pending", file.uri) > 0) ?? [];
  if (!change || files.length < 2) {
    return change && files[0] ? { change, file: files[0] } : undefined;
  }
  const items = files.map((file) => ({ label: workspace.asRelativePath(Uri.parse(file.newUri ?? file.uri)), file }));
  const picked = await window.showQuickPick(items, { placeHolder: "Which file of the change?" });
  return picked && { change, file: picked.file };
}

/** What menus and keys go by: told to the editor only when it moved. */
class Contexts implements Disposable {
  readonly #told = new Map<string, boolean>();
  readonly #subscriptions: Disposable[];
  #telling: NodeJS.Timeout | undefined;

  constructor(
    readonly navigation: Navigation,
    readonly view: View,
    readonly places: Places,
    readonly contested: Contested,
  ) {
    const soon = (): void => this.soon();
    this.#subscriptions = [
      places.onDidMove(soon),
      navigation.previews.onDidUpdate(soon),
      window.onDidChangeActiveTextEditor(soon),
      window.onDidChangeTextEditorSelection(soon),
      window.tabGroups.onDidChangeTabs(soon),
      window.tabGroups.onDidChangeTabGroups(soon),
    ];
    this.soon();
  }

  dispose(): void {
    clearTimeout(this.#telling);
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  /** Also where the editor tells nothing: a step to a file of a review may move no cursor. */
  soon(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tell(
        "pendingChange",
        this.places.changes.some((one) => countOf(one, "pending") > 0),
      );
      this.#tell("hunkHere", this.navigation.here().length > 0);
      this.#tell("inReview", this.view.inFront() !== undefined);
      const here = this.contested.here();
      this.#tell("contested", (this.places.discussions.state.disagreement?.counts.contested ?? 0) > 0);
      this.#tell("openHere", here.some((one) => one.stand !== "settled"));
      this.#tell("settledHere", here.some((one) => one.stand === "settled"));
    }, 30);
  }

  #tell(key: string, value: boolean): void {
    if (this.#told.get(key) !== value) {
      this.#told.set(key, value);
      void commands.executeCommand("setContext", `moa-lsp.${key}`, value);
    }
  }
}

/**
 * Opens the review by itself when a `/code` of this window ends with something to review. VS Code can't open a
 * multi-diff editor without giving it the focus: so only where that is in the panel, in which the `/code` was typed and
 * which gets it back, or where nobody is at this window. Whoever went elsewhere meanwhile, to an editor, the palette or a
 * terminal, is left alone there and gets a button instead.
 */
function openWhenCoded(
  discussions: Discussions,
  open: (change: Change) => Promise<void>,
  refresh: () => void,
): Disposable {
  let touched = false;
  return Disposable.from(
    window.onDidChangeTextEditorSelection(({ kind, textEditor }) => {
      touched ||= kind !== undefined && textEditor === window.activeTextEditor;
    }),
    discussions.connection.onEvent((event) => {
      if (event.kind === "codeStarted") {
        touched = false;
      } else if (event.kind === "codeFinished" && event.discussion === discussions.state.discussion?.id) {
        const change = event.coding.change;
        if (event.coding.status === "done" && change && countOf(change, "pending") > 0) {
          void show(change);
        }
      }
    }),
  );

  async function show(change: Change): Promise<void> {
    const inPanel = await commands.executeCommand<boolean>("moa-lsp.isPanelFocused");
    if (!inPanel && (touched || window.state.focused)) {
      const said = `The proposed change is ready: ${standing(change)}.`;
      if ((await window.showInformationMessage(said, "Review")) !== "Review") {
        return;
      }
      await open(change).catch((error: unknown) => complain(error, "preview"));
      return;
    }
    await open(change).catch((error: unknown) => complain(error, "preview"));
    await commands.executeCommand("moa-lsp.panel.focus").then(undefined, () => undefined);
    refresh();
  }
}
