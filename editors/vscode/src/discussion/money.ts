/**
 * What a run cost, and may cost, in the fewest characters that say it truly: an estimate has a tilde, what isn't known is
 * a dash and never 0, and where only a part is known it is "at least". Pure, so that the page in the panel can use it too.
 */

import type { Usage } from "../wire.ts";

/** The dash that stands for what isn't known. */
export const UNKNOWN = "–";

/** What something cost: `0.9 ¢`, `$1.24`, `≥ 3.2 ¢` where only a part is known, `–` where nothing is. */
export function formatUsd(usage: Pick<Usage, "costUsd" | "knownCostUsd">): string {
  if (usage.costUsd !== null) {
    return amount(usage.costUsd);
  }
  return usage.knownCostUsd > 0 ? `≥ ${amount(usage.knownCostUsd)}` : UNKNOWN;
}

/** What something may cost, each part in US dollars or `null`: `~2.4 ¢`, `≥ ~2.4 ¢` where some parts aren't known, `–`. */
export function formatEstimate(parts: readonly (number | null)[]): string {
  const known = parts.filter((part) => part !== null);
  if (known.length === 0) {
    return UNKNOWN;
  }
  const sum = `~${amount(known.reduce((total, part) => total + part, 0))}`;
  return known.length < parts.length ? `≥ ${sum}` : sum;
}

/** So many tokens: `870 tok`, `1.9k tok`, `24k tok`, `1.2M tok`, `–`. */
export function formatTokens(tokens: number | null): string {
  return tokens === null ? UNKNOWN : `${count(tokens)} tok`;
}

/** What went in and out of a model together; `null` where neither is known. */
export function tokensOf(usage: Pick<Usage, "inputTokens" | "outputTokens">): number | null {
  const { inputTokens, outputTokens } = usage;
  return inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);
}

/** Which part of the input came out of the provider's cache: `61 % cached`; `null` where that isn't known or is nothing. */
export function formatCached(usage: Pick<Usage, "inputTokens" | "cachedTokens">): string | null {
  const { inputTokens, cachedTokens } = usage;
  return inputTokens && cachedTokens ? `${Math.round((100 * cachedTokens) / inputTokens)} % cached` : null;
}

/** Below a dollar in cents, to a tenth of one; a dollar and more in dollars and cents. */
function amount(usd: number): string {
  const cents = usd * 100;
  if (cents === 0) {
    return "0 ¢";
  }
  if (cents < 0.1) {
    return "< 0.1 ¢";
  }
  return cents < 99.95 ? `${cents.toFixed(1)} ¢` : `$${usd.toFixed(2)}`;
}

function count(tokens: number): string {
  if (tokens < 1_000) {
    return String(tokens);
  }
  if (tokens < 999_500) {
    return `${short(tokens / 1_000)}k`;
  }
  return `${short(tokens / 1_000_000)}M`;
}

/** One digit after the point below ten, none above. */
function short(number: number): string {
  const text = number < 9.95 ? number.toFixed(1) : number.toFixed(0);
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}
