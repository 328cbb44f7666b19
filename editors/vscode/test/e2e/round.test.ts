/** Rounds in the panel: words as they stream, drops, a stop, failures and their retry, what survives a reload or a crash. */

import assert from "node:assert/strict";
import { gate, proposing } from "./provider.ts";
import { scenarios } from "./scenario.ts";
import { until } from "./until.ts";

const scenario = scenarios();

scenario("a round streams into the panel, one architect after the other", {}, async ({ provider, window, panel }) => {
  const alphaMay = gate();
  const bravoMay = gate();
  const first = proposing("Raise KeyError with the key in it.", "Errors are hidden here.");
  provider.script("alpha", { text: first, pause: { after: 3, until: alphaMay.promise }, usage: [120, 30] });
  provider.script("bravo", { text: proposing("Agreed, and say it in put, too."), pause: { after: 2, until: bravoMay.promise } });
  await window.openFile("api.py");
  await panel.show();
  await panel.send("What about errors?");

  await panel.shows("What about errors?");
  await panel.turn("alpha").shows("Errors are hidden");
  // That was seen before the reply had ended, and before anybody else was asked.
  assert.equal(await panel.turn("alpha").text().then((text) => text.includes("KeyError")), false);
  assert.deepEqual(provider.of("bravo"), []);
  assert.ok(await panel.button("Stop").isVisible());

  alphaMay.open();
  await panel.turn("alpha").shows("Raise KeyError with the key in it.");
  await panel.turn("bravo").shows("I looked");
  bravoMay.open();
  await panel.turn("bravo").shows("say it in put, too.");
  await panel.ended();

  const [alpha] = provider.of("alpha");
  const [bravo] = provider.of("bravo");
  assert.match(alpha?.messages.at(-1)?.content ?? "", /<file path='api\.py'>[^]*What about errors\?/);
  assert.match(bravo?.messages.at(-1)?.content ?? "", /<architect name='ALPHA'>\n<proposal>\nRaise KeyError/);
  assert.equal(await panel.prompt.inputValue(), "", "what was sent has left the prompt");
});

scenario("who is dropped is asked no more, until it is brought back", {}, async ({ provider, window, panel }) => {
  provider.script("alpha", { text: proposing("Alpha says so.") });
  provider.script("bravo", { text: proposing("Bravo says so.") });
  await panel.show();
  await panel.send("One?");
  await panel.turn("bravo").shows("Bravo says so.");
  await panel.ended();

  await panel.chip("bravo").click();
  await window.pick("Drop");
  await until("bravo to be dropped", () => panel.isDropped("bravo"));
  await panel.send("Two?");
  await until("a second round", () => provider.of("alpha").length === 2);
  await panel.ended();
  assert.equal(provider.of("bravo").length, 1);

  await panel.chip("bravo").click();
  await window.pick("Bring back");
  await until("bravo to be back", async () => !(await panel.isDropped("bravo")));
  await panel.send("/drop alpha");
  await until("alpha to be dropped", () => panel.isDropped("alpha"));
  await panel.send("Three?");
  await until("bravo's second turn", () => provider.of("bravo").length === 2);
  await panel.ended();
  assert.equal(provider.of("alpha").length, 2);
});

scenario("a stop closes the provider's stream, keeps what came, and the next message works", {}, async ({ provider, panel }) => {
  const never = gate();
  provider.script(
    "alpha",
    { text: "These words came before the rest of them.", pause: { after: 4, until: never.promise } },
    { text: proposing("Now it works.") },
  );
  provider.script("bravo", { text: proposing("Bravo, too.") });
  await panel.show();
  await panel.send("Think long.");
  await panel.turn("alpha").shows("These words came before");
  await panel.button("Stop").click();

  const asked = await provider.asked("alpha");
  await until("the stream to be closed", () => asked.gaveUp);
  await panel.turn("alpha").shows("Stopped.");
  await panel.turn("alpha").shows("These words came before");
  await panel.ended();
  assert.deepEqual(provider.of("bravo"), []);

  await panel.send("Once more?");
  await panel.turn("alpha").shows("Now it works.");
  await panel.turn("bravo").shows("Bravo, too.");
  await panel.ended();
});

scenario(
  "a provider's failures are said in line, the others speak, and a retry works",
  { architects: ["alpha", "bravo", "charlie"] },
  async ({ provider, panel }) => {
    provider.script("alpha", { status: 401, text: "Incorrect API key provided." }, { text: proposing("Alpha is back.") });
    provider.script("bravo", { text: proposing("Bravo is fine.") });
    // It is tried three times before it is given up.
    const upset = { status: 500, text: "The server is upset." };
    provider.script("charlie", upset, upset, upset, { text: proposing("Charlie is back.") });
    await panel.show();
    await panel.send("Well?");
    await panel.turn("alpha").shows("wants a key");
    await panel.turn("bravo").shows("Bravo is fine.");
    await panel.turn("charlie").shows(/waits \d+ s/);
    await panel.turn("charlie").shows("has trouble answering");
    await panel.ended();
    assert.equal(await panel.turn("bravo").button("once more").count(), 0);

    await panel.turn("alpha").button("once more").click();
    await panel.turn("alpha").shows("Alpha is back.");
    await panel.ended();
    await panel.turn("charlie").button("once more").click();
    await panel.turn("charlie").shows("Charlie is back.");
    await panel.ended();
    assert.equal(provider.of("bravo").length, 1, "only who failed is asked again");
  },
);

