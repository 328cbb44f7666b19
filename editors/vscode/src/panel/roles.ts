/** A role for an architect: one of the library, with what it says, or words of the user's own. */

import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Role } from "../wire.ts";
import { roleItems, type RoleItem } from "./role-items.ts";

/**
 * Asks for a role: a name of the library or words, `""` for none of one's own, `null` where the user didn't choose.
 * `present` is the one that it has.
 */
export async function pickRole(discussions: Discussions, title: string, present: string): Promise<string | null> {
  const discussion = discussions.state.discussion?.id;
  const roles = await discussions.request("roles", discussion ? { discussion } : {});
  const picker = window.createQuickPick<QuickPickItem & { readonly role: string | null }>();
  picker.title = title;
  picker.placeholder = "Pick a role, or type in your words what it is to look at";
  picker.matchOnDetail = true;
  const offer = (typed: string): void => {
    picker.items = roleItems(roles, present, typed).map(shown);
  };
  offer("");
  // Words of one's own are there to be changed.
  if (present && !isNamed(roles, present)) {
    picker.value = present;
    offer(present);
  }
  picker.onDidChangeValue((typed) => offer(typed.trim()));
  const picked = await new Promise<string | null>((resolve) => {
    picker.onDidAccept(() => resolve(picker.selectedItems[0]?.role ?? null));
    picker.onDidHide(() => resolve(null));
    picker.show();
  });
  picker.dispose();
  return picked;
}

function isNamed(roles: readonly Role[], name: string): boolean {
  return roles.some((one) => one.name === name);
}

function shown(item: RoleItem): QuickPickItem & { readonly role: string | null } {
  return item.role === null ? { ...item, kind: QuickPickItemKind.Separator } : item;
}
