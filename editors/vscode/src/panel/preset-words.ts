/**
 * Presets in words: the rows of the list in which one is chosen, and the line under the discussion's title. What a message
 * costs and how long it takes has a tilde, and is a dash where it isn't known. Pure.
 */

import { colourIndex, voices } from "../discussion/colours.ts";
import { formatEstimate, UNKNOWN } from "../discussion/money.ts";
import type { Discussion, Preset } from "../wire.ts";
import type { Strip } from "./messages.ts";
import { shapeParts, shapeWords } from "./shape.ts";

/** One row of the list, or the heading of those below it. */
export type PresetRow =
  | { readonly kind: "heading"; readonly label: string }
  | {
      readonly kind: "preset";
      readonly preset: Preset;
      /** With the names of icons in it, as `$(check)`. */
      readonly label: string;
      readonly description: string;
      readonly detail: string;
      /** Whether it is one of the user's own, to be renamed and deleted. */
      readonly own: boolean;
    };

const HEADINGS: readonly (readonly [Preset["from"], string])[] = [
  ["saved", "Saved"],
  ["settings", "From settings"],
  ["built-in", "Built in"],
];

/** The presets by where they come from, the user's own first. */
export function presetRows(presets: readonly Preset[]): readonly PresetRow[] {
  return HEADINGS.flatMap(([from, label]) => {
    const rows = presets.filter((one) => one.from === from).map(rowOf);
    return rows.length > 0 ? [{ kind: "heading", label } as const, ...rows] : [];
  });
}

/** `4 calls · ~2.4 ¢ · ~35 s`: what one message by it takes. */
export function figuresOf({ calls, costUsd, seconds }: Preset): string {
  return [callWords(calls), formatEstimate([costUsd]), formatSeconds(seconds)].join(" · ");
}

/** So long something takes: `~35 s`, `~2 min`, `–`. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) {
    return UNKNOWN;
  }
  // Up to here it is counted in seconds.
  return seconds < 99.5 ? `~${Math.max(1, Math.round(seconds))} s` : `~${Math.round(seconds / 60)} min`;
}

/** The line under the title: the discussion's preset, else the one that a new discussion would have. */
export function stripOf(discussion: Discussion | null, presets: readonly Preset[]): Strip | null {
  const name = discussion ? discussion.preset : presets.find((one) => one.current)?.name;
  const preset = presets.find((one) => one.name === name);
  const shape = discussion?.shape ?? preset?.shape;
  if (name === undefined || shape === undefined) {
    return null;
  }
  const known = discussion ? voices(discussion) : [];
  const colours = known.length > 0 ? known : (preset?.architects ?? []).map((one) => ({ ...one, dropped: false }));
  const figures = preset ? [preset.title, figuresOf(preset), preset.basis] : [];
  return {
    name,
    shape,
    parts: shapeParts(shape).map((part) => ({ ...part, colours: part.names.map((one) => colourIndex(colours, one)) })),
    tip: [shape, ...figures, ...(preset?.problem ? [preset.problem] : [])].filter(Boolean).join("\n"),
    spoken: `Preset ${name}: ${shapeWords(shape)}. Opens the list of presets.`,
    writesRoles: preset?.writesRoles ?? false,
  };
}

function rowOf(preset: Preset): PresetRow {
  const { name, current, shape, title, basis, problem } = preset;
  const mark = problem === undefined ? (current ? "$(check) " : "") : "$(circle-slash) ";
  return {
    kind: "preset",
    preset,
    label: `${mark}${name}`,
    description: shape,
    // What it takes is to be seen in the narrowest list, so it comes first.
    detail: problem ?? [figuresOf(preset), basis.replace(/\.$/, ""), title].filter(Boolean).join(" · "),
    own: preset.from === "saved",
  };
}

function callWords({ least, most }: Preset["calls"]): string {
  if (least !== most) {
    return `${least}–${most} calls`;
  }
  return most === 1 ? "1 call" : `${most} calls`;
}
