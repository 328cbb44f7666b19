/**
 * Installs the server for VS Code alone: a virtual environment in the extension's own folder, and in it the version that
 * matches. Nothing outside of that folder is touched. Never here: whether it is wanted, which is the user's click.
 */

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { env, ProgressLocation, Uri, window, type CancellationToken, type LogOutputChannel } from "vscode";
import { inEnvironment, which, type Surroundings } from "./candidates.ts";

/** The newest first; `python3` and `python` may be any. */
const PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
const IS_FIT = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

/** Installs it; true once it is there. What went wrong has been said to the user then. */
export async function install(around: Surroundings, folder: string, log: LogOutputChannel): Promise<boolean> {
  const wanted = `moa-lsp==${around.version}`;
  const failed = await window.withProgress(
    { location: ProgressLocation.Notification, title: "moa", cancellable: true },
    async (progress, token) => {
      const run = (program: string, ...given: readonly string[]): Promise<Outcome> =>
        carryOut(program, given, folder, log, token);
      progress.report({ message: "Looking for Python…" });
      const python = await findPython(around, run);
      if (token.isCancellationRequested) {
        return null;
      }
      if (!python) {
        return NO_PYTHON;
      }
      progress.report({ message: "Making an environment of its own…" });
      const made = await run(python, "-I", "-m", "venv", "--clear", around.installed);
      if (!made.good) {
        return made.lastWords;
      }
      progress.report({ message: `Installing ${wanted} and what it needs…` });
      const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", wanted];
      const installed = await run(inEnvironment(around, around.installed, "python"), ...pip);
      if (!installed.good) {
        // Half an environment would be found and fail at each start.
        await rm(around.installed, { recursive: true, force: true });
        return installed.lastWords;
      }
      return true;
    },
  );
  if (failed === true) {
    return true;
  }
  if (failed === NO_PYTHON) {
    await sayThereIsNoPython();
  } else if (failed !== null) {
    await sayItFailed(failed, log);
  }
  return false;
}

const NO_PYTHON = Symbol("no Python");

interface Outcome {
  readonly good: boolean;
  /** The last line on stderr, else on stdout; empty when the user stopped it. */
  readonly lastWords: string;
}

async function findPython(
  around: Surroundings,
  run: (program: string, ...given: readonly string[]) => Promise<Outcome>,
): Promise<string | null> {
  for (const name of PYTHONS) {
    const program = which(around, name);
    // Tried by running it: a shim may be on the PATH even where it only fails.
    if (program && (await run(program, "-I", "-c", IS_FIT)).good) {
      return program;
    }
  }
  return null;
}

async function sayThereIsNoPython(): Promise<void> {
  const get = "Get Python";
  const words = "The server needs Python 3.11 or newer with its venv module, and none was found on the PATH.";
  if ((await window.showErrorMessage(words, get)) === get) {
    await env.openExternal(Uri.parse("https://www.python.org/downloads/"));
  }
}

async function sayItFailed(lastWords: string, log: LogOutputChannel): Promise<void> {
  const show = "Show log";
  const words = `The server couldn't be installed. ${lastWords ? `The last words were: ${lastWords}` : ""}`.trim();
  if ((await window.showErrorMessage(words, show)) === show) {
    log.show();
  }
}

/** Runs a program in a folder of ours; what it says goes into the log. Stopped by the token. */
function carryOut(
  program: string,
  given: readonly string[],
  folder: string,
  log: LogOutputChannel,
  token: CancellationToken,
): Promise<Outcome> {
  if (token.isCancellationRequested) {
    return Promise.resolve({ good: false, lastWords: "" });
  }
  log.info(`[install] ${program} ${given.join(" ")}`);
  return new Promise((resolve) => {
    const child = spawn(program, given, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let said = "";
    let complained = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      said = line.trim() || said;
      log.info(`[install] ${line}`);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      complained = line.trim() || complained;
      log.warn(`[install] ${line}`);
    });
    const stopping = token.onCancellationRequested(() => child.kill());
    const done = (good: boolean, lastWords: string): void => {
      stopping.dispose();
      resolve({ good, lastWords: token.isCancellationRequested ? "" : lastWords });
    };
    child.on("error", (error) => done(false, error.message));
    child.on("close", (code) => done(code === 0, complained || said));
  });
}
