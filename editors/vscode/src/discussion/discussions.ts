/**
 * The workspace's current discussion, kept in step with the server: the one owner of its state here. The panel, the
 * review and the status bar look at it and are told when it moved; what they want done they ask of the server.
 */

import { EventEmitter, type CancellationToken, type Disposable, type Event } from "vscode";
import type { Connection } from "../server/connection.ts";
import type { Change, CommandName, Commands, Disagreement, Discussion, MoaEvent, Plan } from "../wire.ts";
import type { Filter } from "./filter.ts";
import { after, NOTHING, shown, withChange, withDisagreement, withPlan, type DiscussionState } from "./state.ts";

/** What the plan is made of comes in bursts: it is asked for once, so many milliseconds after. */
const PLAN_MS = 100;
/** What may make it another one. */
const MOVES_PLAN: ReadonlySet<MoaEvent["kind"]> = new Set(["disagreementUpdated", "turnFinished", "roundFinished", "codeFinished"]);

export class Discussions implements Disposable {
  #state: DiscussionState = NOTHING;
  readonly #moved = new EventEmitter<DiscussionState>();
  readonly #subscriptions: Disposable[];
  #planning: NodeJS.Timeout | undefined;

  constructor(readonly connection: Connection) {
    this.#subscriptions = [
      this.#moved,
      connection.onDidChangeState((state) => {
        // A server that was started anew may have ended what ran: what it says now is what stands.
        if (state.kind === "running") {
          void this.reload();
        }
      }),
      connection.onDidChangePresets(() => {
        // A discussion whose preset is gone or is called otherwise goes by another.
        if (this.#state.discussion && connection.state.kind === "running") {
          void this.reload();
        }
      }),
      connection.onEvent((event) => {
        if (event.kind === "discussionUpdated" && event.discussion.id !== this.#state.discussion?.id) {
          // One that was begun, here or by a code action, is the current one from now on.
          if (event.discussion.current !== false) {
            this.#set(shown({ rounds: [], codings: [], ...event.discussion }));
            void this.reload();
          }
          return;
        }
        const before = this.#state;
        this.#set(after(before, event, Date.now()));
        if (this.#state !== before && MOVES_PLAN.has(event.kind)) {
          clearTimeout(this.#planning);
          this.#planning = setTimeout(() => void this.#askPlan(), PLAN_MS);
        }
      }),
    ];
  }

  get state(): DiscussionState {
    return this.#state;
  }

  /** For a request that is about the current discussion. */
  get within(): { readonly discussion?: string } {
    const id = this.#state.discussion?.id;
    return id === undefined ? {} : { discussion: id };
  }

  /** Fired after each move, many times a second while text streams: who draws has to wait a moment. */
  get onDidChange(): Event<DiscussionState> {
    return this.#moved.event;
  }

  change(id: string): Change | undefined {
    return this.#state.changes.get(id);
  }

  /** Reads the current discussion from the server. */
  async reload(): Promise<void> {
    try {
      const list = await this.connection.request("list-discussions", {});
      const current = list.find((one) => one.current);
      this.show(current ? await this.connection.request("show-discussion", { discussion: current.id }) : null);
    } catch {
      // What can't be read now is read when the server is there again; its state says what is wrong.
    }
  }

  /** Reads anew where the changes' hunks stand: no event says how typing moved them. What streams stays as it is. */
  async refreshChanges(): Promise<void> {
    const discussion = this.#state.discussion?.id;
    if (discussion === undefined) {
      return;
    }
    try {
      const { changes } = shown(await this.connection.request("show-discussion", { discussion }));
      this.#set([...changes.values()].reduce(withChange, this.#state));
    } catch {
      // Then the places are those last heard of; the next event corrects them.
    }
  }

  /** Shows this discussion (with all rounds) from now on; `null`: none. */
  show(discussion: Discussion | null): void {
    this.#set(discussion ? shown(discussion, this.#state) : NOTHING);
    if (discussion) {
      void this.request("disagreement", { discussion: discussion.id }).catch(() => undefined);
      void this.#askPlan();
    }
  }

  /** Takes in what an answer said of the current discussion as a whole, and reads the rest of it anew. */
  hear(discussion: Discussion): void {
    this.#set(after(this.#state, { kind: "discussionUpdated", discussion }, Date.now()));
    if (discussion.rounds === undefined) {
      void this.reload();
    }
  }

  /** Has only this looked at from now on, in the panel and in the code. */
  look(filter: Filter): void {
    this.#set({ ...this.#state, filter });
  }

  /**
   * A request whose answer is taken in where it is a change, a disagreement or a plan. Rejects as `Connection.request`
   * does.
   */
  async request<Name extends CommandName>(
    name: Name,
    argument: Commands[Name]["argument"],
    token?: CancellationToken,
    report?: (words: string) => void,
  ): Promise<Commands[Name]["result"]> {
    const result = await this.connection.request(name, argument, token, report);
    if (isChange(result)) {
      this.#set(withChange(this.#state, result));
    } else if (isDisagreement(result)) {
      this.#set(withDisagreement(this.#state, result));
    } else if (isPlan(result)) {
      this.#set(withPlan(this.#state, result));
    }
    return result;
  }

  /** Has the current discussion asked by this preset from now on; begins one where there is none. Rejects as `request`. */
  async selectPreset(preset: string): Promise<void> {
    const discussion = this.#state.discussion?.id;
    const selected = await this.request("select-preset", { ...(discussion === undefined ? {} : { discussion }), preset });
    if (discussion === undefined) {
      this.show({ rounds: [], codings: [], ...selected });
    }
  }

  dispose(): void {
    clearTimeout(this.#planning);
    for (const one of this.#subscriptions) {
      one.dispose();
    }
  }

  async #askPlan(): Promise<void> {
    const discussion = this.#state.discussion?.id;
    if (discussion !== undefined && this.connection.state.kind === "running") {
      // Where it can't be read now, the next move asks again.
      await this.request("plan", { discussion }).catch(() => undefined);
    }
  }

  #set(state: DiscussionState): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#moved.fire(state);
    }
  }
}

function isChange(result: unknown): result is Change {
  return typeof result === "object" && result !== null && "diff" in result && "files" in result;
}

function isDisagreement(result: unknown): result is Disagreement {
  return typeof result === "object" && result !== null && "regions" in result && "counts" in result;
}

function isPlan(result: unknown): result is Plan {
  return typeof result === "object" && result !== null && "markdown" in result && "steps" in result;
}
