/**
 * The addresses of a change's virtual documents: what a file is now, and what it would be. Pure: plain parts of a URI
 * in and out. What stands in such a document is `previews.ts`'s.
 *
 * The path is the file's own within its folder, for people and for the highlighting by extension; what identifies the
 * document is in the query.
 */

import type { Change, PreviewFile, Uri } from "../wire.ts";

export const SCHEME = "moa-proposal";

/** `after`: the text with the pending hunks applied. `before`: the text as it is now. */
export type Side = "before" | "after";

export interface Location {
  readonly change: string;
  /** The file's `uri` in the change, as the server writes it. */
  readonly file: Uri;
  readonly side: Side;
}

/** A URI's parts, unescaped, as `vscode.Uri.from` takes them. */
export interface Parts {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
}

/** The address of a location. `path` is what is shown of it, with `/` between its parts. */
export function partsOf(location: Location, path: string): Parts {
  const { change, file, side } = location;
  return { scheme: SCHEME, path: `/${path.replace(/^\/+/, "")}`, query: JSON.stringify({ change, file, side }) };
}

/** What an address means; null for one that isn't ours, or that nobody of us made. */
export function locationOf(uri: { readonly scheme: string; readonly query: string }): Location | null {
  if (uri.scheme !== SCHEME) {
    return null;
  }
  try {
    const read = JSON.parse(uri.query) as Partial<Record<keyof Location, unknown>> | null;
    const { change, file, side } = read ?? {};
    const known = typeof change === "string" && typeof file === "string" && (side === "before" || side === "after");
    return known ? { change, file, side } : null;
  } catch {
    return null;
  }
}

/** The text that a location shows; empty where there is no such file. */
export function textAt(files: readonly PreviewFile[], location: Location): string {
  const file = files.find((one) => one.uri === location.file);
  return file?.[location.side] ?? "";
}

/** What a change is called: "alpha's proposal". */
export function nameOf({ source }: Change): string {
  return source === "editor" ? "The proposed change" : source === "composed" ? "The composed change" : `${source}'s proposal`;
}

/** The name of a change's view: a tab's title. */
export function titleOf(change: Change): string {
  const name = nameOf(change);
  return `Review: ${name.startsWith("The ") ? `t${name.slice(1)}` : name}`;
}
