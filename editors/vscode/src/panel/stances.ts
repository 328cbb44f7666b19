/**
 * What architects said of each other's proposals, put where it is looked for: on the proposal that it is about. Also what
 * they gave up for another's, and what they ask. Pure.
 */

import { basename } from "./card.ts";
import { colourIndex } from "../discussion/colours.ts";
import { names, stanceWords } from "../discussion/stands.ts";
import type { Architect, Change, Discussion, Stance, Turn } from "../wire.ts";
import type { QuestionRow, StanceRow } from "./messages.ts";

interface Place {
  readonly key: string;
  readonly turn: Turn;
}

/**
 * By a turn's key (`DISCUSSION/ROUND/INDEX`): what others said of it. Of what one said several times of the same part
 * the newest stands.
 */
export function heardOf({ id, rounds = [] }: Discussion, known: readonly Architect[]): ReadonlyMap<string, readonly StanceRow[]> {
  const heard = new Map<string, Map<string, StanceRow>>();
  const before: Place[] = [];
  for (const round of rounds) {
    for (const [index, turn] of round.turns.entries()) {
      for (const stance of turn.stances ?? []) {
        const about = before.findLast((one) => isAbout(stance, one.turn));
        if (about) {
          const rows = heard.get(about.key) ?? new Map<string, StanceRow>();
          rows.set(`${turn.architect}\n${stance.target}`, rowOf(turn.architect, stance, known, partOf(stance.target)));
          heard.set(about.key, rows);
        }
      }
      before.push({ key: `${id}/${round.number}/${index}`, turn });
    }
  }
  return new Map([...heard].map(([key, rows]) => [key, [...rows.values()]]));
}

function isAbout({ architect, change }: Stance, turn: Turn): boolean {
  return change === null ? turn.architect === architect && turn.proposal !== null : turn.change?.id === change;
}

/** What a turn says of others. */
export function saidIn({ architect, stances = [] }: Turn, known: readonly Architect[]): readonly StanceRow[] {
  return stances.map((stance) => {
    const part = partOf(stance.target);
    return rowOf(architect, stance, known, part ? `${stance.architect}'s ${part}` : stance.architect);
  });
}

function rowOf(architect: string, { kind, reason }: Stance, known: readonly Architect[], to: string): StanceRow {
  return { kind, architect, colour: colourIndex(known, architect), words: stanceWords({ kind, architect, reason }, to) };
}

/** A number alone is a step's. */
function partOf(target: string): string {
  return /^\d+$/.test(target) ? `step ${target}` : target;
}

/** "Gave up its edit of api.py:12 for bravo's." A note, for it may be right or mere conformity: that is the user's to see. */
export function gaveUpNotes({ gaveUp = [] }: Turn, changes: ReadonlyMap<string, Change>): readonly string[] {
  return gaveUp.map(({ to, change, hunks }) => {
    const places = (changes.get(change)?.files ?? []).flatMap((file) =>
      file.hunks
        .filter((one) => hunks.includes(one.id))
        .map((one) => (file.kind === "edit" ? `${basename(file.uri)}:${one.range.start.line + 1}` : basename(file.uri))),
    );
    const what = hunks.length > 1 ? "edits" : "edit";
    const where = places.length > 0 ? ` of ${names([...new Set(places)])}` : "";
    return `Gave up its ${what}${where} for ${to}'s, which it had seen.`;
  });
}

/** The questions of a turn; one that has no number yet runs still. */
export function questionsIn({ number, questions = [] }: Turn, round: number): readonly QuestionRow[] {
  return number === undefined
    ? []
    : questions.map((one) => ({ round, turn: number, number: one.number, text: one.text, choices: one.choices, answer: one.answer }));
}
