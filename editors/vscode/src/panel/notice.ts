/**
 * What the panel says where a discussion can't go on, or hasn't begun: no server, no trust, nobody to ask, nothing said
 * yet. Each has words and a next step. Pure.
 */

import type { DiscussionState } from "../discussion/state.ts";
import type { ServerState } from "../server/connection.ts";
import type { Preset } from "../wire.ts";
import type { Notice, NoticeButton } from "./messages.ts";

/** What beside the discussion itself decides what is shown. */
export interface Around {
  readonly server: ServerState;
  /** So many workspace folders are open. */
  readonly folders: number;
  /** An answer said that there is no architect to ask. */
  readonly nobody: boolean;
  /** The presets there are, as far as that is known. */
  readonly presets: readonly Preset[];
}

const DEMO: NoticeButton = button("Run the demo", "moa-lsp.demo");

export function noticeOf(state: DiscussionState, around: Around): Notice | null {
  const { server } = around;
  switch (server.kind) {
    case "restricted":
      return {
        kind: "restricted",
        title: "Nothing is sent before you trust this folder",
        words: ["No server runs here and no model is asked. What you type stays in this window."],
        buttons: [button("Manage trust", "moa-lsp.manageTrust")],
      };
    case "failed":
      return {
        kind: "failed",
        title: "The server isn't running",
        words: server.words.split("\n"),
        buttons: server.remedies.map((one) => button(one.title, one.command, ...(one.arguments ?? []))),
      };
    case "starting":
      return state.discussion ? null : { kind: "starting", title: "Starting the server", words: [], buttons: [] };
    case "idle":
    case "running":
      break;
  }
  const architects = state.discussion?.architects;
  if (around.nobody || (architects?.length === 0 && state.discussion?.rounds?.length === 0)) {
    return {
      kind: "nobody",
      title: "There is no architect to ask yet",
      words: [
        "Three ways to go on. Set the key of a provider that you have an account with.",
        "Or start Ollama with a model on this machine: it is found by itself.",
        "Or see how a discussion goes first: the demo needs neither.",
      ],
      buttons: [
        button("Set a key", "moa-lsp.setKey"),
        button("Add an architect", "moa-lsp.addArchitect"),
        DEMO,
      ],
    };
  }
  const said = (state.discussion?.rounds?.length ?? 0) + (state.discussion?.codings?.length ?? 0);
  if (said > 0) {
    return null;
  }
  return {
    kind: "empty",
    title: "What shall we think about?",
    words: [
      "Say what you want to change, and why. Several models answer, and you see where they agree and where they differ.",
      "Type @ to name a file, / for commands. Once you agree, /code turns it into edits that you review.",
    ],
    buttons: [DEMO, button("Choose who is asked when", "moa-lsp.selectPreset")],
  };
}

function button(title: string, command: string, ...given: readonly unknown[]): NoticeButton {
  return { title, command, arguments: given };
}
