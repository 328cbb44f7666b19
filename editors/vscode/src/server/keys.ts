/**
 * Providers' keys: kept in the editor's secret storage under the names of their environment variables, and handed to the
 * server in its environment. Never in settings, in a log or in a message; only the names are remembered beside them.
 */

import type { ExtensionContext } from "vscode";

const NAMES = "moa-lsp.keyNames";
const PREFIX = "moa-lsp.key.";

export class Keys {
  constructor(readonly context: ExtensionContext) {}

  /** The variables for which there is a key, in their order. */
  names(): readonly string[] {
    return this.context.globalState.get<readonly string[]>(NAMES, []);
  }

  /** Every key, by the name of its variable. */
  async all(): Promise<Readonly<Record<string, string>>> {
    const found = await Promise.all(this.names().map(async (name) => [name, await this.context.secrets.get(PREFIX + name)]));
    return Object.fromEntries(found.filter(([, key]) => key !== undefined)) as Record<string, string>;
  }

  async set(name: string, key: string): Promise<void> {
    await this.context.secrets.store(PREFIX + name, key);
    await this.context.globalState.update(NAMES, [...new Set([...this.names(), name])].sort());
  }

  async remove(name: string): Promise<void> {
    await this.context.secrets.delete(PREFIX + name);
    await this.context.globalState.update(
      NAMES,
      this.names().filter((one) => one !== name),
    );
  }
}
