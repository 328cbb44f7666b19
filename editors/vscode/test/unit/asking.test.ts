/** What the server asks of VS Code's models, and what it is told when they fail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Coalesced,
  modelOptions,
  notFound,
  offered,
  parsed,
  refusalOf,
  withoutSystem,
  type AskModel,
} from "../../src/models/asking.ts";

test("a model's name is a vendor and a family, which may hold slashes", () => {
  assert.deepEqual(parsed("copilot/gpt-5.4"), { vendor: "copilot", family: "gpt-5.4" });
  assert.deepEqual(parsed("ollama/library/qwen"), { vendor: "ollama", family: "library/qwen" });
  for (const name of ["", "copilot", "copilot/", "/gpt"]) {
    assert.equal(parsed(name), null, name);
  }
});

test("the user says the system's message, in its place; the rest stays as it is", () => {
  const messages = [
    { role: "system", text: "You are ALPHA." },
    { role: "user", text: "Why?" },
    { role: "assistant", text: "Because." },
    { role: "user", text: "And now?" },
  ] as const;
  assert.deepEqual(withoutSystem(messages), [
    { role: "user", text: "You are ALPHA." },
    { role: "user", text: "Why?" },
    { role: "assistant", text: "Because." },
    { role: "user", text: "And now?" },
  ]);
});

test("only options that are set reach the vendor", () => {
  const asked: AskModel = { call: "1", model: "a/b", messages: [] };
  assert.deepEqual(modelOptions(asked), {});
  assert.deepEqual(modelOptions({ ...asked, maxTokens: 10, temperature: 0 }), { max_tokens: 10, temperature: 0 });
});

test("each model is offered once", () => {
  const one = { vendor: "v", family: "f", name: "F", maxInputTokens: 100 };
  const rows = offered([
    one,
    { ...one, name: "F, older", maxInputTokens: 50 },
    { ...one, family: "g", name: "G" },
    { ...one, family: "" },
  ]);
  assert.deepEqual(rows, [
    { model: "v/f", name: "F", maxInputTokens: 100 },
    { model: "v/g", name: "G", maxInputTokens: 100 },
  ]);
});

test("an error's code says what it is to the server, and its words stay", () => {
  const kinds = { NoPermissions: "no-permission", NotFound: "not-found", Blocked: "blocked", Unknown: "other" };
  for (const [code, kind] of Object.entries(kinds)) {
    const error = Object.assign(new Error("Not today."), { name: "LanguageModelError", code });
    assert.deepEqual(refusalOf(error), { code: -32803, message: "Not today.", data: { kind } });
  }
  assert.deepEqual(notFound("v/f").data, { kind: "not-found" });
  assert.match(notFound("v/f").message, /v\/f/);
});

test("a quota that is used up is known by the names that vendors give it, also below the error", () => {
  const quota = Object.assign(new Error("Come back tomorrow."), { name: "ChatQuotaExceeded" });
  const wrapped = Object.assign(new Error("Failed.", { cause: quota }), {
    name: "LanguageModelError",
    code: "Blocked",
  });
  assert.equal(refusalOf(quota).data.kind, "quota");
  assert.equal(refusalOf(wrapped).data.kind, "quota");
});

test("what isn't an error still has words", () => {
  assert.equal(refusalOf("It broke.").message, "It broke.");
  assert.match(refusalOf(undefined).message, /without a word/);
  assert.equal(refusalOf(null).data.kind, "other");
});

test("text comes in its order and whole, in fewer pieces than it arrived in", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent: string[] = [];
  let slow: () => void = () => undefined;
  const text = new Coalesced(async (piece) => {
    if (sent.length === 0 && piece.startsWith("a")) {
      await new Promise<void>((resolve) => (slow = resolve));
    }
    sent.push(piece);
  }, 30);
  text.add("a");
  text.add("b");
  mock.timers.tick(29);
  text.add("c");
  mock.timers.tick(1);
  text.add("d");
  mock.timers.tick(30);
  text.add("e");
  await Promise.resolve();
  assert.deepEqual(sent, [], "nothing overtakes a piece that is still under way");
  slow();
  await text.end();
  assert.deepEqual(sent, ["abc", "d", "e"]);
});

test("who ends it hears that a piece couldn't be sent", async () => {
  const text = new Coalesced(() => Promise.reject(new Error("The server is gone.")), 1);
  text.add("a");
  await assert.rejects(text.end(), /gone/);
});
