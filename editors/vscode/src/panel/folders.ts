/** Which workspace folder is meant, where there are several: by a discussion, and by a file's name. */

import { FileType, Uri, window, workspace, type WorkspaceFolder } from "vscode";
import type { Uri as Address } from "../wire.ts";
import { folderLabels, readings } from "./prompt.ts";

/**
 * The folder for a new discussion about these files: the one in which they all are, else the user's choice. `null` where
 * there is no choice, `undefined` where the user didn't choose.
 */
export async function pickFolder(files: readonly Address[] = []): Promise<WorkspaceFolder | null | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length < 2) {
    return null;
  }
  const [of, ...others] = new Set(files.map((file) => workspace.getWorkspaceFolder(Uri.parse(file))));
  return of && others.length === 0
    ? of
    : window.showWorkspaceFolderPick({ placeHolder: "Whose settings hold for this discussion?" });
}

/** The files that these mentions name; a mention that names none is left out. */
export async function mentioned(mentions: readonly string[]): Promise<readonly Address[]> {
  const folders = workspace.workspaceFolders ?? [];
  if (mentions.length === 0 || !folders[0]) {
    return [];
  }
  const labels = folders.length > 1 ? folderLabels(folders.map(nameOf), await entriesOf(folders[0])) : [];
  const found = await Promise.all(mentions.map((mention) => fileOf(mention, folders, labels)));
  return found.filter((uri) => uri !== null);
}

async function fileOf(
  mention: string,
  folders: readonly WorkspaceFolder[],
  labels: readonly string[],
): Promise<Address | null> {
  for (const path of readings(mention)) {
    const [head = ""] = path.split("/", 1);
    const inside = head ? folders[labels.indexOf(head)] : undefined;
    const places = [
      ...(inside ? [Uri.joinPath(inside.uri, path.slice(head.length + 1))] : []),
      ...folders.map((folder) => Uri.joinPath(folder.uri, path)),
    ];
    for (const uri of places) {
      try {
        if ((await workspace.fs.stat(uri)).type & FileType.File) {
          return uri.toString();
        }
      } catch {
        // No such file: an @ may also be a decorator or somebody's name.
      }
    }
  }
  return null;
}

function nameOf({ uri }: WorkspaceFolder): string {
  return uri.path.split("/").findLast((part) => part) ?? "";
}

async function entriesOf({ uri }: WorkspaceFolder): Promise<readonly string[]> {
  try {
    return (await workspace.fs.readDirectory(uri)).map(([name]) => name);
  } catch {
    return [];
  }
}
