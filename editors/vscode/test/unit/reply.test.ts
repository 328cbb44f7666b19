// A reply taken apart for drawing: prose, proposals, edits.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pieces, unreadStances } from "../../webview/reply.ts";

const REPLY = `Why, in short.

<proposal>
1. I agree.
2. Catch narrowly:

store.py
\`\`\`python
<<<<<<< SEARCH
    return 1
=======
    # </proposal>
    return 2
>>>>>>> REPLACE
\`\`\`

3. The rest stays.
</proposal>

And a last word.`;

describe("pieces of a reply", () => {
  it("tell prose, proposal and edits apart, each at its line", () => {
    const found = pieces(REPLY, false);
    assert.deepEqual(
      found.map(({ kind, proposed, line, path }) => ({ kind, proposed, line, path })),
      [
        { kind: "prose", proposed: false, line: 0, path: null },
        { kind: "prose", proposed: true, line: 3, path: null },
        { kind: "edit", proposed: true, line: 6, path: "store.py" },
        { kind: "prose", proposed: true, line: 16, path: null },
        { kind: "prose", proposed: false, line: 19, path: null },
      ],
    );
    assert.equal(found[2]?.lines, 9);
    assert.equal(found[3]?.text, "3. The rest stays.");
    assert.ok(found.every((piece) => piece.closed));
  });

  it("lose no word, however the text was cut while it streamed", () => {
    for (let length = 0; length <= REPLY.length; length += 1) {
      const streamed = pieces(REPLY.slice(0, length), true);
      assert.ok(streamed.every((piece) => !/<\/?proposal/.test(piece.kind === "edit" ? "" : piece.text)));
    }
    const words = pieces(REPLY, true).map((piece) => piece.text).join("\n");
    for (const word of ["Why, in short.", "I agree.", "return 2", "stays.", "And a last word."]) {
      assert.ok(words.includes(word), word);
    }
  });

  it("show an edit that isn't whole yet as one", () => {
    const cut = REPLY.slice(0, REPLY.indexOf("    return 2"));
    assert.deepEqual(pieces(cut, true).at(-1)?.closed, false);
  });

  it("leave code that is no edit in the prose", () => {
    const [only, ...others] = pieces("Like this:\n\n```python\nx = 1\n```\n", false);
    assert.equal(others.length, 0);
    assert.match(only?.text ?? "", /```python/);
  });

  it("know diffs, envelopes and bare blocks", () => {
    for (const [text, path] of [
      ["```diff\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n```", "x.py"],
      ["*** Begin Patch\n*** Update File: src/x.py\n-a\n+b\n*** End Patch", "src/x.py"],
      ["x.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE", "x.py"],
      ["**`a/b.ts`**\n\n```ts\nwhole\n```", "a/b.ts"],
    ] as const) {
      const [only] = pieces(text, false);
      assert.equal(only?.kind, "edit", text);
      assert.equal(only.path, path);
    }
  });

  it("read a proposal on one line, and one without an end", () => {
    assert.deepEqual(
      pieces("a\n<proposal>b</proposal>\nc", false).map(({ proposed, text }) => [proposed, text]),
      [[false, "a"], [true, "b"], [false, "c"]],
    );
    assert.deepEqual(
      pieces("<proposal>\nb", false).map(({ proposed, text }) => [proposed, text]),
      [[true, "b"]],
    );
  });

  it("aren't held up by a line of a million letters", () => {
    const line = "a".repeat(1_000_000);
    assert.equal(pieces(`${line}\n\`\`\`py\nx\n\`\`\``, false).length, 1);
  });

  it("tell stances and questions from words, inside of a proposal too, and go on behind them", () => {
    const text = "a\n<proposal>\nb\n<stances>\n- support ALPHA: yes\n</stances>\nc\n</proposal>\n<question>Keep?\n- Yes\n</question>\nd";
    assert.deepEqual(
      pieces(text, false).map(({ kind, proposed, text }) => [kind, proposed, text]),
      [
        ["prose", false, "a"],
        ["prose", true, "b"],
        ["stances", false, "- support ALPHA: yes"],
        ["prose", true, "c"],
        ["question", false, "Keep?\n- Yes"],
        ["prose", false, "d"],
      ],
    );
  });

  it("stream stances as they come, but hold one without an end for words once it is over", () => {
    const text = "a\n<stances>\n- support";
    assert.deepEqual(pieces(text, true).map((piece) => piece.kind), ["prose", "stances"]);
    assert.deepEqual(pieces(text, false).map(({ kind, text }) => [kind, text]), [["prose", text]]);
  });

  it("keep as words what isn't written as a stance", () => {
    const text = "First of all:\n- support ALPHA: yes,\n  it is small\n* **object** BRAVO 2\n- I rather like CHARLIE's.\n";
    assert.equal(unreadStances(text), "First of all:\n- I rather like CHARLIE's.");
  });

  it("leave talk about tags alone", () => {
    assert.equal(pieces("Put it in `<proposal>` tags, I say.", false).length, 1);
  });
});
