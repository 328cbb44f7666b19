/**
 * Who is asked when: presets chosen from a list that says what each asks, costs and takes, the present set-up saved as
 * one, saved ones renamed and deleted, one message asked by another. What a preset is, the server says; how its row reads
 * stands in `preset-words.ts`.
 */

import {
  commands,
  Disposable,
  QuickPickItemKind,
  ThemeIcon,
  Uri,
  window,
  type QuickInputButton,
  type QuickPickItem,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Preset } from "../wire.ts";
import { presetRows } from "./preset-words.ts";
import { showRefusal } from "./sending.ts";

const RENAME: QuickInputButton = { iconPath: new ThemeIcon("edit"), tooltip: "Rename" };
const DELETE: QuickInputButton = { iconPath: new ThemeIcon("trash"), tooltip: "Delete" };
/** The preset in which one model is asked alone. */
const SOLO = "solo";

/** `once` puts a preset before what stands in the prompt. */
export function registerPresets(discussions: Discussions, once: (preset: string) => Promise<void>): Disposable {
  const presets = new Presets(discussions, once);
  const register = (id: string, run: (name: string | null) => Promise<void>): Disposable =>
    commands.registerCommand(`moa-lsp.${id}`, (given: unknown) => run(nameIn(given)).catch(showRefusal));
  return Disposable.from(
    register("selectPreset", (name) => presets.choose(name)),
    register("solo", () => discussions.selectPreset(SOLO)),
    register("savePreset", (name) => presets.save(name)),
    register("renamePreset", (name) => presets.rename(name)),
    register("deletePreset", (name) => presets.delete(name)),
    register("askOnce", (name) => presets.askOnce(name)),
  );
}

/** A row of the list; `preset` is null in a heading and in the row that saves the present set-up. */
interface Item extends QuickPickItem {
  readonly preset: Preset | null;
}

const SAVE: Item = { label: "$(save) Save the present set-up…", alwaysShow: true, preset: null };

class Presets {
  constructor(
    readonly discussions: Discussions,
    readonly once: (preset: string) => Promise<void>,
  ) {}

