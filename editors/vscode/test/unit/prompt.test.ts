// What a prompt means, what it may cost, and what was typed before.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { confirmation, priceOf } from "../../src/panel/price.ts";
import { folderLabels, mentions, onceBy, parsePrompt, readings, remembered, Walk } from "../../src/panel/prompt.ts";
import { Throttle, type Clock } from "../../src/panel/throttle.ts";
import { page } from "../../src/panel/page.ts";

describe("a prompt", () => {
  for (const [text, meant] of [
    ["Hello there", { kind: "discuss", message: "Hello there" }],
    ["/discuss Hello", { kind: "discuss", message: "Hello" }],
    ["/code", { kind: "code", message: "" }],
    ["  /code keep 1\n\n  and 2 ", { kind: "code", message: "keep 1\n\n  and 2" }],
    ["/drop alpha", { kind: "drop", name: "alpha" }],
    ["/preset panel", { kind: "preset", name: "panel" }],
    [" /preset ", { kind: "preset", name: "" }],
    ["/once solo Why?", { kind: "discuss", message: "Why?", preset: "solo" }],
    ["/once solo\nWhy?\n  And how?", { kind: "discuss", message: "Why?\n  And how?", preset: "solo" }],
    ["a/b is wrong", { kind: "discuss", message: "a/b is wrong" }],
    ["/usr/bin/env is missing", { kind: "discuss", message: "/usr/bin/env is missing" }],
    ["line one\n    line two\r\n\tthree", { kind: "discuss", message: "line one\n    line two\r\n\tthree" }],
  ] as const) {
    it(`${JSON.stringify(text)} is ${meant.kind}`, () => assert.deepEqual(parsePrompt(text), meant));
  }

  for (const text of ["/nonsense x", "/drop", "/drop a b", "/discuss", "  ", "/codex", "/preset a b", "/once", "/once solo", "/once  "]) {
    it(`${JSON.stringify(text)} isn't sent`, () => assert.equal(parsePrompt(text).kind, "wrong"));
  }

  it("that isn't known is named", () => {
    const prompt = parsePrompt("/undo it");
    assert.ok(prompt.kind === "wrong" && prompt.words.includes("/undo"));
  });
});

describe("what is asked by another preset this once", () => {
  for (const [typed, asked] of [
    ["", "/once solo "],
    ["Why?", "/once solo Why?"],
    ["/discuss Why?", "/once solo Why?"],
    ["/once panel Why?\nAnd how?", "/once solo Why?\nAnd how?"],
    ["/once", "/once solo "],
    ["/oncemore", "/once solo /oncemore"],
  ] as const) {
    it(`${JSON.stringify(typed)} becomes ${JSON.stringify(asked)}`, () => assert.equal(onceBy("solo", typed), asked));
  }
});

describe("the names of files in several folders", () => {
  for (const [folders, entries, labels] of [
    [["app"], [], [""]],
    [["app", "lib", "web"], [], ["", "lib", "web"]],
    [["app", "lib", "lib"], [], ["", "lib", "lib-2"]],
    [["app", "app"], [], ["", "app"]],
    [["app", "lib", "lib"], ["lib", "lib-3"], ["", "lib-2", "lib-4"]],
    [["app", ""], [], ["", "root"]],
  ] as const) {
    it(`${folders.join(", ")} beside ${entries.join(", ") || "nothing"}: ${labels.join(", ")}`, () => {
      assert.deepEqual(folderLabels(folders, entries), labels);
    });
  }
});

describe("mentions", () => {
  it("are words that begin with @, each once", () => {
    assert.deepEqual(mentions("@a.py and @src/b.py, @a.py but not me@x.org"), ["a.py", "src/b.py,"]);
  });

  it("may end a sentence", () => {
    assert.deepEqual(readings("src/b.py,"), ["src/b.py,", "src/b.py"]);
    assert.deepEqual(readings("a.py"), ["a.py"]);
  });
});

