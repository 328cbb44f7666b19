/**
 * The ways into a discussion from elsewhere in the editor: what is selected, a problem, files, the palette, the
 * walkthrough and the demo. They fill the panel's prompt (`moa-lsp.ask`), and what is sent is the user's to send; only
 * `/code` is sent at once, since asking for it is all there is to say. Each works without an argument too, on what the
 * user looks at.
 */

import {
  commands,
  Disposable,
  FileType,
  languages,
  Range,
  TabInputText,
  Uri,
  window,
  workspace,
  type ExtensionContext,
  type TextEditor,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Server } from "../server/server.ts";
import { asRange, askAbout, DiscussActions, linesOf, problemAt, type ProblemHere } from "./actions.ts";
import { goOnWithDemo, startDemo } from "./demo.ts";
import { discussed, foreign } from "./targets.ts";
import { SchemaLine } from "./toml.ts";

const WALKTHROUGH = "start";

export function registerEntries(context: ExtensionContext, server: Server, discussions: Discussions): Disposable {
  const register = (name: string, carryOut: (...given: unknown[]) => unknown): Disposable =>
    commands.registerCommand(`moa-lsp.${name}`, carryOut);
  const onFiles = { scheme: "file" };
  return Disposable.from(
    register("discussSelection", (given) => discussSelection(given)),
    register("discussProblem", (...given) => discussProblems(given)),
    register("discussFiles", (clicked, selected) => discussFiles(clicked, selected)),
    register("code", (given) => ask({ message: codePrompt(given), send: true })),
    register("demo", () => startDemo(server, discussions)),
    register("openWalkthrough", () =>
      commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#${WALKTHROUGH}`, false),
    ),
    languages.registerCodeActionsProvider(onFiles, new DiscussActions(), {
      providedCodeActionKinds: DiscussActions.kinds,
    }),
    languages.registerCompletionItemProvider({ ...onFiles, pattern: "**/moa.toml" }, new SchemaLine(context), "#", ":"),
    goOnWithDemo(server, discussions),
  );
}

/** What `moa-lsp.ask` takes. */
interface Asked {
  readonly message?: string;
  readonly files?: readonly Uri[];
  readonly selection?: { readonly uri: Uri; readonly range: Range };
  readonly send?: boolean;
}

async function ask(asked: Asked): Promise<void> {
  await commands.executeCommand("moa-lsp.ask", asked);
}

/** `given` is a place (a code action's); without one, the active editor's selection is meant. */
async function discussSelection(given: unknown): Promise<void> {
  if (isPlace(given)) {
    return ask({ selection: { uri: given.uri, range: given.range } });
  }
  const editor = fileEditor();
  if (!editor) {
    return say("Open a file and select the lines that you want to discuss.");
  }
  const { document, selection } = editor;
  await ask({ selection: { uri: document.uri, range: asRange(discussed(selection, linesOf(document))) } });
}

/** The problems that are given, all of one document, or those on the line of the cursor. */
async function discussProblems(given: readonly unknown[]): Promise<void> {
  const named = given.filter(isProblem);
  const problems = named.length > 0 ? named : problemsHere();
  const [first] = problems;
  if (!first) {
    return say(
      "There is no problem on this line. Put the cursor on one that is underlined, or open the Problems view.",
    );
  }
  await ask(askAbout(problems, await workspace.openTextDocument(first.uri)));
}

/** The problems in the selection, else those on the cursor's line. */
function problemsHere(): readonly ProblemHere[] {
  const editor = fileEditor();
  if (!editor) {
    return [];
  }
  const { document, selection } = editor;
  const all = foreign(languages.getDiagnostics(document.uri));
  const touched = all.filter((one) => one.range.intersection(selection));
  const onLine = all.filter((one) => one.range.intersection(document.lineAt(selection.active.line).range));
  return (touched.length > 0 ? touched : onLine).map((one) => problemAt(document.uri, one));
}

/** The files that are selected in the explorer, the clicked tab's, or the active editor's. */
async function discussFiles(clicked: unknown, selected: unknown): Promise<void> {
  const named = Array.isArray(selected) ? selected.filter((one) => one instanceof Uri) : [];
  const chosen = named.length > 0 ? named : clicked instanceof Uri ? [clicked] : activeFile();
  const unique = [...new Map(chosen.map((uri) => [uri.toString(), uri])).values()];
  const kinds = await Promise.all(unique.map((uri) => kindOf(uri)));
  const files = unique.filter((_, index) => kinds[index] === FileType.File);
  if (files.length === 0) {
    return say(
      unique.length > 0
        ? "Folders aren't discussed whole: select the files that matter."
        : "Open the file that you want to discuss.",
    );
  }
  await ask({ files });
}

function activeFile(): readonly Uri[] {
  // An editor that shows no text (an image, a notebook) is no text editor, but its tab may name a file.
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = fileEditor()?.document.uri ?? (input instanceof TabInputText ? input.uri : undefined);
  return uri?.scheme === "file" ? [uri] : [];
}

async function kindOf(uri: Uri): Promise<FileType> {
  try {
    const { type } = await workspace.fs.stat(uri);
    return type & FileType.File ? FileType.File : type;
  } catch {
    return FileType.Unknown;
  }
}

/** `/code`, with the message of a code action where it has one. */
function codePrompt(given: unknown): string {
  const message = (given as { readonly message?: unknown } | undefined)?.message;
  return typeof message === "string" && message ? `/code ${message}` : "/code";
}

function fileEditor(): TextEditor | undefined {
  const editor = window.activeTextEditor;
  return editor?.document.uri.scheme === "file" ? editor : undefined;
}

function isPlace(given: unknown): given is { readonly uri: Uri; readonly range: Range } {
  const { uri, range } = (given ?? {}) as { readonly uri?: unknown; readonly range?: unknown };
  return uri instanceof Uri && range instanceof Range;
}

function isProblem(given: unknown): given is ProblemHere {
  return isPlace(given) && typeof (given as { readonly message?: unknown }).message === "string";
}

async function say(words: string): Promise<void> {
  await window.showInformationMessage(words);
}
