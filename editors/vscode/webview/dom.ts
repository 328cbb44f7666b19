/**
 * Makes elements. Text goes in as text, attributes as attributes; `innerHTML` takes only what `markdown.ts` made. What
 * comes from a model or a file has its unseen characters shown.
 */

import { visible } from "../src/panel/unseen.ts";
import { rendered } from "./markdown.ts";

type Child = Node | string | null | false;

/** Attributes by name; `on…` keys are listeners, `false` leaves an attribute out, `true` sets it empty. */
type Attributes = Readonly<Record<string, string | number | boolean | null | ((event: Event) => void)>>;

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  put(element, ...children);
  return element;
}

/** Puts these in the place of all children. */
export function put(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.filter((child) => child !== null && child !== false).map((child) => (typeof child === "string" ? visible(child) : child)),
  );
}

/** A button that isn't a tab stop by itself: in a block only the one that is being looked at has any (`keys.ts`). */
export function button(label: string, run: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return el("button", { type: "button", onclick: () => run(), ...attributes }, label);
}

/** An element with rendered Markdown in it. */
export function prose(text: string, className = "prose"): HTMLElement {
  const element = el("div", { class: className });
  element.innerHTML = rendered(text);
  return element;
}

const SHAPES = {
  add: "M8 3v10M3 8h10",
  search: "M11 7a4 4 0 1 1-8 0a4 4 0 0 1 8 0M10 10l4 4",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  down: "M4 6l4 4l4-4",
  send: "M8 13V3M4 7l4-4l4 4",
  stop: "M5 5h6v6h-6z",
  info: "M8 7v4M8 5h.01M14 8a6 6 0 1 1-12 0a6 6 0 0 1 12 0",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
} as const;

/** A small drawing in the colour of the text around it. */
export function icon(name: keyof typeof SHAPES): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A button that is an icon; its label is for who doesn't see it, and for who points at it. */
export function iconButton(name: keyof typeof SHAPES, label: string, run: () => void): HTMLButtonElement {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: () => run() }, icon(name));
}
