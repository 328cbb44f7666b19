/**
 * The marks of proposals in the normal editor: in the gutter a bar beside the lines that a hunk would replace, a wedge
 * where one would insert, in the colour of who proposed it; what went stale is grey and says so. The hover says who
 * proposes what, and shows it as a diff. Nothing here changes a text.
 */

import {
  DecorationRangeBehavior,
  Hover,
  languages,
  MarkdownString,
  OverviewRulerLane,
  Range,
  ThemeColor,
  Uri,
  window,
  workspace,
  type Disposable,
  type HoverProvider,
  type Position,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
} from "vscode";
import { COLOURS, colourIndex, PLAIN, voices } from "../discussion/colours.ts";
import { deed, diffOf, isAbout, lineOf, names, type Spot } from "./hunks.ts";
import type { Places } from "./places.ts";

/** Lines of a diff in a hover. */
const SHOWN = 24;
/** The only commands that a hover may run. */
const COMMANDS = ["moa-lsp.applyHunks", "moa-lsp.rejectHunks", "moa-lsp.review"];

/** A gutter picture can't have a theme's colour: these are near what the themes that come with VS Code say. */
const SHADES: Readonly<Record<string, { readonly light: string; readonly dark: string }>> = {
  "charts.blue": { light: "#1a85ff", dark: "#3794ff" },
  "symbolIcon.classForeground": { light: "#c4670b", dark: "#e0913a" },
  "charts.purple": { light: "#652d90", dark: "#b180d7" },
  "charts.green": { light: "#388a34", dark: "#89d185" },
  "charts.red": { light: "#e51400", dark: "#f14c4c" },
  "charts.yellow": { light: "#bf8803", dark: "#e2c02b" },
  [PLAIN]: { light: "#616161", dark: "#c5c5c5" },
  stale: { light: "#b8b8b8", dark: "#5a5a5a" },
};

type Shape = "bar" | "wedge" | "dashes";

export class Marks implements HoverProvider, Disposable {
  readonly #types = new Map<string, TextEditorDecorationType>();
  readonly #note = note();
  readonly #subscriptions: Disposable[];
  #drawing: NodeJS.Timeout | undefined;

  constructor(readonly places: Places) {
    this.#subscriptions = [
      languages.registerHoverProvider({ scheme: "file" }, this),
      places.onDidMove(() => this.#drawSoon()),
      window.onDidChangeVisibleTextEditors(() => this.#drawSoon()),
    ];
    this.#drawSoon();
  }

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const pending = this.places.pendingIn(document.uri).filter((one) => isAbout(one.span, position.line));
    const stale = this.places.staleIn(document.uri).filter((one) => isAbout(one.span, position.line));
    const parts = [...pending.flatMap((one) => proposed(one, document)), ...(stale.length > 0 ? [gone(stale)] : [])];
    return parts.length > 0 ? new Hover(parts) : undefined;
  }

  dispose(): void {
    clearTimeout(this.#drawing);
    for (const one of [...this.#subscriptions, this.#note, ...this.#types.values()]) {
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
    const put = (spot: Spot, colour: string, shape: Shape): void => {
      const key = `${shape} ${colour}`;
      ranges.set(key, [...(ranges.get(key) ?? []), linesOf(spot, document)]);
    };
    for (const spot of this.places.pendingIn(document.uri)) {
      const colour = COLOURS[colourIndex(known, spot.hunk.sources[0] ?? "")] ?? PLAIN;
      put(spot, colour, spot.span.end > spot.span.start ? "bar" : "wedge");
    }
    for (const spot of this.places.staleIn(document.uri)) {
      put(spot, "stale", "dashes");
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
  }
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
  const drawn: Readonly<Record<Shape, string>> = {
    bar: `<rect x="7" y="0" width="4" height="18" fill="${colour}"/>`,
    wedge: `<path d="M7 11 H11 V15.5 L13 17.5 H6 Z" fill="${colour}"/>`,
    dashes: `<path d="M9 1 V17" stroke="${colour}" stroke-width="3" stroke-dasharray="3 3"/>`,
  };
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18">`;
  const svg = `${head}${drawn[shape]}</svg>`;
  return Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
}

/**
 * Two strings: what a model wrote is in the one that can run nothing, the commands are in the one that holds no word
 * of it.
 */
function proposed(spot: Spot, document: TextDocument): MarkdownString[] {
  const { span, hunk, change } = spot;
  const old = Array.from(
    { length: Math.max(Math.min(span.end, document.lineCount) - span.start, 0) },
    (_, index) => document.lineAt(span.start + index).text,
  );
  const verb = hunk.sources.length > 1 ? "agree to" : "proposes to";
  const said = `${names(hunk.sources)} ${verb} ${deed(spot, (uri) => workspace.asRelativePath(Uri.parse(uri)))}`;
  const what = new MarkdownString(asPlain(said));
  const diff = diffOf(old, hunk.newText, SHOWN);
  if (diff) {
    what.appendCodeblock(diff, "diff");
  }
  const one = encodeURIComponent(JSON.stringify([{ change: change.id, hunks: [hunk.id] }]));
  const all = encodeURIComponent(JSON.stringify([{ change: change.id }]));
  const links = [
    `[$(check) Accept](command:moa-lsp.applyHunks?${one})`,
    `[$(x) Reject](command:moa-lsp.rejectHunks?${one})`,
    `[$(diff) Review](command:moa-lsp.review?${all})`,
  ];
  const does = new MarkdownString(links.join(" &nbsp;&nbsp; "), true);
  does.isTrusted = { enabledCommands: COMMANDS };
  return [what, does];
}

function gone(stale: readonly Spot[]): MarkdownString {
  const who = names([...new Set(stale.flatMap((one) => one.hunk.sources))]);
  return new MarkdownString(
    asPlain(
      `You changed these lines since ${who} proposed something for them: it is stale. It comes back if the lines do.`,
    ),
  );
}

/** Words that are no Markdown. (`appendText` makes each blank one at which no line breaks.) */
function asPlain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~<>|&:@/]/g, "\\$&").replace(/\s+/g, " ");
}
