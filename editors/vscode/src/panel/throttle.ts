/**
 * Has something done at most so often: at once where it hasn't been for a while, else at the end of the pause, once for
 * all that asked meanwhile. The clock is handed in, so that it can be tested without waiting.
 */

export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls back after so many milliseconds; returns what takes that back. */
  later(milliseconds: number, callback: () => void): () => void;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  later: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Throttle {
  #last = -Infinity;
  #takeBack: (() => void) | null = null;

  /** `act` is called at most once every `pause` milliseconds. */
  constructor(
    readonly pause: number,
    readonly act: () => void,
    readonly clock: Clock = CLOCK,
  ) {}

  ask(): void {
    if (this.#takeBack) {
      return;
    }
    const left = this.#last + this.pause - this.clock.now();
    if (left <= 0) {
      this.#run();
    } else {
      this.#takeBack = this.clock.later(left, () => this.#run());
    }
  }

  /** What is still to come doesn't. */
  dispose(): void {
    this.#takeBack?.();
    this.#takeBack = null;
  }

  #run(): void {
    this.#takeBack = null;
    this.#last = this.clock.now();
    this.act();
  }
}
