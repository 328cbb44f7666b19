/** A workspace of a test's own: a folder with files, the editor's settings for it, and what is on disk afterwards. */

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Provider } from "./provider.ts";

export const API = `"""The API."""


def get(store, key):
    return store[key]


def put(store, key, value):
    store[key] = value


def delete(store, key):
    """Takes a key out of the store, and whatever is kept under it."""
    del store[key]


def names(store):
    """All keys that the store holds at the moment, in order."""
    return sorted(store)
`;

export class Workspace {
  /** The folder's full path; by itself there is a blank in it, as in many people's. */
  readonly folder: string;
  readonly #root: string;

  constructor(files: Readonly<Record<string, string>> = { "api.py": API }, name = "work space") {
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), "moa-e2e-")));
    this.folder = join(this.#root, name);
    mkdirSync(this.folder);
    for (const [name, text] of Object.entries(files)) {
      this.write(name, text);
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** The text on disk, or null where there is no such file. */
  read(name: string): string | null {
    try {
      return readFileSync(this.path(name), "utf8");
    } catch {
      return null;
    }
  }

  /** Writes the folder's `.vscode/settings.json`. */
  settings(settings: Readonly<Record<string, unknown>>): void {
    this.write(".vscode/settings.json", JSON.stringify(settings));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Settings of architects that are scripted under their own names, and of an editor model scripted as `editor`. */
export function architects(provider: Provider, ...names: readonly string[]): Record<string, unknown> {
  return {
    "moa.architects": names.map((name) => ({ name, model: `openai/${name}`, apiBase: provider.url })),
    "moa.editor": { model: "openai/editor", apiBase: provider.url },
  };
}
