/**
 * The discussion's panel, used as a person does: by roles, names and words. It is a page in two frames. Everything waits
 * for what it is about, as a person would.
 */

import type { FrameLocator, Locator } from "playwright-core";
import { until } from "./until.ts";
import type { Window } from "./window.ts";

const FRAME = 'iframe.webview[src*="extensionId=moa-lsp.moa-lsp&"]';

export class Panel {
  constructor(private readonly window: Window) {}

  /** The panel's page. */
  get page(): FrameLocator {
    return this.window.page.frameLocator(FRAME).frameLocator("#active-frame");
  }

  /** What is typed goes in here. */
  get prompt(): Locator {
    return this.page.getByLabel(/^Message to the architects/);
  }

  /** What is said about the message in the prompt. */
  get words(): Locator {
    return this.page.getByRole("alert");
  }

  /** Shows the panel and waits until it can be typed into. */
  async show(): Promise<void> {
    await this.window.run((editor) => editor.commands.executeCommand("moa-lsp.panel.focus"));
    await this.prompt.waitFor();
  }

  /** Types it in the place of what stands in the prompt. */
  async type(text: string): Promise<void> {
    await this.prompt.fill(text);
  }

  /** Sends a message, and waits until it has begun, was carried out, or was refused. */
  async send(text: string): Promise<void> {
    const begun = this.page.locator("article.asked, article[data-key*='/code-']");
    const before = await begun.count();
    await this.type(text);
    await this.prompt.press("Control+Enter");
    await until(
      `“${text}” to begin`,
      async () => {
        const value = await this.prompt.inputValue();
        // What is said of one that is on its way is no refusal.
        const said = (await this.words.isVisible()) && !(await this.#isOnItsWay());
        const refused = said || (value === text && !(await this.#isOnItsWay()));
        return (await begun.count()) > before || (/^\/(?:drop|preset) /.test(text) ? said || value === "" : refused);
      },
      { seen: () => this.text() },
    );
  }

  /** Waits until nothing runs any more. */
  async ended(): Promise<void> {
    const runs = this.page.locator(".foot-button.stop, article.running");
    await until("the run to end", async () => (await runs.count()) === 0, { seen: () => this.text() });
  }

  /** Everything that can be read in it. */
  async text(): Promise<string> {
    return this.page.locator("#panel").innerText();
  }

  /** Waits until this can be read somewhere in it. */
  async shows(text: string | RegExp): Promise<void> {
    await shown(this.page.locator("#panel"), text);
  }

  /** The newest turn of an architect, or (`editor`) the newest `/code`. */
  turn(name: string): Turn {
    return new Turn(this.page.locator(`article.turn[aria-label^="${name}, "]`).last());
  }

  /** The preset in force, as the line under the title says it. */
  get preset(): Locator {
    return this.page.locator(".preset-button");
  }

  /** The newest stage of that name, with its heading and its turns. */
  stage(name: string): Locator {
    return this.page.locator(`.stage[aria-label^="${name}: "]`).last();
  }

  chip(name: string): Locator {
    return this.page.locator(`.chip[data-architect="${name}"]`);
  }

  async isDropped(name: string): Promise<boolean> {
    return (await this.chip(name).getAttribute("aria-label"))?.includes(", dropped") ?? false;
  }

  /** The first button whose name holds this. */
  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name }).first();
  }

  /** How many hunks of an architect's (or, `editor`, of the last `/code`'s) newest proposal wait for the user. */
  async pending(name: string): Promise<number> {
    return this.turn(name).element.locator(".hunk.pending").count();
  }

  async count(selector: string): Promise<number> {
    return this.page.locator(selector).count();
  }

  async #isOnItsWay(): Promise<boolean> {
    return (await this.page.locator(".send.busy").count()) > 0;
  }
}

export class Turn {
  constructor(readonly element: Locator) {}

  async text(): Promise<string> {
    return this.element.innerText();
  }

  async shows(text: string | RegExp): Promise<void> {
    await shown(this.element, text);
  }

  button(name: string | RegExp): Locator {
    return this.element.getByRole("button", { name });
  }

  /** The buttons of its hunks, in their order. */
  get hunks(): Locator {
    return this.element.locator(".hunk");
  }

  async links(): Promise<readonly Locator[]> {
    return this.element.locator("a, [data-link]").all();
  }
}

async function shown(element: Locator, text: string | RegExp): Promise<void> {
  await until(
    `${String(text)} to be shown`,
    async () => {
      const there = await element.innerText({ timeout: 1000 });
      return typeof text === "string" ? flat(there).includes(flat(text)) : text.test(there);
    },
    { seen: () => element.innerText({ timeout: 1000 }).catch(() => "nothing") },
  );
}

/** As it is read: how lines are broken is the window's width. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}
