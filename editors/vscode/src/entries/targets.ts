/**
 * What an entry is about, from what the editor shows: which lines, which files, and the words for a problem. Pure, in
 * the editor's terms: lines and characters from 0, characters in UTF-16 units.
 */

export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** A document's lines, as VS Code has them: the length is without the line's end. */
export interface Lines {
  readonly lineCount: number;
  readonly lengthOf: (line: number) => number;
}

/** What a diagnostic says. */
export interface Trouble {
  readonly message: string;
  readonly source?: string | undefined;
  /** The rule's name or number, where it has one. */
  readonly code?: string | number | undefined;
}

/** The server's own diagnostics: its proposals, which have actions of their own. */
const OWN_SOURCE = "moa";

/** What of a selection is discussed: the selection as it is, or the whole line where nothing is selected. */
export function discussed(selection: Span, lines: Lines): Span {
  return isEmpty(selection) ? wholeLines(selection, lines) : selection;
}

/** The lines that a span touches, from the first one's beginning to the last one's end. */
export function wholeLines({ start, end }: Span, lines: Lines): Span {
  const last = Math.max(0, Math.min(end.line, lines.lineCount - 1));
  return {
    start: { line: Math.min(start.line, last), character: 0 },
    end: { line: last, character: lines.lengthOf(last) },
  };
}

export function isEmpty({ start, end }: Span): boolean {
  return start.line === end.line && start.character === end.character;
}

/** The problems that can be discussed. */
export function foreign<One extends { readonly source?: string }>(troubles: readonly One[]): readonly One[] {
  return troubles.filter((one) => one.source !== OWN_SOURCE);
}

/** The prompt that asks about these problems: each with its message, who found it and its code. */
export function problemPrompt(troubles: readonly Trouble[]): string {
  const said = troubles.map((one) => {
    const origin = [one.source, one.code].filter((part) => part !== undefined && part !== "").join(" ");
    const words = one.message.replace(/\s+/g, " ").trim();
    return origin ? `${words} (${origin})` : words;
  });
  const each = [...new Set(said)];
  return each.length === 1
    ? `Let's discuss this problem: ${each[0] ?? ""}`
    : ["Let's discuss these problems:", ...each.map((words) => `- ${words}`)].join("\n");
}

/** A rule's code, out of the shapes in which an extension may give it. */
export function codeOf(
  code: string | number | { readonly value: string | number } | undefined,
): string | number | undefined {
  return typeof code === "object" ? code.value : code;
}
