/**
 * The code actions "Discuss this" on a selection and "Discuss this problem" on a diagnostic. They are here although
 * the server has such actions too: these work before it runs, and only fill the prompt. The server's are left out where
 * it is spoken to (`server/client.ts`).
 */

import {
  CodeAction,
  CodeActionKind,
  Range,
  type CodeActionContext,
  type CodeActionProvider,
  type Diagnostic,
  type Selection,
  type TextDocument,
  type Uri,
} from "vscode";
import { codeOf, foreign, isEmpty, problemPrompt, wholeLines, type Lines, type Trouble } from "./targets.ts";

/** The argument of `moa-lsp.discussProblem`. */
export interface ProblemHere extends Trouble {
  readonly uri: Uri;
  readonly range: Range;
}

export class DiscussActions implements CodeActionProvider {
  static readonly kinds = [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite];

  provideCodeActions(
    document: TextDocument,
    range: Range | Selection,
    { diagnostics, only }: CodeActionContext,
  ): CodeAction[] {
    const wanted = (kind: CodeActionKind): boolean => only?.contains(kind) ?? true;
    const actions: CodeAction[] = [];
    const problems = foreign(diagnostics);
    const [first] = problems;
    if (first && wanted(CodeActionKind.QuickFix)) {
      const title =
        problems.length === 1
          ? "Discuss this problem with the architects"
          : "Discuss these problems with the architects";
      const all = problems.map((one): ProblemHere => problemAt(document.uri, one));
      actions.push(action(title, CodeActionKind.QuickFix, "moa-lsp.discussProblem", all, problems));
    }
    if (!isEmpty(range) && wanted(CodeActionKind.RefactorRewrite)) {
      const selection = { uri: document.uri, range };
      actions.push(
        action("Discuss this with the architects", CodeActionKind.RefactorRewrite, "moa-lsp.discussSelection", [
          selection,
        ]),
      );
    }
    return actions;
  }
}

/** A diagnostic as `moa-lsp.discussProblem` takes it. */
export function problemAt(uri: Uri, { range, message, source, code }: Diagnostic): ProblemHere {
  return { uri, range, message, source, code: codeOf(code) };
}

/** The prompt and the lines for these problems, which stand in one document. */
export function askAbout(
  problems: readonly ProblemHere[],
  document: TextDocument,
): { message: string; selection: { uri: Uri; range: Range } } {
  const range = problems.map((one) => one.range).reduce((all, one) => all.union(one));
  return {
    message: problemPrompt(problems),
    selection: { uri: document.uri, range: asRange(wholeLines(range, linesOf(document))) },
  };
}

export function linesOf(document: TextDocument): Lines {
  return { lineCount: document.lineCount, lengthOf: (line) => document.lineAt(line).range.end.character };
}

export function asRange({ start, end }: ReturnType<typeof wholeLines>): Range {
  return new Range(start.line, start.character, end.line, end.character);
}

function action(
  title: string,
  kind: CodeActionKind,
  command: string,
  given: unknown[],
  about?: readonly Diagnostic[],
): CodeAction {
  const made = new CodeAction(title, kind);
  made.command = { title, command, arguments: given };
  if (about) {
    made.diagnostics = [...about];
  }
  return made;
}
