/**
 * The colour of an architect, by its place among the discussion's architects: the same one in the panel, the gutter, the
 * diff and the status bar. Pure: names in, the editor's theme colour ids out, so light, dark and high contrast are the
 * theme's business. A colour is never the only sign of who speaks; the name stands beside it.
 */

import type { Architect, Discussion } from "../wire.ts";
import { EDITOR } from "./state.ts";

/** The theme's colour ids in speaking order; they come round again after the last one. */
export const COLOURS = [
  "charts.blue",
  // An orange that can be seen: the dark themes' own `charts.orange` lets the background through.
  "symbolIcon.classForeground",
  "charts.purple",
  "charts.green",
  "charts.red",
  "charts.yellow",
] as const;

/** The colour of the editor model, and of a name that the discussion doesn't know. */
export const PLAIN = "foreground";

/**
 * Everybody who speaks or spoke in a discussion: its architects, then those that only another preset asked, in the order
 * of their first word. So each has a colour of its own, and one that the discussion has keeps it.
 */
export function voices({ architects, rounds = [] }: Pick<Discussion, "architects" | "rounds">): readonly Architect[] {
  const known = new Map(architects.map((one) => [one.name, one]));
  for (const { architect: name, model } of rounds.flatMap((round) => round.turns)) {
    if (!known.has(name)) {
      known.set(name, { name, model, dropped: false });
    }
  }
  return [...known.values()];
}

/** The index into `COLOURS` for the one of these voices that has this name; -1 for the editor model and for strangers. */
export function colourIndex(architects: readonly Architect[], name: string): number {
  const place = name === EDITOR ? -1 : architects.findIndex((one) => one.name === name);
  return place < 0 ? -1 : place % COLOURS.length;
}

/** The theme colour id for the architect of this name, as `ThemeColor` takes it. */
export function colourId(architects: readonly Architect[], name: string): string {
  return COLOURS[colourIndex(architects, name)] ?? PLAIN;
}
