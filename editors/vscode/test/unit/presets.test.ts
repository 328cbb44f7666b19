// Presets in words and as models, their shapes, and the roles that an architect may have.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { offered, ownPreset } from "../../src/models/asking.ts";
import { offeredPresets } from "../../src/models/offered-presets.ts";
import { figuresOf, formatSeconds, presetRows, stripOf } from "../../src/panel/preset-words.ts";
import { roleItems } from "../../src/panel/role-items.ts";
import { shapeParts, shapeWords } from "../../src/panel/shape.ts";
import type { Preset, Role } from "../../src/wire.ts";
import { aDiscussion } from "./samples.ts";

function aPreset(given: Partial<Preset> = {}): Preset {
  return {
    name: "panel",
    kind: "panel",
    title: "All at once, then one answer",
    shape: "(alpha ∥ bravo) → aggregator",
    stages: [],
    architects: [{ name: "alpha", model: "openai/gpt" }],
    calls: { least: 3, most: 3 },
    costUsd: 0.024,
    seconds: 35.4,
    basis: "From 14 earlier turns.",
    current: false,
    from: "built-in",
    ...given,
  };
}

describe("a shape", () => {
  it("is taken apart into who is asked when", () => {
    assert.deepEqual(
      shapeParts("(alpha ∥ bravo) → aggregator").map(({ link, names, parallel }) => [link, names, parallel]),
      [["first", ["alpha", "bravo"], true], ["then", ["aggregator"], false]],
    );
    assert.deepEqual(shapeParts("alpha → bravo → charlie").map((part) => part.names), [["alpha"], ["bravo"], ["charlie"]]);
    assert.deepEqual(
      shapeParts("(alpha ∥ bravo) ⇄ arbiter → alpha ↻ 3").map(({ link, again }) => [link, again]),
      [["first", ""], ["and-back", ""], ["then", "↻ 3"]],
    );
  });

  it("may tell only how many there are", () => {
    const [many, one] = shapeParts("(8 architects) → aggregator until done");
    assert.deepEqual([many?.count, many?.names, many?.parallel], [8, [], true]);
    assert.deepEqual([one?.names, one?.again], [["aggregator"], "until done"]);
  });

  it("can be read out", () => {
    assert.equal(shapeWords("(a ∥ b ∥ c) → aggregator"), "a, b and c side by side, then aggregator");
    assert.equal(shapeWords("(a ∥ b) ⇄ arbiter → a ↻ 3"), "a and b side by side, to and fro with arbiter, then a up to 3 times");
    assert.equal(shapeWords("(6 architects)"), "6 architects side by side");
  });

  for (const strange of ["", "(alpha ∥", "((a ∥ b)) → c", "a → ", "a ∥ ∥ b"]) {
    it(`${JSON.stringify(strange)} can't be taken apart, and stays as it is`, () => {
      assert.deepEqual(shapeParts(strange), []);
      assert.equal(shapeWords(strange), strange);
    });
  }
});

describe("a preset's row", () => {
  it("says what it asks, costs and takes, and where that is known from", () => {
    const [heading, row] = presetRows([aPreset({ current: true })]);
    assert.deepEqual(heading, { kind: "heading", label: "Built in" });
    assert.ok(row?.kind === "preset");
    assert.equal(row.label, "$(check) panel");
    assert.equal(row.description, "(alpha ∥ bravo) → aggregator");
    assert.equal(row.detail, "3 calls · ~2.4 ¢ · ~35 s · From 14 earlier turns · All at once, then one answer");
    assert.equal(row.own, false);
  });

  it("has dashes for what isn't known, never 0", () => {
    assert.equal(figuresOf(aPreset({ costUsd: null, seconds: null, calls: { least: 3, most: 9 } })), "3–9 calls · – · –");
    assert.equal(figuresOf(aPreset({ costUsd: 0, seconds: 0.2, calls: { least: 1, most: 1 } })), "1 call · ~0 ¢ · ~1 s");
    assert.deepEqual([60, 99, 100, 200].map(formatSeconds), ["~60 s", "~99 s", "~2 min", "~3 min"]);
  });

  it("that can't be used says why", () => {
    const [, row] = presetRows([aPreset({ problem: "No key for bravo." })]);
    assert.ok(row?.kind === "preset");
    assert.deepEqual([row.label, row.detail], ["$(circle-slash) panel", "No key for bravo."]);
  });

  it("stands with those from the same place, the user's own first and to be renamed", () => {
    const rows = presetRows([aPreset(), aPreset({ name: "mine", from: "saved" }), aPreset({ name: "ours", from: "settings" })]);
    assert.deepEqual(
      rows.map((row) => (row.kind === "heading" ? row.label : [row.preset.name, row.own])),
      ["Saved", ["mine", true], "From settings", ["ours", false], "Built in", ["panel", false]],
    );
  });
});

