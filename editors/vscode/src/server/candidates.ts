/**
 * Which programs may be the server, in the order in which they are tried, and the words for each way in which none is.
 * Pure: what stands on the disk is asked through `look`. Its rules: what the user named is the only one tried; nothing is
 * ever run from inside a workspace folder unless the user said so; a name is never left for the system to look up.
 */

import { posix, win32 } from "node:path";

/** What stands at a path, links followed. `real` is the path with every link resolved. */
export type Found = { readonly kind: "program"; readonly real: string } | { readonly kind: "missing" | "folder" | "not-executable" };

export interface Surroundings {
  /** The setting `moa.server.path`; empty where it isn't set. */
  readonly named: string;
  /** The workspace's folders, as paths. */
  readonly folders: readonly string[];
  /** Those of them whose own Python environment the user wants to be used. */
  readonly ownEnvironments: readonly string[];
  /** The variable `PATH`. */
  readonly path: string;
  readonly windows: boolean;
  readonly home: string;
  /** The folder of the environment that this extension made, or would make. */
  readonly installed: string;
  /** The extension's version, which the server's is to match. */
  readonly version: string;
  readonly look: (path: string) => Found;
}

export type Origin = "setting" | "workspace" | "path" | "installed" | "uvx" | "pipx";

/** A program to try, and with what. */
export interface Candidate {
  readonly origin: Origin;
  readonly command: string;
  readonly arguments: readonly string[];
}

/** What can be done about it: each is a button. */
export type Way = "install" | "choose" | "log" | "restart" | "settings";

/** Why there is no server: a sentence for people, and what can be done. */
export interface Failure {
  readonly words: string;
  readonly ways: readonly Way[];
}

const PROGRAM = "moa-lsp";

/** The programs to try, the first that works is taken; or why there is none to try. */
export function candidates(around: Surroundings): readonly Candidate[] | Failure {
  if (around.named) {
    return named(around);
  }
  for (const folder of around.ownEnvironments) {
    const command = inEnvironment(around, pathOf(around).join(folder, ".venv"), PROGRAM);
    if (around.look(command).kind === "program") {
      return [{ origin: "workspace", command, arguments: [] }];
    }
  }
  if (around.ownEnvironments.length > 0) {
    return {
      words:
        `The setting moa.server.useWorkspaceEnvironment is on, but there is no ${PROGRAM} in the .venv of ` +
        `${around.ownEnvironments.join(" or ")}. Install it there, or turn the setting off.`,
      ways: ["settings", "log"],
    };
  }
  const found: Candidate[] = [];
  const onPath = which(around, PROGRAM);
  if (onPath) {
    found.push({ origin: "path", command: onPath, arguments: [] });
  }
  const installed = inEnvironment(around, around.installed, PROGRAM);
  if (around.look(installed).kind === "program") {
    found.push({ origin: "installed", command: installed, arguments: [] });
  }
  const wanted = `${PROGRAM}==${around.version}`;
  const uvx = which(around, "uvx");
  if (uvx) {
    found.push({ origin: "uvx", command: uvx, arguments: ["--from", wanted, PROGRAM] });
  }
  const pipx = which(around, "pipx");
  if (pipx) {
    found.push({ origin: "pipx", command: pipx, arguments: ["run", "--spec", wanted, PROGRAM] });
  }
  return found.length > 0 ? found : NOTHING_FOUND;
}

const NOTHING_FOUND: Failure = {
  words: `There is no ${PROGRAM} on this machine yet. It can be installed for VS Code alone, or you name one that you have.`,
  ways: ["install", "choose", "log"],
};

function named(around: Surroundings): readonly Candidate[] | Failure {
  const command = around.named.replace(/^~(?=[/\\]|$)/, () => around.home);
  const fails = (what: string): Failure => ({
    words: `The setting moa.server.path names ${around.named}, ${what}. Choose another program, or empty the setting.`,
    ways: ["choose", "settings", "log"],
  });
  if (!pathOf(around).isAbsolute(command)) {
    return fails("which isn't a full path");
  }
  switch (around.look(command).kind) {
    case "program":
      return [{ origin: "setting", command, arguments: [] }];
    case "missing":
      return fails("which doesn't exist");
    case "folder":
      return fails("which is a folder, not a program");
    case "not-executable":
      return fails("which may not be run as a program");
  }
}

