/**
 * What a prompt means: `/discuss TEXT`, `/once PRESET TEXT`, `/code [TEXT]`, `/drop NAME`, `/preset NAME`, or plain text,
 * which discusses; `@file` anywhere names a file. Also what was typed before, newest last. Pure; which files there are is looked up elsewhere.
 */

export type Prompt =
  /** With a preset, this once by that one. */
  | { readonly kind: "discuss"; readonly message: string; readonly preset?: string }
  | { readonly kind: "code"; readonly message: string }
  | { readonly kind: "drop"; readonly name: string }
  /** Without a name, it is chosen from a list. */
  | { readonly kind: "preset"; readonly name: string }
  /** It can't be sent as it is, and the words say why. */
  | { readonly kind: "wrong"; readonly words: string };

/** Messages of several lines stay as they were typed; only blanks at the ends are taken off. */
export function parsePrompt(text: string): Prompt {
  const typed = text.trim();
  const command = /^\/([\p{L}\p{N}_-]+)(?=\s|$)\s*([^]*)$/u.exec(typed);
  if (!command) {
    return typed ? { kind: "discuss", message: typed } : { kind: "wrong", words: "Type a message first." };
  }
  const [, word = "", rest = ""] = command;
  switch (word) {
    case "discuss":
      return rest ? { kind: "discuss", message: rest } : { kind: "wrong", words: "Say what to discuss: /discuss TEXT." };
    case "code":
      return { kind: "code", message: rest };
    case "drop":
      return rest && !/\s/.test(rest)
        ? { kind: "drop", name: rest }
        : { kind: "wrong", words: "Say which architect to drop: /drop NAME." };
    case "preset":
      return /\s/.test(rest) ? { kind: "wrong", words: "Say which preset: /preset NAME." } : { kind: "preset", name: rest };
    case "once": {
      const [, preset = "", message = ""] = /^(\S+)\s+([^]+)$/.exec(rest) ?? [];
      return preset
        ? { kind: "discuss", message, preset }
        : { kind: "wrong", words: "Say by which preset, and what to discuss: /once NAME TEXT." };
    }
    default:
      return {
        kind: "wrong",
        words: `There is no command /${word}. There are /discuss, /once, /code, /preset and /drop.`,
      };
  }
}

/** The prompt's text, to be asked by this preset this once in place of any that was named. */
export function onceBy(preset: string, text: string): string {
  const typed = text.trimStart().replace(/^\/(?:discuss(?:\s+|$)|once(?:\s+\S*\s*|$))/u, "");
  return `/once ${preset} ${typed}`;
}

/** The paths that `@path` names in a text, each once; `~`, `..` and what is absolute is left to be refused elsewhere. */
export function mentions(text: string): readonly string[] {
  const found = [...text.matchAll(/(?<=^|\s)@(\S+)/g)].map((match) => match[1] ?? "");
  return [...new Set(found)];
}

/** The ways a mention may be meant: as it stands, and without the punctuation that ends a sentence or closes a bracket. */
export function readings(mention: string): readonly string[] {
  const bare = mention.replace(/[.,;:!?)\]}"'»]+$/, "");
  return bare && bare !== mention ? [mention, bare] : [mention];
}

/**
 * What the names of files in each workspace folder begin with, as the server has it: nothing in the first one, in the others
 * their folder's name, numbered where another folder, or something in the first one (`entries`), bears it already.
 */
export function folderLabels(folders: readonly string[], entries: readonly string[]): readonly string[] {
  const taken = new Set(entries);
  const labels = folders.slice(1).map((name) => {
    const bare = name || "root";
    let label = bare;
    for (let number = 2; taken.has(label); number += 1) {
      label = `${bare}-${number}`;
    }
    taken.add(label);
    return label;
  });
  return folders.length > 0 ? ["", ...labels] : [];
}

const MOST = 100;

/** The history with one more; the same thing twice in a row stands there once. */
export function remembered(history: readonly string[], text: string): readonly string[] {
  const typed = text.trim();
  return typed && history.at(-1) !== typed ? [...history, typed].slice(-MOST) : history;
}

/** Walks through a history: `back` and `forth` from what stands in the prompt, which isn't lost by it. */
export class Walk {
  #history: readonly string[];
  #at: number;
  #own = "";

  constructor(history: readonly string[]) {
    this.#history = history;
    this.#at = history.length;
  }

  /** The entry before, `null` at the beginning. `present` is what stands in the prompt. */
  back(present: string): string | null {
    if (this.#at === 0) {
      return null;
    }
    if (this.#at === this.#history.length) {
      this.#own = present;
    }
    this.#at -= 1;
    return this.#history[this.#at] ?? null;
  }

  /** The entry after; behind the last one what was typed; `null` where nobody went back. */
  forth(): string | null {
    if (this.#at >= this.#history.length) {
      return null;
    }
    this.#at += 1;
    return this.#at === this.#history.length ? this.#own : (this.#history[this.#at] ?? null);
  }

  get walking(): boolean {
    return this.#at < this.#history.length;
  }

  /** Begins anew at the end. */
  reset(history: readonly string[] = this.#history): void {
    this.#history = history;
    this.#at = history.length;
    this.#own = "";
  }
}
