/**
 * The demo in the editor: a sample project whose architects' replies are scripted, so that it works without any key.
 * The server's program writes the sample; it is opened like any folder, and asks for trust like any. There the first
 * message stands in the prompt, and after each step a hint offers the next one.
 *
 * Samples lie below this extension's own folder, each beside its script (`demo.json`), never in it: so a folder of
 * somebody else's can't pass itself off as one.
 */

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { commands, Disposable, ProgressLocation, Uri, window, workspace } from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import { candidates, patience } from "../server/candidates.ts";
import type { Server } from "../server/server.ts";
import { hintAt, scriptIn, stageOf, workspaceSettings, type Hint, type Script, type Stage } from "./demo-stages.ts";

const SAMPLES = "demo";
const SCRIPT = "demo.json";
/** The sample's name is what the window is called. */
const SAMPLE = "tea-shop";
/** Samples are small, but there is no end to them: those that are older go when a new one is made. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

const run = promisify(execFile);

/**
 * `moa-lsp.demo`: writes the sample and opens it, in this window where nothing is open in it. Where a sample is open that
 * nothing was said in yet, that one begins anew.
 */
export async function startDemo(server: Server, discussions: Discussions): Promise<void> {
  const here = sampleHere(server);
  const script = here && stageOf(discussions.state) === "first" ? await scriptOf(here) : null;
  if (here && script) {
    return begin(here, script);
  }
  const progress = { location: ProgressLocation.Notification, title: "Preparing the demo…" };
  const sample = await window.withProgress(progress, () => written(server));
  if (sample) {
    const nothingOpen = workspace.workspaceFolders === undefined && window.visibleTextEditors.length === 0;
    const where = nothingOpen ? { forceReuseWindow: true } : { forceNewWindow: true };
    await commands.executeCommand("vscode.openFolder", Uri.file(sample), where);
  }
}

/** The folder of a fresh sample; `undefined` where it couldn't be written, which is then said. */
async function written(server: Server): Promise<string | undefined> {
  const programs = candidates(server.surroundings());
  if ("words" in programs) {
    return complain(programs.words);
  }
  const samples = join(server.folder, SAMPLES);
  await removeOld(samples);
  let lastWords = "";
  for (const { command, arguments: first, origin } of programs) {
    const place = join(samples, String(Date.now()));
    const folder = join(place, SAMPLE);
    try {
      await mkdir(place, { recursive: true });
      const given = [...first, "demo", "--sample", folder, "--json"];
      const { stdout } = await run(command, given, {
        cwd: server.folder,
        timeout: patience(origin) * 1_000,
        windowsHide: true,
      });
      const script = scriptIn(stdout);
      if (!script) {
        throw new Error("It printed no script.");
      }
      await mkdir(join(folder, ".vscode"));
      await writeFile(join(folder, ".vscode", "settings.json"), workspaceSettings(script));
      await writeFile(join(place, SCRIPT), stdout);
      return folder;
    } catch (error) {
      server.log.warn(`${command} couldn't write the demo's sample: ${String(error)}`);
      lastWords ||= `${command} couldn't write its sample: ${lastLine(error)}`;
    }
  }
  return complain(`The demo can't begin. ${lastWords}`);
}

/** What a program that failed said last, else why it failed. */
function lastLine(error: unknown): string {
  const { stderr = "", message = "it said nothing about why" } = error as {
    readonly stderr?: string;
    readonly message?: string;
  };
  return (
    stderr
      .trim()
      .split("\n")
      .findLast((line) => line) ?? message
  );
}

async function complain(words: string): Promise<undefined> {
  const install = "Install the server";
  const answer = await window.showErrorMessage(words, install, "Show log");
  if (answer) {
    await commands.executeCommand(answer === install ? "moa-lsp.installServer" : "moa-lsp.showLog");
  }
}

async function removeOld(samples: string): Promise<void> {
  const names = await readdir(samples).catch(() => []);
  for (const name of names.filter((one) => Date.now() - Number(one) > KEPT_MS)) {
    await rm(join(samples, name), { recursive: true, force: true });
  }
}

/** In a window that shows a sample: the first message in the prompt, and the hints. */
export function goOnWithDemo(server: Server, discussions: Discussions): Disposable {
  const folder = sampleHere(server);
  if (!folder) {
    return new Disposable(() => undefined);
  }
  let course: Disposable | undefined;
  const goOn = async (): Promise<void> => {
    const script = await scriptOf(folder);
    if (script) {
      await discussions.reload();
      course ??= new Course(folder, script, discussions);
    }
  };
  const subscription = server.onDidChangeState(({ kind }) => {
    if (kind === "running" && !course) {
      void goOn();
    }
  });
  // Where the sample isn't trusted yet, it starts when it is.
  void server.ready();
  return new Disposable(() => {
    subscription.dispose();
    course?.dispose();
  });
}

function sampleHere(server: Server): string | undefined {
  const [only, ...others] = workspace.workspaceFolders ?? [];
  if (!only || others.length > 0 || only.uri.scheme !== "file") {
    return undefined;
  }
  const steps = relative(join(server.folder, SAMPLES), only.uri.fsPath).split(/[\\/]/);
  return steps.length === 2 && steps[0] !== ".." && steps[1] === SAMPLE ? only.uri.fsPath : undefined;
}

async function scriptOf(folder: string): Promise<Script | null> {
  return scriptIn(await readFile(join(dirname(folder), SCRIPT), "utf8").catch(() => ""));
}

/** The first message in the prompt, beside the code that it is about. */
async function begin(folder: string, script: Script): Promise<void> {
  const files = script.files.map((name) => Uri.file(join(folder, name)));
  if (files[0]) {
    await window.showTextDocument(files[0], { preview: false });
  }
  await commands.executeCommand("moa-lsp.ask", { message: script.messages.first, files });
}

/** One demo in this window: says each hint when the discussion gets there. */
class Course implements Disposable {
  #said: Stage = "running";
  readonly #subscription: Disposable;

  constructor(
    private readonly folder: string,
    private readonly script: Script,
    private readonly discussions: Discussions,
  ) {
    this.#subscription = discussions.onDidChange(() => this.#look());
    this.#look();
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #look(): void {
    const { state } = this.discussions;
    const stage = stageOf(state);
    if (stage === this.#said || stage === "running") {
      return;
    }
    this.#said = stage;
    if (stage === "first") {
      void begin(this.folder, this.script);
    }
    const hint = hintAt(stage, this.script, state);
    if (hint) {
      void this.#say(hint);
    }
  }

  async #say({ words, buttons }: Hint): Promise<void> {
    const answer = await window.showInformationMessage(words, ...buttons.map((one) => one.title));
    const button = buttons.find((one) => one.title === answer);
    if (button) {
      await commands.executeCommand(button.command, button.given);
    }
  }
}
