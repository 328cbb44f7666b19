/**
 * A provider of models for the tests: speaks OpenAI's chat completions over loopback HTTP, streamed as those who ask want
 * it. Scripted by the model's name; one reply is consumed a request, and the last one repeats. A model without a script is
 * answered as a provider answers an unknown one: 404.
 *
 *     const provider = await Provider.start();
 *     const gate = opened();
 *     provider.script("alpha", { text: "Some words that come late.", pause: { after: 2, until: gate.promise } });
 *
 * Whatever else is asked of it (a picture, a page) is in `visits`: nothing in these tests has a reason to ask for it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.ts";

export interface Reply {
  /** Streamed word by word. */
  readonly text?: string;
  /** A call of a tool, its arguments as JSON, streamed in two pieces behind the text. */
  readonly call?: { readonly name: string; readonly arguments: string };
  /** After so many words nothing comes until the promise is kept. */
  readonly pause?: { readonly after: number; readonly until: Promise<unknown> };
  /** Another status than 200: an error, whose message is `text`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds between two words. */
  readonly pace?: number;
  /** Prompt and completion tokens that are reported. */
  readonly usage?: readonly [number, number];
}

export interface Message {
  readonly role: string;
  readonly content: string;
}

/** A request as it came in, and what became of it. */
export interface Asked {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly headers: IncomingMessage["headers"];
  /** Whether it was given tools. */
  readonly tools: boolean;
  /** Whether whoever asked hung up before the reply's end. */
  gaveUp: boolean;
}

export class Provider {
  readonly requests: Asked[] = [];
  readonly visits: string[] = [];
  readonly #scripts = new Map<string, Reply[]>();
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<Provider> {
    const provider = new Provider();
    await provider.listen();
    return provider;
  }

  /** Begins to listen: on a free port, and after a `stop` on the same one again. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Closes every connection; from then on they are refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** `http://127.0.0.1:PORT` */
  get root(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.root}/v1`;
  }

  script(model: string, ...replies: readonly Reply[]): void {
    this.#scripts.set(model, [...replies]);
  }

  of(model: string): readonly Asked[] {
    return this.requests.filter((request) => request.model === model);
  }

  /** Waits for the so-many-th request (from 1) of that model. */
  async asked(model: string, number = 1): Promise<Asked> {
    return until(`request ${number} of ${model}`, () => this.of(model)[number - 1]);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    request.setEncoding("utf8");
    for await (const chunk of request) {
      text += chunk as string;
    }
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
      this.visits.push(`${request.method ?? ""} ${request.url ?? ""}`);
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(text) as { model: string; messages: Message[]; stream?: boolean; tools?: unknown[] };
    const { model, messages, tools = [] } = body;
    const asked: Asked = { model, messages, headers: request.headers, tools: tools.length > 0, gaveUp: false };
    const reply = this.#next(body.model);
    this.requests.push(asked);
    response.on("close", () => (asked.gaveUp ||= !response.writableFinished));
    if (reply.status !== undefined) {
      response.writeHead(reply.status, { "Content-Type": "application/json", ...reply.headers });
      response.end(JSON.stringify({ error: { message: reply.text ?? "", type: "scripted" } }));
      return;
    }
    await (body.stream ? streamed(response, body.model, reply) : whole(response, body.model, reply));
  }

  #next(model: string): Reply {
    const replies = this.#scripts.get(model);
    const reply = replies && replies.length > 1 ? replies.shift() : replies?.[0];
    return reply ?? { status: 404, text: `The model \`${model}\` does not exist or you do not have access to it.` };
  }
}

/** A promise, and what keeps it. */
export function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

/** A reply with prose around one proposal. */
export function proposing(proposal: string, prose = "I looked at it."): string {
  return `${prose}\n\n<proposal>\n${proposal}\n</proposal>\n`;
}

/** A SEARCH/REPLACE block; both texts end with a line end, and an empty search makes a file. */
export function edit(path: string, search: string, replace: string): string {
  return `${path}\n\`\`\`\n<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n\`\`\`\n`;
}

async function streamed(response: ServerResponse, model: string, reply: Reply): Promise<void> {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const envelope = { id: "chatcmpl-scripted", object: "chat.completion.chunk", created: 1, model };
  const send = (event: object): boolean => response.write(`data: ${JSON.stringify({ ...envelope, ...event })}\n\n`);
  const delta = (content: string): boolean => send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  const words = (reply.text ?? "").match(/\s*\S+|\s+$/g) ?? [];
  for (const [number, word] of words.entries()) {
    if (reply.pause?.after === number) {
      await reply.pause.until;
    }
    if (reply.pace) {
      await new Promise((resolve) => setTimeout(resolve, reply.pace));
    }
    if (response.destroyed) {
      return;
    }
    delta(word);
  }
  if (reply.pause && reply.pause.after >= words.length) {
    await reply.pause.until;
  }
  if (reply.call) {
    const { name, arguments: words } = reply.call;
    const piece = (call: object): boolean =>
      send({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }] });
    piece({ id: "call-1", type: "function", function: { name, arguments: words.slice(0, 4) } });
    piece({ function: { arguments: words.slice(4) } });
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: reply.call ? "tool_calls" : "stop" }] });
  if (reply.usage) {
    send({ choices: [], usage: usageOf(reply.usage) });
  }
  response.end("data: [DONE]\n\n");
}

async function whole(response: ServerResponse, model: string, reply: Reply): Promise<void> {
  await reply.pause?.until;
  const message = { role: "assistant", content: reply.text ?? "" };
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(
    JSON.stringify({
      ...{ id: "chatcmpl-scripted", object: "chat.completion", created: 1, model },
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: usageOf(reply.usage ?? [1, 1]),
    }),
  );
}

function usageOf([input, output]: readonly [number, number]): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
