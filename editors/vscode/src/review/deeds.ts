/**
 * What is done with a change: accept, reject, bring back, undo, restore. Each is one request; the answer and every
 * refusal are said in words. What may be applied, what that writes, and who is asked for a yes is the server's; saving
 * is the user's, unless they set `moa.saveAfterApply`.
 */

import { commands, Uri, window, workspace, type QuickPickItem } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { CANCELLED, type Change, type Checkpoint, type CommandName, type Commands, type Problem } from "../wire.ts";
import { RefusedError } from "../server/connection.ts";
import { ago, count, countOf, deed, names, spotsOf, standing, standsAt } from "./hunks.ts";
import { nameOf } from "./locations.ts";
import { keyOf, type Places } from "./places.ts";

/** A change and some of its hunks; without `hunks` all that it is about. */
export interface Which {
  readonly change: string;
  readonly hunks?: readonly string[];
}

export class Deeds {
  /** What is under way, by what was asked: the second of two quick clicks on one button asks for nothing new. */
  readonly #underWay = new Set<string>();
  /** One after the other: what a request is about may have moved by the one before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly discussions: Discussions,
    readonly places: Places,
  ) {}

  /** Accepts hunks: the server has the editor write them. Resolves to whether it did. */
  async apply(which: Which): Promise<boolean> {
    return await this.#once("apply", which, async () => {
      const before = this.discussions.change(which.change);
      const clean = cleanFiles(before, which.hunks);
      const change = await this.discussions.request("apply", given(which));
      tell(newProblems(before, change));
      if (workspace.getConfiguration("moa").get<boolean>("saveAfterApply", false)) {
        await save(clean.filter(isUnsaved));
      } else if (countOf(change, "pending") === 0) {
        void this.#sayUnsaved(change);
      }
    });
  }

  async reject(which: Which): Promise<boolean> {
    return await this.#once("reject", which, () => this.discussions.request("reject", given(which)));
  }

  /** Decides about hunks where architects differ, or takes that decision back. Writes nothing, costs nothing. */
  async settle(what: "take" | "leave" | "reopen", hunks: readonly string[]): Promise<boolean> {
    return hunks.length > 0 && (await this.#once(what, { change: "", hunks }, () => this.#settle(what, hunks)));
  }

  async #settle(what: "take" | "leave" | "reopen", hunks: readonly string[]): Promise<void> {
    await this.discussions.request(what, { ...this.discussions.within, hunks });
  }

  /** Brings rejected hunks back. Without `hunks` the user picks them, of this change (where it has several) or of any. */
  async unreject(which: Partial<Which>): Promise<boolean> {
    const wanted =
      which.change !== undefined && which.hunks ? [which as Which] : await this.#pickRejected(which.change);
    let done = wanted.length > 0;
    for (const one of wanted) {
      const answered = await this.#once("unreject", one, () => this.discussions.request("unreject", given(one)));
      done &&= answered;
    }
    return done;
  }

  /** Takes back what a change wrote. Without one: the newest that wrote something, or the user's choice of several. */
  async undo(id?: string): Promise<boolean> {
    const applied = this.places.changes.filter((one) => countOf(one, "applied") > 0).reverse();
    const change = id ?? (await pickChange(applied, "Undo what which change wrote?"))?.id;
    if (change === undefined) {
      if (applied.length === 0) {
        void window.showInformationMessage("Nothing to undo: no change of this discussion is applied.");
      }
      return false;
    }
    return await this.#once("undo", { change }, async () => {
      const before = this.discussions.change(change);
      tell(newProblems(before, await this.discussions.request("undo", { change })));
    });
  }

  /** Brings files back as they were before an apply, an undo or a restore that the user picks. */
  async restore(): Promise<void> {
    const list = await this.#asked("checkpoints", {});
    if (!list) {
      return;
    }
    if (list.length === 0) {
      void window.showInformationMessage(
        "There is no checkpoint yet: one is kept before each apply, undo and restore.",
      );
      return;
    }
    const placeHolder = "Restore the files as they were before…";
    const picked = await window.showQuickPick(list.map(checkpointItem), { placeHolder, matchOnDetail: true });
    if (!picked) {
      return;
    }
    const { checkpoint } = picked;
    const detail = `${picked.detail ?? ""}\n\nHow these files are now is kept too, as a checkpoint of its own.`;
    const files = count(checkpoint.files.length, "file");
    const message = `Restore ${files} as before “${checkpoint.title}”, ${picked.description ?? ""}?`;
    if ((await window.showWarningMessage(message, { modal: true, detail }, "Restore")) !== "Restore") {
      return;
    }
    await this.#once("restore", { change: checkpoint.id }, async () => {
      const restored = await this.discussions.request("restore", { checkpoint: checkpoint.id });
      tell(restored.problems);
      if (restored.files.length > 0) {
        const say = `Restored ${fileNames(restored.files)}. Nothing was saved.`;
        window.setStatusBarMessage(`$(history) ${say}`, 8000);
      } else if (restored.problems.length === 0) {
        void window.showInformationMessage("The files stand as that checkpoint has them: nothing was changed.");
      }
    });
  }

  /** Runs what was asked after all that was asked before. Resolves to whether it was done; what failed was said. */
  async #once(what: string, which: Which, run: () => Promise<unknown>): Promise<boolean> {
    const key = JSON.stringify([what, which.change, which.hunks]);
    if (this.#underWay.has(key)) {
      return false;
    }
    this.#underWay.add(key);
    const done = this.#last.then(run).then(
      () => true,
      (error: unknown) => {
        complain(error, what, which.change);
        return false;
      },
    );
    this.#last = done;
    return await done.finally(() => this.#underWay.delete(key));
  }

  async #asked<Name extends CommandName>(
    name: Name,
    argument: Commands[Name]["argument"],
  ): Promise<Commands[Name]["result"] | undefined> {
    try {
      return await this.discussions.request(name, argument);
    } catch (error) {
      complain(error, name);
      return undefined;
    }
  }

  async #pickRejected(change: string | undefined): Promise<readonly Which[]> {
    const changes = this.places.changes.filter((one) => change === undefined || one.id === change);
    const rejected = changes.flatMap((one) => spotsOf([one], "rejected"));
    if (rejected.length === 0) {
      void window.showInformationMessage("No rejected hunk to bring back.");
      return [];
    }
    const [only] = rejected;
    if (change !== undefined && only && rejected.length === 1) {
      return [{ change, hunks: [only.hunk.id] }];
    }
    const items = rejected.map((spot) => ({
      label: `${workspace.asRelativePath(Uri.parse(spot.uri))}:${spot.span.start + 1}`,
      description: `${names(spot.hunk.sources)}: ${deed(spot, (uri) => workspace.asRelativePath(Uri.parse(uri)))}`,
      spot,
    }));
    const title = "Bring back rejected hunks";
    const picked = (await window.showQuickPick(items, { title, canPickMany: true, matchOnDescription: true })) ?? [];
    const ids = new Set(picked.map((one) => one.spot.change.id));
    return [...ids].map((id) => {
      const hunks = picked.filter((one) => one.spot.change.id === id).map((one) => one.spot.hunk.id);
      return { change: id, hunks };
    });
  }

  /** The last hunk is settled, and applied is not saved: says so, for it may be missed, and offers both ways on. */
  async #sayUnsaved(change: Change): Promise<void> {
    const touched = change.files.filter((file) => file.hunks.some((one) => one.status === "applied"));
    const files = touched.map((file) => Uri.parse(standsAt(file))).filter(isUnsaved);
    if (files.length === 0) {
      return;
    }
    const message = `${nameOf(change)}: ${standing(change)}. Not saved yet: ${fileNames(files.map(String))}.`;
    const answer = await window.showInformationMessage(message, "Save", "Undo");
    if (answer === "Save") {
      await save(files);
    } else if (answer === "Undo") {
      await this.undo(change.id);
    }
  }
}

