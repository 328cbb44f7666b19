/**
 * A round taken apart into its stages: who spoke in which, whether side by side, and which of them one answer speaks for.
 * Pure; what the server said of each turn is what stands. A plain round has none.
 */

import { EDITOR, isEndedEarly, pendingHunks, type DiscussionState } from "../discussion/state.ts";
import { colourIndex } from "../discussion/colours.ts";
import type { Architect, Round, Seat, Turn } from "../wire.ts";
import type { StageBlock } from "./messages.ts";

/** More columns than these can't be read in any panel; of more architects as many stand in each row. */
const MOST_COLUMNS = 4;

/** One stage of a round, with those of its turns that have begun. */
export interface Part {
  readonly step: number;
  readonly name: string;
  readonly parallel: boolean;
  /** Those who are to speak, as far as that is known: what has ended tells only who did. */
  readonly planned: readonly string[];
  /** With their places among the round's turns. */
  readonly turns: readonly { readonly turn: Turn; readonly index: number }[];
}

/** The stages of a round in the order in which they were held. `begun` are those told of while it runs, and who isn't asked. */
export function partsOf(round: Round, { stages: begun, passedOver }: Pick<DiscussionState, "stages" | "passedOver">): readonly Part[] {
  const staged =
    begun.length > 0 || round.turns.some(({ step = 1, stage = "", parallel }) => step > 1 || stage !== "" || parallel);
  if (!staged) {
    return [];
  }
  const steps = new Set([...round.turns.map(({ step = 1 }) => step), ...begun.map((one) => one.step)]);
  return [...steps].sort((one, other) => one - other).map((step) => {
    const told = begun.find((one) => one.step === step);
    const turns = [...round.turns.entries()]
      .map(([index, turn]) => ({ turn, index }))
      .filter(({ turn }) => (turn.step ?? 1) === step);
    return {
      step,
      name: told?.stage ?? turns[0]?.turn.stage ?? "",
      parallel: told?.parallel ?? turns.some(({ turn }) => turn.parallel),
      planned: (told?.architects ?? []).filter((name) => !passedOver.includes(name)),
      turns,
    };
  });
}

/** What somebody is there for; whom the discussion doesn't know, another preset asked: those seats have names of their own. */
export function seatOf(name: string, architects: readonly Architect[]): Seat | null {
  const known = architects.find((one) => one.name === name);
  return known?.seat ?? (!known && (name === "aggregator" || name === "arbiter") ? name : null);
}

/** Whether the one who speaks in it answers for all. */
export function isAnswer({ planned, turns }: Part, architects: readonly Architect[]): boolean {
  const names = [...planned, ...turns.map(({ turn }) => turn.architect)];
  return names.length > 0 && names.every((name) => name !== EDITOR && seatOf(name, architects) === "aggregator");
}

/** The stage as its heading shows it. `answered`: somebody has spoken for it further below. */
export function stageBlock(
  key: string,
  part: Part,
  voices: readonly Architect[],
  architects: readonly Architect[],
  answered: boolean,
): StageBlock {
  const { name, step, parallel, turns } = part;
  const who = [...new Set([...part.planned, ...turns.map(({ turn }) => turn.architect)])];
  const answer = isAnswer(part, architects);
  return {
    kind: "stage",
    key,
    name: name || `pass ${step}`,
    parallel: parallel && who.length > 1,
    columns: Math.ceil(who.length / Math.ceil(who.length / MOST_COLUMNS)),
    who: who.map((one) => ({
      name: one,
      colour: colourIndex(voices, one),
      status: turns.findLast(({ turn }) => turn.architect === one)?.turn.status ?? "waiting",
    })),
    answer,
    folds: answered && !answer,
    summary: summary(turns.map(({ turn }) => turn)),
  };
}

function summary(turns: readonly Turn[]): string {
  const counted = (count: number, one: string, several: string): readonly string[] =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
  const replaced = new Set(turns.map((turn) => turn.retries));
  const last = turns.filter((turn) => turn.number === undefined || !replaced.has(turn.number));
  const hunks = turns.reduce((sum, { change }) => sum + (change ? pendingHunks(change) : 0), 0);
  return [
    ...counted(last.filter((turn) => turn.status === "done").length, "answer", "answers"),
    ...counted(last.filter(isEndedEarly).length, "without an answer", "without an answer"),
    ...counted(hunks, "hunk to review", "hunks to review"),
  ].join(" · ");
}
