/** Mixtures in the panel: chosen from the list, seen side by side, saved and renamed; and asked as a model of VS Code's. */

import assert from "node:assert/strict";
import { gate, proposing, type Provider } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios();

/** A preset `duo`: alpha and bravo side by side, `chief` answers for both; charlie cares for files that aren't there. */
function duo(provider: Provider): Readonly<Record<string, unknown>> {
  const model = (name: string): Readonly<Record<string, unknown>> => ({ model: `openai/${name}`, apiBase: provider.url });
  const architects = [
    { name: "alpha", ...model("alpha") },
    { name: "bravo", ...model("bravo") },
    { name: "charlie", ...model("charlie"), paths: ["nowhere/**"] },
  ];
  return { duo: { kind: "panel", title: "Two and a chief", architects, aggregator: model("chief") } };
}

scenario(
  "a preset from the list: two speak side by side, one answers for both, and who wasn't asked is noted",
  {
    prepare: ({ provider, workspace }) => {
      const architects = ["alpha", "bravo"].map((name) => ({ name, model: `openai/${name}`, apiBase: provider.url }));
      workspace.settings({ "moa.architects": architects, "moa.presets": duo(provider) });
    },
  },
  async ({ provider, window, panel }) => {
    const [alphaMay, bravoMay] = [gate(), gate()];
    provider.script("alpha", { text: proposing("Raise KeyError.", "Alpha says so."), pause: { after: 3, until: alphaMay.promise } });
    provider.script("bravo", { text: proposing("Return None.", "Bravo says so."), pause: { after: 3, until: bravoMay.promise } });
    provider.script("chief", { text: proposing("Raise KeyError, and say so.", "Both have a point.") });
    await window.openFile("api.py");
    await panel.show();
    await window.widenSideBar(760);

    await window.command("moa: Choose who is asked when");
    const row = window.page.locator(".quick-input-list .monaco-list-row", { hasText: "duo" });
    await row.first().waitFor();
    const words = await row.first().innerText();
    assert.match(words, /4 calls · – · – · Not known yet: [^]* · Two and a chief/, "what isn't known is a dash");
    await window.pick("duo");
    await until("the preset to be in force", async () => (await panel.preset.innerText()).startsWith("duo"));
    assert.match((await panel.preset.getAttribute("aria-label")) ?? "", /alpha, bravo and charlie side by side, then aggregator/);
    assert.equal(await panel.preset.locator("svg circle").count(), 4);

    await panel.send("What about errors?");
    await panel.turn("alpha").shows("Alpha says so.");
    await panel.turn("bravo").shows("Bravo says so.");
    // Both are heard while neither has ended, and they stand beside each other.
    assert.equal(await panel.count("article.turn.running"), 2);
    const [left, right] = await Promise.all([panel.turn("alpha"), panel.turn("bravo")].map((turn) => turn.element.boundingBox()));
    assert.ok(left && right && Math.abs(left.y - right.y) < 2 && right.x >= left.x + left.width, JSON.stringify([left, right]));
    assert.deepEqual(provider.of("chief"), []);
    bravoMay.open();
    await panel.turn("bravo").shows("Return None.");
    assert.equal(await panel.count("article.turn.running"), 1);
    alphaMay.open();

    await panel.turn("aggregator").shows("Raise KeyError, and say so.");
    await panel.ended();
    const [chief] = provider.of("chief");
    const told = chief?.messages.at(-1)?.content ?? "";
    assert.ok(told.includes("Raise KeyError.") && told.includes("Return None."), told);
    await panel.shows(/charlie wasn't asked/);
    assert.deepEqual(provider.of("charlie"), []);

    // What was answered for is folded, and there at a click.
    const heading = panel.stage("proposals").getByRole("button", { name: /^proposals/ });
    assert.equal(await heading.getAttribute("aria-expanded"), "false");
    assert.equal(await panel.turn("alpha").element.isVisible(), false);
    await panel.stage("proposals").getByText("2 answers").waitFor();
    await heading.click();
    assert.equal(await panel.turn("alpha").element.isVisible(), true);

    // One message by another preset, and back.
    provider.script("alpha", { text: proposing("Alone I would do less.") });
    await panel.send("/once solo And alone?");
    await panel.turn("alpha").shows("Alone I would do less.");
    await panel.ended();
    await panel.shows("by solo");
    assert.equal(provider.of("bravo").length, 1);
    assert.match(await panel.preset.innerText(), /^duo/);

    await panel.send("/preset solo");
    await until("solo to be in force", async () => (await panel.preset.innerText()).startsWith("solo"));
    await panel.send("/preset nonsense");
    await panel.shows(/no preset 'nonsense'/);
    assert.equal(await panel.prompt.inputValue(), "/preset nonsense", "what couldn't be done stays in the prompt");
  },
);

scenario("the set-up is saved as a preset, renamed and deleted; a role comes from the library", {}, async ({ window, panel, provider }) => {
  provider.script("alpha", { text: proposing("Fine.") });
  provider.script("bravo", { text: proposing("Fine, too.") });
  await panel.show();
  await panel.send("Well?");
  await panel.ended();

  await panel.chip("alpha").click();
  await window.pick("Set role");
  await window.pick("security");
  const role = panel.page.getByRole("button", { name: "Role of alpha: security" });
  await role.waitFor();

  await window.command("moa: Save the set-up as a preset");
  await window.answer("mine");
  await window.notification("The set-up is saved as “mine”").waitFor();
  await window.command("moa: Rename a saved preset");
  await window.pick("mine");
  await window.answer("ours");
  await window.run(
    (editor, path) => editor.commands.executeCommand("moa-lsp.ask", { files: [editor.Uri.file(path)] }),
    window.workspace.path("api.py"),
  );
  await panel.page.getByRole("listitem").getByText("api.py").waitFor();
  await panel.send("/preset ours");
  await until("the saved preset to be in force", async () => (await panel.preset.innerText()).startsWith("ours"));
  await role.waitFor();
  assert.equal(await panel.count(".attachment"), 1, "what is attached waits for a message");

  await window.command("moa: Delete a saved preset");
  await window.pick("ours");
  await window.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await until("the preset to be gone", async () => !(await panel.preset.innerText()).startsWith("ours"));
});

scenario(
  "roles that a model writes are seen and edited before anybody is asked by them",
  {
    prepare: ({ provider, workspace }) => {
      const model = (name: string): Readonly<Record<string, unknown>> => ({ model: `openai/${name}`, apiBase: provider.url });
      const deep = {
        ...{ kind: "layers", layers: 1, perLayer: 2, diversity: "role" },
        ...{ architects: [{ name: "alpha", ...model("alpha") }], aggregator: model("chief"), roleModel: model("writer") },
      };
      workspace.settings({ "moa.presets": { deep }, "moa.preset": "deep" });
    },
  },
  async ({ provider, window, panel }) => {
    const may = gate();
    provider.script("alpha", { text: proposing("Looked.") });
    provider.script("chief", { text: proposing("Both looked.") });
    provider.script("writer", {
      text: "<role>\nLook at the locks.\n</role>\n<role>\nDoubt the cache.\n</role>\n",
      pause: { after: 2, until: may.promise },
    });
    await panel.show();
    await panel.type("Is it safe?");
    await panel.prompt.press("Control+Enter");
    await panel.words.getByText(/writes the roles/).waitFor();
    may.open();
    const question = window.notification("Roles for this message");
    await question.getByRole("button", { name: "Edit them first" }).click();
    await panel.words.getByText("The roles are written and nobody was asked").waitFor();
    assert.equal(await panel.prompt.inputValue(), "Is it safe?", "the message isn't lost");
    await panel.ended();

    await panel.page.getByRole("button", { name: "Role of alpha: Look at the locks." }).click();
    await window.quickInput.fill("Look at the threads.");
    await window.pick("In your words");
    await panel.page.getByRole("button", { name: "Role of alpha: Look at the threads." }).waitFor();
    await panel.prompt.press("Control+Enter");
    await panel.turn("aggregator").shows("Both looked.");
    await panel.ended();
    const systems = provider.of("alpha").map((asked) => asked.messages[0]?.content ?? "");
    assert.equal(systems.length, 2);
    assert.ok(systems.some((words) => words.includes("Look at the threads.")));
    assert.ok(systems.some((words) => words.includes("Doubt the cache.")));
    assert.equal(provider.of("writer").length, 1);

    // By command they are written anew, for what stands in the prompt.
    await panel.type("And now?");
    await window.command("moa: Write roles for the message");
    await panel.page.getByRole("button", { name: "Role of alpha: Look at the locks." }).waitFor();
    assert.equal(await panel.prompt.inputValue(), "And now?");
  },
);

scenario(
  "a preset is a model in VS Code: it streams, calls tools, and stops",
  {
    prepare: ({ provider, workspace }) => workspace.settings({ "moa.presets": duo(provider), "moa.preset": "duo" }),
  },
  async ({ provider, window, panel }) => {
    const never = gate();
    provider.script("alpha", { text: proposing("Raise KeyError.") });
    provider.script("bravo", { text: proposing("Return None.") });
    provider.script(
      "chief",
      { text: "Both have a point." },
      { call: { name: "read", arguments: '{"path":"api.py"}' } },
      { text: "This goes on and on.", pause: { after: 3, until: never.promise } },
    );
    await panel.show();
    await until("the presets among VS Code's models", () =>
      window.run(async (editor) => (await editor.lm.selectChatModels({ vendor: "moa-lsp", family: "duo" })).length > 0),
    );

    const said = await window.run(async (editor) => {
      const [model] = await editor.lm.selectChatModels({ vendor: "moa-lsp", family: "duo" });
      const { LanguageModelChatMessage: Message } = editor;
      const response = await model?.sendRequest([Message.User("Why?"), Message.Assistant("Because."), Message.User("And now?")]);
      let text = "";
      for await (const piece of response?.text ?? []) {
        text += piece;
      }
      return { text, tokens: await model?.countTokens("12345678"), name: model?.name };
    });
    assert.deepEqual(said, { text: "Both have a point.", tokens: 2, name: "moa duo" });
    const [alpha] = provider.of("alpha");
    const [chief] = provider.of("chief");
    assert.match(alpha?.messages.at(-1)?.content ?? "", /And now\?/);
    assert.deepEqual(chief?.messages.slice(0, 2).map(({ content }) => content), ["Why?", "Because."]);
    assert.match(chief.messages.at(-1)?.content ?? "", /^And now\?[^]*Raise KeyError\.[^]*Return None\./);

    const called = await window.run(async (editor) => {
      const [model] = await editor.lm.selectChatModels({ vendor: "moa-lsp", family: "duo" });
      const tools = [{ name: "read", description: "Reads a file", inputSchema: { type: "object" } }];
      const response = await model?.sendRequest([editor.LanguageModelChatMessage.User("Read it.")], { tools });
      const calls: unknown[] = [];
      for await (const part of response?.stream ?? []) {
        if (part instanceof editor.LanguageModelToolCallPart) {
          calls.push([part.name, part.input]);
        }
      }
      return calls;
    });
    assert.deepEqual(called, [["read", { path: "api.py" }]]);
    assert.equal(provider.of("alpha").some((asked) => asked.tools), false, "tools are the acting model's alone");

    await window.run(async (editor) => {
      const [model] = await editor.lm.selectChatModels({ vendor: "moa-lsp", family: "duo" });
      const stop = new editor.CancellationTokenSource();
      const response = await model?.sendRequest([editor.LanguageModelChatMessage.User("Go on.")], {}, stop.token);
      for await (const piece of response?.text ?? []) {
        if (piece) {
          stop.cancel();
          break;
        }
      }
    });
    const third = await provider.asked("chief", 3);
    await until("the provider's stream to be closed", () => third.gaveUp);
  },
);
