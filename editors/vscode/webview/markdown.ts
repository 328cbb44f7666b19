/**
 * Markdown to HTML for what models write. The only road from a model's text to `innerHTML`, and it goes through
 * markdown-it's escaping: no raw HTML, no image, no link but those a person confirms, nothing unseen. Needs no DOM.
 */

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import MarkdownIt from "markdown-it";
import { visible } from "../src/panel/unseen.ts";

const LANGUAGES = {
  bash, c, cpp, csharp, css, diff, go, ini, java, javascript, json, kotlin, lua, markdown, php, python, ruby, rust, sql,
  swift, typescript, xml, yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) {
  hljs.registerLanguage(name, language);
}

/** More than this isn't coloured: it would hold up the page. */
const MOST_COLOURED = 50_000;

const reader = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
const { escapeHtml } = reader.utils;

// What isn't one of these stays the text it is, with its brackets.
reader.validateLink = (href) => /^(?:https?:\/\/|mailto:)/i.test(href.trim());
// An image is never fetched: what stands for it is shown.
reader.renderer.rules.image = (tokens, index) =>
  `<span class="image">[image: ${escapeHtml(tokens[index]?.content ?? "")}]</span>`;

// No address in `href`: a click is told to the extension, which asks first. The title shows where it leads.
reader.renderer.rules.link_open = (tokens, index) => {
  const href = escapeHtml(String(tokens[index]?.attrGet("href") ?? ""));
  return `<a role="link" tabindex="-1" data-link="${href}" title="${href}">`;
};
// A table's alignment is an inline style, which the page's policy refuses: the rows stay as they are.
for (const cell of ["th_open", "td_open"] as const) {
  reader.renderer.rules[cell] = () => (cell === "th_open" ? "<th>" : "<td>");
}
reader.renderer.rules.fence = (tokens, index) => {
  const token = tokens[index];
  return token ? codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? "") : "";
};
reader.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? "", "");

/** The text as HTML that is safe to show. */
export function rendered(text: string): string {
  return reader.render(visible(text));
}

/** A block of code as HTML, coloured where its language is known, with its button to copy it. */
export function codeBlock(code: string, language: string): string {
  const body = code.replace(/\n$/, "");
  const name = language.toLowerCase();
  const label = language ? `<span class="code-language">${escapeHtml(language)}</span>` : "";
  const copy = `<button type="button" class="code-copy" data-copy tabindex="-1" aria-label="Copy this code">Copy</button>`;
  return `<div class="code">${label}${copy}<pre><code class="hljs">${coloured(body, name)}</code></pre></div>`;
}

/**
 * How much of a text that still grows is settled: the offset at which its last block begins, before which nothing that
 * comes can change how it looks. (But for links defined further on, which a finished text shows.)
 */
export function settled(text: string): number {
  const tokens = reader.parse(text, {});
  let start = 0;
  for (const token of tokens) {
    if (token.level === 0 && token.map && token.nesting >= 0) {
      start = token.map[0];
    }
  }
  let offset = 0;
  for (let line = 0; line < start; line += 1) {
    offset = text.indexOf("\n", offset) + 1;
  }
  return offset;
}

function coloured(code: string, language: string): string {
  if (code.length > MOST_COLOURED || !hljs.getLanguage(language)) {
    return escapeHtml(code);
  }
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