/**
 * A change of these, by the user's choice where there are several; undefined where there is none or they chose none.
 */
export async function pickChange(changes: readonly Change[], placeHolder: string): Promise<Change | undefined> {
  if (changes.length < 2) {
    return changes[0];
  }
  const items = changes.map((change) => ({
    label: nameOf(change),
    description: standing(change),
    detail: change.files.map((file) => workspace.asRelativePath(Uri.parse(standsAt(file)))).join(", "),
    change,
  }));
  return (await window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.change;
}

/** Says why something wasn't done, with the next step where there is one. What the user cancelled they know. */
export function complain(error: unknown, what: string, change?: string): void {
  if (error instanceof RefusedError && error.code === CANCELLED) {
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const next =
    what === "undo"
      ? { title: "Restore a checkpoint…", command: "moa-lsp.restoreCheckpoint", given: [] }
      : what === "apply" && change !== undefined
        ? { title: "Review", command: "moa-lsp.review", given: [{ change }] }
        : { title: "Show log", command: "moa-lsp.showLog", given: [] };
  void window.showErrorMessage(message, next.title).then((answer) => {
    if (answer) {
      void commands.executeCommand(next.command, ...next.given);
    }
  });
}

function given({ change, hunks }: Which): Which {
  return hunks ? { change, hunks } : { change };
}

function tell(problems: readonly Problem[]): void {
  for (const { file, message, hint } of problems.slice(0, 3)) {
    const where = file === undefined || message.includes(file) ? "" : `${file}: `;
    void window.showWarningMessage([`${where}${message}`, hint].filter(Boolean).join(" "));
  }
}

/** What an answer says that wasn't known before. */
function newProblems(before: Change | undefined, after: Change): readonly Problem[] {
  const known = new Set(before?.problems.map((one) => JSON.stringify([one.file, one.message])));
  return after.problems.filter((one) => !one.notice && !known.has(JSON.stringify([one.file, one.message])));
}

/** The files that hunks would touch and that have no edits of the user's own that aren't saved. */
function cleanFiles(change: Change | undefined, hunks: readonly string[] | undefined): readonly Uri[] {
  const touched = change?.files.filter((file) =>
    file.hunks.some((one) => (hunks ? hunks.includes(one.id) : one.status === "pending")),
  );
  const uris = (touched ?? []).flatMap((file) => [file.uri, ...(file.newUri ? [file.newUri] : [])]);
  return uris.map((uri) => Uri.parse(uri)).filter((uri) => !isUnsaved(uri));
}

function isUnsaved(uri: Uri): boolean {
  return workspace.textDocuments.some((one) => one.isDirty && keyOf(one.uri) === keyOf(uri));
}

async function save(files: readonly Uri[]): Promise<void> {
  const keys = new Set(files.map(keyOf));
  for (const document of workspace.textDocuments.filter((one) => one.isDirty && keys.has(keyOf(one.uri)))) {
    if (!(await document.save())) {
      void window.showWarningMessage(
        `${workspace.asRelativePath(document.uri)} couldn't be saved: it is open with the edits in it.`,
      );
    }
  }
}

interface CheckpointItem extends QuickPickItem {
  readonly checkpoint: Checkpoint;
}

function checkpointItem(checkpoint: Checkpoint): CheckpointItem {
  return {
    label: checkpoint.title,
    description: ago(checkpoint.created, Date.now()),
    detail: checkpoint.files
      .map(({ uri, exists }) => workspace.asRelativePath(Uri.parse(uri)) + (exists ? "" : " (not there then)"))
      .join(", "),
    checkpoint,
  };
}

function fileNames(uris: readonly string[]): string {
  return uris.map((uri) => workspace.asRelativePath(Uri.parse(uri))).join(", ");
}
