/** How often a server that ended by itself is started again. Pure: the time is told. */

const MOST = 4;
const WITHIN_MS = 3 * 60_000;

/** Remembers crashes, and says when it has been enough. */
export class Crashes {
  #times: number[] = [];

  /** Whether to start again after a crash at this time (milliseconds): up to 4 times in 3 minutes. */
  startAgain(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < WITHIN_MS), now];
    return this.#times.length <= MOST;
  }

  forget(): void {
    this.#times = [];
  }
}

/** What is said when it has been enough. `lastWords` is the last line on the server's stderr, or empty. */
export function tooManyCrashes(lastWords: string): string {
  const said = lastWords ? ` Its last words: ${lastWords}` : "";
  return `The server ended unexpectedly ${MOST + 1} times within 3 minutes, so it isn't started again by itself.${said}`;
}
