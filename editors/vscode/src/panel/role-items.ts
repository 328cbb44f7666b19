/** The rows of the list in which a role is chosen. Pure. */

import type { Role } from "../wire.ts";

export interface RoleItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly alwaysShow?: boolean;
  /** What is chosen by it: a name, words, `""` for none of one's own; `null` is a heading. */
  readonly role: string | null;
}

const HEADINGS: readonly (readonly [Role["from"], string])[] = [
  ["project", "The project's"],
  ["user", "Yours"],
  ["built-in", "Built in"],
];

/** The roles by where they come from, with what is typed as one more. `present` is the one that the architect has. */
export function roleItems(roles: readonly Role[], present: string, typed: string): readonly RoleItem[] {
  const library = HEADINGS.flatMap(([from, label]) => {
    const rows = roles.filter((one) => one.from === from).map((one) => itemOf(one, present));
    return rows.length > 0 ? [{ label, role: null }, ...rows] : [];
  });
  const own: RoleItem = { label: "In your words", description: typed, alwaysShow: true, role: typed };
  const none: RoleItem = present ? { label: "As it is configured", role: "" } : { label: "No role", role: "" };
  return [
    ...(typed && !roles.some((one) => one.name === typed) ? [own] : []),
    ...(present ? [...library, none] : [none, ...library]),
  ];
}

function itemOf({ name, text }: Role, present: string): RoleItem {
  // What it says begins behind its heading.
  const words = text.replace(/^#.*$/gm, "").replace(/\s+/g, " ").trim();
  return { label: `${name === present ? "$(check) " : ""}${name}`, detail: words, role: name };
}
