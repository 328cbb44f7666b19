/**
 * A preset's shape, drawn small: a dot for each who is asked, stacked where they are asked side by side, arrows between
 * what comes one after the other. Who answers for all is a ring, who judges a diamond. The words for it stand beside it.
 */

import type { Strip } from "../src/panel/messages.ts";

const SPACE = "http://www.w3.org/2000/svg";
/** In pixels: the drawing's height, a dot's cell, an arrow's length. */
const HEIGHT = 24;
const CELL = 8;
const ARROW = 14;
/** So many dots stand above each other, and so many are drawn of one part. */
const ROWS = 3;
const MOST = 9;

/** The drawing; `null` where the shape couldn't be taken apart. */
export function drawn(parts: Strip["parts"]): SVGElement | null {
  if (parts.length === 0) {
    return null;
  }
  const svg = made("svg", { class: "shape", "aria-hidden": "true" });
  let x = 1;
  for (const part of parts) {
    if (part.link !== "first") {
      svg.append(arrow(x, part.link === "and-back"));
      x += ARROW;
    }
    const count = Math.min(part.count, MOST);
    const rows = part.parallel ? Math.min(count, ROWS) : 1;
    const columns = Math.ceil(count / rows);
    for (let at = 0; at < count; at += 1) {
      const column = Math.floor(at / rows);
      // The last column may be shorter: it is centred as the others are.
      const inColumn = Math.min(rows, count - column * rows);
      const y = HEIGHT / 2 + ((at % rows) - (inColumn - 1) / 2) * CELL;
      svg.append(voice(x + column * CELL + CELL / 2, y, part.names[at] ?? "", part.colours[at] ?? -1));
    }
    x += columns * CELL;
    if (part.again) {
      const text = made("text", { x: x + 2, y: HEIGHT / 2 + 4 });
      text.textContent = part.again.startsWith("↻") ? part.again.replace(" ", "") : "↻";
      svg.append(text);
      x += 4 + 7 * (text.textContent.length || 1);
    }
  }
  svg.setAttribute("viewBox", `0 0 ${x + 1} ${HEIGHT}`);
  svg.setAttribute("width", String(x + 1));
  svg.setAttribute("height", String(HEIGHT));
  return svg;
}

function voice(x: number, y: number, name: string, colour: number): SVGElement {
  const className = `who-${colour}`;
  switch (name) {
    case "aggregator":
      return made("circle", { class: `${className} ring`, cx: x, cy: y, r: 3.4 });
    case "arbiter":
      return made("path", { class: className, d: `M${x - 3.6} ${y}L${x} ${y - 3.6}L${x + 3.6} ${y}L${x} ${y + 3.6}z` });
    default:
      return made("circle", { class: className, cx: x, cy: y, r: 2.9 });
  }
}

function arrow(x: number, both: boolean): SVGElement {
  const y = HEIGHT / 2;
  const [left, right] = [x + 2, x + ARROW - 2];
  const back = both ? `M${left + 3} ${y - 3}L${left} ${y}L${left + 3} ${y + 3}` : "";
  return made("path", { class: "arrow", d: `M${left} ${y}H${right}M${right - 3} ${y - 3}L${right} ${y}L${right - 3} ${y + 3}${back}` });
}

function made(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
  return element;
}
