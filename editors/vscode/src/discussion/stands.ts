/**
 * How architects stand to each other's edits, in signs and words that are the same in panel, gutter, diff and hover.
 * Pure. Who stands how, and what contradicts what, the server says; here it is only put into words.
 */

import type { Alternative, Attitude, Disagreement, Hunk, Region, Settled, Stand } from "../wire.ts";

export const GLYPHS: Readonly<Record<Stand, string>> = { contested: "◆", agreed: "≡", alone: "◇", settled: "◈" };

/** What stands before a stance. */
export const SIGNS: Readonly<Record<Attitude, string>> = { support: "+", amend: "~", object: "!" };

const VERBS: Readonly<Record<Attitude, string>> = { support: "supports", amend: "amends", object: "objects" };

const WORDS: Readonly<Record<Stand, string>> = {
  contested: "contested: a decision is open",
  agreed: "agreed: several are behind it, nobody is against it",
  alone: "alone: nobody else said anything for or against it",
  settled: "settled: you decided",
};

/** "alpha", "alpha and bravo", "alpha, bravo and charlie"; the editor model is nobody's name. */
export function names(sources: readonly string[]): string {
  const all = sources.map((one) => (one === "editor" ? "the editor model" : one));
  return all.length > 1 ? `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}` : (all[0] ?? "moa");
}

/** "bravo objects to step 2: it hides KeyError". Without a reason the verb alone; `to` is the part that is meant. */
export function stanceWords(
  { kind, architect, reason }: { readonly kind: Attitude; readonly architect: string; readonly reason: string },
  to = "",
): string {
  const what = to && (kind === "object" ? ` to ${to}` : ` ${to}`);
  return `${architect} ${VERBS[kind]}${what}${reason ? `: ${reason}` : ""}`;
}

/** How a hunk stands, in a few words that need no sign beside them; empty where nothing is to be said. */
export function standWords({ stand, settled }: Pick<Hunk, "stand" | "settled">): string {
  if (settled !== undefined) {
    return settledWords(settled);
  }
  return stand === undefined ? "" : WORDS[stand];
}

export function settledWords(settled: Settled): string {
  return settled === "taken" ? "settled: you took it" : "settled: you decided against it";
}

/** What a button says that takes this alternative. */
export function takeWords({ architects }: Pick<Alternative, "architects">): string {
  return `Take ${names(architects)}'s`;
}

/** The ids of an alternative's hunks. */
export function idsIn({ hunks }: Pick<Alternative, "hunks">): readonly string[] {
  return hunks.map((one) => one.hunk);
}

/** The ids of all hunks of a region. */
export function hunksOf({ alternatives }: Pick<Region, "alternatives">): readonly string[] {
  return [...new Set(alternatives.flatMap(idsIn))];
}

/** The region that one of these hunks is in. */
export function regionWith(disagreement: Disagreement | null, hunks: readonly string[]): Region | undefined {
  return disagreement?.regions.find((region) => hunksOf(region).some((id) => hunks.includes(id)));
}

/** What is asked where the architects are to think once more of just these lines. */
export function askAgain({ alternatives, views }: Region): string {
  const differ =
    alternatives.length > 1
      ? `You differ on these lines: ${names(alternatives.map((one) => names(one.architects)))} want different text.`
      : `${names([...new Set(views.map((one) => one.architect))])} would have these lines otherwise.`;
  return `${differ} Weigh the reasons of each other, and say what should stand there.`;
}
