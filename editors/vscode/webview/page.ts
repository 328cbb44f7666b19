/**
 * What the page's parts share: the road to the extension, and what is kept while the page is away (hidden, or the window
 * loaded anew): the prompt, folds, the place that was being read.
 */

import type { Attachment, FromPage } from "../src/panel/messages.ts";

interface Kept {
  readonly prompt: string;
  readonly attachments: readonly Attachment[];
  /** Block keys whose fold differs from what it would be by itself: `true` is open. */
  readonly folds: Readonly<Record<string, boolean>>;
  /** The place that was read; `null` is the end. */
  readonly place: Place | null;
}

export interface Place {
  readonly discussion: string | null;
  /** The block at the top, and how far it is scrolled beyond it, in pixels. */
  readonly key: string;
  readonly offset: number;
}

const api = acquireVsCodeApi<Kept>();
const NONE: Kept = { prompt: "", attachments: [], folds: {}, place: null };
/** More folds than these are forgotten, the oldest first. */
const MOST_FOLDS = 400;

let kept: Kept = api.getState() ?? NONE;

export function tell(message: FromPage): void {
  api.postMessage(message);
}

export function remembered(): Kept {
  return kept;
}

export function remember(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  api.setState(kept);
}

export function rememberFold(key: string, open: boolean): void {
  const others = Object.entries(kept.folds).filter(([other]) => other !== key);
  remember({ folds: Object.fromEntries([...others, [key, open] as const].slice(-MOST_FOLDS)) });
}
