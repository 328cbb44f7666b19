/**
 * One run of one server program: started, spoken to, ended. The only file that imports vscode-languageclient's code; it is
 * loaded when a server is started, since it costs more than all the rest of the extension. Never here: which program
 * that is (`candidates.ts`), and what follows when it ends (`server.ts`).
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { commands, Range, Uri, workspace, type CodeAction, type CodeLens, type Command, type LogOutputChannel } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type ConfigurationParams,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import type { Commands, Range as WireRange } from "../wire.ts";
import { fits, patience, type Candidate, type Trouble } from "./candidates.ts";
import { sentSettings } from "./sent-settings.ts";

export interface Launch {
  readonly candidate: Candidate;
  /** The extension's version. */
  readonly version: string;
  /** A folder of ours: a workspace's files are nothing that a program should start among. */
  readonly folder: string;
  /** Keys of providers, by the name of their variable: handed over in the environment and nowhere else. */
  readonly keys: Readonly<Record<string, string>>;
  readonly log: LogOutputChannel;
  /** Called with the client before it is started. */
  readonly prepare: (client: LanguageClient) => void;
  /** Called when the server ended by itself after it had been running, with the last line of its stderr. */
  readonly ended: (lastWords: string) => void;
  /** Ends the start, and the program with it. */
  readonly signal: AbortSignal;
}

export interface Launched {
  readonly client: LanguageClient;
  readonly version: string;
  /** Has the server store what runs and end; resolves when its process is gone. */
  stop(): Promise<void>;
}

/** Why a program that was started isn't the server. */
export class LaunchError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.kind);
  }
}

const SETTINGS_WITHIN_MS = 2_000;
const SHUTDOWN_WITHIN_MS = 3_000;
const EXIT_WITHIN_MS = 1_000;

/** Starts a program and shakes hands with it. Rejects with `LaunchError`; the process is gone then. */
export async function launch(how: Launch): Promise<Launched> {
  const { candidate, log } = how;
  const program = spawn(candidate.command, candidate.arguments, {
    cwd: how.folder,
    env: { ...process.env, ...how.keys },
    stdio: "pipe",
    windowsHide: true,
  });
  let lastWords = "";
  // The process may be gone while what it said is still on its way.
  const silent = new Promise((resolve) => program.stderr.once("close", resolve));
  createInterface({ input: program.stderr }).on("line", (line) => {
    lastWords = line.trim() || lastWords;
    log.info(`[server] ${line}`);
  });
  const gone = new Promise<"failed">((resolve) => {
    program.once("exit", () => resolve("failed"));
    program.once("error", (error) => {
      lastWords = error.message;
      resolve("failed");
    });
  });
  program.stdin.on("error", () => {
    // A program that is gone takes no more input: that it is gone is told by its stdout.
  });

  let running = false;
  let stopping = false;
  let settingsAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (settingsAsked = resolve));
  const client = new QuietClient("moa-lsp", "moa", () => Promise.resolve(program), {
    ...options(log, settingsAsked),
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: async () => {
        if (running && !stopping) {
          running = false;
          await Promise.race([silent, delay(EXIT_WITHIN_MS)]);
          how.ended(lastWords);
        }
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  });
  client.registerFeature(WITHOUT_PROGRESS);
  how.prepare(client);

  const fail = async (trouble: Trouble): Promise<never> => {
    stopping = true;
    await end(client, program);
    throw new LaunchError(trouble);
  };
  const died = async (): Promise<never> => {
    await Promise.race([silent, delay(EXIT_WITHIN_MS)]);
    return fail({ kind: "died", lastWords });
  };
  const seconds = patience(candidate.origin);
  let answer = "";
  const refuses = (error: unknown): void => {
    answer = error instanceof Error ? error.message : String(error);
  };
  switch (await Promise.race([started(client, refuses), gone, aborted(how.signal), delay(seconds * 1_000)])) {
    case "started":
      break;
    case "refused":
      // One that just ended is told by the end of its stdout first.
      return (await Promise.race([gone, delay(EXIT_WITHIN_MS)])) === "failed" ? died() : fail({ kind: "refused", answer });
    case "failed":
    case "aborted":
      return died();
    case "waited":
      return fail({ kind: "silent", seconds });
  }
  const { name = "", version = "" } = client.initializeResult?.serverInfo ?? {};
  if (name !== "moa-lsp") {
    return fail({ kind: "stranger", name });
  }
  if (!fits(version, how.version)) {
    return fail({ kind: "version", version });
  }
  // A round that began before the server knew the editor's settings would run without them.
  await Promise.race([asked, delay(SETTINGS_WITHIN_MS)]);
  if (program.exitCode !== null || program.signalCode !== null) {
    return died();
  }
  running = true;
  return {
    client,
    version,
    stop: async () => {
      stopping = true;
      await end(client, program);
    },
  };
}

