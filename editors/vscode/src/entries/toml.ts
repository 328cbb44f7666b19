/**
 * In the first line of a `moa.toml`: a completion that names the schema for it, which comes with this extension. TOML
 * extensions (Even Better TOML, Tombi) read that line, and then complete, explain and check the file's keys. They can't
 * find the schema by themselves: what an extension contributes to them has to be an address on the web.
 */

import {
  CompletionItem,
  CompletionItemKind,
  Range,
  Uri,
  type CompletionItemProvider,
  type ExtensionContext,
  type Position,
  type TextDocument,
} from "vscode";

export class SchemaLine implements CompletionItemProvider {
  constructor(private readonly context: ExtensionContext) {}

  provideCompletionItems(document: TextDocument, { line }: Position): CompletionItem[] {
    const before = document.lineAt(line).text;
    if (line > 0 || !"#:schema".startsWith(before.trim())) {
      return [];
    }
    const schema = Uri.joinPath(this.context.extensionUri, "schemas", "moa.toml.schema.json");
    const item = new CompletionItem("#:schema", CompletionItemKind.File);
    item.detail = "The schema of moa.toml, on this machine";
    item.documentation = "With a TOML extension the keys below are then completed, explained and checked.";
    item.insertText = `#:schema ${schema.toString(true)}`;
    item.filterText = "#:schema";
    item.range = new Range(line, 0, line, before.length);
    return [item];
  }
}
