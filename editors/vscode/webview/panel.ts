/**
 * The panel's page: puts its parts together, takes in what the extension says, and keeps the delegated clicks (links,
 * copying). It draws and tells; it decides nothing.
 */

import type { Board, Foot, Notice, Patch, ToPage } from "../src/panel/messages.ts";
import { Heading } from "./architects.ts";
import { NO_FILTER } from "../src/discussion/filter.ts";
import { BoardView } from "./board.ts";
import { button, el, put } from "./dom.ts";
import { leaveChordsToEditor, listen } from "./keys.ts";
import { remembered, tell } from "./page.ts";
import { PromptBox } from "./prompt.ts";
import { Transcript } from "./transcript.ts";

const prompt = new PromptBox();
const heading = new Heading(() => prompt.askForRoles());
const transcript = new Transcript((text) => prompt.compose(text));
const board = new BoardView();
const notice = el("section", { class: "notice", hidden: true });
const foot = el("footer", { class: "foot" });
// What happened, in a short sentence, for who doesn't see it; the discussion itself is too much to be read out.
const log = el("div", { class: "unseen", role: "log", "aria-live": "polite" });

let discussion: string | null = null;

document
  .getElementById("panel")
  ?.append(heading.element, el("div", { class: "middle" }, transcript.element, notice, transcript.pill), board.element, prompt.element, foot, log);
leaveChordsToEditor();
listen(
  transcript,
  () => prompt.focus(),
  () => board.reveal(null),
);
board.element.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) {
    event.preventDefault();
    prompt.focus();
  }
});

window.addEventListener("message", (event: MessageEvent<ToPage>) => received(event.data));
document.addEventListener("click", (event) => clicked(event));
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "Enter" && target.dataset.link) {
    tell({ kind: "link", href: target.dataset.link });
  }
});
keepFocus();
tell({ kind: "ready" });

function received(message: ToPage): void {
  switch (message.kind) {
    case "all": {
      const { view, history } = message;
      discussion = view.head.discussion;
      heading.showHead(view.head);
      heading.showChips(view.chips);
      transcript.begin(discussion, view.blocks, remembered().place);
      showBoard(view.board);
      showNotice(view.notice);
      showFoot(view.foot);
      prompt.begin(history);
      return;
    }
    case "some":
      moved(message.patch);
      return;
    case "compose":
      prompt.compose(message.text, message.attachments);
      return;
    case "reveal":
      transcript.reveal(message.round);
      return;
    case "once":
      prompt.once(message.preset);
      return;
    case "roles":
      prompt.askForRoles();
      return;
    case "board":
      board.reveal(message.region);
      return;
    case "composed":
      board.composed();
      return;
    case "conflicts":
      board.refused(message.words, message.conflicts);
      return;
    case "accepted":
      transcript.toEnd();
      prompt.received(message);
      return;
    case "completions":
    case "estimate":
    case "refused":
    case "said":
    case "confirm":
      prompt.received(message);
      return;
  }
}

function moved(patch: Patch): void {
  if (patch.head) {
    heading.showHead(patch.head);
    prompt.reprice();
  }
  if (patch.chips) {
    heading.showChips(patch.chips);
  }
  if (patch.notice !== undefined) {
    showNotice(patch.notice);
    prompt.unsay();
  }
  if (patch.head && patch.head.discussion !== discussion) {
    discussion = patch.head.discussion;
    transcript.begin(discussion, patch.blocks ?? [], remembered().place);
  } else if (patch.order ?? patch.blocks ?? patch.grown) {
    transcript.move(patch.order ?? null, patch.blocks ?? [], patch.grown ?? []);
  }
  if (patch.board !== undefined) {
    showBoard(patch.board);
    // What is decided may make it cost less, or nothing.
    prompt.reprice();
  }
  if (patch.foot) {
    showFoot(patch.foot);
  }
  for (const sentence of patch.said ?? []) {
    log.append(el("p", {}, sentence));
  }
  while (log.childElementCount > 10) {
    log.firstElementChild?.remove();
  }
}

/**
 * What had the keyboard has it again when the panel gets it back: the browser forgets that when the focus goes to another
 * frame. The first time it is the prompt, so that one can type at once.
 */
function keepFocus(): void {
  let last: HTMLElement | null = null;
  document.addEventListener("focusin", (event) => {
    last = event.target as HTMLElement;
  });
  window.addEventListener("blur", () => tell({ kind: "focus", here: false }));
  // The page may have had it before this ran.
  if (document.hasFocus()) {
    tell({ kind: "focus", here: true });
  }
  window.addEventListener("focus", () => {
    tell({ kind: "focus", here: true });
    if (document.activeElement !== document.body) {
      return;
    }
    const { architect } = last?.dataset ?? {};
    const again = architect ? heading.chip(architect) : last;
    if (again?.isConnected) {
      again.focus({ preventScroll: true });
    } else {
      prompt.focus();
    }
  });
}

function showNotice(shown: Notice | null): void {
  notice.hidden = shown === null;
  notice.className = `notice ${shown?.kind ?? ""}`;
  if (!shown) {
    put(notice);
    return;
  }
  put(
    notice,
    el("h2", {}, shown.title),
    ...shown.words.map((words) => el("p", {}, words)),
    el(
      "div",
      { class: "notice-buttons" },
      ...shown.buttons.map((one, index) =>
        button(one.title, () => tell({ kind: "remedy", index }), { class: index === 0 ? "big first" : "big" }),
      ),
    ),
  );
}

function showBoard(shown: Board | null): void {
  board.show(shown);
  transcript.filter(shown?.filter ?? NO_FILTER);
}

function showFoot(shown: Foot): void {
  prompt.running(shown.running);
  const hunks = shown.pending === 1 ? "1 hunk to review" : `${shown.pending} hunks to review`;
  put(
    foot,
    el("span", { class: "foot-words", title: shown.tip }, shown.words.join(" · ")),
    shown.pending > 0 &&
      button(hunks, () => tell({ kind: "run", command: "moa-lsp.review", argument: undefined }), { class: "foot-button" }),
    shown.running && button("■ stop", () => tell({ kind: "stop" }), { class: "foot-button stop" }),
  );
  foot.hidden = shown.words.length === 0 && !shown.running && shown.pending === 0;
}

/** Links and copying, wherever they stand. */
function clicked(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const link = target.closest<HTMLElement>("[data-link]");
  if (link?.dataset.link) {
    event.preventDefault();
    tell({ kind: "link", href: link.dataset.link });
    return;
  }
  const copy = target.closest<HTMLElement>("[data-copy]");
  const code = copy?.parentElement?.querySelector("code")?.textContent;
  if (copy && code) {
    tell({ kind: "copy", text: code });
    copy.textContent = "Copied";
    window.setTimeout(() => {
      copy.textContent = "Copy";
    }, 1500);
  }
}
