// A chat of VS Code's in OpenAI's shape, and calls of tools back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allText, chatMessages, chatParameters, roughTokens, ToolCalls } from "../../src/models/openai.ts";

const [USER, ASSISTANT, SYSTEM] = [1, 2, 3];
const words = (value: string): unknown => ({ value });
const call = (callId: string, name: string, input: object): unknown => ({ callId, name, input });
const result = (callId: string, ...content: readonly unknown[]): unknown => ({ callId, content });

describe("messages", () => {
  it("keep their order, roles and words", () => {
    const messages = chatMessages([
      { role: SYSTEM, content: [words("Be brief.")] },
      { role: USER, content: [words("Why"), words("?")] },
      { role: ASSISTANT, content: [words("Because.")] },
    ]);
    assert.deepEqual(messages, [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Why?" },
      { role: "assistant", content: "Because." },
    ]);
  });

  it("hold calls of tools, and their results right behind them, before further words", () => {
    const messages = chatMessages([
      { role: ASSISTANT, content: [call("1", "read", { path: "a.py" }), call("2", "list", {})] },
      { role: USER, content: [words("Go on."), result("1", words("text"), words(" of it")), result("2", { value: { rows: 3 } })] },
    ]);
    assert.deepEqual(messages, [
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "1", type: "function", function: { name: "read", arguments: '{"path":"a.py"}' } },
          { id: "2", type: "function", function: { name: "list", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "1", content: "text of it" },
      { role: "tool", tool_call_id: "2", content: '{"rows":3}' },
      { role: "user", content: "Go on." },
    ]);
  });

  it("that are results alone add no empty message of the user's", () => {
    assert.deepEqual(chatMessages([{ role: USER, content: [result("1", words("ok"))] }]).map((one) => one.role), ["tool"]);
  });

  it("leave out what is no words", () => {
    const picture = { mimeType: "image/png", data: new Uint8Array([1, 2]) };
    assert.deepEqual(chatMessages([{ role: USER, content: [picture, words("What is it?"), null, 7] }]), [
      { role: "user", content: "What is it?" },
    ]);
  });
});

describe("options", () => {
  it("are passed under OpenAI's names, and no others", () => {
    assert.deepEqual(chatParameters({ temperature: 0, max_tokens: 10, secret: "x", top_p: undefined }, [], false), {
      temperature: 0,
      max_tokens: 10,
    });
  });

  it("hold the tools, and whether one must be called", () => {
    const tools = [{ name: "read", description: "Reads a file", inputSchema: { type: "object" } }, { name: "list", description: "Lists" }];
    assert.deepEqual(chatParameters({}, tools, true), {
      tools: [
        { type: "function", function: { name: "read", description: "Reads a file", parameters: { type: "object" } } },
        { type: "function", function: { name: "list", description: "Lists", parameters: { type: "object", properties: {} } } },
      ],
      tool_choice: "required",
    });
  });
});

describe("calls that arrive in pieces", () => {
  it("are put together by their place", () => {
    const calls = new ToolCalls();
    calls.add([{ index: 1, id: "b", function: { name: "list", arguments: "" } }]);
    calls.add([{ index: 0, id: "a", function: { name: "read", arguments: '{"pa' } }, { index: 1, id: null }]);
    calls.add([{ index: 0, function: { arguments: 'th":"x"}' } }]);
    assert.deepEqual(calls.whole(), [
      { id: "a", name: "read", input: { path: "x" } },
      { id: "b", name: "list", input: {} },
    ]);
  });

  it("with arguments that can't be read are an error that names the tool", () => {
    for (const words of ["{", "7", '"x"']) {
      const calls = new ToolCalls();
      calls.add([{ index: 0, id: "a", function: { name: "read", arguments: words } }]);
      assert.throws(() => calls.whole(), /called read with arguments/, words);
    }
  });
});

describe("how long a text may be", () => {
  it("counts all that is sent", () => {
    assert.equal(roughTokens("12345"), 2);
    assert.equal(allText([words("ab"), call("1", "read", { a: 1 }), result("1", words("cd"))]), 'ab\nread{"a":1}\ncd');
  });
});
