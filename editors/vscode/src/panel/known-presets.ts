/**
 * The presets as the server last gave them, for what the panel says of the one in force. Looked for anew when the server
 * came to run, another discussion or preset is shown, somebody came or went, presets were saved or settings changed,
 * and after each run, which may have taught what one costs. What a list to choose from shows is asked for each time (`presets.ts`).
 */

import type { Disposable } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Preset } from "../wire.ts";

export class KnownPresets implements Disposable {
  #all: readonly Preset[] = [];
  /** What the last list was asked for. */
  #of: readonly unknown[] = [];
  readonly #subscriptions: readonly Disposable[];

  /** `moved` is called when there is another list. */
  constructor(
    readonly discussions: Discussions,
    readonly moved: () => void,
  ) {
    this.#subscriptions = [
      discussions.onDidChange(() => this.#look()),
      discussions.connection.onDidChangeState(() => this.#look()),
      discussions.connection.onDidChangePresets(() => {
        this.#of = [];
        this.#look();
      }),
    ];
  }

  get all(): readonly Preset[] {
    return this.#all;
  }

  dispose(): void {
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  #look(): void {
    const { connection, state } = this.discussions;
    const { discussion, running } = state;
    const of = [connection.state, discussion?.id, discussion?.preset, discussion?.architects];
    const moved = of.length !== this.#of.length || of.some((one, index) => one !== this.#of[index]);
    if (connection.state.kind !== "running" || running || !moved) {
      // A run that is over is a reason to look again, though nothing else moved.
      this.#of = running ? [] : this.#of;
      return;
    }
    this.#of = of;
    void this.#ask(of, discussion?.id);
  }

  async #ask(of: readonly unknown[], discussion: string | undefined): Promise<void> {
    try {
      const all = await this.discussions.request("presets", discussion === undefined ? {} : { discussion });
      if (of === this.#of) {
        this.#all = all;
        this.moved();
      }
    } catch {
      // Then the panel says of the preset what the discussion tells; the list to choose from says what is wrong.
    }
  }
}
