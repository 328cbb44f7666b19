/**
 * A real VS Code for the tests: its server with folders of its own, a browser, and one page that shows one workspace at a
 * time. `scripts/test-vscode` prepares what it needs and says where it is by the environment (`PREPARED`).
 *
 * Nothing of the machine's own settings, keys or discussions reaches it: its environment is made here from nothing.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { until } from "./until.ts";
import { Window } from "./window.ts";
import type { Workspace } from "./workspace.ts";

/** Paths: the editor's program, a folder with the extensions installed, the server's program, the browser's. */
const PREPARED = {
  editor: "MOA_TEST_EDITOR",
  extensions: "MOA_TEST_EXTENSIONS",
  server: "MOA_TEST_SERVER",
  browser: "MOA_TEST_BROWSER",
} as const;

const BROWSER_ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** What keeps the window calm: nothing fetched, nothing animated, nothing that opens by itself. */
const CALM: Readonly<Record<string, unknown>> = {
  "workbench.startupEditor": "none",
  "workbench.reduceMotion": "on",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.commandCenter": false,
  "editor.minimap.enabled": false,
  "editor.autoClosingBrackets": "never",
  "editor.autoIndent": "none",
  // In a browser VS Code saves by itself a second after each change, unless it is told not to.
  "files.autoSave": "off",
  "git.enabled": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.untrustedFiles": "open",
};

/** For each thing that is waited for: a machine that is busy with other things is slow, not broken. */
const PATIENCE_MS = 120_000;

export interface Setting {
  /** Added to the user's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether the editor asks whether a folder is trusted; otherwise every folder is. */
  readonly asksForTrust?: boolean;
  /** Without the server's program: `programs` is then an empty folder, which alone is the PATH. */
  readonly withoutServer?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
}

export class Editor {
  /** The one folder of the PATH that is the test's own. */
  readonly programs: string;
  /** Where the server keeps its store and its log. */
  readonly data: string;
  /** What the models of `model-extension/` reply, as JSON, and where they write down what they are asked. */
  readonly models: string;
  readonly modelsLog: string;
  readonly #home: string;
  readonly #started: string;
  readonly #pages = new Map<string, number>();
  #rendezvous: Server | undefined;
  #process: ChildProcess | undefined;
  #browser: Browser | undefined;
  #page: Page | undefined;
  #origin = "";

