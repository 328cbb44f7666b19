/**
 * The server as the other parts use it (`connection.ts`): found, started when it is needed, started again after a crash,
 * stopped at the end. Its rules: nothing is started in a workspace that isn't trusted; one server at a time; whoever asks
 * while it starts waits for that start; a start that failed is tried anew only when somebody asks for just that, or
 * changes what it depended on. Never here: what is said to people at the edge of the window (`status.ts`).
 */

import { randomUUID } from "node:crypto";
import { access, mkdir } from "node:fs/promises";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  EventEmitter,
  window,
  workspace,
  type CancellationToken,
  type Disposable,
  type Event,
  type ExtensionContext,
  type LogOutputChannel,
} from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { CANCELLED, NOT_POSSIBLE, type CommandName, type Commands, type MoaEvent } from "../wire.ts";
import { candidates, describe, failure, type Candidate, type Failure, type Found, type Surroundings, type Way } from "./candidates.ts";
import type { Launched } from "./client.ts";
import { RefusedError, type Connection, type Remedy, type ServerState } from "./connection.ts";
import { Keys } from "./keys.ts";
import { Questions } from "./questions.ts";
import { Crashes, tooManyCrashes } from "./restarts.ts";

const USED_HERE = "moa-lsp.usedHere";
/** What shows that the user works with architects in this workspace. */
const USES: ReadonlySet<CommandName> = new Set<CommandName>(["discuss", "code"]);
/** What writes files, and asks the user first where it should. */
const WRITES: ReadonlySet<CommandName> = new Set<CommandName>(["apply", "undo", "restore"]);
/** What makes other presets. */
const PRESETS: ReadonlySet<CommandName> = new Set<CommandName>(["save-preset", "rename-preset", "delete-preset"]);
/** So long the server may need to take in settings that changed. */
const SETTINGS_MS = 1_000;

export class Server implements Connection, Disposable {
  readonly log: LogOutputChannel = window.createOutputChannel("moa", { log: true });
  readonly keys: Keys;
  readonly #moved = new EventEmitter<ServerState>();
  readonly #told = new EventEmitter<MoaEvent>();
  readonly #presetsMoved = new EventEmitter<void>();
  #settingsMoved: NodeJS.Timeout | undefined;
  readonly #prepared: ((client: LanguageClient) => Disposable | undefined)[] = [];
  readonly #ofClient: Disposable[] = [];
  readonly #crashes = new Crashes();
  readonly #questions = new Questions();
  readonly #subscriptions: Disposable[];
  #state: ServerState;
  #launched: Launched | undefined;
  #starting: Promise<boolean> | undefined;
  #abort = new AbortController();
  #wantedOnceTrusted = false;

