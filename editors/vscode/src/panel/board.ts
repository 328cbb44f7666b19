/**
 * The board: where the architects differ as a matrix of regions and architects, what was decided, and the plan. Pure: what
 * the server said of these, and what is looked at, in; what is drawn, out.
 */

import { basename, pathOf } from "./card.ts";
import { colourIndex, voices } from "../discussion/colours.ts";
import { passes, type Filter } from "../discussion/filter.ts";
import { idsIn, names, settledWords, stanceWords, takeWords } from "../discussion/stands.ts";
import type { DiscussionState } from "../discussion/state.ts";
import type { Alternative, Architect, Change, Region } from "../wire.ts";
import type { Board, Cell, Choice, Row } from "./messages.ts";

/** The board of this state; `null` where there is nothing to see in it. */
export function boardOf(state: DiscussionState): Board | null {
  const { discussion, disagreement, plan, filter, changes } = state;
  const regions = disagreement?.regions ?? [];
  const steps = plan?.steps ?? [];
  const sifted = filter.onlyContested || filter.architect !== null;
  if (!discussion || (regions.length === 0 && steps.length === 0 && !sifted)) {
    return null;
  }
  const known = voices(discussion);
  const architects = disagreement?.architects ?? [];
  const shown = regions.filter((region) => isShown(filter, region));
  return {
    counts: disagreement?.counts ?? { contested: 0, agreed: 0, alone: 0, settled: 0 },
    architects: architects.map((name) => ({ name, colour: colourIndex(known, name) })),
    rows: shown.map((region) => rowOf(region, architects, known, changes)),
    leftOut: regions.length - shown.length,
    filter,
    decisions: (discussion.decisions ?? []).map((one) => one.text),
    plan: plan && steps.length > 0 ? { steps, edited: plan.edited } : null,
    free: plan?.free ?? false,
  };
}

function isShown(filter: Filter, { stand, alternatives, views }: Region): boolean {
  const sources = alternatives.flatMap((one) => [...one.architects, ...one.supporters]);
  return passes(filter, { stand, sources, views });
}

function rowOf(
  region: Region,
  architects: readonly string[],
  known: readonly Architect[],
  changes: ReadonlyMap<string, Change>,
): Row {
  const { id, stand, uri, range, message, alternatives } = region;
  const line = range.start.line + 1;
  const first = alternatives[0]?.hunks.find((one) => changes.has(one.change));
  const kind = changes.get(first?.change ?? "")?.files.find((one) => one.hunks.some(({ id }) => id === first?.hunk))?.kind;
  const whole = kind === "create" || kind === "delete";
  return {
    id,
    stand,
    place: whole ? basename(uri) : `${basename(uri)}:${line}`,
    path: whole ? pathOf(uri) : `${pathOf(uri)}:${line}`,
    message,
    cells: architects.map((name) => cellOf(name, region)),
    choices: alternatives.map((one, index) => choiceOf(one, index, region, known)),
    at: first ?? null,
  };
}

/** A sign for each thing that it has to do with the region: first what it proposes, then what it thinks of others'. */
function cellOf(architect: string, { alternatives, views }: Region): Cell {
  const number = (index: number): string => (alternatives.length > 1 ? String(index + 1) : "");
  const said: Cell[] = [];
  for (const [index, one] of alternatives.entries()) {
    if (one.architects.includes(architect)) {
      said.push({ sign: `●${number(index)}`, words: `${architect} proposes ${one.summary}` });
    }
  }
  for (const [index, one] of alternatives.entries()) {
    if (one.supporters.includes(architect)) {
      said.push({ sign: `+${number(index)}`, words: `${architect} supports ${names(one.architects)}` });
    }
  }
  for (const view of views.filter((one) => one.architect === architect && one.kind !== "support")) {
    const sign = view.kind === "object" ? "!" : "~";
    const whose = alternatives.length > 1 ? `${names(alternatives[view.alternative]?.architects ?? [])}'s` : "";
    said.push({ sign: `${sign}${number(view.alternative)}`, words: stanceWords(view, whose) });
  }
  return { sign: said.map((one) => one.sign).join(" "), words: said.map((one) => one.words).join("\n") };
}

function choiceOf(one: Alternative, index: number, { views }: Region, known: readonly Architect[]): Choice {
  const others = views.filter((view) => view.alternative === index && view.kind !== "support");
  return {
    number: index + 1,
    architects: one.architects.map((name) => ({ name, colour: colourIndex(known, name) })),
    hunks: idsIn(one),
    summary: one.summary,
    reasons: [
      ...(one.reason ? [one.reason] : []),
      ...(one.supporters.length > 0 ? [`+ ${names(one.supporters)} ${one.supporters.length > 1 ? "support" : "supports"} it`] : []),
      ...others.map((view) => `${view.kind === "object" ? "!" : "~"} ${stanceWords(view)}`),
      ...(one.settled ? [settledWords(one.settled)] : []),
    ],
    settled: one.settled ?? null,
    take: takeWords(one),
  };
}
