/**
 * What of the `moa` section the server is sent. Pure. What nobody set has to be left out, for the editor's settings have
 * the last word over the project's `moa.toml`: the manifest gives it nothing as its default (`null`, an empty text, an
 * empty list), none of which is a value that the server would take. Never here: keys of providers, which are no settings (`keys.ts`).
 */

/** The extension's own settings, which the server wouldn't know. */
const OWN = new Set(["server", "saveAfterApply"]);

/** The section with everything in it that somebody set, at every depth. Values are those of a JSON file. */
export function sentSettings(section: unknown): Record<string, unknown> {
  const kept = withoutNothing(section);
  const entries = isTable(kept) ? Object.entries(kept) : [];
  return Object.fromEntries(entries.filter(([key, one]) => !OWN.has(key) && !isUnset(one)));
}

function isUnset(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNothing);
  }
  if (!isTable(value)) {
    return value;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutNothing(one)]));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
