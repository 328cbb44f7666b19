/** Which workspace folder a discussion belongs to, where there are several. */

import { window, workspace, type WorkspaceFolder } from "vscode";

/** The folder for a new discussion: `null` where there is no choice, `undefined` where the user didn't choose. */
export async function pickFolder(): Promise<WorkspaceFolder | null | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length < 2) {
    return null;
  }
  return window.showWorkspaceFolderPick({ placeHolder: "Whose settings hold for this discussion?" });
}
