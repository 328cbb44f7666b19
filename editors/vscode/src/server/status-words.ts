/** What the status bar says, from how the server and the discussion stand. Pure; drawing it is `status.ts`'s. */

import { formatUsd, UNKNOWN } from "../discussion/money.ts";
import { EDITOR, spent, toReview, type Activity, type DiscussionState } from "../discussion/state.ts";
import type { ServerState } from "./connection.ts";

export interface Status {
  /** In the status bar, with icons as `$(name)`. */
  readonly text: string;
  /** The same in a sentence or two, for the pointer and the screen reader. */
  readonly words: string;
  readonly warns: boolean;
}

const MARK = "$(comment-discussion)";

export function statusOf(server: ServerState, discussion: DiscussionState): Status {
  switch (server.kind) {
    case "idle":
      return { text: `${MARK} moa`, words: "moa starts when you ask the architects something.", warns: false };
    case "restricted":
      return {
        text: "$(lock) moa",
        words: "This workspace isn't trusted: nothing is sent to any model, and the server isn't started.",
        warns: false,
      };
    case "starting":
      return { text: "$(loading~spin) moa", words: "The server is being started.", warns: false };
    case "failed":
      return { text: "$(warning) moa", words: server.words, warns: true };
    case "running":
      return running(discussion);
  }
}

function running(state: DiscussionState): Status {
  if (!state.discussion) {
    return { text: `${MARK} moa`, words: "moa is ready. There is no discussion yet.", warns: false };
  }
  const cost = formatUsd(spent(state.discussion, state.beside));
  const price = cost === UNKNOWN ? "" : ` · ${cost}`;
  const spentWords = cost === UNKNOWN ? "What it cost isn't known." : `It cost ${cost} so far.`;
  const says = (what: string, words: string): Status => ({
    text: `${what}${price}`,
    words: `${state.discussion?.title ?? ""}: ${words} ${spentWords}`,
    warns: false,
  });
  if (state.running) {
    const [short, words] = atWork(state.activities);
    return says(short, words);
  }
  const hunks = toReview(state);
  if (hunks > 0) {
    const counted = hunks === 1 ? "1 hunk" : `${hunks} hunks`;
    return says(`$(diff) ${counted}`, `${counted} to review.`);
  }
  return says(`${MARK} moa`, "nothing is under way.");
}

/** Who is at work, in a few characters and in a sentence. */
function atWork(activities: ReadonlyMap<string, Activity>): readonly [string, string] {
  const all = [...activities];
  const speaking = all.filter(([, activity]) => !activity.waiting && activity.repairing === 0).map(([who]) => called(who));
  if (speaking.length > 0) {
    return [`● ${speaking.join(", ")}`, `${speaking.join(" and ")} ${speaking.length === 1 ? "is" : "are"} at work.`];
  }
  const repairing = all.find(([, activity]) => activity.repairing > 0);
  if (repairing) {
    const who = called(repairing[0]);
    return [`● ${who} mends`, `${who} is asked once more for the edits that didn't fit.`];
  }
  const waiting = all.find(([, activity]) => activity.waiting);
  if (waiting) {
    const who = called(waiting[0]);
    return [`◌ ${who} waits`, `${who} waits: ${waiting[1].waiting?.reason ?? ""}`];
  }
  return ["$(loading~spin) moa", "the round is under way."];
}

/** A name can't hold an icon's mark: that would be drawn as the icon. */
function called(who: string): string {
  return who === EDITOR ? "editor" : who.replaceAll("$(", "$ (");
}