/**
 * The full path of the first program of that name on the `PATH`; `null` where there is none. Entries that aren't full paths
 * are passed over, and so is everything that lies in a workspace folder, by its name or through a link.
 */
export function which(around: Surroundings, name: string): string | null {
  const paths = pathOf(around);
  // Only .exe: what else Windows would run needs a shell, and a shell reads its arguments anew.
  const file = around.windows ? `${name}.exe` : name;
  for (const entry of around.path.split(paths.delimiter)) {
    if (!paths.isAbsolute(entry)) {
      continue;
    }
    const program = paths.join(entry, file);
    const found = around.look(program);
    if (found.kind === "program" && !isInside(around, program) && !isInside(around, found.real)) {
      return program;
    }
  }
  return null;
}

/** Where a virtual environment has its programs. */
export function inEnvironment(around: Pick<Surroundings, "windows">, environment: string, name: string): string {
  return around.windows ? win32.join(environment, "Scripts", `${name}.exe`) : posix.join(environment, "bin", name);
}

function isInside(around: Surroundings, file: string): boolean {
  return around.folders.some((folder) => {
    // Compared without case everywhere: to refuse one program too many is the lesser harm.
    const way = pathOf(around).relative(folder.toLowerCase(), file.toLowerCase());
    return way === "" || !(way === ".." || way.startsWith(`..${pathOf(around).sep}`) || pathOf(around).isAbsolute(way));
  });
}

function pathOf(around: Pick<Surroundings, "windows">): typeof posix {
  return around.windows ? win32 : posix;
}

/** How long a candidate may take until it answers, in seconds: `uvx` and `pipx` may have to fetch it first. */
export function patience(origin: Origin): number {
  return origin === "uvx" || origin === "pipx" ? 300 : 30;
}

/** The candidate, for people. */
export function describe(candidate: Candidate): string {
  const what = [candidate.command, ...candidate.arguments].join(" ");
  switch (candidate.origin) {
    case "setting":
      return `${what} (the setting moa.server.path)`;
    case "workspace":
      return `${what} (the workspace's own environment)`;
    case "path":
      return `${what} (found on the PATH)`;
    case "installed":
      return `${what} (installed for VS Code)`;
    case "uvx":
    case "pipx":
      return what;
  }
}

/** Why a candidate that was started isn't the server. `lastWords` is the last line that it wrote to stderr, or empty. */
export type Trouble =
  | { readonly kind: "died"; readonly lastWords: string }
  | { readonly kind: "silent"; readonly seconds: number }
  /** It goes on running, but answered the handshake with an error, or with something else than an answer. */
  | { readonly kind: "refused"; readonly answer: string }
  | { readonly kind: "stranger"; readonly name: string }
  | { readonly kind: "version"; readonly version: string };

/** The words for what went wrong with a candidate, when nothing after it worked either. */
export function failure(candidate: Candidate, trouble: Trouble, wanted: string): Failure {
  const what = describe(candidate);
  // What the user named is theirs to change; in place of anything else one can be installed.
  const ways: readonly Way[] = candidate.origin === "setting" ? ["choose", "restart", "log"] : ["install", "choose", "log"];
  switch (trouble.kind) {
    case "died": {
      const said = trouble.lastWords ? `Its last words: ${trouble.lastWords}` : "It said nothing about why.";
      return { words: `The server ended at its start: ${what}. ${said}`, ways };
    }
    case "silent":
      return { words: `The server didn't answer within ${trouble.seconds} seconds: ${what}.`, ways };
    case "refused":
      return { words: `The server refused to start: ${what}. Its answer: ${trouble.answer}`, ways };
    case "stranger":
      return { words: `What was started isn't ${PROGRAM}, it calls itself ${trouble.name || "nothing"}: ${what}.`, ways };
    case "version":
      return {
        words: `The server is ${trouble.version}, this extension wants ${series(wanted)}.x: ${what}.`,
        ways,
      };
  }
}

/** Whether a server of that version understands an extension of this one: until 1.0, where the first two numbers agree. */
export function fits(server: string, extension: string): boolean {
  return /^\d+\.\d+(?:\D|$)/.test(server) && series(server) === series(extension);
}

function series(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
