/**
 * The demo's course: what the program told about its sample (`moa-lsp demo --sample DIR --json`), how far its
 * discussion is, and what is said there. Pure; the demo itself is `demo.ts`'s.
 */

import { pendingHunks, type DiscussionState } from "../discussion/state.ts";
import type { Coding, Round } from "../wire.ts";

/** What is known of a sample that was written: its files as paths in it, and what the user says. */
export interface Script {
  readonly files: readonly string[];
  readonly messages: { readonly first: string; readonly second: string; readonly code: string };
  /** The `moa` section that makes the recording speak. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** How far it is: what comes next. `running` and `apart` (another course than the demo's) have nothing to say. */
export type Stage = "first" | "second" | "code" | "review" | "over" | "running" | "apart";

/** What is said at a stage: words, and the buttons with their commands. */
export interface Hint {
  readonly words: string;
  readonly buttons: readonly { readonly title: string; readonly command: string; readonly given?: unknown }[];
}

/** The script in what the program printed; `null` where it is none. */
export function scriptIn(printed: string): Script | null {
  try {
    const { files, messages, settings } = JSON.parse(printed) as Partial<Script>;
    const { first, second, code } = messages ?? {};
    const texts = [first, second, code, ...(files ?? [])];
    return files && messages && settings && texts.every((text) => typeof text === "string")
      ? { files, messages, settings }
      : null;
  } catch {
    return null;
  }
}

export function stageOf({ discussion, running, changes }: DiscussionState): Stage {
  if (running) {
    return "running";
  }
  const rounds = (discussion?.rounds ?? []).filter(isDone);
  const coding = lastChange(discussion?.codings ?? []);
  if (coding) {
    const change = changes.get(coding) ?? discussion?.codings?.find((one) => one.change?.id === coding)?.change;
    return change?.status === "applied" ? "over" : change && pendingHunks(change) > 0 ? "review" : "apart";
  }
  switch (rounds.length) {
    case 0:
      return "first";
    case 1:
      return "second";
    case 2:
      return "code";
    default:
      return "apart";
  }
}

/** What is said when the demo gets to that stage; `null` where nothing is. */
export function hintAt(stage: Stage, { messages }: Script, state: DiscussionState): Hint | null {
  switch (stage) {
    case "first":
      return { words: "The demo's first message is in the prompt. Press Enter there, and three architects answer.", buttons: [] };
    case "second":
      return {
        words: "Three proposals, and they differ. Now you say which parts you want: the demo has a message ready.",
        buttons: [{ title: "Put it into the prompt", command: "moa-lsp.ask", given: { message: messages.second } }],
      };
    case "code":
      return {
        words:
          "They agree now. With /code the editor model makes edits of it; nothing is written before you say so.",
        buttons: [
          { title: "Put /code into the prompt", command: "moa-lsp.ask", given: { message: `/code ${messages.code}` } },
        ],
      };
    case "review": {
      const change = lastChange(state.discussion?.codings ?? []);
      return {
        words:
          "The change is ready, and nothing is written yet. Review it, then apply it: it mends the failing tests.",
        buttons: [
          { title: "Review", command: "moa-lsp.review", given: { change } },
          { title: "Apply all", command: "moa-lsp.applyHunks", given: { change } },
        ],
      };
    }
    case "over":
      return {
        words:
          "Applied, and still yours to undo. Save the files, and python -m unittest passes. Next, a real model?",
        buttons: [
          { title: "Set a key", command: "moa-lsp.setKey" },
          { title: "Get started", command: "moa-lsp.openWalkthrough" },
        ],
      };
    case "running":
    case "apart":
      return null;
  }
}

/** The settings that are laid into the sample, so that the user's own architects stay out of it. */
export function workspaceSettings({ settings }: Script): string {
  const rows = Object.entries({ preset: "default", ...settings }).map(([key, value]) => [`moa.${key}`, value]);
  return `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`;
}

function isDone(round: Round): boolean {
  return round.turns.some((turn) => turn.status === "done");
}

function lastChange(codings: readonly Coding[]): string | undefined {
  return codings.findLast((one) => one.change)?.change?.id;
}
