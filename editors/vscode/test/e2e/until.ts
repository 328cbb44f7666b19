/** Waiting for what has to come: looked at again and again, with words for what was waited for where it doesn't. */

const SECONDS = 120;
const PAUSE_MS = 50;

/**
 * Waits until `look` gives something (anything but undefined, null and false) and returns that. A `look` that throws has
 * nothing yet. Rejects after `seconds`, saying what was waited for and, where `seen` tells, what was there instead.
 */
export async function until<Value>(
  what: string,
  look: () => Value | Promise<Value>,
  { seconds = SECONDS, seen }: { readonly seconds?: number; readonly seen?: () => unknown } = {},
): Promise<NonNullable<Exclude<Value, false>>> {
  const end = Date.now() + seconds * 1000;
  let failure: unknown;
  do {
    try {
      const value = await look();
      if (value !== undefined && value !== null && value !== false) {
        return value as NonNullable<Exclude<Value, false>>;
      }
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (Date.now() < end);
  const there = seen ? `; there was: ${String(await seen())}` : "";
  throw new Error(`Waited ${seconds} s for ${what}${there}`, failure === undefined ? {} : { cause: failure });
}
