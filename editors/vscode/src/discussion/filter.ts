/**
 * What of the proposals is looked at: all, only what is contested, only what one architect has to do with. Pure. The panel
 * and the editor's marks go by the same one; nothing is decided by it.
 */

import type { Attitude, Stand } from "../wire.ts";

export interface Filter {
  readonly onlyContested: boolean;
  /** The one architect whose words and edits are shown; `null`: everybody's. */
  readonly architect: string | null;
}

export const NO_FILTER: Filter = { onlyContested: false, architect: null };

/** What of a hunk decides whether it is shown. */
export interface Sifted {
  readonly stand?: Stand;
  readonly sources: readonly string[];
  readonly views?: readonly { readonly architect: string; readonly kind: Attitude }[];
}

/** Whether it is shown: an architect has to do with what it proposes, and with what it said something about. */
export function passes({ onlyContested, architect }: Filter, { stand, sources, views = [] }: Sifted): boolean {
  const theirs = architect === null || sources.includes(architect) || views.some((one) => one.architect === architect);
  return theirs && (!onlyContested || stand === "contested");
}

/** What is shown, in a sentence for who doesn't see it. */
export function filterWords({ onlyContested, architect }: Filter): string {
  if (onlyContested) {
    return architect === null ? "Only contested edits are shown." : `Only ${architect}'s contested edits are shown.`;
  }
  return architect === null ? "All edits are shown." : `Only ${architect}'s words and edits are shown.`;
}
