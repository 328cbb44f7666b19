/**
 * Takes a reply apart for drawing: prose, proposals, and in both the blocks of edits, which the card shows as hunks; what
 * it says of others' proposals, and what it asks. What a proposal is, the server decides; here it is decoration, and a tag that is misread costs no text. Pure.
 */

/** A piece of a reply. `line` is its first line in the reply (0-based), `lines` how many it has. */
export interface Piece {
  readonly kind: "prose" | "edit" | "stances" | "question";
  /** Whether it stands in a proposal. */
  readonly proposed: boolean;
  /** Markdown; of an edit: its lines as they were written, with path and fence; of the rest: what stands between the tags. */
  readonly text: string;
  readonly line: number;
  readonly lines: number;
  /** The file that an edit names, if it does in front of its block. */
  readonly path: string | null;
  /** Whether an edit's block came to its end. */
  readonly closed: boolean;
}

const OPENING = /^\s*<\s*proposals?(?:\s[^<>]*)?>\s*(.*)$/i;
const CLOSING = /^(.*?)<\s*\/\s*proposals?\s*>\s*$/i;
const BESIDE = /^\s*<\s*(stances|question)s?\s*>\s*(.*)$/i;
const BESIDE_END = /^(.*)<\s*\/\s*(?:stances|question)s?\s*>\s*$/i;
/** A line of stances as it is meant to be written. */
const STANCE = /^\s*(?:[-*+•]\s*)?\**(?:support|amend|object)/i;
const FENCE = /^\s*(?:[-*+>]\s+|\d+[.)]\s+)?(`{3,}(?=[^`]*$)|~{3,})\s*([\w+-]*)/;
const SEARCH = /^<{5,9} ?SEARCH\b/;
const REPLACE = /^>{5,9} ?REPLACE\b/;
const ENVELOPE = /^\*\*\* Begin Patch\s*$/;
const ENVELOPE_END = /^\*\*\* End Patch\s*$/;
const PATH = /^[#*`\s]*((?:[\w.@-]+[/\\])*[\w@-]*\.?[\w-]+\.\w+)[`*:]*\s*$/;
/** A longer line names no file; looking for a name in one of megabytes would take for ever. */
const LONGEST_PATH = 300;
const ENVELOPE_PATH = /^\*\*\* (?:Update|Add|Delete) File: (.+)$/;
// What of a last, unfinished line can still become a tag, a fence or an edit's mark is held back while text streams.
const MAY_BECOME = /^\s*(?:<[^>]{0,24}|`{1,3}|~{1,3}|\*{1,3})$/;

interface Open {
  readonly kind: "prose" | "edit";
  readonly line: number;
  readonly path: string | null;
  readonly lines: string[];
}

/** The pieces of a reply in their order. While it streams, what isn't certain at its end is held back. */
export function pieces(text: string, streaming: boolean): readonly Piece[] {
  const all = text.split("\n");
  if (streaming && MAY_BECOME.test(all.at(-1) ?? "")) {
    all.pop();
  }
  const lastEnd = all.findLastIndex((line) => BESIDE_END.test(line));
  const found: Piece[] = [];
  let open: Open = { kind: "prose", line: 0, path: null, lines: [] };
  let proposed = false;
  const end = (next: number, closed = true): void => {
    const trimmed = withoutBlankEdges(open.lines);
    if (trimmed.lines.length > 0) {
      found.push({
        kind: open.kind,
        proposed,
        text: trimmed.lines.join("\n"),
        line: open.line + trimmed.before,
        lines: trimmed.lines.length,
        path: open.path,
        closed,
      });
    }
    open = { kind: "prose", line: next, path: null, lines: [] };
  };
  let at = 0;
  while (at < all.length) {
    const line = all[at] ?? "";
    const code = codeAt(all, at);
    if (code) {
      const { isEdit, next, closed } = code;
      if (isEdit) {
        const named = pathBefore(open.lines);
        const before = named ? open.lines.splice(named.index) : [];
        end(at - before.length);
        const path = named?.path ?? pathIn(all, at, next);
        open = { kind: "edit", line: at - before.length, path, lines: [...before, ...all.slice(at, next)] };
        end(next, closed);
      } else {
        open.lines.push(...all.slice(at, next));
      }
      at = next;
      continue;
    }
    const beside = streaming || at <= lastEnd ? besideAt(all, at, streaming) : null;
    if (beside) {
      const { kind, inner, next, closed } = beside;
      end(at);
      if (inner) {
        found.push({ kind, proposed: false, text: inner, line: at, lines: next - at, path: null, closed });
      }
      open = { kind: "prose", line: next, path: null, lines: [] };
      at = next;
      continue;
    }
    const opening = proposed ? null : OPENING.exec(line);
    const closing = proposed || opening ? CLOSING.exec(opening ? (opening[1] ?? "") : line) : null;
    if (opening) {
      end(at);
      proposed = true;
    }
    const rest = closing ? (closing[1] ?? "") : opening ? (opening[1] ?? "") : line;
    if (rest.trim() || !(opening ?? closing)) {
      open.lines.push(rest);
    } else if (opening) {
      open = { ...open, line: at + 1 };
    }
    if (closing) {
      end(at + 1);
      proposed = false;
    }
    at += 1;
  }
  end(at);
  return found;
}

interface Beside {
  readonly kind: "stances" | "question";
  readonly inner: string;
  readonly next: number;
  readonly closed: boolean;
}

/** The stances or the question that begin at this line; `null` where none do, or where they have no end and none is to come. */
function besideAt(all: readonly string[], at: number, streaming: boolean): Beside | null {
  const [, tag = "", first = ""] = BESIDE.exec(all[at] ?? "") ?? [];
  if (!tag) {
    return null;
  }
  const kind = tag.toLowerCase() === "stances" ? "stances" : "question";
  const lines: string[] = [];
  for (let next = at; next < all.length; next += 1) {
    const line = next === at ? first : (all[next] ?? "");
    const last = BESIDE_END.exec(line);
    lines.push(last ? (last[1] ?? "") : line);
    if (last) {
      return { kind, inner: lines.join("\n").trim(), next: next + 1, closed: true };
    }
  }
  return streaming ? { kind, inner: lines.join("\n").trim(), next: all.length, closed: false } : null;
}

/** What of the stances isn't written as a stance is, and so stays words. A line below one goes on with its reason. */
export function unreadStances(text: string): string {
  let within = false;
  return text
    .split("\n")
    .filter((line) => {
      within = STANCE.test(line) || (within && !/^\s*(?:[-*+•]\s|$)/.test(line));
      return !within;
    })
    .join("\n")
    .trim();
}

/** The block of code that begins at this line: where it ends (excluded), and whether it is an edit; `null`: none does. */
function codeAt(all: readonly string[], at: number): { isEdit: boolean; next: number; closed: boolean } | null {
  const line = all[at] ?? "";
  if (SEARCH.test(line)) {
    return { isEdit: true, ...endOf(all, at + 1, (one) => REPLACE.test(one)) };
  }
  if (ENVELOPE.test(line)) {
    return { isEdit: true, ...endOf(all, at + 1, (one) => ENVELOPE_END.test(one)) };
  }
  const [, fence, language = ""] = FENCE.exec(line) ?? [];
  if (!fence) {
    return null;
  }
  let inEdit = false;
  const span = endOf(all, at + 1, (one) => {
    inEdit = inEdit ? !REPLACE.test(one) : SEARCH.test(one);
    const bare = one.trim();
    return !inEdit && bare.startsWith(fence) && bare.replaceAll(fence.charAt(0), "") === "";
  });
  const first = all[at + 1] ?? "";
  const marked = SEARCH.test(first) || ENVELOPE.test(first) || (pathOn(first) !== undefined && SEARCH.test(all[at + 2] ?? ""));
  return { isEdit: marked || language === "diff" || pathBefore(all.slice(0, at)) !== null, ...span };
}

function endOf(
  all: readonly string[],
  from: number,
  ends: (line: string) => boolean,
): { next: number; closed: boolean } {
  for (let at = from; at < all.length; at += 1) {
    if (ends(all[at] ?? "")) {
      return { next: at + 1, closed: true };
    }
  }
  return { next: all.length, closed: false };
}

/** The path on the last line that isn't blank, where it stands alone on it; at most one blank line follows. */
function pathBefore(lines: readonly string[]): { path: string; index: number } | null {
  for (let index = lines.length - 1; index >= Math.max(0, lines.length - 2); index -= 1) {
    const line = lines[index] ?? "";
    const path = pathOn(line);
    if (path) {
      return { path, index };
    }
    if (line.trim()) {
      return null;
    }
  }
  return null;
}

/** The path that stands alone on this line. */
function pathOn(line: string): string | undefined {
  return line.length > LONGEST_PATH ? undefined : PATH.exec(line)?.[1];
}

function pathIn(all: readonly string[], from: number, to: number): string | null {
  for (const line of all.slice(from, Math.min(to, from + 6))) {
    const path = ENVELOPE_PATH.exec(line)?.[1] ?? /^\+\+\+ (?:b\/)?(\S+)/.exec(line)?.[1] ?? pathOn(line);
    if (path) {
      return path.trim();
    }
  }
  return null;
}

function withoutBlankEdges(lines: readonly string[]): { lines: readonly string[]; before: number } {
  const first = lines.findIndex((line) => line.trim());
  if (first < 0) {
    return { lines: [], before: 0 };
  }
  return { lines: lines.slice(first, lines.findLastIndex((line) => line.trim()) + 1), before: first };
}

/** How many lines prose fills at eighty characters a line: what "why (12 lines)" says. */
export function linesOfProse(text: string): number {
  return text
    .split("\n")
    .filter((line) => line.trim())
    .reduce((sum, line) => sum + Math.ceil(line.length / 80), 0);
}
