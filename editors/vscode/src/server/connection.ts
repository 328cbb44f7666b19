/**
 * What the other parts see of the server: its state, its events, and its commands, typed. How a server is found, started
 * and kept alive is `server.ts`'s; nothing here knows a process.
 */

import type { CancellationToken, Event } from "vscode";
import type { CommandName, Commands, MoaEvent } from "../wire.ts";

/** How the server stands. Each but `running` has words for people, and says what can be done about it. */
export type ServerState =
  /** Nothing was needed yet. */
  | { readonly kind: "idle" }
  /** The workspace isn't trusted: nothing is started, nothing is sent. */
  | { readonly kind: "restricted" }
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly version: string }
  /** No server was found, or it couldn't be started, or it is of a version that doesn't fit. */
  | { readonly kind: "failed"; readonly words: string; readonly remedies: readonly Remedy[] };

/** A button: what it says, and the command that it runs. */
export interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** An answer that is an error. `code` is the contract's, `data` what comes with it; the message is for people. */
export class RefusedError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = "RefusedError";
  }
}

export interface Connection {
  readonly state: ServerState;
  readonly onDidChangeState: Event<ServerState>;
  readonly onEvent: Event<MoaEvent>;
  /** Fired when there may be other presets than before: some were saved or deleted, or settings changed. */
  readonly onDidChangePresets: Event<void>;
  /** Starts the server where it isn't running. Resolves once it runs, or to false where it can't (the state says why). */
  ready(): Promise<boolean>;
  /**
   * Carries out a command: the request `moa/NAME`. Starts the server where that is needed. Rejects with `RefusedError`,
   * also where there is no server. A token that is cancelled stops the run; the answer is then a `RefusedError` of
   * `CANCELLED`. `report` is told in words what a long command does meanwhile.
   */
  request<Name extends CommandName>(
    name: Name,
    argument: Commands[Name]["argument"],
    token?: CancellationToken,
    report?: (words: string) => void,
  ): Promise<Commands[Name]["result"]>;
}