  constructor(readonly context: ExtensionContext) {
    this.keys = new Keys(context);
    this.#state = workspace.isTrusted ? { kind: "idle" } : { kind: "restricted" };
    this.#subscriptions = [
      workspace.onDidGrantWorkspaceTrust(() => {
        this.#set({ kind: "idle" });
        if (this.#wantedOnceTrusted) {
          void this.ready();
        }
      }),
      workspace.onDidChangeConfiguration((event) => {
        // What was wrong may have been put right; a server that runs is left alone.
        if (event.affectsConfiguration("moa.server") && this.#state.kind === "failed") {
          void this.restart();
        }
        if (event.affectsConfiguration("moa")) {
          this.#presetsMaySoonMove();
        }
      }),
      workspace.onDidSaveTextDocument(({ fileName }) => {
        if (/[\\/]moa\.toml$/.test(fileName)) {
          this.#presetsMaySoonMove();
        }
      }),
    ];
  }

  get version(): string {
    return (this.context.extension.packageJSON as { readonly version: string }).version;
  }

  get state(): ServerState {
    return this.#state;
  }

  get onDidChangeState(): Event<ServerState> {
    return this.#moved.event;
  }

  get onEvent(): Event<MoaEvent> {
    return this.#told.event;
  }

  get onDidChangePresets(): Event<void> {
    return this.#presetsMoved.event;
  }

  /** Has `each` called with every client before it starts; what it gives back is disposed of when that client ends. */
  onClient(each: (client: LanguageClient) => Disposable | undefined): Disposable {
    this.#prepared.push(each);
    return {
      dispose: () => {
        this.#prepared.splice(this.#prepared.indexOf(each) >>> 0, 1);
      },
    };
  }

  /** Starts the server soon, where its user has used it in this workspace before, or the project is set up for it. */
  startWhereUsedBefore(): void {
    void this.#wasUsedHere().then((used) => (used ? this.ready() : false));
  }

  async ready(): Promise<boolean> {
    switch (this.#state.kind) {
      case "running":
        return true;
      case "failed":
        return false;
      case "restricted":
        this.#wantedOnceTrusted = true;
        return false;
      case "idle":
      case "starting":
        this.#starting ??= this.#start()
          .catch((error: unknown) => this.#fail({ words: `The server couldn't be started: ${String(error)}`, ways: ["restart", "log"] }))
          .finally(() => (this.#starting = undefined));
        return this.#starting;
    }
  }

  async request<Name extends CommandName>(
    name: Name,
    argument: Commands[Name]["argument"],
    token?: CancellationToken,
    report?: (words: string) => void,
  ): Promise<Commands[Name]["result"]> {
    if (!(await this.ready()) || !this.#launched) {
      throw new RefusedError(NOT_POSSIBLE, this.#whyNot());
    }
    if (USES.has(name)) {
      void this.context.workspaceState.update(USED_HERE, true);
      this.#questions.remind();
    }
    const { client } = this.#launched;
    const progress = report ? await reported(client, report) : null;
    try {
      const method = `moa/${name}`;
      const params = progress ? { ...argument, workDoneToken: progress.token } : argument;
      const send = (): Promise<Commands[Name]["result"]> =>
        token ? client.sendRequest(method, params, token) : client.sendRequest(method, params);
      const result = await (WRITES.has(name) ? this.#questions.whileWriting(send) : send());
      if (PRESETS.has(name)) {
        this.#presetsMoved.fire();
      }
      return result;
    } catch (error) {
      throw this.#refused(error, client, token);
    } finally {
      progress?.dispose();
    }
  }

  /** Starts a new server in place of the one that runs, or that couldn't be started. */
  async restart(): Promise<void> {
    await this.stop();
    this.#crashes.forget();
    await this.ready();
  }

  /** Ends the server, also one that is just starting; resolves when its process is gone. It starts again when needed. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#starting;
    const launched = this.#launched;
    this.#forgetClient();
    await launched?.stop();
    this.#set(workspace.isTrusted ? { kind: "idle" } : { kind: "restricted" });
  }

  dispose(): void {
    this.#abort.abort();
    void this.#launched?.stop();
    this.#forgetClient();
    clearTimeout(this.#settingsMoved);
    for (const one of [...this.#subscriptions, this.#moved, this.#told, this.#presetsMoved, this.log]) {
      one.dispose();
    }
  }

  /** What is looked at to find programs: the server's, and the Python that one is installed with. */
  surroundings(): Surroundings {
    const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    return {
      named: workspace.getConfiguration("moa").get("server.path", "").trim(),
      folders: folders.flatMap((folder) => [folder.uri.fsPath, realOf(folder.uri.fsPath)]),
      ownEnvironments: folders
        .filter((folder) => workspace.getConfiguration("moa", folder).get<boolean>("server.useWorkspaceEnvironment", false))
        .map((folder) => folder.uri.fsPath),
      path: process.env.PATH ?? "",
      windows: process.platform === "win32",
      home: homedir(),
      installed: join(this.folder, "server"),
      version: this.version,
      look,
    };
  }

  /** The folder of ours in which the server is started and installed. */
  get folder(): string {
    return this.context.globalStorageUri.fsPath;
  }

  async #start(): Promise<boolean> {
    const abort = (this.#abort = new AbortController());
    this.#set({ kind: "starting" });
    await mkdir(this.folder, { recursive: true });
    const found = candidates(this.surroundings());
    if ("words" in found) {
      return this.#fail(found);
    }
    let first: Failure | undefined;
    for (const candidate of found) {
      const outcome = await this.#try(candidate, abort.signal);
      if (abort.signal.aborted) {
        return false;
      }
      if (outcome === null) {
        return true;
      }
      this.log.warn(outcome.words);
      first ??= outcome;
    }
    return this.#fail(first ?? { words: "There is no server to start.", ways: ["install", "log"] });
  }

  /** Starts this program; `null` where it runs now, else why it doesn't. */
  async #try(candidate: Candidate, signal: AbortSignal): Promise<Failure | null> {
    this.log.info(`Starting ${describe(candidate)}`);
    const { launch, LaunchError } = await import("./client.ts");
    const clientParts: Disposable[] = [];
    try {
      const launched = await launch({
        candidate,
        version: this.version,
        folder: this.folder,
        keys: await this.keys.all(),
        log: this.log,
        signal,
        prepare: (client) => {
          client.onNotification("moa/event", (event: MoaEvent) => this.#told.fire(event));
          clientParts.push(this.#questions.of(client));
          clientParts.push(...this.#prepared.map((each) => each(client)).filter((part) => part !== undefined));
        },
        ended: (lastWords) => this.#crashed(lastWords),
      });
      this.#launched = launched;
      this.#ofClient.push(...clientParts);
      if (!signal.aborted) {
        this.log.info(`The server runs: ${launched.version}`);
        this.#set({ kind: "running", version: launched.version });
      }
      return null;
    } catch (error) {
      for (const part of clientParts) {
        part.dispose();
      }
      if (error instanceof LaunchError) {
        return failure(candidate, error.trouble, this.version);
      }
      this.log.error(error instanceof Error ? error : String(error));
      return failure(candidate, { kind: "died", lastWords: String(error) }, this.version);
    }
  }

  #presetsMaySoonMove(): void {
    clearTimeout(this.#settingsMoved);
    this.#settingsMoved = setTimeout(() => this.#presetsMoved.fire(), SETTINGS_MS);
  }

  #crashed(lastWords: string): void {
    this.log.error(`The server ended unexpectedly. ${lastWords}`);
    this.#forgetClient();
    if (this.#crashes.startAgain(Date.now())) {
      this.#set({ kind: "starting" });
      void this.ready();
    } else {
      this.#fail({ words: tooManyCrashes(lastWords), ways: ["restart", "log"] });
    }
  }

  #forgetClient(): void {
    this.#launched = undefined;
    for (const part of this.#ofClient.splice(0)) {
      part.dispose();
    }
  }

  #fail(why: Failure): false {
    this.log.error(why.words);
    this.#set({ kind: "failed", words: why.words, remedies: why.ways.map((way) => REMEDIES[way]) });
    return false;
  }

  #set(state: ServerState): void {
    this.#state = state;
    this.#moved.fire(state);
  }

  #whyNot(): string {
    switch (this.#state.kind) {
      case "failed":
        return this.#state.words;
      case "restricted":
        return "This workspace isn't trusted, so nothing is sent to any model. Trust it to ask the architects.";
      case "idle":
      case "starting":
      case "running":
        return "The server was stopped meanwhile. Try again.";
    }
  }

  #refused(error: unknown, client: LanguageClient, token: CancellationToken | undefined): RefusedError {
    if (token?.isCancellationRequested) {
      return new RefusedError(CANCELLED, "Stopped.");
    }
    const { code, message, data } = error as { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
    if (this.#launched?.client !== client || (typeof code === "number" && isOfConnection(code))) {
      return new RefusedError(NOT_POSSIBLE, "The server ended before it could answer. What had arrived is kept; try again.");
    }
    const words = typeof message === "string" ? message : String(error);
    return new RefusedError(typeof code === "number" ? code : NOT_POSSIBLE, words, data);
  }

  async #wasUsedHere(): Promise<boolean> {
    if (this.context.workspaceState.get<boolean>(USED_HERE, false)) {
      return true;
    }
    const tests = (workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === "file")
      .map((folder) => access(join(folder.uri.fsPath, "moa.toml")));
    const outcomes = await Promise.allSettled(tests);
    return outcomes.some((outcome) => outcome.status === "fulfilled");
  }
}

