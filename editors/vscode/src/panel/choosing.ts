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
    const picker = window.createQuickPick<QuickPickItem & { discussion: string; round: number | null }>();
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
    picker.onDidAccept(() => {
      const [picked] = picker.selectedItems;
      picker.hide();
      if (picked) {
        void this.#select(picked.discussion, picked.round).catch(showRefusal);
      }
    });
    picker.onDidHide(() => {
      clearTimeout(timer);
      picker.dispose();
    });
    picker.show();
    await Promise.resolve();
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
    const role = await window.showInputBox({
      title: `Add ${shortModel(model)}`,
      prompt: "Its role, if it is to have one (“looks for security holes”). Enter alone: none.",
    });
    if (role === undefined) {
      return;
    }
    const discussion = this.#current?.id;
    const added = await this.discussions.request("add-architect", {
      ...(discussion ? { discussion } : {}),
      model,
      ...(role.trim() ? { role: role.trim() } : {}),
    });
    this.sending.nobody = false;
    if (!discussion) {
      this.discussions.show({ rounds: [], codings: [], ...added });
    }
  }

  async drop(given: unknown): Promise<void> {
    const name = await this.#named(given, (one) => !one.dropped, "Ask which architect no more?");
    if (name) {
      await this.discussions.request("drop-architect", { discussion: this.#needed().id, name });
    }
  }

  async restore(given: unknown): Promise<void> {
    const name = await this.#named(given, (one) => one.dropped, "Bring which architect back?");
    if (name) {
      await this.discussions.request("restore-architect", { discussion: this.#needed().id, name });
    }
  }

  async setRole(given: unknown): Promise<void> {
    const name = await this.#named(given, () => true, "Whose role?");
    const current = this.#needed().architects.find((one) => one.name === name);
    if (!current) {
      return;
    }
    const role = await window.showInputBox({
      title: `Role of ${current.name}`,
      prompt: "What it is to look at, in your words. Empty: as it is configured.",
      value: current.role ?? "",
    });
    if (role !== undefined) {
      const argument = { discussion: this.#needed().id, name: current.name, role: role.trim() || null };
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
        ? [...known, { label: typed, description: "as typed", alwaysShow: true, row: null }]
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
    return picked ? (picked.row?.model ?? picked.label) : null;
  }

  async #named(given: unknown, which: (one: Architect) => boolean, question: string): Promise<string | null> {
    const name = typeof given === "string" ? given : (given as { readonly name?: unknown } | undefined)?.name;
    if (typeof name === "string") {
      return name;
    }
    const items = this.#needed()
      .architects.filter(which)
      .map((one) => ({ label: one.name, description: one.model, detail: one.role ?? "" }));
    if (items.length === 0) {
      void window.showInformationMessage("There is none in this discussion.");
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
  /** `null`: as typed. */
  readonly row: ModelRow | null;
}

function modelItems(rows: readonly ModelRow[]): readonly ModelItem[] {
  const item = (row: ModelRow): ModelItem => ({
    label: row.model,
    description: row.provider,
    ...(row.ready ? {} : { detail: row.reason ?? (row.keyVariable ? `Set ${row.keyVariable} first` : "Not ready") }),
    row,
  });
  const heading = (label: string): ModelItem => ({ label, kind: QuickPickItemKind.Separator, row: null });
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
