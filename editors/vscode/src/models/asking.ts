/**
 * The words of `moa/askModel`, and what becomes of them in VS Code's language model API: roles, names, errors, and text
 * put together into fewer messages. Pure: who is asked, and how, is `editor-models.ts`'s.
 */

import { NOT_POSSIBLE } from "../wire.ts";
import { isPreset } from "./offered-presets.ts";

/** What the server asks for: a reply of `model` (`VENDOR/FAMILY`) to these messages. */
export interface AskModel {
  readonly call: string;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

/** One row of the answer to `moa/listModels`. */
export interface OfferedModel {
  /** `VENDOR/FAMILY`. */
  readonly model: string;
  /** For people. */
  readonly name: string;
  readonly maxInputTokens: number;
}

/** The contract's words for what an editor's model can fail of. */
export type Kind = "no-permission" | "not-found" | "blocked" | "quota" | "other";

/** An answer that is an error: its code, its words for people, and what it is to the server. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly kind: Kind };
}

/** The parts of `VENDOR/FAMILY`, a family may hold slashes; `null` where one of them is missing. */
export function parsed(model: string): { readonly vendor: string; readonly family: string } | null {
  const [, vendor, family] = /^([^/]+)\/(.+)$/s.exec(model) ?? [];
  return vendor && family ? { vendor, family } : null;
}

/** The messages with the roles that VS Code knows: it has none for the system, whose message the user says first. */
export function withoutSystem(
  messages: readonly Message[],
): readonly (Message & { readonly role: "user" | "assistant" })[] {
  return messages.map(({ role, text }) => ({ role: role === "assistant" ? "assistant" : "user", text }));
}

/** The options as most vendors take them; what isn't set is left to the vendor. */
export function modelOptions({ maxTokens, temperature }: AskModel): Readonly<Record<string, number>> {
  return {
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

/** Each model once, by vendor and family; of several versions the first. Presets of our own are no architects. */
export function offered(
  models: readonly {
    readonly vendor: string;
    readonly family: string;
    readonly name: string;
    readonly maxInputTokens: number;
  }[],
): readonly OfferedModel[] {
  const rows = new Map<string, OfferedModel>();
  for (const { vendor, family, name, maxInputTokens } of models) {
    const model = `${vendor}/${family}`;
    if (vendor && family && !isPreset(model) && !rows.has(model)) {
      rows.set(model, { model, name, maxInputTokens });
    }
  }
  return [...rows.values()];
}

/** The answer where the model is a preset of our own: it would ask itself without end. */
export function ownPreset(model: string): Refusal {
  const message = `A mixture can't contain a mixture, and vscode:${model} is one. Name a single model instead.`;
  return { code: NOT_POSSIBLE, message, data: { kind: "blocked" } };
}

/** The answer where no model of that name is there. */
export function notFound(model: string): Refusal {
  const message = `VS Code has no model ${model}. Sign in to the extension that brings it, or name another model.`;
  return { code: NOT_POSSIBLE, message, data: { kind: "not-found" } };
}

/** The answer for what `lm` threw, by `LanguageModelError.code` and by vendors' names for a quota that is used up. */
export function refusalOf(error: unknown): Refusal {
  return { code: NOT_POSSIBLE, message: wordsOf(error), data: { kind: kindOf(error) } };
}

const KINDS: Readonly<Record<string, Kind>> = {
  NoPermissions: "no-permission",
  NotFound: "not-found",
  Blocked: "blocked",
};

const QUOTA: ReadonlySet<string> = new Set(["ChatQuotaExceeded", "ChatRateLimited"]);

function kindOf(error: unknown): Kind {
  const { code, name, cause } = asError(error);
  if (QUOTA.has(name) || QUOTA.has(code) || QUOTA.has(asError(cause).name)) {
    return "quota";
  }
  return KINDS[code] ?? "other";
}

function wordsOf(error: unknown): string {
  return asError(error).message || "VS Code's model failed without a word about why.";
}

/** An error's fields, each as text; what is no error is its own message. */
function asError(error: unknown): { code: string; name: string; message: string; cause: unknown } {
  if (typeof error !== "object" || error === null) {
    return { code: "", name: "", message: typeof error === "string" ? error : "", cause: undefined };
  }
  const { code, name, message, cause } = error as Record<"code" | "name" | "message" | "cause", unknown>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return { code: text(code), name: text(name), message: text(message), cause };
}

/**
 * Text that is handed on in fewer and larger pieces, in its order: at most one every `everyMs`, and the rest at `end`.
 * A piece is sent when the one before it is under way.
 */
export class Coalesced {
  #waiting = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sent: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (text: string) => Promise<void>,
    private readonly everyMs: number,
  ) {}

  add(text: string): void {
    this.#waiting += text;
    this.#timer ??= setTimeout(() => this.#flush(), this.everyMs);
  }

  /** Resolves once everything is sent; rejects where a piece couldn't be. */
  async end(): Promise<void> {
    this.#flush();
    await this.#sent;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = "";
    if (text) {
      this.#sent = this.#sent.then(() => this.send(text));
      // Whoever ends it hears of it; until then it is nobody's.
      this.#sent.catch(() => undefined);
    }
  }
}
