/** Which environment variables hold providers' keys. Pure. */

import type { ModelRow } from "../wire.ts";

/** A provider, and the variable that holds its key. */
export interface KeyVariable {
  readonly name: string;
  readonly provider: string;
}

/** What is offered while no server says which there are: a few of the best known. */
const WELL_KNOWN: readonly KeyVariable[] = [
  { name: "ANTHROPIC_API_KEY", provider: "anthropic" },
  { name: "OPENAI_API_KEY", provider: "openai" },
  { name: "GEMINI_API_KEY", provider: "gemini" },
  { name: "MISTRAL_API_KEY", provider: "mistral" },
  { name: "DEEPSEEK_API_KEY", provider: "deepseek" },
  { name: "XAI_API_KEY", provider: "xai" },
  { name: "OPENROUTER_API_KEY", provider: "openrouter" },
];

/** The variables to choose from, each once: those of the server's models where it told any, else the well known. */
export function keyVariables(models: readonly ModelRow[]): readonly KeyVariable[] {
  const told = models.flatMap(({ keyVariable, provider }) => (keyVariable ? [{ name: keyVariable, provider }] : []));
  const offered = told.length > 0 ? told : WELL_KNOWN;
  return [...new Map(offered.map((one) => [one.name, one])).values()];
}

/** What is wrong with a text as the name of a variable, for people; `null` where nothing is. */
export function wrongWithVariable(name: string): string | null {
  // No long run of capitals: that is what tells a name from a key that was pasted in its place.
  return /^(?![A-Z0-9]{20,}$)[A-Z][A-Z0-9_]{0,99}$/.test(name)
    ? null
    : "The name of a variable is capital letters, digits and _, such as OPENAI_API_KEY. The key itself is asked for next.";
}
