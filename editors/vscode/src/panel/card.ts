/**
 * A proposal's change as a card shows it: its hunks as a list, each with its place, what it does and how it stands, and
 * in words what couldn't be placed. Pure.
 */

import { pendingHunks } from "../discussion/state.ts";
import { stanceWords, standWords } from "../discussion/stands.ts";
import type { Change, FileChange, Hunk } from "../wire.ts";
import type { ChangeCard, HunkRow, ProblemRow } from "./messages.ts";

/** So many characters of a line say what it is about. */
const MOST_SHOWN = 160;

export function changeCard(change: Change): ChangeCard {
  const hunks: HunkRow[] = [];
  for (const file of change.files) {
    for (const [index, hunk] of file.hunks.entries()) {
      hunks.push(hunkRow(change, file, hunk, index, hunks.length + 1));
    }
  }
  const count = (status: Hunk["status"]): number => hunks.filter((hunk) => hunk.status === status).length;
  return {
    id: change.id,
    hunks,
    problems: change.problems.map(
      (problem): ProblemRow => ({
        message: problem.message,
        hint: problem.hint ?? null,
        notice: problem.notice ?? false,
        replyLine: problem.replyLine ?? null,
      }),
    ),
    pending: pendingHunks(change),
    applied: count("applied"),
    rejected: count("rejected"),
  };
}

/** The last part of an address or path, percent signs undone. */
export function basename(uri: string): string {
  return pathOf(uri).replace(/\/+$/, "").split("/").at(-1) ?? uri;
}

function hunkRow(change: Change, file: FileChange, hunk: Hunk, index: number, number: number): HunkRow {
  const uri = file.kind === "rename" && hunk.status === "applied" ? (file.newUri ?? file.uri) : file.uri;
  const whole = file.kind === "create" || file.kind === "delete";
  const line = hunk.range.start.line + 1;
  return {
    id: hunk.id,
    number,
    place: whole || isRenaming(file, index) ? basename(uri) : `${basename(uri)}:${line}`,
    path: whole ? pathOf(uri) : `${pathOf(uri)}:${line}`,
    ...whatOf(file, hunk, index),
    added: hunk.newText === "" ? 0 : hunk.newText.replace(/\n$/, "").split("\n").length,
    removed: hunk.oldLines ?? 0,
    status: hunk.status,
    statusWords: statusWords(hunk),
    agreed: hunk.sources.filter((name) => name !== change.source),
    stand: hunk.stand ?? null,
    standWords: standWords(hunk),
    views: (hunk.views ?? []).map((view) => stanceWords(view)),
    involved: [...new Set([...hunk.sources, ...(hunk.views ?? []).map((view) => view.architect)])],
    replyLines: hunk.replyLines ?? [],
  };
}

/** The first hunk of a renamed file is the renaming itself. */
function isRenaming(file: FileChange, index: number): boolean {
  return file.kind === "rename" && index === 0;
}

function whatOf(file: FileChange, hunk: Hunk, index: number): { what: string; code: boolean } {
  if (file.kind === "create") {
    return { what: "new file", code: false };
  }
  if (file.kind === "delete") {
    return { what: "delete the file", code: false };
  }
  if (isRenaming(file, index)) {
    return { what: `rename to ${basename(file.newUri ?? "")}`, code: false };
  }
  const lines = hunk.newText.split("\n").map((line) => line.trim().slice(0, MOST_SHOWN));
  // `try:` says little; a line of two words says what it is about.
  const telling = lines.find((line) => /[\p{L}\p{N}_]{2}.*[^\p{L}\p{N}_].*[\p{L}\p{N}_]/u.test(line)) ?? lines.find(Boolean);
  return telling ? { what: telling, code: true } : { what: "take these lines out", code: false };
}

function statusWords(hunk: Hunk): string {
  switch (hunk.status) {
    case "pending":
      return hunk.settled === "taken" ? "taken" : "";
    case "applied":
      return "applied";
    case "rejected":
      return hunk.settled === "against" ? "decided against" : "rejected";
    case "stale":
      return "stale: the lines that it replaces have changed";
  }
}

/** The path in an address, percent signs undone. */
export function pathOf(uri: string): string {
  const path = uri.replace(/^[a-z][\w+.-]*:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
