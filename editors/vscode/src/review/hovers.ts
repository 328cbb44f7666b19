/**
 * The hover over lines that proposals are about: who proposes what, who is for and against it and why, the edit as a diff,
 * and what can be done. In the place of the server's own hover, which says the same for editors that have none of theirs
 * (`server/client.ts`): this one runs the extension's commands and follows the typing.
 */

import {
  Hover,
  languages,
  MarkdownString,
  Uri,
  workspace,
  type Disposable,
  type HoverProvider,
  type Position,
  type TextDocument,
} from "vscode";
import { GLYPHS, hunksOf, idsIn, regionWith, SIGNS, stanceWords, standWords, takeWords } from "../discussion/stands.ts";
import type { Region } from "../wire.ts";
import { deed, diffOf, isAbout, names, type Spot } from "./hunks.ts";
import type { Places } from "./places.ts";

/** Lines of a diff. */
const SHOWN = 24;
/** The only commands that a hover may run. */
const COMMANDS = ["anotherRound", "applyHunks", "leaveHunks", "rejectHunks", "reopenHunks", "review", "showDisagreement", "takeHunks"].map(
  (name) => `moa-lsp.${name}`,
);

export class Hovers implements HoverProvider, Disposable {
  readonly #registered: Disposable;

  constructor(readonly places: Places) {
    this.#registered = languages.registerHoverProvider({ scheme: "file" }, this);
  }

  provideHover(document: TextDocument, { line }: Position): Hover | undefined {
    const { disagreement } = this.places.discussions.state;
    const pending = this.places.pendingIn(document.uri).filter((one) => isAbout(one.span, line));
    const stale = this.places.staleIn(document.uri).filter((one) => isAbout(one.span, line));
    const regions = new Set<Region>();
    const parts = pending.flatMap((spot) => {
      const region = regionWith(disagreement, [spot.hunk.id, ...spot.twins]);
      if (region && isDecision(region)) {
        regions.add(region);
      }
      return proposed(spot, region, document);
    });
    parts.push(...[...regions].map(decision), ...(stale.length > 0 ? [gone(stale)] : []));
    return parts.length > 0 ? new Hover(parts) : undefined;
  }

  dispose(): void {
    this.#registered.dispose();
  }
}

/** Whether there is something to decide about it, or was. */
function isDecision({ stand }: Region): boolean {
  return stand === "contested" || stand === "settled";
}

/**
 * Two strings: what a model wrote is in the one that can run nothing, the commands are in the one that holds no word
 * of it.
 */
function proposed(spot: Spot, region: Region | undefined, document: TextDocument): MarkdownString[] {
  const { span, hunk, change, twins } = spot;
  const old = Array.from(
    { length: Math.max(Math.min(span.end, document.lineCount) - span.start, 0) },
    (_, index) => document.lineAt(span.start + index).text,
  );
  const verb = hunk.sources.length > 1 ? "agree to" : "proposes to";
  const said = `${names(hunk.sources)} ${verb} ${deed(spot, (uri) => workspace.asRelativePath(Uri.parse(uri)))}`;
  const sign = hunk.stand ? `${GLYPHS[hunk.stand]} ` : "";
  const what = new MarkdownString(asPlain(`${sign}${said}`));
  const lines = [
    ...(hunk.settled ? [standWords(hunk)] : []),
    ...(hunk.views ?? []).map((view) => `${SIGNS[view.kind]} ${stanceWords(view)}`),
  ];
  for (const line of lines) {
    what.appendMarkdown(`\n\n${asPlain(line)}`);
  }
  const diff = diffOf(old, hunk.newText, SHOWN);
  if (diff) {
    what.appendCodeblock(diff, "diff");
  }
  const one = { change: change.id, hunks: [hunk.id] };
  const whole = region?.alternatives.find((each) => idsIn(each).some((id) => id === hunk.id || twins.includes(id)));
  const take = region?.stand === "contested" && whole ? [link(asPlain(`${GLYPHS.settled} ${takeWords(whole)}`), "takeHunks", { hunks: idsIn(whole) })] : [];
  const does = commandLinks([
    ...take,
    link("$(check) Accept", "applyHunks", one),
    link("$(x) Reject", "rejectHunks", one),
    link("$(diff) Review", "review", { change: change.id }),
  ]);
  return [what, does];
}

/** What can be done about all that is proposed here. */
function decision(region: Region): MarkdownString {
  const hunks = hunksOf(region);
  return commandLinks([
    ...(region.stand === "settled"
      ? [link("Open this decision again", "reopenHunks", { hunks })]
      : [
          link("Leave these lines as they are", "leaveHunks", { hunks }),
          link("Another round on just this", "anotherRound", { hunks }),
        ]),
    link("Show where they differ", "showDisagreement", { region: region.id }),
  ]);
}

function link(title: string, command: string, argument: object): string {
  return `[${title}](command:moa-lsp.${command}?${encodeURIComponent(JSON.stringify([argument]))})`;
}

function commandLinks(links: readonly string[]): MarkdownString {
  const does = new MarkdownString(links.join(" &nbsp;&nbsp; "), true);
  does.isTrusted = { enabledCommands: COMMANDS };
  return does;
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