describe("history", () => {
  it("holds a hundred, and nothing twice in a row", () => {
    const many = Array.from({ length: 120 }, (_, index) => `m${index}`).reduce<readonly string[]>(remembered, []);
    assert.equal(many.length, 100);
    assert.equal(many.at(-1), "m119");
    assert.equal(remembered(many, " m119 "), many);
    assert.equal(remembered(many, "  "), many);
  });

  it("is walked back and forth without losing what was being typed", () => {
    const walk = new Walk(["a", "b"]);
    assert.equal(walk.forth(), null);
    assert.equal(walk.back("typing"), "b");
    assert.equal(walk.back("b"), "a");
    assert.equal(walk.back("a"), null);
    assert.equal(walk.forth(), "b");
    assert.equal(walk.forth(), "typing");
    assert.equal(walk.walking, false);
  });
});

describe("a price", () => {
  const row = (inputTokens: number | null, costUsd: number | null) => ({ architect: "alpha", model: "m", inputTokens, costUsd });

  it("has no words where it is small", () => {
    assert.equal(priceOf([row(1_500, 0.001), row(1_500, 0.001)]).words, null);
  });

  it("has a tilde, and a dash where it isn't known", () => {
    assert.equal(priceOf([row(2_000, 0.012), row(2_000, 0.012)]).words, "~2.4 ¢");
    assert.equal(priceOf([row(8_000, null)]).words, "–");
  });

  it("is asked about where it is large", () => {
    assert.equal(priceOf([row(60_000, 0.1), row(40_000, 0.1)]).large, false);
    assert.equal(priceOf([row(60_000, 0.1), row(40_001, 0.1)]).large, true);
    assert.equal(priceOf([row(10, 0.51)]).large, true);
    assert.match(confirmation([row(120_000, 0.61)]), /120k tok, ~61\.0 ¢/);
  });

  it("counts each call of a preset, also of the same architect", () => {
    const rows = [row(60_000, 0.1), row(60_000, 0.1), { ...row(60_000, 0.1), architect: "aggregator", stage: "answer" }];
    assert.match(confirmation(rows), /180k tok in 3 calls, ~30\.0 ¢/);
    assert.match(priceOf(rows).tip, /aggregator \(answer\): 60k tok/);
  });
});

describe("a throttle", () => {
  class Told implements Clock {
    time = 0;
    waiting: { at: number; callback: () => void } | null = null;
    now = (): number => this.time;
    later = (milliseconds: number, callback: () => void) => {
      this.waiting = { at: this.time + milliseconds, callback };
      return () => {
        this.waiting = null;
      };
    };
    go(to: number): void {
      this.time = to;
      if (this.waiting && this.waiting.at <= to) {
        const { callback } = this.waiting;
        this.waiting = null;
        callback();
      }
    }
  }

  it("acts at once, then once a pause however often it is asked", () => {
    const clock = new Told();
    const acted: number[] = [];
    const throttle = new Throttle(50, () => acted.push(clock.time), clock);
    for (let time = 0; time < 200; time += 5) {
      clock.go(time);
      throttle.ask();
    }
    clock.go(500);
    assert.deepEqual(acted, [0, 50, 100, 150, 500]);
  });

  it("forgets what was to come when it is disposed", () => {
    const clock = new Told();
    let acted = 0;
    const throttle = new Throttle(50, () => (acted += 1), clock);
    throttle.ask();
    throttle.ask();
    throttle.dispose();
    clock.go(100);
    assert.equal(acted, 1);
  });
});

describe("the page", () => {
  const html = page({ script: "https://x/panel.js", style: "https://x/style.css", nonce: "abc" });

  it("may load nothing but our own script and style", () => {
    assert.match(html, /content="default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; base-uri 'none'; form-action 'none'"/);
    assert.doesNotMatch(html, /unsafe|\son\w+=|img-src|connect-src/);
    assert.equal(html.match(/<script/g)?.length, html.match(/<script nonce="abc" src=/g)?.length);
  });
});
