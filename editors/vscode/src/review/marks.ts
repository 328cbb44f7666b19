/**
 * The marks of proposals in the normal editor: in the gutter the sign of how a hunk stands and a bar beside the lines that
 * it would replace, a wedge where it would insert, in the colour of who proposed it; at the line's end the sign once more
 * with their names. What went stale is grey and says so. Nothing here changes a text; the hover is in `hovers.ts`.
 */

import {
  DecorationRangeBehavior,
  OverviewRulerLane,
  Range,
  ThemeColor,
  Uri,
  window,
  type DecorationOptions,
  type Disposable,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
} from "vscode";
import { COLOURS, colourIndex, PLAIN, voices } from "../discussion/colours.ts";
import { passes } from "../discussion/filter.ts";
import type { Stand } from "../wire.ts";
import { inlineWords, lineOf, type Spot } from "./hunks.ts";
import type { Places } from "./places.ts";

/** A gutter picture can't have a theme's colour: these are near what the themes that come with VS Code say. */
const SHADES: Readonly<Record<string, { readonly light: string; readonly dark: string }>> = {
  "charts.blue": { light: "#1a85ff", dark: "#3794ff" },
  "symbolIcon.classForeground": { light: "#c4670b", dark: "#e0913a" },
  "charts.purple": { light: "#652d90", dark: "#b180d7" },
  "charts.green": { light: "#388a34", dark: "#89d185" },
  "charts.red": { light: "#e51400", dark: "#f14c4c" },
  "charts.yellow": { light: "#bf8803", dark: "#e2c02b" },
  [PLAIN]: { light: "#616161", dark: "#c5c5c5" },
  "editorWarning.foreground": { light: "#a86a00", dark: "#cca700" },
  stale: { light: "#b8b8b8", dark: "#5a5a5a" },
};

/** A sign with a plus has the small wedge of an insertion below it. */
type Shape = Stand | `${Stand}+` | "bar" | "wedge" | "dashes";

/** What is contested has the colour of none of those who differ. */
const CONTESTED = "editorWarning.foreground";

export class Marks implements Disposable {
  readonly #types = new Map<string, TextEditorDecorationType>();
  readonly #note = note();
  readonly #inline = window.createTextEditorDecorationType({ rangeBehavior: DecorationRangeBehavior.ClosedClosed });
  readonly #subscriptions: Disposable[];
  #drawing: NodeJS.Timeout | undefined;

