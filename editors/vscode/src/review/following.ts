/**
 * Where a hunk's lines are while somebody types: the ranges that the server said hold for one version of the document,
 * and its events come when a status moves, not at each key. Pure: spans and edits in, spans out. It only carries lines
 * along; what an edit inside a hunk makes of it (both kept, or stale) the server alone decides.
 */

import type { Span } from "./hunks.ts";

/** One edit, in the document's lines and characters before it, from 0. */
export interface LineEdit {
  readonly start: number;
  readonly startCharacter: number;
  readonly end: number;
  readonly endCharacter: number;
  readonly text: string;
}

/**
 * What was typed at once: these edits made the document's version this one. All are about the text before any of
 * them.
 */
export interface Step {
  readonly version: number;
  readonly edits: readonly LineEdit[];
}

export interface Followed {
  readonly span: Span;
  /** Somebody typed into the hunk, or at its very edge: the server has to be asked what stands. */
  readonly touched: boolean;
}

/** The span after these steps. */
export function followed(span: Span, steps: readonly Step[]): Followed {
  let now: Followed = { span, touched: false };
  for (const step of steps) {
    // From the bottom up, so that no edit moves the lines of one that is still to come.
    const edits = [...step.edits].sort(
      (one, other) => other.start - one.start || other.startCharacter - one.startCharacter,
    );
    for (const edit of edits) {
      const next = moved(now.span, edit);
      now = { span: next.span, touched: now.touched || next.touched };
    }
  }
  return now;
}

function moved(span: Span, edit: LineEdit): Followed {
  const delta = lineEnds(edit.text) - (edit.end - edit.start);
  const insertion = span.start === span.end;
  const wholeLinesBefore = edit.end === span.start && edit.endCharacter === 0 && endsLine(edit);
  if (edit.end < span.start || wholeLinesBefore) {
    // An insertion is placed by its neighbours: whoever edits one of these touches it.
    const touched = insertion && edit.end >= span.start - 1;
    return { span: { start: span.start + delta, end: span.end + delta }, touched };
  }
  if (insertion || edit.start >= span.end) {
    return { span, touched: insertion && edit.start === span.start };
  }
  const start = Math.min(span.start, edit.start);
  return { span: { start, end: Math.max(start, span.end + delta) }, touched: true };
}

/** Whether what follows the edit begins a line of its own, as it did before. */
function endsLine(edit: LineEdit): boolean {
  return edit.text === "" ? edit.startCharacter === 0 : /[\r\n]$/.test(edit.text);
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
