/**
 * The server's questions to the user, shown as the editor's messages. A message hides after a while though nobody answered
 * it, and what is sent meanwhile waits for the answer: so whoever sends something is shown it again. What is asked because
 * the user is writing files just now (a file that would be deleted, one that is protected) stands in their way until they
 * answer: hidden, it would be taken for a no, and the next one's buttons would stand in its place.
 */

import { commands, window, type Disposable, type MessageItem } from "vscode";
import type { LanguageClient, ShowMessageRequestParams } from "vscode-languageclient/node";

/** What the protocol calls an error and a warning. */
const ERROR = 1;
const WARNING = 2;

export class Questions {
  #open = 0;
  /** So many requests to write files are under way. */
  #writing = 0;

  /** Takes over a client's questions, from before it starts. */
  of(client: LanguageClient): Disposable {
    return client.onRequest("window/showMessageRequest", async (asked: ShowMessageRequestParams) => {
      this.#open += 1;
      try {
        return (await answered(asked, this.#writing > 0)) ?? null;
      } finally {
        this.#open -= 1;
      }
    });
  }

  /** Runs what writes files. */
  async whileWriting<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#writing += 1;
    try {
      return await run();
    } finally {
      this.#writing -= 1;
    }
  }

  /** Shows again what isn't answered yet. */
  remind(): void {
    if (this.#open > 0) {
      void commands.executeCommand("notifications.showList");
    }
  }
}

function answered(
  { type, message, actions = [] }: ShowMessageRequestParams,
  modal: boolean,
): Thenable<MessageItem | undefined> {
  if (modal) {
    // The last one is the no, so it is what closing the dialog means.
    const buttons = actions.map(({ title }, at) => ({ title, isCloseAffordance: at === actions.length - 1 }));
    return window.showWarningMessage(message.replace(/^moa: /, ""), { modal: true }, ...buttons);
  }
  if (type === ERROR) {
    return window.showErrorMessage(message, ...actions);
  }
  return type === WARNING
    ? window.showWarningMessage(message, ...actions)
    : window.showInformationMessage(message, ...actions);
}
