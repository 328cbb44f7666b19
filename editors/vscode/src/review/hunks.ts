/**
 * Which hunks there are, where, in what order, and how they are put into words. Pure: changes in, plain values out.
 * Lines count from 0, and the end of a span is excluded: an insertion's span is empty. Where a hunk stands after some
 * typing is `following.ts`'s; whether it may be applied is the server's.
 */

import { GLYPHS, names, stanceWords } from "../discussion/stands.ts";
import type { Change, Discussion, FileChange, Hunk, HunkStatus, Range, Uri } from "../wire.ts";

export { names };

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A hunk in its file. What several changes propose alike is one, and names everybody. */
export interface Spot {
  readonly change: Change;
  readonly file: FileChange;
  readonly hunk: Hunk;
  /** The file in which it stands now, as the server writes it. */
  readonly uri: Uri;
  readonly span: Span;
  /** The ids of the same edit in other changes. */
  readonly twins: readonly string[];
}

/** A range of whole lines as a span. The end of a last line without a line end is that line's. */
export function spanOf(range: Range): Span {
  const { start, end } = range;
  return { start: start.line, end: end.character > 0 ? end.line + 1 : end.line };
}

/** The line that stands for a span in the file: an insertion has that before it, as the server's marks do. */
export function lineOf(span: Span): number {
  return span.end > span.start ? span.start : Math.max(span.start - 1, 0);
}

/** Whether a line of the file is one that a hunk is about. */
export function isAbout(span: Span, line: number): boolean {
  return span.end > span.start ? span.start <= line && line < span.end : line === lineOf(span);
}

/** Whether a line of the proposal shows a hunk. One that only removes lines shows at the line after them. */
export function isShownAt(span: Span, line: number): boolean {
  return span.start <= line && line < Math.max(span.end, span.start + 1);
}

/** Whether two spans share lines, or stand end to end. */
export function meet(one: Span, other: Span): boolean {
  return one.start <= other.end && other.start <= one.end;
}

/** The renaming itself, among the hunks of a file that is renamed. */
export function isRenaming(file: FileChange, hunk: Hunk): boolean {
  const { start, end } = hunk.range;
  const empty = start.line === end.line && start.character === end.character;
  return file.kind === "rename" && hunk === file.hunks[0] && empty && hunk.newText === "";
}

/** Where the file of a change is now: at its new place once the renaming was applied. */
export function standsAt(file: FileChange): Uri {
  const first = file.hunks[0];
  return file.newUri && first && isRenaming(file, first) && first.status === "applied" ? file.newUri : file.uri;
}

/** Every hunk of that status, in the order of changes, files and lines. */
export function spotsOf(changes: Iterable<Change>, status: HunkStatus): readonly Spot[] {
  const found = new Map<string, Spot>();
  for (const change of changes) {
    for (const file of change.files) {
      const uri = standsAt(file);
      for (const hunk of file.hunks.filter((one) => one.status === status)) {
        const span = spanOf(hunk.range);
        const same = JSON.stringify([uri, file.kind, span, hunk.newText, isRenaming(file, hunk) ? file.newUri : ""]);
        const twin = found.get(same);
        found.set(same, twin ? joined(twin, hunk) : { change, file, hunk, uri, span, twins: [] });
      }
    }
  }
  return [...found.values()];
}

/** A spot with its twin in another change: whoever proposes either, or said something of either. */
function joined(spot: Spot, twin: Hunk): Spot {
  const sources = [...new Set([...spot.hunk.sources, ...twin.sources])];
  const views = [...new Map([...(spot.hunk.views ?? []), ...(twin.views ?? [])].map((view) => [view.architect, view])).values()];
  const hunk = { ...spot.hunk, sources, ...(views.length > 0 ? { views } : {}) };
  return { ...spot, hunk, twins: [...spot.twins, twin.id] };
}

/** How many hunks of a change have that status, in all its files or in one. */
export function countOf(change: Change, status: HunkStatus, file?: Uri): number {
  const files = file === undefined ? change.files : change.files.filter((one) => one.uri === file);
  return files.reduce((sum, one) => sum + one.hunks.filter((hunk) => hunk.status === status).length, 0);
}

/** The ids of a change's hunks of that status, in all its files or in one. */
export function idsOf(change: Change, status: HunkStatus, file?: Uri): readonly string[] {
  const files = file === undefined ? change.files : change.files.filter((one) => one.uri === file);
  return files.flatMap((one) => one.hunks.filter((hunk) => hunk.status === status).map((hunk) => hunk.id));
}

/**
 * The changes in the order in which they were made, by what the discussion says; then those that it doesn't hold yet.
 */
export function inOrder(discussion: Discussion | null, changes: ReadonlyMap<string, Change>): readonly Change[] {
  const rounds = discussion?.rounds ?? [];
  const codings = discussion?.codings ?? [];
  const after = (round: number): readonly (Change | null)[] =>
    codings.filter((one) => one.afterRound === round).map((one) => one.change);
  const held = [
    ...after(0),
    ...rounds.flatMap((one) => [...one.turns.map((turn) => turn.change), ...after(one.number)]),
  ];
  const ids = held.filter((change) => change !== null).map((change) => change.id);
  const ordered = new Set([...ids, ...changes.keys()]);
  return [...ordered].map((id) => changes.get(id)).filter((change) => change !== undefined);
}

/** Where a hunk can be gone to: the file by any name that orders alike, and a line of it. */
export interface Stop {
  readonly file: string;
  readonly line: number;
}

/**
 * The index of the next (`by` 1) or the previous (-1) stop from here: files in their order, in each its lines, and
 * round again. From a file without stops it is the first or the last one. -1 where there is none.
 */
