/**
 * The panel: a view that shows the workspace's current discussion. Here it gets its page, is told what moved, and what the
 * user does in it is handed on. Messages to a hidden page are lost, so a page that says `ready` is told everything.
 * What is shown stands in `view.ts`, what is sent in `sending.ts`, the menus in `choosing.ts`.
 */

import { randomBytes } from "node:crypto";
import {
  commands,
  Disposable,
  env,
  Uri,
  window,
  workspace,
  type ExtensionContext,
  type WebviewView,
  type WebviewViewProvider,
} from "vscode";
import type { Discussions } from "../discussion/discussions.ts";
import type { Connection } from "../server/connection.ts";
import { registerChoosing } from "./choosing.ts";
import { Deciding } from "./deciding.ts";
import { KnownPresets } from "./known-presets.ts";
import { MENUS, PAGE_COMMANDS, type Attachment, type FromPage, type ToPage } from "./messages.ts";
import { page } from "./page.ts";
import { registerPresets } from "./presets.ts";
import { Sending } from "./sending.ts";
import { Throttle } from "./throttle.ts";
import { made, patchOf, type Made } from "./view.ts";

const VIEW = "moa-lsp.panel";
/** Twenty times a second at most. */
const PAUSE_MS = 50;

export function registerPanel(context: ExtensionContext, connection: Connection, discussions: Discussions): Disposable {
  const panel = new Panel(context, connection, discussions);
  return Disposable.from(
    panel,
    window.registerWebviewViewProvider(VIEW, panel),
    registerChoosing(discussions, panel.sending, (round) => panel.reveal(round)),
    registerPresets(discussions, (preset) => panel.once(preset)),
    commands.registerCommand("moa-lsp.writeRoles", () => panel.writeRoles()),
    commands.registerCommand("moa-lsp.ask", (given: unknown) => panel.ask(given)),
    commands.registerCommand("moa-lsp.retry", (given: unknown) => panel.sending.retry(given)),
    // For the other parts: what opens by itself may only take the focus from here.
    commands.registerCommand("moa-lsp.isPanelFocused", () => panel.focused),
    commands.registerCommand("moa-lsp.stop", () => panel.sending.stop()),
  );
}

class Panel implements WebviewViewProvider, Disposable {
  readonly sending: Sending;
  readonly #deciding: Deciding;
  /** Whether the keyboard is in the page. */
  focused = false;
  #page: WebviewView | null = null;
  /** Whether the page that is there said `ready`; before that nothing reaches it. */
  #ready = false;
  /** What is to be said as soon as a page is there. */
  readonly #waiting: ToPage[] = [];
  #shown: Made | null = null;
  #running = false;
  readonly #throttle = new Throttle(PAUSE_MS, () => this.#update());
  readonly #presets: KnownPresets;
  readonly #subscriptions: Disposable;

  constructor(
    readonly context: ExtensionContext,
    readonly connection: Connection,
    readonly discussions: Discussions,
  ) {
    this.sending = new Sending(context, discussions, (message) => this.#tell(message), () => this.#throttle.ask());
    this.#deciding = new Deciding(discussions, () => this.#front(), (message) => this.#tell(message));
    this.#presets = new KnownPresets(discussions, () => this.#throttle.ask());
    this.#subscriptions = Disposable.from(
      this.#presets,
      this.#deciding,
      discussions.onDidChange((state) => {
        if (state.running !== this.#running) {
          this.#running = state.running;
          void commands.executeCommand("setContext", "moa-lsp.running", state.running);
        }
        this.#throttle.ask();
      }),
      connection.onDidChangeState(() => this.#throttle.ask()),
      workspace.onDidChangeWorkspaceFolders(() => this.#throttle.ask()),
    );
  }

  resolveWebviewView(view: WebviewView): void {
    this.#page = view;
    this.#ready = false;
    const { webview } = view;
    const dist = Uri.joinPath(this.context.extensionUri, "dist");
    webview.options = { enableScripts: true, enableCommandUris: false, localResourceRoots: [dist] };
    const subscriptions = Disposable.from(
      webview.onDidReceiveMessage((message: FromPage) => void this.#received(message)),
      view.onDidChangeVisibility(() => {
        // The page is gone while it is hidden, and says so itself when it is there again.
        this.#ready &&= view.visible;
        this.focused &&= view.visible;
      }),
    );
    view.onDidDispose(() => {
      subscriptions.dispose();
      if (this.#page === view) {
        this.#page = null;
        this.#ready = false;
        this.focused = false;
      }
    });
    webview.html = page({
      script: webview.asWebviewUri(Uri.joinPath(dist, "panel.js")).toString(),
      style: webview.asWebviewUri(Uri.joinPath(dist, "style.css")).toString(),
      nonce: randomBytes(18).toString("base64"),
    });
    // Somebody looks at the panel, so the server is needed; where it can't be, its state says why.
    void this.connection.ready();
  }

  /** `moa-lsp.ask`: shows the panel with something in the prompt, or sends it at once. */
  async ask(given: unknown): Promise<void> {
    const asked = typeof given === "object" && given !== null ? (given as Asked) : {};
    const attachments = attachmentsOf(asked);
    await this.#front();
    if (asked.send && asked.message) {
      await this.sending.submit({ kind: "submit", id: 0, text: asked.message, attachments, confirmed: false });
    } else {
      this.#tell({ kind: "compose", text: asked.message ?? "", attachments, focus: true });
    }
  }

  async #front(): Promise<void> {
    await commands.executeCommand(`${VIEW}.focus`);
  }

  /** Shows the panel with what stands in the prompt to be asked by that preset this once. */
  async once(preset: string): Promise<void> {
    await this.#front();
    this.#tell({ kind: "once", preset });
  }

  /** Has roles written for what stands in the prompt, which only the page knows. */
  async writeRoles(): Promise<void> {
    await this.#front();
    this.#tell({ kind: "roles" });
  }

  reveal(round: number): void {
    this.#throttle.ask();
    this.#tell({ kind: "reveal", round });
  }

  dispose(): void {
    this.#throttle.dispose();
    this.#subscriptions.dispose();
    this.sending.dispose();
  }

  async #received(message: FromPage): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.#greet();
        return;
      case "focus":
        this.focused = message.here;
        return;
      case "submit":
        // Whoever sends is here, whether or not the page heard of the focus before.
        this.focused = true;
        return this.sending.submit(message);
      case "stop":
        return this.sending.stop();
      case "run":
        if (PAGE_COMMANDS.includes(message.command)) {
          await (MENUS.includes(message.command)
            ? this.#menu(message.command, message.argument)
            : commands.executeCommand(message.command, message.argument));
        }
        return;
      case "remedy": {
        const button = this.#shown?.view.notice?.buttons[message.index];
        if (button) {
          await commands.executeCommand(button.command, ...button.arguments);
        }
        return;
      }
      case "compose":
        return this.#deciding.compose(message.hunks);
      case "answer":
        return this.#deciding.answer(message);
      case "plan":
        return this.#deciding.plan(message.steps);
      case "architect":
        return this.#menu("moa-lsp.architectMenu", message.name);
      case "roles":
        return this.sending.writeRoles(message.text, message.attachments);
      case "more":
        return this.#menu("moa-lsp.discussionMenu");
      case "complete":
        return this.sending.complete(message.id, message.text, message.position);
      case "estimate":
        return this.sending.estimate(message.id, message.text, message.attachments);
      case "link":
        return openLink(message.href);
      case "copy":
        return env.clipboard.writeText(message.text);
    }
  }

