/**
 * Where one types: a text area that grows, what is attached, completions, history, the price, and the button that sends
 * or stops. What was typed stays until the extension says that it is on its way.
 */

import type { Attachment, ToPage } from "../src/panel/messages.ts";
import { onceBy, Walk } from "../src/panel/prompt.ts";
import { Completions } from "./completion.ts";
import { el, icon, iconButton, put } from "./dom.ts";
import { remember, remembered, tell } from "./page.ts";

const ESTIMATE_MS = 600;
/** Two presses of Esc within this stop what runs. */
const TWICE_MS = 800;

export class PromptBox {
  readonly field = el("textarea", {
    class: "field",
    rows: 1,
    placeholder: "Ask the architects   ( / commands   @ files )",
    "aria-label": "Message to the architects. Enter sends, Shift and Enter begins a line.",
    spellcheck: true,
  });
  readonly #attached = el("div", { class: "attached", role: "list", "aria-label": "Goes along" });
  readonly #words = el("div", { class: "prompt-words", role: "alert", hidden: true });
  readonly #price = el("span", { class: "price" });
  readonly #send = el("button", { type: "button", class: "send", onclick: () => this.#pressed() });
  readonly #completions = new Completions(this.field, (row) => this.#complete(row.insertText));
  readonly element = el(
    "section",
    { class: "prompt", "aria-label": "Prompt" },
    this.#words,
    this.#completions.element,
    this.#attached,
    el("div", { class: "prompt-row" }, this.field, el("div", { class: "send-row" }, this.#price, this.#send)),
  );
  #attachments: readonly Attachment[] = [];
  #history = new Walk([]);
  #running = false;
  /** What is said about the message is about what runs, and goes with it. */
  #saidOfRun = false;
  /** The last of each that was asked for; an answer to another one comes too late. */
  readonly #asked = { completions: 0, estimate: 0, submit: 0 };
  /** What is on its way is being prepared, which may take long, and can be stopped. */
  #preparing = false;
  /** What is on its way and not accepted yet. */
  #sent: { readonly id: number; readonly text: string } | null = null;
  /** The text of which the price was said, so that sending it once more is a yes. */
  #confirming: string | null = null;
  #estimating: number | undefined;
  #escaped = 0;

  constructor() {
    const { prompt, attachments } = remembered();
    this.field.value = prompt;
    this.#attach(attachments);
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.#completions.close());
    this.#drawSend();
  }

  focus(): void {
    this.field.focus();
  }

  begin(history: readonly string[]): void {
    this.#history.reset(history);
    this.#grow();
    this.#estimateSoon();
  }

  running(running: boolean): void {
    if (!running && this.#saidOfRun) {
      this.#say(null);
    }
    this.#running = running;
    this.#drawSend();
  }

  /** What it costs is asked for anew: it is asked of others now. */
  reprice(): void {
    this.#estimateSoon();
  }

  /** Takes back what was said about the message: why it couldn't be sent may hold no longer. */
  unsay(): void {
    this.#say(null);
  }

  /** Puts something into the prompt, behind what stands there. */
  compose(text: string, attachments: readonly Attachment[] = []): void {
    const present = this.field.value.trimEnd();
    if (text && !present.includes(text.trim())) {
      this.#set(present ? `${present}\n${text}` : text);
    }
    const known = new Set(this.#attachments.map((one) => one.label));
    this.#attach([...this.#attachments, ...attachments.filter((one) => !known.has(one.label))]);
    this.focus();
  }

  /** Has what stands here asked by that preset this once. */
  once(preset: string): void {
    this.#set(onceBy(preset, this.field.value));
    this.focus();
  }

  /** Has roles written for what stands here. */
  askForRoles(): void {
    tell({ kind: "roles", text: this.field.value, attachments: this.#attachments });
  }

  received(message: ToPage): void {
    switch (message.kind) {
      case "completions":
        if (message.id === this.#asked.completions && document.activeElement === this.field) {
          this.#completions.show(message.rows);
        }
        return;
      case "estimate":
        if (message.id === this.#asked.estimate) {
          put(this.#price, message.words ?? "");
          this.#price.title = message.tip;
        }
        return;
      case "accepted":
        this.#history.reset(message.history);
        if (this.#sent?.id === message.id) {
          // What was typed meanwhile stays.
          if (this.field.value.startsWith(this.#sent.text)) {
            this.#set(this.field.value.slice(this.#sent.text.length).trimStart());
          }
          this.#sent = null;
          if (message.went) {
            this.#attach([]);
          }
          this.#say(null);
          this.#drawSend();
        }
        return;
      case "refused":
        if (!this.field.value.trim() && message.id !== 0) {
          this.#set(message.text);
        }
        // Refused before it began, while another runs: because of that one.
        this.#say(message.words, this.#running && this.#sent?.id === message.id);
        this.#sent = null;
        this.#drawSend();
        return;
      case "said":
        this.#preparing = this.#sent !== null;
        this.#say(message.words);
        this.#drawSend();
        return;
      case "confirm":
        this.#sent = null;
        this.#confirming = this.field.value;
        this.#say(message.words);
        this.#drawSend();
        return;
      case "all":
      case "board":
      case "composed":
      case "conflicts":
      case "some":
      case "compose":
      case "once":
      case "roles":
      case "reveal":
        return;
    }
  }

  #pressed(): void {
    if (this.#stops) {
      tell({ kind: "stop" });
    } else {
      this.#submit();
    }
    this.focus();
  }

  #submit(): void {
    const text = this.field.value;
    if (this.#sent || !text.trim()) {
      return;
    }
    this.#completions.close();
    this.#asked.submit += 1;
    this.#sent = { id: this.#asked.submit, text };
    const confirmed = this.#confirming === text;
    this.#confirming = null;
    tell({ kind: "submit", id: this.#asked.submit, text, attachments: this.#attachments, confirmed });
    this.#drawSend();
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) {
      return;
    }
    const { key, shiftKey } = event;
    const strong = event.ctrlKey || event.metaKey;
    if (key === "Enter" && (strong || !(shiftKey || event.altKey))) {
      event.preventDefault();
      if (this.#completions.open && !strong) {
        this.#completions.takeCurrent();
      } else {
        this.#submit();
      }
    } else if (this.#completions.open && ["ArrowDown", "ArrowUp", "Tab"].includes(key) && !shiftKey) {
      event.preventDefault();
      if (key === "Tab") {
        this.#completions.takeCurrent();
      } else {
        this.#completions.step(key === "ArrowDown" ? 1 : -1);
      }
    } else if (key === "Escape") {
      this.#escape(event);
    } else if (key === "ArrowUp" && !strong && !shiftKey) {
      this.#walk(event, this.field.selectionEnd === 0 || this.#history.walking, () => this.#history.back(this.field.value));
    } else if (key === "ArrowDown" && !strong && !shiftKey) {
      this.#walk(event, this.#history.walking, () => this.#history.forth());
    }
  }

  #escape(event: KeyboardEvent): void {
    event.preventDefault();
    if (this.#completions.open) {
      this.#completions.close();
      return;
    }
    const now = event.timeStamp;
    const runs = this.#running || this.#preparing;
    if (runs && now - this.#escaped < TWICE_MS) {
      this.#escaped = 0;
      tell({ kind: "stop" });
    } else {
      this.#escaped = now;
      this.#say(runs ? "Esc once more stops it." : null, runs);
    }
  }

  #walk(event: KeyboardEvent, may: boolean, go: () => string | null): void {
    const found = may ? go() : null;
    if (found !== null) {
      event.preventDefault();
      this.#set(found, false);
      // At the beginning, so that the next press goes further back.
      this.field.setSelectionRange(0, 0);
    }
  }

  #typed(): void {
    this.#history.reset();
    this.#say(null);
    this.#changed();
    const position = this.field.selectionEnd;
    const before = this.field.value.slice(0, position);
    this.#asked.completions += 1;
    if (/(?:^|\s)@\S*$|^\s*\/\S*$|^\s*\/(?:drop|preset|once)\s+\S*$/.test(before)) {
      tell({ kind: "complete", id: this.#asked.completions, text: this.field.value, position });
    } else {
      this.#completions.close();
    }
  }

  /** Puts a completion in the place of the word that ends at the caret. */
  #complete(insertText: string): void {
    const { value, selectionEnd } = this.field;
    const start = selectionEnd - (/\S*$/.exec(value.slice(0, selectionEnd))?.[0].length ?? 0);
    const inserted = insertText.endsWith(" ") ? insertText : `${insertText} `;
    // As an edit of the user's, so that it can be undone.
    this.field.setSelectionRange(start, selectionEnd);
    this.field.setRangeText(inserted, start, selectionEnd, "end");
    this.#completions.close();
    this.#typed();
  }

  #set(text: string, end = true): void {
    this.field.value = text;
    if (end) {
      this.field.setSelectionRange(text.length, text.length);
    }
    this.#changed();
  }

  #changed(): void {
    remember({ prompt: this.field.value });
    this.#grow();
    this.#drawSend();
    this.#estimateSoon();
  }

  #grow(): void {
    // Its height is its content's; the style limits it to ten lines.
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  #estimateSoon(): void {
    put(this.#price);
    clearTimeout(this.#estimating);
    if (this.field.value.trim() && !this.#running) {
      this.#estimating = window.setTimeout(() => {
        this.#asked.estimate += 1;
        tell({ kind: "estimate", id: this.#asked.estimate, text: this.field.value, attachments: this.#attachments });
      }, ESTIMATE_MS);
    }
  }

  #attach(attachments: readonly Attachment[]): void {
    this.#attachments = attachments;
    remember({ attachments });
    put(
      this.#attached,
      ...attachments.map((one) => {
        const close = iconButton("close", `Leave out ${one.label}`, () => {
          this.#attach(this.#attachments.filter((other) => other !== one));
          this.focus();
        });
        return el("span", { class: "attachment", role: "listitem", title: one.uri }, one.label, close);
      }),
    );
    this.#attached.hidden = attachments.length === 0;
    this.#estimateSoon();
  }

  /** `ofRun`: the words hold only while it runs. */
  #say(words: string | null, ofRun = false): void {
    this.#saidOfRun = ofRun && words !== null;
    put(this.#words, words ?? "");
    this.#words.hidden = words === null;
  }

  get #stops(): boolean {
    return (this.#preparing && this.#sent !== null) || (this.#running && !this.field.value.trim());
  }

  #drawSend(): void {
    this.#preparing &&= this.#sent !== null;
    const stops = this.#stops;
    const label = stops ? "Stop (Esc twice)" : "Send (Enter)";
    put(this.#send, icon(stops ? "stop" : "send"));
    this.#send.setAttribute("aria-label", label);
    this.#send.title = label;
    this.#send.disabled = !stops && (this.#sent !== null || !this.field.value.trim());
    this.#send.classList.toggle("busy", this.#sent !== null);
  }
}