describe("the line under the title", () => {
  it("is the discussion's preset, with what is known of it", () => {
    const discussion = aDiscussion({ preset: "panel", shape: "(alpha ∥ bravo) → aggregator" });
    const strip = stripOf(discussion, [aPreset()]);
    assert.deepEqual(strip?.parts.map((part) => part.colours), [[0, 1], [-1]]);
    assert.match(strip.tip, /3 calls · ~2\.4 ¢ · ~35 s\nFrom 14 earlier turns\./);
    assert.equal(strip.spoken, "Preset panel: alpha and bravo side by side, then aggregator. Opens the list of presets.");
    assert.equal(stripOf(discussion, [])?.shape, discussion.shape, "before the list is there");
  });

  it("before the first message is the one that a discussion would have", () => {
    assert.equal(stripOf(null, [aPreset(), aPreset({ name: "solo", current: true, shape: "alpha" })])?.name, "solo");
    assert.equal(stripOf(null, []), null);
    assert.equal(stripOf(aDiscussion(), [aPreset({ current: true })]), null, "a discussion of a server that tells none");
  });

  it("offers to have roles written where that is the mixture's way", () => {
    assert.equal(stripOf(null, [aPreset({ writesRoles: true, current: true })])?.writesRoles, true);
    assert.equal(stripOf(null, [aPreset({ current: true })])?.writesRoles, false);
  });
});

describe("roles to choose from", () => {
  const library: readonly Role[] = [
    { name: "security", text: "# Security\n\nLook for holes.\nSay how.", from: "built-in" },
    { name: "house-style", text: "As we do it here.", from: "project" },
  ];

  it("are those of the library with what they say, the project's first", () => {
    const items = roleItems(library, "", "");
    assert.deepEqual(items.map((one) => one.role), ["", null, "house-style", null, "security"]);
    assert.equal(items.at(-1)?.detail, "Look for holes. Say how.");
  });

  it("are words of one's own as well", () => {
    assert.deepEqual(roleItems(library, "", "breaks things")[0], {
      label: "In your words", description: "breaks things", alwaysShow: true, role: "breaks things",
    });
    assert.equal(roleItems(library, "", "security").some((one) => one.label === "In your words"), false);
  });

  it("mark the one that is set, and end with taking it back", () => {
    const items = roleItems(library, "security", "");
    assert.equal(items.find((one) => one.role === "security")?.label, "$(check) security");
    assert.deepEqual(items.at(-1), { label: "As it is configured", role: "" });
  });
});

describe("presets as models", () => {
  it("are those that can be used, with their shape", () => {
    const models = offeredPresets([aPreset(), aPreset({ name: "broken", problem: "No key." })]);
    assert.deepEqual(models.map(({ id, name, family, detail }) => [id, name, family, detail]), [
      ["panel", "moa panel", "panel", "(alpha ∥ bravo) → aggregator"],
    ]);
    assert.equal(models[0]?.capabilities.toolCalling, true);
  });

  it("never ask each other", () => {
    const mixture = { name: "bravo", model: "vscode:moa-lsp/panel" };
    assert.deepEqual(offeredPresets([aPreset({ architects: [mixture] })]), []);
    const other = { vendor: "copilot", family: "gpt", name: "GPT", maxInputTokens: 1 };
    assert.deepEqual(offered([{ ...other, vendor: "moa-lsp", family: "panel" }, other]).map((one) => one.model), ["copilot/gpt"]);
    assert.match(ownPreset("moa-lsp/panel").message, /A mixture can't contain a mixture, and vscode:moa-lsp\/panel is one/);
  });
});
