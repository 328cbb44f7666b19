/**
 * The menus of the panel, by the editor's own lists and boxes: discussions to switch, search, rename, fork, delete and
 * export, architects to add, drop, restore and give a role.
 */

import {
  commands,
  Disposable,
  ProgressLocation,
  QuickPickItemKind,
  window,
  workspace,
  type QuickPickItem,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { formatUsd } from "../discussion/money.ts";
import type { Architect, Discussion, ModelRow } from "../wire.ts";
import { pickFolder } from "./folders.ts";
import { pickRole } from "./roles.ts";
import { showRefusal, type Sending } from "./sending.ts";
import { shortModel } from "./view.ts";

/** A pause in typing after which it is searched. */
const SEARCH_MS = 200;

export function registerChoosing(
  discussions: Discussions,
  sending: Sending,
  reveal: (round: number) => void,
): Disposable {
  const choosing = new Choosing(discussions, sending, reveal);
  const register = (id: string, run: (given: unknown) => Promise<void>): Disposable =>
    commands.registerCommand(`moa-lsp.${id}`, (given: unknown) => run(given).catch(showRefusal));
  return Disposable.from(
    register("newDiscussion", () => choosing.begin()),
    register("switchDiscussion", () => choosing.switch()),
    register("searchDiscussions", () => choosing.search()),
    register("renameDiscussion", () => choosing.rename()),
    register("forkDiscussion", () => choosing.fork()),
    register("deleteDiscussion", () => choosing.delete()),
    register("exportDiscussion", () => choosing.export()),
    register("discussionMenu", () => choosing.more()),
    register("addArchitect", () => choosing.add()),
    register("dropArchitect", (given) => choosing.drop(given)),
    register("restoreArchitect", (given) => choosing.restore(given)),
    register("setRole", (given) => choosing.setRole(given)),
    register("architectMenu", (given) => choosing.architect(given)),
  );
}

class Choosing {
  constructor(
    readonly discussions: Discussions,
    readonly sending: Sending,
    readonly reveal: (round: number) => void,
  ) {}

  get #current(): Discussion | null {
    return this.discussions.state.discussion;
  }

  async begin(): Promise<void> {
    const folder = await pickFolder();
    if (folder === undefined) {
      return;
    }
    const argument = folder ? { folder: folder.uri.toString() } : {};
    const begun = await this.discussions.request("new-discussion", argument);
    this.discussions.show({ rounds: [], codings: [], ...begun });
    await commands.executeCommand("moa-lsp.panel.focus");
  }

  async switch(): Promise<void> {
    const list = await this.discussions.request("list-discussions", {});
    const items = list.map((one) => ({ ...itemOf(one), discussion: one }));
    const begin = { label: "$(add) New discussion", alwaysShow: true, discussion: null };
    const picked = await window.showQuickPick(
      [begin, { label: "", kind: QuickPickItemKind.Separator, discussion: null }, ...items],
      { placeHolder: "Which discussion?", matchOnDescription: true },
    );
    if (picked?.discussion) {
      await this.#select(picked.discussion.id);
    } else if (picked) {
      await this.begin();
    }
  }

  async search(): Promise<void> {
    const picker = window.createQuickPick<QuickPickItem & { discussion: string | null; round: number | null }>();
    picker.placeholder = "Search in titles, messages and replies";
    picker.matchOnDetail = true;
    let timer: NodeJS.Timeout | undefined;
    const searched = async (query: string): Promise<void> => {
      picker.busy = true;
      const found = query.trim() ? await this.discussions.request("search-discussions", { query }) : [];
      if (picker.value !== query) {
        return;
      }
      picker.busy = false;
      if (query.trim() && found.length === 0) {
        picker.items = [{ label: "Nothing found", description: `for “${query.trim()}”`, alwaysShow: true, discussion: null, round: null }];
        return;
      }
      picker.items = found.flatMap(({ discussion, excerpts }) =>
        (excerpts.length > 0 ? excerpts : [null]).map((excerpt) => ({
          label: discussion.title || "New discussion",
          description: excerpt ? `round ${excerpt.round} · ${excerpt.architect ?? "you"}` : dateOf(discussion),
          detail: excerpt?.text.replace(/\s+/g, " ") ?? "",
          alwaysShow: true,
          discussion: discussion.id,
          round: excerpt?.round ?? null,
        })),
      );
    };
    picker.onDidChangeValue((query) => {
      clearTimeout(timer);
      timer = setTimeout(() => void searched(query).catch(showRefusal), SEARCH_MS);
    });
    const picked = await new Promise<{ discussion: string | null; round: number | null } | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0]));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
    clearTimeout(timer);
    picker.dispose();
    if (picked?.discussion) {
      await this.#select(picked.discussion, picked.round);
    }
  }

  async rename(): Promise<void> {
    const current = this.#needed();
    const title = await window.showInputBox({ prompt: "What shall the discussion be called?", value: current.title });
    if (title?.trim()) {
      await this.discussions.request("rename-discussion", { discussion: current.id, title: title.trim() });
    }
  }

  async fork(): Promise<void> {
    const current = this.#needed();
    const rounds = (current.rounds ?? []).toReversed();
    if (rounds.length === 0) {
      throw new Error("There is nothing to fork yet: this discussion has no round.");
    }
    const items = rounds.map((round, index) => ({
      label: `After round ${round.number}`,
      description: index === 0 ? "everything" : "",
      detail: round.message.replace(/\s+/g, " ").slice(0, 160),
      round: round.number,
    }));
    const picked = items.length > 1 ? await window.showQuickPick(items, { placeHolder: "Up to where?" }) : items[0];
    if (picked) {
      const argument = { discussion: current.id, afterRound: picked.round };
      this.discussions.show(await this.discussions.request("fork-discussion", argument));
    }
  }

  async delete(): Promise<void> {
    const current = this.#needed();
    const answer = await window.showWarningMessage(
      `Delete “${current.title || "New discussion"}”?`,
      { modal: true, detail: "Its rounds and pending changes go with it. What was applied stays in your files." },
      "Delete",
    );
    if (answer === "Delete") {
      await this.discussions.request("delete-discussion", { discussion: current.id });
      await this.discussions.reload();
    }
  }

  async export(): Promise<void> {
    const { markdown } = await this.discussions.request("export-discussion", { discussion: this.#needed().id });
    const document = await workspace.openTextDocument({ language: "markdown", content: markdown });
    await window.showTextDocument(document);
  }

  async more(): Promise<void> {
    const items = [
      { label: "$(edit) Rename", command: "renameDiscussion" },
      { label: "$(repo-forked) Fork", command: "forkDiscussion" },
      { label: "$(organization) Choose who is asked when", command: "selectPreset" },
      { label: "$(save) Save the set-up as a preset", command: "savePreset" },
      { label: "$(sparkle) Write roles for the message in the prompt", command: "writeRoles" },
      { label: "$(markdown) Export as Markdown", command: "exportDiscussion" },
      { label: "$(trash) Delete", command: "deleteDiscussion" },
      { label: "$(gear) Open settings", command: "openSettings" },
    ];
    const picked = await window.showQuickPick(items, { placeHolder: this.#current?.title ?? "Discussion" });
    if (picked) {
      await commands.executeCommand(`moa-lsp.${picked.command}`);
    }
  }

  async add(): Promise<void> {
    const model = await this.#pickModel();
    if (!model) {
      return;
    }
    const role = await pickRole(this.discussions, `Add ${shortModel(model)}: its role`, "");
    if (role === null) {
      return;
    }
    const discussion = this.#current?.id;
    const added = await this.discussions.request("add-architect", {
      ...(discussion ? { discussion } : {}),
      model,
      ...(role ? { role } : {}),
    });
    this.sending.nobody = false;
    if (!discussion) {
      this.discussions.show({ rounds: [], codings: [], ...added });
    }
  }

  async drop(given: unknown): Promise<void> {
    const name = await this.#named(given, (one) => !one.dropped, {
      question: "Ask which architect no more?",
      nobody: "Every architect of this discussion is dropped already.",
    });
    if (name) {
      await this.discussions.request("drop-architect", { discussion: this.#needed().id, name });
    }
  }

  async restore(given: unknown): Promise<void> {
    const name = await this.#named(given, (one) => one.dropped, {
      question: "Bring which architect back?",
      nobody: "No architect of this discussion is dropped.",
    });
    if (name) {
      await this.discussions.request("restore-architect", { discussion: this.#needed().id, name });
    }
  }

  async setRole(given: unknown): Promise<void> {
    const name = await this.#named(given, () => true, {
      question: "Whose role?",
      nobody: "This discussion has no architect yet. Add one first.",
    });
    const current = this.#needed().architects.find((one) => one.name === name);
    if (!current) {
      return;
    }
    const role = await pickRole(this.discussions, `Role of ${current.name}`, current.role ?? "");
    if (role !== null) {
      const argument = { discussion: this.#needed().id, name: current.name, role: role || null };
      await this.discussions.request("set-role", argument);
    }
  }

  /** What a click on an architect's chip offers. */
  async architect(given: unknown): Promise<void> {
    const architect = this.#needed().architects.find((one) => one.name === given);
    if (!architect) {
      return;
    }
    const items = [
      architect.dropped
        ? { label: "$(debug-restart) Bring back", detail: "It is asked again from the next turn on.", command: "restoreArchitect" }
        : { label: "$(circle-slash) Drop", detail: "It is asked no more; what it said stays.", command: "dropArchitect" },
      { label: "$(person) Set role…", detail: architect.role ?? "No role yet.", command: "setRole" },
    ];
    const picked = await window.showQuickPick(items, { placeHolder: `${architect.name} · ${architect.model}` });
    if (picked) {
      await commands.executeCommand(`moa-lsp.${picked.command}`, { name: architect.name });
    }
  }

  async #select(discussion: string, round: number | null = null): Promise<void> {
    this.discussions.show(await this.discussions.request("select-discussion", { discussion }));
    await commands.executeCommand("moa-lsp.panel.focus");
    if (round !== null) {
      this.reveal(round);
    }
  }

  /** A model out of those the server knows, or any that is typed; `null`: none. */
  async #pickModel(): Promise<string | null> {
    const rows = await window.withProgress({ location: ProgressLocation.Window, title: "Looking for models" }, () =>
      this.discussions.request("models", {}),
    );
    const picker = window.createQuickPick<ModelItem>();
    picker.title = "Add an architect";
    picker.placeholder = "Pick a model, or type any model's name";
    picker.matchOnDescription = true;
    const known = modelItems(rows);
    const offered = (typed: string): readonly ModelItem[] =>
      typed && !rows.some((row) => row.model === typed)
        ? // Its label holds nothing of what was typed: VS Code would put it above the models that begin so.
          [...known, { label: "As typed", description: typed, alwaysShow: true, model: typed, row: null }]
        : known;
    picker.items = known;
    picker.onDidChangeValue((typed) => {
      picker.items = offered(typed.trim());
    });
    const picked = await new Promise<ModelItem | null>((resolve) => {
      picker.onDidAccept(() => resolve(picker.selectedItems[0] ?? null));
      picker.onDidHide(() => resolve(null));
      picker.show();
    });
    picker.dispose();
    if (picked?.row && !picked.row.ready && picked.row.keyVariable) {
      await commands.executeCommand("moa-lsp.setKey", picked.row.keyVariable);
    }
    return picked?.model ?? null;
  }

  /** The architect that was given, else the user's choice; `nobody` is said where there is none to choose. */
  async #named(
    given: unknown,
    which: (one: Architect) => boolean,
    { question, nobody }: { readonly question: string; readonly nobody: string },
  ): Promise<string | null> {
    const name = typeof given === "string" ? given : (given as { readonly name?: unknown } | undefined)?.name;
    if (typeof name === "string") {
      return name;
    }
    const items = this.#needed()
      .architects.filter(which)
      .map((one) => ({ label: one.name, description: one.model, detail: one.role ?? "" }));
    if (items.length === 0) {
      void window.showInformationMessage(nobody);
      return null;
    }
    return (await window.showQuickPick(items, { placeHolder: question }))?.label ?? null;
  }

  #needed(): Discussion {
    const current = this.#current;
    if (!current) {
      throw new Error("There is no discussion yet. Say something first.");
    }
    return current;
  }
}

