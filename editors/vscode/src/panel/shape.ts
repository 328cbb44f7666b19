/**
 * A preset's shape, `(alpha ∥ bravo) → aggregator`, taken apart so that it can be drawn and read out. Pure. What can't be
 * taken apart is shown as it stands.
 */

/** Who is asked at one point of the shape, and how one gets there from the part before. */
export interface ShapePart {
  /** `first`: the beginning; `then`: afterwards; `and-back`: to and fro between the two until that is over. */
  readonly link: "first" | "then" | "and-back";
  /** Asked side by side where there are several. Empty where only their number is told. */
  readonly names: readonly string[];
  /** So many are asked. */
  readonly count: number;
  readonly parallel: boolean;
  /** How it goes on by itself: `↻ 3`, `until done`; mostly nothing. */
  readonly again: string;
}

/** The parts of a shape, in order; none where it can't be read. */
export function shapeParts(shape: string): readonly ShapePart[] {
  const pieces = shape.split(/\s*([→⇄])\s*/u);
  const parts: ShapePart[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const part = partOf(pieces[at] ?? "");
    if (!part) {
      return [];
    }
    parts.push({ ...part, link: at === 0 ? "first" : pieces[at - 1] === "⇄" ? "and-back" : "then" });
  }
  return parts;
}

/** `alpha and bravo side by side, then aggregator`; the shape itself where it can't be read. */
export function shapeWords(shape: string): string {
  const links = { first: "", then: ", then ", "and-back": ", to and fro with " } as const;
  const words = shapeParts(shape).map((part) => links[part.link] + partWords(part));
  return words.join("") || shape;
}

function partOf(piece: string): Omit<ShapePart, "link"> | null {
  const [, what = "", again = ""] = /^(.*?)(?:\s+(↻ \d+|until done))?$/u.exec(piece.trim()) ?? [];
  const inside = /^\(([^()]*)\)$/u.exec(what)?.[1];
  const number = /^(\d+) architects$/u.exec(inside ?? what)?.[1];
  const names = number === undefined ? (inside ?? what).split("∥").map((name) => name.trim()) : [];
  if (names.some((name) => name === "" || /[()]/u.test(name))) {
    return null;
  }
  const count = number === undefined ? names.length : Number(number);
  return { names, count, parallel: inside !== undefined && count > 1, again };
}

function partWords({ names, count, parallel, again }: ShapePart): string {
  const who = names.length > 0 ? listed(names) : `${count} architects`;
  const times = again.startsWith("↻") ? `up to ${again.slice(2)} times` : again;
  return [who, ...(parallel ? ["side by side"] : []), ...(times ? [times] : [])].join(" ");
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${last}` : last;
}