export function step(stops: readonly Stop[], here: Stop | null, by: 1 | -1): number {
  const files = [...new Set(stops.map((one) => one.file))];
  const order = stops
    .map((stop, index) => ({ index, at: files.indexOf(stop.file), line: stop.line }))
    .sort((one, other) => one.at - other.at || one.line - other.line);
  const place = here ? files.indexOf(here.file) : -1;
  if (here && place >= 0) {
    const beyond = order.filter((one) => (one.at - place || one.line - here.line) * by > 0);
    const next = by > 0 ? beyond[0] : beyond.at(-1);
    if (next) {
      return next.index;
    }
  }
  return (by > 0 ? order[0] : order.at(-1))?.index ?? -1;
}

/** What a hunk does, from its verb on: "replace 2 lines by 3". Names of files are given in for people. */
export function deed(spot: Spot, name: (uri: Uri) => string): string {
  const { file, hunk } = spot;
  const old = spot.span.end - spot.span.start;
  const now = linesIn(hunk.newText);
  if (file.kind === "create") {
    return `create ${name(file.uri)} with ${count(now, "line")}`;
  }
  if (file.kind === "delete") {
    return `delete ${name(file.uri)}`;
  }
  if (isRenaming(file, hunk)) {
    return `rename ${name(file.uri)} to ${name(file.newUri ?? file.uri)}`;
  }
  if (old === 0) {
    return `insert ${count(now, "line")}`;
  }
  return now === 0 ? `remove ${count(old, "line")}` : `replace ${count(old, "line")} by ${now}`;
}

/**
 * What stands at the end of a line at which these hunks begin: `◆ alpha or bravo`, `≡ alpha and bravo`, `◈ alpha's, taken`,
 * `◆ alpha, bravo objects`.
 */
export function inlineWords(hunks: readonly Hunk[]): string {
  const taken = hunks.find((one) => one.settled === "taken");
  if (taken) {
    return `${GLYPHS.settled} ${names(taken.sources)}'s, taken`;
  }
  const contested = hunks.filter((one) => one.stand === "contested");
  const [first] = contested.length > 0 ? contested : hunks;
  const whose = [...new Set((contested.length > 0 ? contested : hunks).map((one) => names(one.sources)))];
  const against = [...new Set(contested.flatMap((one) => one.views ?? []).filter((one) => one.kind === "object").map((one) => one.architect))];
  const objects = whose.length === 1 && against.length > 0 ? `, ${names(against)} ${against.length > 1 ? "object" : "objects"}` : "";
  return `${GLYPHS[first?.stand ?? "alone"]} ${whose.join(" or ")}${objects}`;
}

/** How a hunk stands, above it in a review: `agreed: bravo and charlie, too`, `contested: bravo objects`, `taken`. */
export function reviewWords({ stand, settled, sources, views = [] }: Hunk, source: string): string {
  if (settled === "taken") {
    return "taken";
  }
  const behind = [...sources, ...views.filter((one) => one.kind === "support").map((one) => one.architect)];
  const others = [...new Set(behind)].filter((one) => one !== source);
  const said = [
    ...(others.length > 0 ? [`${names(others)}, too`] : []),
    ...views.filter((one) => one.kind !== "support").map(({ architect, kind }) => stanceWords({ architect, kind, reason: "" })),
  ];
  return [stand ?? "", said.join("; ")].filter(Boolean).join(": ");
}

/** "1 hunk", "3 hunks". */
export function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}

/** How a change stands, in a few words: "2 applied, 1 rejected". Empty where nothing was decided and nothing waits. */
export function standing(change: Change): string {
  const words: readonly (readonly [HunkStatus, string])[] = [
    ["pending", "to review"],
    ["applied", "applied"],
    ["rejected", "rejected"],
    ["stale", "stale"],
  ];
  const said = words.map(([status, word]) => [countOf(change, status), word] as const).filter(([number]) => number > 0);
  return said.map(([number, word]) => `${number} ${word}`).join(", ");
}

/**
 * The old and the new lines as a diff shows them, without the indentation that they all share, at most `limit` lines of
 * it; what is left out is said.
 */
export function diffOf(oldLines: readonly string[], newText: string, limit: number): string {
  const newLines = linesOf(newText);
  const margins = [...oldLines, ...newLines].filter((line) => line.trim()).map((line) => /^\s*/.exec(line)?.[0] ?? "");
  const margin = margins.reduce((one, other) => shared(one, other), margins[0] ?? "").length;
  const cut = (line: string): string => (line.trim() ? line.slice(margin) : "");
  const lines = [...oldLines.map((line) => `- ${cut(line)}`), ...newLines.map((line) => `+ ${cut(line)}`)];
  const left = lines.length - limit;
  return left > 1 ? [...lines.slice(0, limit), `  … ${count(left, "more line")}`].join("\n") : lines.join("\n");
}

/** How long ago a moment was, for people: "3 minutes ago". `then` is ISO 8601, `now` epoch milliseconds. */
export function ago(then: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(then)) / 1000));
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 45) {
    return "just now";
  }
  if (seconds < 45 * 60) {
    return format.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  }
  return seconds < 22 * 3600
    ? format.format(-Math.max(1, Math.round(seconds / 3600)), "hour")
    : format.format(-Math.max(1, Math.round(seconds / 86400)), "day");
}

/** What both begin with. */
function shared(one: string, other: string): string {
  let end = 0;
  while (end < one.length && one[end] === other[end]) {
    end += 1;
  }
  return one.slice(0, end);
}

function linesIn(text: string): number {
  return linesOf(text).length;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