interface ModelItem extends QuickPickItem {
  readonly model: string;
  /** `null`: as typed. */
  readonly row: ModelRow | null;
}

function modelItems(rows: readonly ModelRow[]): readonly ModelItem[] {
  const item = (row: ModelRow): ModelItem => ({
    label: row.model,
    description: row.provider,
    model: row.model,
    ...(row.ready
      ? {}
      : // What the server's reason says holds for every editor; here the key can be given at once.
        { detail: row.keyVariable ? `Wants ${row.keyVariable}: pick it to enter the key.` : (row.reason ?? "Not ready") }),
    row,
  });
  const heading = (label: string): ModelItem => ({ label, kind: QuickPickItemKind.Separator, model: "", row: null });
  const ready = rows.filter((row) => row.ready).map(item);
  const others = rows.filter((row) => !row.ready).map(item);
  return [
    ...(ready.length > 0 ? [heading("Ready"), ...ready] : []),
    ...(others.length > 0 ? [heading("Need something first"), ...others] : []),
  ];
}

function itemOf(discussion: Discussion): QuickPickItem {
  const price = formatUsd(discussion.usage);
  return {
    label: `${discussion.current ? "$(check) " : ""}${discussion.title || "New discussion"}`,
    description: [dateOf(discussion), ...(discussion.running ? ["running"] : []), ...(price === "–" ? [] : [price])].join(" · "),
  };
}

function dateOf(discussion: Discussion): string {
  return new Date(discussion.created).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