  async choose(name: string | null): Promise<void> {
    const picked = name ?? (await this.#pick("Who is asked when?", true));
    if (picked === SAVE) {
      await this.save(null);
    } else if (typeof picked === "string") {
      await this.discussions.selectPreset(picked);
    }
  }

  async askOnce(name: string | null): Promise<void> {
    const picked = name ?? (await this.#pick("By which preset shall the next message be asked?", false));
    if (typeof picked === "string") {
      await this.once(picked);
    }
  }

  async save(given: string | null): Promise<void> {
    const presets = await this.#all();
    const name = given ?? (await this.#askName("What shall this set-up be called?", presets.filter(isNotOwn), ""));
    if (name === null) {
      return;
    }
    const replace = presets.some((one) => one.from === "saved" && one.name === name);
    if (replace) {
      const answer = await window.showWarningMessage(`Replace the preset “${name}”?`, { modal: true }, "Replace");
      if (answer !== "Replace") {
        return;
      }
    }
    const discussion = this.#discussion;
    const saved = await this.discussions.request("save-preset", { ...discussion, name, ...(replace ? { replace } : {}) });
    const show = saved.uri === undefined ? [] : ["Show the file"];
    const answer = await window.showInformationMessage(`The set-up is saved as “${saved.name}”.`, ...show);
    if (answer && saved.uri !== undefined) {
      await window.showTextDocument(Uri.parse(saved.uri));
    }
  }

  async rename(given: string | null): Promise<void> {
    const presets = await this.#all();
    const name = given ?? (await this.#pickOwn(presets, "Rename which preset?"));
    if (name === null) {
      return;
    }
    const others = presets.filter((one) => one.name !== name);
    const to = await this.#askName(`What shall “${name}” be called?`, others, name);
    if (to !== null && to !== name) {
      await this.discussions.request("rename-preset", { name, to });
    }
  }

  async delete(given: string | null): Promise<void> {
    const name = given ?? (await this.#pickOwn(await this.#all(), "Delete which preset?"));
    if (name === null) {
      return;
    }
    const detail = "Discussions that use it go on by the settings' own.";
    const answer = await window.showWarningMessage(`Delete the preset “${name}”?`, { modal: true, detail }, "Delete");
    if (answer === "Delete") {
      await this.discussions.request("delete-preset", { name });
    }
  }

  get #discussion(): { readonly discussion?: string } {
    const discussion = this.discussions.state.discussion?.id;
    return discussion ? { discussion } : {};
  }

  async #all(): Promise<readonly Preset[]> {
    return this.discussions.request("presets", this.#discussion);
  }

  /** The name of the preset that the user picks; `SAVE` where they want the present set-up saved. */
  async #pick(title: string, maySave: boolean): Promise<string | typeof SAVE | null> {
    const picker = window.createQuickPick<Item>();
    picker.title = title;
    picker.placeholder = "Name, or who is asked when";
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    picker.busy = true;
    picker.show();
    const hidden = new Promise<null>((resolve) => picker.onDidHide(() => resolve(null)));
    try {
      const presets = await Promise.race([this.#all(), hidden]);
      if (presets === null) {
        return null;
      }
      const items = presetRows(presets).map(itemOf);
      picker.items = [...(maySave ? [SAVE] : []), ...items];
      picker.activeItems = items.filter((one) => one.preset?.current);
      picker.busy = false;
      const accepted = new Promise<Item>((resolve) => {
        picker.onDidAccept(() => {
          const [picked] = picker.selectedItems;
          if (picked?.preset?.problem !== undefined) {
            void window.showWarningMessage(`“${picked.preset.name}” can't be used: ${picked.preset.problem}`);
          } else if (picked) {
            resolve(picked);
          }
        });
      });
      const changed = new Promise<null>((resolve) => {
        picker.onDidTriggerItemButton(({ button, item: { preset } }) => {
          resolve(null);
          void (button === RENAME ? this.rename(preset?.name ?? null) : this.delete(preset?.name ?? null)).catch(showRefusal);
        });
      });
      const picked = await Promise.race([accepted, changed, hidden]);
      return picked === SAVE ? SAVE : (picked?.preset?.name ?? null);
    } finally {
      picker.dispose();
    }
  }

  async #pickOwn(presets: readonly Preset[], title: string): Promise<string | null> {
    const own = presets.filter((one) => one.from === "saved");
    if (own.length === 0) {
      void window.showInformationMessage("No preset is saved yet. “moa: Save the set-up as a preset…” saves the present one.");
      return null;
    }
    const rows = own.map((one) => ({ label: one.name, description: one.shape, detail: one.title }));
    return (await window.showQuickPick(rows, { placeHolder: title }))?.label ?? null;
  }

  /** A name that none of these presets has; `null`: none was given. */
  async #askName(prompt: string, taken: readonly Preset[], value: string): Promise<string | null> {
    const name = await window.showInputBox({
      prompt,
      value,
      validateInput: (typed) =>
        /[^\w-]/.test(typed.trim())
          ? "Letters, digits, - and _, so that it can be typed after /preset."
          : taken.some((one) => one.name === typed.trim())
            ? "There is a preset of that name already. Choose another one."
            : null,
    });
    return name?.trim() ? name.trim() : null;
  }
}

function isNotOwn(preset: Preset): boolean {
  return preset.from !== "saved";
}

function itemOf(row: ReturnType<typeof presetRows>[number]): Item {
  if (row.kind === "heading") {
    return { label: row.label, kind: QuickPickItemKind.Separator, preset: null };
  }
  const { label, description, detail, preset, own } = row;
  return { label, description, detail, preset, ...(own ? { buttons: [RENAME, DELETE] } : {}) };
}

/** A command's argument: a preset's name, or an object that holds it. */
function nameIn(given: unknown): string | null {
  const name = typeof given === "string" ? given : (given as { readonly name?: unknown } | undefined)?.name;
  return typeof name === "string" && name ? name : null;
}
