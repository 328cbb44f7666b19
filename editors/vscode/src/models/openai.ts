/**
 * A chat as VS Code's language model API has it, in OpenAI's shape and back: messages with calls of tools and their
 * results, tools, options, and calls that arrive in pieces. Pure; parts are known by what they hold, so that the editor's
 * classes aren't needed. Who is asked, and when, is `mixture-models.ts`'s.
 */

/** The roles of VS Code's messages; the last one isn't in its published API yet, but is sent. */
const ASSISTANT = 2;
const SYSTEM = 3;

/** A message as the editor's API gives it. */
export interface EditorMessage {
  readonly role: number;
  readonly content: readonly unknown[];
}

export type ChatMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string | null; readonly tool_calls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  /** `arguments` is JSON. */
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A part of a call as it arrives. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null };
}

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema?: object | undefined;
}

/** The messages in their order. Results of tools come before the words of the same message, right behind the calls. */
export function chatMessages(messages: readonly EditorMessage[]): readonly ChatMessage[] {
  return messages.flatMap(({ role, content }) => {
    const words = textOf(content);
    if (role === ASSISTANT) {
      const calls = content.filter(isCall).map(callOf);
      return [{ role: "assistant", content: words || null, ...(calls.length > 0 ? { tool_calls: calls } : {}) }];
    }
    const results = content.filter(isResult).map(resultOf);
    const said: readonly ChatMessage[] =
      words || results.length === 0 ? [{ role: role === SYSTEM ? "system" : "user", content: words }] : [];
    return [...results, ...said];
  });
}

/** The options of a call that OpenAI's interface has, under its names; what nobody set is left out. */
export function chatParameters(
  options: Readonly<Record<string, unknown>>,
  tools: readonly Tool[],
  mustCall: boolean,
): Readonly<Record<string, unknown>> {
  const set = Object.entries(options).filter(([name, value]) => PASSED.has(name) && value !== undefined && value !== null);
  return {
    ...Object.fromEntries(set),
    ...(tools.length > 0 ? { tools: tools.map(toolOf), tool_choice: mustCall ? "required" : "auto" } : {}),
  };
}

const PASSED: ReadonlySet<string> = new Set(["temperature", "top_p", "max_tokens", "stop", "seed"]);

/** What may be the tokens of a text: about four characters each. Nobody can say better before it is known who is asked. */
export function roughTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Everything of a message that counts for its length. */
export function allText(content: readonly unknown[]): string {
  const calls = content.filter(isCall).map((one) => one.name + JSON.stringify(one.input));
  const results = content.filter(isResult).map((one) => textOf(one.content));
  return [textOf(content), ...calls, ...results].join("\n");
}

/** Calls of tools put together out of their pieces. */
export class ToolCalls {
  readonly #calls = new Map<number, { id: string; name: string; words: string }>();

  add(pieces: readonly ToolCallDelta[]): void {
    for (const { index, id, function: piece } of pieces) {
      const call = this.#calls.get(index) ?? { id: "", name: "", words: "" };
      this.#calls.set(index, call);
      call.id ||= id ?? "";
      call.name ||= piece?.name ?? "";
      call.words += piece?.arguments ?? "";
    }
  }

  /** The calls in their order. Throws where a model's arguments aren't the JSON of an object. */
  whole(): readonly { readonly id: string; readonly name: string; readonly input: object }[] {
    return [...this.#calls.entries()]
      .sort(([one], [other]) => one - other)
      .map(([index, { id, name, words }]) => ({ id: id || `call-${index}`, name, input: inputOf(name, words) }));
  }
}

function inputOf(name: string, words: string): object {
  try {
    const input: unknown = JSON.parse(words || "{}");
    if (typeof input === "object" && input !== null) {
      return input;
    }
  } catch {
    // Said below.
  }
  throw new Error(`The model called ${name} with arguments that can't be read. Ask once more.`);
}

function toolOf({ name, description, inputSchema }: Tool): object {
  const parameters = inputSchema ?? { type: "object", properties: {} };
  return { type: "function", function: { name, description, parameters } };
}

interface CallPart {
  readonly callId: string;
  readonly name: string;
  readonly input: object;
}

interface ResultPart {
  readonly callId: string;
  readonly content: readonly unknown[];
}

function isCall(part: unknown): part is CallPart {
  return isTable(part) && typeof part.callId === "string" && typeof part.name === "string";
}

function isResult(part: unknown): part is ResultPart {
  return isTable(part) && typeof part.callId === "string" && Array.isArray(part.content);
}

function callOf({ callId, name, input }: CallPart): ToolCall {
  return { id: callId, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

function resultOf({ callId, content }: ResultPart): ChatMessage {
  return { role: "tool", tool_call_id: callId, content: textOf(content) };
}

/** The words among the parts. What a tool gives that isn't words is told as JSON; pictures and the like are no words. */
function textOf(parts: readonly unknown[]): string {
  return parts.map(wordsOf).join("");
}

function wordsOf(part: unknown): string {
  if (!isTable(part) || !("value" in part)) {
    return "";
  }
  return typeof part.value === "string" ? part.value : JSON.stringify(part.value);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