const REMEDIES: Readonly<Record<Way, Remedy>> = {
  install: { title: "Install the server", command: "moa-lsp.installServer" },
  choose: { title: "Choose a server…", command: "moa-lsp.chooseServer" },
  log: { title: "Show log", command: "moa-lsp.showLog" },
  restart: { title: "Start again", command: "moa-lsp.restartServer" },
  settings: { title: "Open settings", command: "moa-lsp.openSettings", arguments: ["moa.server"] },
};

/** Whether an error's code isn't an answer, but says that the connection was lost: vscode-jsonrpc's own. */
function isOfConnection(code: number): boolean {
  return (code >= -32099 && code <= -32096) || code > 0;
}

/** Has `report` told of a request's progress; the request has to bear the token. */
async function reported(
  client: LanguageClient,
  report: (words: string) => void,
): Promise<Disposable & { readonly token: string }> {
  const { ProgressType } = await import("vscode-languageclient/node");
  const token = randomUUID();
  const told = client.onProgress(new ProgressType<{ readonly message?: string }>(), token, ({ message }) => {
    if (message) {
      report(message);
    }
  });
  return { token, dispose: () => void told.dispose() };
}

function look(path: string): Found {
  try {
    if (!statSync(path).isFile()) {
      return { kind: "folder" };
    }
  } catch {
    return { kind: "missing" };
  }
  try {
    accessSync(path, constants.X_OK);
    return { kind: "program", real: realpathSync(path) };
  } catch {
    return { kind: "not-executable" };
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
