/**
 * The commands about a region of the code in which proposals meet: to the next contested one, take an alternative, leave the
 * lines as they are, open a decision again, have just this thought over once more. What contradicts what, and what a
 * decision means for the rest, is the server's.
 */

import { commands, Disposable, window, type QuickPickItem } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { GLYPHS, hunksOf, idsIn, names, regionWith, stanceWords, takeWords } from "../discussion/stands.ts";
import type { Region } from "../wire.ts";
import type { Deeds } from "./deeds.ts";
import { isAbout, spanOf } from "./hunks.ts";
import type { Navigation } from "./navigation.ts";
import { keyOf } from "./places.ts";

const SAID_MS = 6_000;

interface Way extends QuickPickItem {
  readonly go: () => Promise<unknown>;
}

export class Contested implements Disposable {
  readonly #commands: Disposable;

  constructor(
    readonly discussions: Discussions,
    readonly navigation: Navigation,
    readonly deeds: Deeds,
    /** Called when a step may have led somewhere without the editor telling of it. */
    stepped: () => void,
  ) {
    const on = (name: string, run: (given?: { readonly hunks?: readonly string[] }) => unknown): Disposable =>
      commands.registerCommand(`moa-lsp.${name}`, run);
    this.#commands = Disposable.from(
      on("nextContested", () => this.#step(1).then(stepped)),
      on("previousContested", () => this.#step(-1).then(stepped)),
      on("takeHunks", (given) => this.#take(given?.hunks ?? [])),
      on("leaveHunks", (given) => this.#leave(given?.hunks ?? [])),
      on("reopenHunks", (given) => deeds.settle("reopen", given?.hunks ?? [])),
      on("takeHere", () => this.#with((region) => this.#takeOf(region))),
      on("leaveHere", () => this.#with((region) => this.#leave(hunksOf(region)))),
      on("reopenHere", () => this.#with((region) => deeds.settle("reopen", hunksOf(region)))),
      on("anotherRoundHere", () => this.#with((region) => this.#again(region))),
    );
  }

  /** The regions at the cursor: those of the hunks there, else those whose lines it is in, which were left as they are. */
  here(): readonly Region[] {
    const regions = this.discussions.state.disagreement?.regions ?? [];
    const hunks = new Set(this.navigation.here().flatMap((one) => [one.hunk, ...one.twins]));
    const own = regions.filter((region) => hunksOf(region).some((id) => hunks.has(id)));
    const at = this.navigation.cursor();
    if (own.length > 0 || !at) {
      return own;
    }
    return regions.filter(
      ({ uri, range, stand }) => stand === "settled" && keyOf(uri) === keyOf(at.uri) && isAbout(spanOf(range), at.line),
    );
  }

  dispose(): void {
    this.#commands.dispose();
  }

  async #step(by: 1 | -1): Promise<void> {
    const { disagreement } = this.discussions.state;
    const group = (hunks: readonly string[]): string | undefined => {
      const region = regionWith(disagreement, hunks);
      return region?.stand === "contested" ? region.id : undefined;
    };
    if (!(await this.navigation.go(by, group))) {
      window.setStatusBarMessage("Nothing is contested: no decision waits for you.", SAID_MS);
    }
  }

  async #with(act: (region: Region) => unknown): Promise<void> {
    const regions = this.here();
    const items = regions.map((region) => ({ label: region.message, region }));
    const picked =
      items.length > 1
        ? (await window.showQuickPick(items, { placeHolder: "Which of these?" }))?.region
        : regions[0];
    if (picked) {
      await act(picked);
    } else if (regions.length === 0) {
      window.setStatusBarMessage("The architects have nothing to decide on this line.", SAID_MS);
    }
  }

  async #take(hunks: readonly string[]): Promise<void> {
    const region = regionWith(this.discussions.state.disagreement, hunks);
    const who = region?.alternatives.find((one) => idsIn(one).some((id) => hunks.includes(id)))?.architects;
    if (await this.deeds.settle("take", hunks)) {
      window.setStatusBarMessage(`◈ Taken: ${who ? `${names(who)}'s` : "these edits"}. Nothing is written before you accept it.`, SAID_MS);
    }
  }

  async #leave(hunks: readonly string[]): Promise<void> {
    if (await this.deeds.settle("leave", hunks)) {
      window.setStatusBarMessage("◈ Decided: these lines stay as they are.", SAID_MS);
    }
  }

  /** The one alternative there is, or the user's choice of several. */
  async #takeOf(region: Region): Promise<void> {
    const { alternatives, views } = region;
    const [only] = alternatives;
    if (only && alternatives.length === 1) {
      await this.#take(idsIn(only));
      return;
    }
    const ways: Way[] = alternatives.map((one, index) => ({
      label: takeWords(one),
      description: one.summary,
      detail: [
        one.reason,
        ...(one.supporters.length > 0 ? [`+ ${names(one.supporters)}`] : []),
        ...views.filter((view) => view.alternative === index && view.kind !== "support").map((view) => `${view.kind === "object" ? "!" : "~"} ${stanceWords(view)}`),
      ]
        .filter(Boolean)
        .join("   "),
      go: () => this.#take(idsIn(one)),
    }));
    ways.push(
      { label: "Leave these lines as they are", go: () => this.#leave(hunksOf(region)) },
      { label: "Another round on just this", go: () => this.#again(region) },
    );
    const picked = await window.showQuickPick(ways, { title: `${GLYPHS[region.stand]} Where they differ`, placeHolder: "What is to stand here?", matchOnDescription: true });
    await picked?.go();
  }

  async #again(region: Region): Promise<void> {
    await commands.executeCommand("moa-lsp.anotherRound", { hunks: hunksOf(region) });
  }
}