  constructor(readonly places: Places) {
    this.#subscriptions = [
      places.onDidMove(() => this.#drawSoon()),
      window.onDidChangeVisibleTextEditors(() => this.#drawSoon()),
    ];
    this.#drawSoon();
  }

  dispose(): void {
    clearTimeout(this.#drawing);
    for (const one of [...this.#subscriptions, this.#note, this.#inline, ...this.#types.values()]) {
      one.dispose();
    }
  }

  /** What moves comes in bursts: they are drawn once. */
  #drawSoon(): void {
    clearTimeout(this.#drawing);
    this.#drawing = setTimeout(() => {
      for (const editor of window.visibleTextEditors.filter((one) => one.document.uri.scheme === "file")) {
        this.#draw(editor);
      }
    }, 30);
  }

  #draw(editor: TextEditor): void {
    const { document } = editor;
    const { discussion } = this.places.discussions.state;
    const known = discussion ? voices(discussion) : [];
    const ranges = new Map<string, Range[]>();
    const put = (range: Range, colour: string, shape: Shape): void => {
      const key = `${shape} ${colour}`;
      ranges.set(key, [...(ranges.get(key) ?? []), range]);
    };
    const pending = this.places.pendingIn(document.uri).filter(({ hunk }) => passes(this.places.discussions.state.filter, hunk));
    for (const spot of pending) {
      const colour = COLOURS[colourIndex(known, spot.hunk.sources[0] ?? "")] ?? PLAIN;
      const { stand } = spot.hunk;
      const lines = linesOf(spot, document);
      const rest = stand ? restOf(lines) : lines;
      if (stand) {
        const inserts = spot.span.end === spot.span.start;
        put(new Range(lines.start, lines.start), stand === "contested" ? CONTESTED : colour, inserts ? `${stand}+` : stand);
      }
      if (rest) {
        put(rest, colour, spot.span.end > spot.span.start ? "bar" : "wedge");
      }
    }
    for (const spot of this.places.staleIn(document.uri)) {
      put(linesOf(spot, document), "stale", "dashes");
    }
    for (const key of ranges.keys()) {
      if (!this.#types.has(key)) {
        this.#types.set(key, decoration(key));
      }
    }
    for (const [key, type] of this.#types) {
      editor.setDecorations(type, ranges.get(key) ?? []);
    }
    const lines = new Set(this.places.staleIn(document.uri).map((spot) => lineOf(spot.span)));
    editor.setDecorations(
      this.#note,
      [...lines].map((line) => endOf(line, document)),
    );
    editor.setDecorations(this.#inline, inlineOf(pending, document));
  }
}

/** What follows its first line; a picture in the gutter stands alone on its line. */
function restOf({ start, end }: Range): Range | null {
  return end.line > start.line ? new Range(start.line + 1, 0, end.line, 0) : null;
}

/** At the end of each line at which hunks begin that somebody stands to: the sign, and who. */
function inlineOf(spots: readonly Spot[], document: TextDocument): DecorationOptions[] {
  const lines = new Map<number, Spot[]>();
  for (const spot of spots.filter(({ hunk }) => hunk.stand !== undefined)) {
    const line = lineOf(spot.span);
    lines.set(line, [...(lines.get(line) ?? []), spot]);
  }
  return [...lines].map(([line, here]) => ({
    range: endOf(line, document),
    renderOptions: {
      after: {
        contentText: inlineWords(here.map((one) => one.hunk)),
        color: new ThemeColor("editorCodeLens.foreground"),
        margin: "0 0 0 3em",
      },
    },
  }));
}

function linesOf({ span }: Spot, document: TextDocument): Range {
  const last = document.lineCount - 1;
  const first = Math.min(lineOf(span), last);
  return new Range(first, 0, Math.min(Math.max(span.end - 1, first), last), 0);
}

function endOf(line: number, document: TextDocument): Range {
  const { end } = document.lineAt(Math.min(line, document.lineCount - 1)).range;
  return new Range(end, end);
}

function decoration(key: string): TextEditorDecorationType {
  const [shape, colour] = key.split(" ") as [Shape, string];
  const shade = SHADES[colour] ?? { light: "#616161", dark: "#c5c5c5" };
  return window.createTextEditorDecorationType({
    isWholeLine: true,
    rangeBehavior: DecorationRangeBehavior.ClosedClosed,
    gutterIconSize: "contain",
    light: { gutterIconPath: picture(shape, shade.light) },
    dark: { gutterIconPath: picture(shape, shade.dark) },
    ...(colour === "stale"
      ? {}
      : { overviewRulerColor: new ThemeColor(colour), overviewRulerLane: OverviewRulerLane.Left }),
  });
}

function note(): TextEditorDecorationType {
  const after = {
    contentText: "moa: you changed these lines, the proposal for them is stale",
    color: new ThemeColor("editorCodeLens.foreground"),
    fontStyle: "italic",
    margin: "0 0 0 3em",
  };
  return window.createTextEditorDecorationType({ after, rangeBehavior: DecorationRangeBehavior.ClosedClosed });
}

/** A mark as a picture of a line's height. Its own shape for each meaning: colour is never the only sign. */
function picture(shape: Shape, colour: string): Uri {
  const drawn: Readonly<Record<Stand | "bar" | "wedge" | "dashes", string>> = {
    contested: `<path d="M9 2.5 L15 9 L9 15.5 L3 9 Z" fill="${colour}"/>`,
    alone: `<path d="M9 3.5 L14 9 L9 14.5 L4 9 Z" fill="none" stroke="${colour}" stroke-width="1.8"/>`,
    settled: `<path d="M9 2.5 L15 9 L9 15.5 L3 9 Z" fill="none" stroke="${colour}" stroke-width="1.5"/><circle cx="9" cy="9" r="2.6" fill="${colour}"/>`,
    agreed: `<path d="M4 5 H14 M4 9 H14 M4 13 H14" stroke="${colour}" stroke-width="2"/>`,
    bar: `<rect x="7" y="0" width="4" height="18" fill="${colour}"/>`,
    wedge: `<path d="M7 11 H11 V15.5 L13 17.5 H6 Z" fill="${colour}"/>`,
    dashes: `<path d="M9 1 V17" stroke="${colour}" stroke-width="3" stroke-dasharray="3 3"/>`,
  };
  const [sign, inserts] = shape.split("+") as [keyof typeof drawn, string?];
  const body =
    inserts === undefined ? drawn[sign] : `<g transform="translate(2.5 -1) scale(0.72)">${drawn[sign]}</g><path d="M6 13 H12 L9 17 Z" fill="${colour}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18">${body}</svg>`;
  return Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
}
