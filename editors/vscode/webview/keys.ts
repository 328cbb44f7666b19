/**
 * The keyboard in the discussion: j/k between turns, Enter opens, a/x accept and reject the hunk or the change, u takes
 * back, c shows only what is contested, d where they differ, / leads to the prompt, Esc too. Letters count only outside of where one types. The second key of the extension's
 * bindings, which begin with Ctrl+Alt+M, is the editor's.
 */

import { tell } from "./page.ts";
import type { Transcript } from "./transcript.ts";

/** So long the editor waits for a binding's second key. */
const CHORD_MS = 5000;

/**
 * VS Code sees every key that is pressed here, but can't keep it from us: without this the second one of a binding would be
 * typed into the prompt as well. It is taken out before anybody here looks at it; who listens skips what is prevented.
 */
export function leaveChordsToEditor(): void {
  let until = 0;
  const first = ({ ctrlKey, metaKey, altKey, key, code }: KeyboardEvent): boolean =>
    (ctrlKey || metaKey) && altKey && (key.toLowerCase() === "m" || code === "KeyM");
  document.addEventListener(
    "keydown",
    (event) => {
      if (first(event)) {
        until = event.timeStamp + CHORD_MS;
        event.preventDefault();
      } else if (event.timeStamp < until && !["Control", "Alt", "Shift", "Meta"].includes(event.key)) {
        until = 0;
        event.preventDefault();
      }
    },
    { capture: true },
  );
}

export function listen(transcript: Transcript, toPrompt: () => void, toBoard: () => void): void {
  transcript.element.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const target = event.target as HTMLElement;
    // Where an answer is typed letters are letters.
    if (target instanceof HTMLInputElement) {
      return;
    }
    if (event.key === "d") {
      event.preventDefault();
      toBoard();
      return;
    }
    if (act(event.key, target, transcript, toPrompt)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

/** Whether the key meant something here. */
function act(key: string, target: HTMLElement, transcript: Transcript, toPrompt: () => void): boolean {
  const block = transcript.current?.element;
  switch (key) {
    case "j":
    case "ArrowDown":
      return stepped(key, target, transcript, 1);
    case "k":
    case "ArrowUp":
      return stepped(key, target, transcript, -1);
    case "/":
    case "Escape":
      toPrompt();
      return true;
    case "Enter":
    case "o":
      // On a button, Enter is the button's own.
      if (!target.classList.contains("block")) {
        return false;
      }
      if (key === "Enter" && press(block, "review")) {
        return true;
      }
      return transcript.current?.fold() ?? false;
    case "c":
      tell({ kind: "run", command: "moa-lsp.onlyContested", argument: undefined });
      return true;
    case "a":
      return decide(target, "moa-lsp.applyHunks") || press(block, "apply");
    case "x":
      return decide(target, "moa-lsp.rejectHunks") || press(block, "reject");
    case "u":
      return bringBack(target) || press(block, "undo") || press(block, "unreject");
    default:
      return false;
  }
}

/** Arrows move from hunk to hunk where one is focused, and scroll as ever elsewhere; letters move from turn to turn. */
function stepped(key: string, target: HTMLElement, transcript: Transcript, by: 1 | -1): boolean {
  if (key === "j" || key === "k") {
    transcript.step(by);
    return true;
  }
  const row = target.closest(".hunk")?.parentElement;
  const next = by > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  next?.querySelector<HTMLElement>(".hunk")?.focus();
  return row !== null && row !== undefined;
}

function decide(target: HTMLElement, command: "moa-lsp.applyHunks" | "moa-lsp.rejectHunks"): boolean {
  const hunk = target.closest<HTMLElement>(".hunk.pending");
  const { change, hunk: id } = hunk?.dataset ?? {};
  if (!change || !id) {
    return target.closest(".hunk") !== null;
  }
  tell({ kind: "run", command, argument: { change, hunks: [id] } });
  return true;
}

/** Takes the no to a focused hunk back. */
function bringBack(target: HTMLElement): boolean {
  const { change, hunk } = target.closest<HTMLElement>(".hunk.rejected")?.dataset ?? {};
  if (!change || !hunk) {
    return false;
  }
  tell({ kind: "run", command: "moa-lsp.unrejectHunks", argument: { change, hunks: [hunk] } });
  return true;
}

function press(block: HTMLElement | undefined, action: string): boolean {
  const buttons = [...(block?.querySelectorAll<HTMLElement>(`[data-action=${action}]`) ?? [])];
  // A stage's own, not those of the turns in it.
  const found = buttons.find((one) => one.closest(".block") === block);
  found?.click();
  return found !== undefined;
}