  /**
   * Runs what asks by lists and boxes. VS Code gives the focus to the editor behind them, so it is brought back to who
   * came from the panel, unless what they chose opened something.
   */
  async #menu(command: string, argument?: unknown): Promise<void> {
    const before = window.tabGroups.activeTabGroup.activeTab;
    await commands.executeCommand(command, argument);
    if (window.tabGroups.activeTabGroup.activeTab === before) {
      await this.#front();
    }
  }

  #greet(): void {
    this.#ready = true;
    this.#shown = this.#make(null);
    this.#post({ kind: "all", view: this.#shown.view, history: this.sending.history });
    for (const message of this.#waiting.splice(0)) {
      this.#post(message);
    }
  }

  #update(): void {
    if (!this.#ready || !this.#shown) {
      return;
    }
    const before = this.#shown;
    this.#shown = this.#make(before);
    const patch = patchOf(before.view, this.#shown.view);
    if (patch) {
      this.#post({ kind: "some", patch });
    }
  }

  #make(before: Made | null): Made {
    const around = {
      server: this.connection.state,
      folders: workspace.workspaceFolders?.length ?? 0,
      nobody: this.sending.nobody,
      presets: this.#presets.all,
    };
    return made(this.discussions.state, around, before);
  }

  /** Says it to the page, as soon as there is one. */
  #tell(message: ToPage): void {
    if (this.#ready) {
      this.#post(message);
    } else {
      this.#waiting.push(message);
    }
  }

  #post(message: ToPage): void {
    void this.#page?.webview.postMessage(message);
  }
}

/** The argument of `moa-lsp.ask`. */
interface Asked {
  readonly message?: string;
  readonly files?: readonly Uri[];
  readonly selection?: {
    readonly uri: Uri;
    readonly range: {
      readonly start: { readonly line: number; readonly character: number };
      readonly end: { readonly line: number; readonly character: number };
    };
  };
  readonly send?: boolean;
}

function attachmentsOf({ files = [], selection }: Asked): readonly Attachment[] {
  const attached: Attachment[] = files.map((uri) => ({
    uri: uri.toString(),
    range: null,
    label: workspace.asRelativePath(uri),
  }));
  if (selection) {
    const { start, end } = selection.range;
    // A selection that ends at a line's beginning doesn't reach into it.
    const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
    const lines = last > start.line + 1 ? `${start.line + 1}–${last}` : String(last);
    attached.push({
      uri: selection.uri.toString(),
      range: {
        start: { line: start.line, character: start.character },
        end: { line: end.line, character: end.character },
      },
      label: `${workspace.asRelativePath(selection.uri)}:${lines}`,
    });
  }
  return attached;
}

/** A link out of a model's text: its whole address is shown first, and only these schemes are opened at all. */
async function openLink(href: string): Promise<void> {
  if (!/^(?:https?:\/\/|mailto:)/i.test(href)) {
    return;
  }
  const detail = `${href}\n\nThe address comes from an architect's reply.`;
  const answer = await window.showInformationMessage("Open this link?", { modal: true, detail }, "Open");
  if (answer === "Open") {
    await env.openExternal(Uri.parse(href, true));
  }
}
