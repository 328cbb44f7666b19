/** What a message may cost, in the words beside the send button, and whether it is so much that we ask first. Pure. */

import { formatEstimate, formatTokens } from "../discussion/money.ts";
import type { Estimate } from "../wire.ts";

export interface Price {
  /** `~2.4 ¢`; `null` where it is too small to be worth a word. */
  readonly words: string | null;
  /** Each model with its part. */
  readonly tip: string;
  /** Beyond this nothing is sent without a second yes. */
  readonly large: boolean;
}

// From here on it is worth a word…
const TOKENS_SHOWN = 4_000;
const USD_SHOWN = 0.005;
// …and from here on a question.
const TOKENS_ASKED = 100_000;
const USD_ASKED = 0.5;

/** What stands beside the send button where nobody would be asked. */
export const FREE = "nothing is asked: free";

export function priceOf(rows: readonly Estimate[]): Price {
  const tokens = rows.reduce((sum, row) => sum + (row.inputTokens ?? 0), 0);
  const usd = rows.reduce((sum, row) => sum + (row.costUsd ?? 0), 0);
  const shown = tokens >= TOKENS_SHOWN || usd >= USD_SHOWN;
  return {
    words: shown ? formatEstimate(rows.map((row) => row.costUsd)) : null,
    tip: rows
      .map((row) => `${row.architect}${row.stage ? ` (${row.stage})` : ""}: ${formatTokens(row.inputTokens)}, ${formatEstimate([row.costUsd])}`)
      .join("\n"),
    large: tokens > TOKENS_ASKED || usd > USD_ASKED,
  };
}

/** The question before something large is sent. */
export function confirmation(rows: readonly Estimate[]): string {
  const tokens = rows.reduce((sum, row) => sum + (row.inputTokens ?? 0), 0);
  const price = formatEstimate(rows.map((row) => row.costUsd));
  const calls = rows.length > 1 ? ` in ${rows.length} calls` : "";
  return `This sends about ${formatTokens(tokens)}${calls}, ${price === "–" ? "at a price that isn't known" : price}. Send once more to go on.`;
}