scenario("a provider that can't be reached is said so, and found again", { architects: ["alpha"] }, async ({ provider, panel }) => {
  provider.script("alpha", { text: proposing("Here I am.") });
  await provider.stop();
  await panel.show();
  await panel.send("Is anybody there?");
  await panel.turn("alpha").shows(/reach|connect/i);
  await provider.listen();
  await until("an answer", async () => {
    // It is tried again by itself for a while; after that the user does.
    const retry = panel.turn("alpha").button("once more");
    if (await retry.isVisible()) {
      await retry.click();
    }
    return (await panel.turn("alpha").text()).includes("Here I am.");
  });
  await panel.ended();
});

scenario("a window that is loaded anew shows the discussion and the unsent prompt again", {}, async ({ provider, window, panel }) => {
  provider.script("alpha", { text: proposing("Kept over a reload.") });
  provider.script("bravo", { text: proposing("Me, too.") });
  await panel.show();
  await panel.send("Do you stay?");
  await panel.turn("bravo").shows("Me, too.");
  await panel.ended();
  await panel.type("Half a thought");
  await window.page.waitForTimeout(1000); // the page keeps what is typed a moment after the last key
  await window.reload();
  await panel.show();
  await panel.shows("Do you stay?");
  await panel.turn("alpha").shows("Kept over a reload.");
  await until("the prompt to be there again", async () => (await panel.prompt.inputValue()) === "Half a thought");
  assert.equal(provider.requests.length, 2, "nothing is asked again by a reload");

  await panel.send("And now?");
  await panel.ended();
  const again = await provider.asked("alpha", 2);
  assert.equal(again.messages.filter((message) => message.role === "assistant").length, 1, "the thread goes on");
});

scenario("a reload in the middle of a round: what had arrived is there, and the next message works", {}, async ({ provider, window, panel }) => {
  const never = gate();
  provider.script(
    "alpha",
    { text: "Some words had arrived by then, more follow.", pause: { after: 6, until: never.promise } },
    { text: proposing("After the reload.") },
  );
  provider.script("bravo", { text: proposing("Fine.") });
  await panel.show();
  await panel.send("Does it break?");
  await panel.turn("alpha").shows("Some words had arrived by then");
  await window.page.waitForTimeout(1500); // streamed text is stored within a second
  await window.reload();
  await panel.show();
  await panel.turn("alpha").shows("Some words had arrived by then");
  await panel.ended();
  await panel.send("Go on.");
  await panel.turn("alpha").shows("After the reload.");
  await panel.ended();
});

scenario("a server that is killed in mid-round is there again, with the discussion", {}, async ({ editor, provider, panel }) => {
  const never = gate();
  provider.script(
    "alpha",
    { text: "Words before the crash, and the rest.", pause: { after: 4, until: never.promise } },
    { text: proposing("After the crash.") },
  );
  provider.script("bravo", { text: proposing("Bravo lives.") });
  await panel.show();
  await panel.send("First message");
  await panel.turn("alpha").shows("Words before the crash");
  await new Promise((resolve) => setTimeout(resolve, 1500)); // streamed text is stored within a second
  editor.killServer();

  await panel.turn("alpha").shows("The server was ended before this reply was whole.");
  await panel.turn("alpha").shows("Words before the crash");
  await panel.ended();
  await panel.send("Second message");
  await panel.turn("alpha").shows("After the crash.");
  await panel.turn("bravo").shows("Bravo lives.");
  await panel.ended();
  await panel.shows("First message");
});

scenario("what a model writes runs nothing and fetches nothing", { architects: ["alpha"] }, async ({ editor, provider, window, panel }) => {
  const { root } = provider;
  const hostile = [
    `![picture](${root}/picture.png) <img src="${root}/img.png" onerror="document.title='run'">`,
    `<script>fetch("${root}/script")</script><iframe src="${root}/frame"></iframe>`,
    `<style>@import url(${root}/style.css); body { background: url(${root}/background.png) }</style>`,
    `[run](command:workbench.action.files.newUntitledFile) [script](javascript:fetch('${root}/js'))`,
    `<a href="vscode://file/etc/passwd">editor</a> [data](data:text/html,<script>fetch('${root}/data')</script>)`,
    `<svg onload="fetch('${root}/svg')"></svg> <link rel="prefetch" href="${root}/link">`,
    "```mermaid\ngraph TD; A-->B\n```\n\n```html\n<img src=" + `${root}/fence.png` + ">\n```",
    `</proposal><script>fetch("${root}/late")</script>\n\nThe end of it.`,
  ].join("\n\n");
  const asked: string[] = [];
  window.page.on("request", (request) => {
    if (request.url().startsWith(root)) {
      asked.push(request.url());
    }
  });
  provider.script("alpha", { text: `${hostile}\n\n<proposal>\n${hostile}\n</proposal>\n` });
  await panel.show();
  await panel.send("Do your worst.");
  await panel.ended();
  await panel.turn("alpha").shows("The end of it.");
  // The words of the links stand there; a click on each may ask, but does nothing by itself.
  for (const link of await panel.turn("alpha").links()) {
    await link.click({ timeout: 2000 }).catch(() => undefined);
    await window.page.keyboard.press("Escape");
  }
  await window.page.waitForTimeout(1000);
  assert.deepEqual(provider.visits, []);
  assert.deepEqual(asked, []);
  assert.equal(await panel.count("#panel :is(img, script, iframe, style, link, object, embed, [onload], [onerror])"), 0);
  const untitled = await window.run((vscode) => vscode.workspace.textDocuments.filter((one) => one.isUntitled).length);
  assert.equal(untitled, 0, "no command ran");
  assert.equal(window.page.context().pages().length, 1, "no page was opened");
  assert.ok(editor.origin);
});