  private constructor() {
    this.#home = realpathSync(mkdtempSync(join(tmpdir(), "moa-e2e-home-")));
    this.programs = join(this.#home, "programs");
    this.data = join(this.#home, "moa-data");
    this.models = join(this.#home, "models.json");
    this.modelsLog = join(this.#home, "models.log");
    writeFileSync(this.models, "{}");
    this.#started = join(this.#home, "servers");
    mkdirSync(this.programs);
  }

  static async start(setting: Setting = {}): Promise<Editor> {
    const editor = new Editor();
    try {
      await editor.#start(setting);
    } catch (error) {
      await editor.stop();
      throw error;
    }
    return editor;
  }

  /** `http://127.0.0.1:PORT`, where the editor's pages come from. */
  get origin(): string {
    return this.#origin;
  }

  /** Puts the server's program on the PATH, and returns its path. What it runs is the real one. */
  installServer(): string {
    const program = join(this.programs, "moa-lsp");
    writeFileSync(program, `#!/bin/sh\necho $$ >>"${this.#started}"\nexec "${prepared("server")}" "$@"\n`);
    chmodSync(program, 0o755);
    return program;
  }

  /** The process ids of the servers that were started here, oldest first. */
  servers(): readonly number[] {
    return existsSync(this.#started) ? readFileSync(this.#started, "utf8").trim().split("\n").map(Number) : [];
  }

  /** Ends the server that was started last as a crash would. */
  killServer(): void {
    const last = this.servers().at(-1);
    if (last === undefined) {
      throw new Error("No server was started.");
    }
    process.kill(last, "SIGKILL");
  }

  /** Opens the workspace in the editor's window, in place of the one that was there. */
  async open(workspace: Workspace): Promise<Window> {
    const page = this.#page;
    if (!page) {
      throw new Error("The editor isn't running.");
    }
    const { folder } = workspace;
    const window = new Window(page, workspace, {
      port: () => until(`the probe in ${folder}`, () => this.#pages.get(folder)),
      forget: () => this.#pages.delete(folder),
    });
    await page.goto(`${this.#origin}/?folder=${encodeURIComponent(folder)}`, { waitUntil: "commit" });
    await window.loaded();
    return window;
  }

  /** Writes what is on the screen into a file. */
  async picture(path: string): Promise<void> {
    await this.#page?.screenshot({ path });
  }

  /** Every file that was written in the editor's and the server's own folders, by path: where a secret could be. */
  written(): readonly string[] {
    return filesUnder(this.#home);
  }

  /** The newest log that the extension or the server wrote, by name: what a failed test shows. */
  logs(): string {
    const logs = this.written().filter((path) => /(?:moa[^/]*\.log|remoteexthost\.log)$/i.test(path));
    return logs.map((path) => `== ${path.slice(this.#home.length + 1)}\n${readFileSync(path, "utf8").slice(-6000)}`).join("\n");
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    this.#rendezvous?.closeAllConnections();
    this.#rendezvous?.close();
    await ended(this.#process);
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #start({ settings = {}, asksForTrust = false, withoutServer = false, viewport }: Setting): Promise<void> {
    const probe = await this.#listen();
    const data = join(this.#home, "editor");
    laidDown(join(data, "User", "settings.json"), { ...CALM, ...settings });
    if (!withoutServer) {
      this.installServer();
    }
    const path = withoutServer ? this.programs : `${this.programs}:/usr/local/bin:/usr/bin:/bin`;
    // The editor asks a login shell for the environment that programs are to have.
    writeFileSync(join(this.#home, ".profile"), `export PATH="${path}"\n`);
    const child = spawn(
      prepared("editor"),
      [
        ...["--auth", "none", "--bind-addr", "127.0.0.1:0", "--config", join(this.#home, "config.yaml")],
        ...["--user-data-dir", data, "--extensions-dir", prepared("extensions")],
        ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
        // Seconds that a window's extensions outlive it.
        ...["--reconnection-grace-time", "10"],
        ...(asksForTrust ? [] : ["--disable-workspace-trust"]),
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that whatever it started ends with it.
        detached: true,
        env: {
          PATH: path,
          SHELL: "/bin/sh",
          HOME: this.#home,
          LANG: "C.UTF-8",
          TMPDIR: tmpdir(),
          // No gallery: nothing is looked up on the network.
          EXTENSIONS_GALLERY: "{}",
          MOA_PROBE: probe,
          MOA_DATA_DIR: this.data,
          MOA_CONFIG_DIR: join(this.#home, "moa-config"),
          MOA_TEST_MODELS: this.models,
          MOA_TEST_MODELS_LOG: this.modelsLog,
        },
      },
    );
    this.#process = child;
    whenWeEnd(() => kill(child, "SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    this.#browser = await chromium.launch({ executablePath: prepared("browser"), args: BROWSER_ARGUMENTS });
    const over = new Promise<never>((_, reject) => {
      child.once("exit", () => reject(new Error(`The editor's server ended: ${said}`)));
    });
    const listening = until(
      "the editor's server",
      () => /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1],
      { seen: () => said },
    );
    this.#origin = await Promise.race([listening, over]);
    const context = await this.#browser.newContext({
      viewport: viewport ?? { width: 1280, height: 800 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    this.#page = await context.newPage();
  }

  /** Where windows say which folder they show and how their probe is reached. */
  async #listen(): Promise<string> {
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        const { folder, port } = JSON.parse(text) as { folder: string; port: number };
        this.#pages.set(folder, port);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#rendezvous = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

function prepared(what: keyof typeof PREPARED): string {
  const path = process.env[PREPARED[what]];
  if (!path) {
    throw new Error(`${PREPARED[what]} isn't set: run these tests by scripts/test-vscode.`);
  }
  return path;
}

function laidDown(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const over = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  kill(child, "SIGTERM");
  const impatient = setTimeout(() => kill(child, "SIGKILL"), 5000);
  await over;
  clearTimeout(impatient);
  // What it started and left behind.
  kill(child, "SIGKILL");
}

/** Ends a process with all of its group. */
function kill(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-(child.pid ?? NaN), signal);
  } catch {
    // It is gone already.
  }
}

/** Has it done when this process ends, also when it is told to. */
function whenWeEnd(clean: () => void): void {
  process.once("exit", clean);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => process.exit(1));
  }
}