/** Logs what went wrong in the connection and leaves saying it to the server's state, which has words and remedies for it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function options(log: LogOutputChannel, settingsAsked: () => void): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: "file" }],
    outputChannel: log,
    traceOutputChannel: headlines(log),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { trusted: workspace.isTrusted, events: true, editorModels: "vscode", ownCommands: true },
    initializationFailedHandler: () => false,
    // The server's stderr is read where it is started.
    stdioOptions: { stdout: () => undefined, stderr: () => undefined },
    middleware: {
      workspace: {
        configuration: (params: ConfigurationParams) => {
          setImmediate(settingsAsked);
          return params.items.map((item) => {
            const scope = item.scopeUri ? Uri.parse(item.scopeUri) : null;
            const section = item.section ?? "";
            const settings: unknown = section ? workspace.getConfiguration(undefined, scope).get(section) : null;
            return section === "moa" ? sentSettings(settings) : (settings ?? null);
          });
        },
        // The server asks for what it wants to know; what is pushed would hold what isn't set, too.
        didChangeConfiguration: (_sections, next) => next(undefined),
      },
      provideCodeActions: async (document, range, context, token, next) => {
        const offered = await next(document, range, context, token);
        return offered?.filter((one) => !isDouble(one));
      },
      provideCodeLenses: async (document, token, next) => calm((await next(document, token)) ?? []),
      // The extension's own says the same, with its own commands in it (`review/hovers.ts`).
      provideHover: () => null,
      executeCommand: async (command, given: unknown[], next): Promise<unknown> => {
        const own = OWN_COMMANDS[command];
        return own ? await commands.executeCommand(own, forOwn(given[0])) : ((await next(command, given)) as unknown);
      },
    },
  };
}

/**
 * What the server's code actions and lenses do is done by the extension's own commands: they show a run in the panel,
 * and an error as a sentence.
 */
const OWN_COMMANDS: Readonly<Record<string, string>> = {
  "moa.discuss": "moa-lsp.ask",
  "moa.code": "moa-lsp.code",
  "moa.apply": "moa-lsp.applyHunks",
  "moa.reject": "moa-lsp.rejectHunks",
  "moa.take": "moa-lsp.takeHunks",
  "moa.leave": "moa-lsp.leaveHunks",
  "moa.reopen": "moa-lsp.reopenHunks",
};

/** Whether a code action is one that the extension offers itself, also before there is a server (`entries/actions.ts`). */
function isDouble(action: Command | CodeAction): boolean {
  const { command: id, arguments: given } = (typeof action.command === "object" ? action.command : action) as Partial<Command>;
  // One with a message is about what the architects differ on, which the extension has no action for.
  const { message } = ((given as readonly unknown[] | undefined)?.[0] ?? {}) as { readonly message?: unknown };
  return id === "moa.code" || (id === "moa.discuss" && !message);
}

/** Where a decision is open, only the buttons that decide: taken first, it is applied afterwards. */
function calm(lenses: readonly CodeLens[]): CodeLens[] {
  const open = new Set(lenses.filter((one) => one.command?.command === "moa.take").map((one) => one.range.start.line));
  const applies = new Set(["moa.apply", "moa.reject"]);
  return lenses.filter((one) => !open.has(one.range.start.line) || !applies.has(one.command?.command ?? ""));
}

/** The argument of a server's command as the extension's own take it: places as the editor's objects. */
function forOwn(argument: unknown): unknown {
  const { files, selection, ...rest } = (argument ?? {}) as Partial<Commands["discuss"]["argument"]>;
  return {
    ...rest,
    ...(files && { files: files.map((file) => Uri.parse(file)) }),
    ...(selection && { selection: { uri: Uri.parse(selection.uri), range: asRange(selection.range) } }),
  };
}

function asRange({ start, end }: WireRange): Range {
  return new Range(start.line, start.character, end.line, end.character);
}

/** The panel shows how far a run is; a second progress in the status bar would only nag. */
const WITHOUT_PROGRESS: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.window = { ...capabilities.window, workDoneProgress: false };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** A trace without the messages' bodies, which hold prompts and code, whatever the log's level. */
function headlines(log: LogOutputChannel): LogOutputChannel {
  return new Proxy(log, {
    get: (target, key) => {
      if (key === "trace") {
        return (message: string) => target.trace(message.startsWith("{") ? "(a message)" : (message.split("\n", 1)[0] ?? ""));
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

async function started(client: LanguageClient, refuses: (error: unknown) => void): Promise<"started" | "refused"> {
  try {
    await client.start();
    return "started";
  } catch (error) {
    refuses(error);
    return "refused";
  }
}

async function aborted(signal: AbortSignal): Promise<"aborted"> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return "aborted";
}

/** Asks the server to end; where it doesn't, ends its process. */
async function end(client: LanguageClient, program: ChildProcess): Promise<void> {
  if (client.isRunning()) {
    try {
      await client.stop(SHUTDOWN_WITHIN_MS);
    } catch {
      // It took too long, or it was gone already: what is left of it is ended below.
    }
  }
  const gone = (): boolean => program.pid === undefined || program.exitCode !== null || program.signalCode !== null;
  for (const push of [() => program.stdin?.end(), () => program.kill("SIGTERM"), () => program.kill("SIGKILL")]) {
    if (gone()) {
      break;
    }
    const exit = once(program, "exit");
    push();
    await Promise.race([exit, delay(EXIT_WITHIN_MS)]);
  }
  try {
    await client.dispose();
  } catch {
    // A client that never got to run has nothing to stop.
  }
}

/** Resolves to `waited` after so many milliseconds; never keeps the process alive. */
async function delay(milliseconds: number): Promise<"waited"> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
  return "waited";
}
