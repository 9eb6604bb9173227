import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callTool } from "../../src/orchestrator/tools.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { operator } from "./test-bot.ts";
import { TestTurns, whats } from "./test-turns.ts";

let testBot: TestTurns;
beforeEach(async () => {
  testBot = await new TestTurns().open();
});
afterEach(() => testBot.dispose());

const waits = { outcome: "asked_human" };
const names = async () => (await testBot.host.list()).map(({ name }) => name);
const details = () => testBot.adapter.shown.flatMap(({ post }) => (post.kind === "question" ? [post.detail] : []));

describe("in a turn that a person has asked for", () => {
  it("prompts go to shards of the thread, whoever has started them there", async () => {
    const thread = await testBot.thread();
    await testBot.command("spawn mine", thread, operator);
    await testBot.asked(
      async (actions) => {
        await actions.spawn({ name: "auth", prompt: "hang" });
        expect(await actions.send({ name: "auth", text: "say more" })).toMatchObject({ outcome: "queued" });
        expect(await actions.send({ name: "mine", text: "hang" })).toMatchObject({ outcome: "submitted" });
        await actions.stop({ name: "mine" });
      },
      operator,
      thread,
    );
    expect(testBot.host.sent.map(({ name }) => name)).toEqual(["auth", "mine"]);
  });

  it("another thread's shard waits for the button, which shows the whole text", async () => {
    await testBot.shard("payroll");
    const text = `say ${"line\n".repeat(60)}end of it`;
    const thread = await testBot.asked(async (actions) => {
      expect(await actions.send({ name: "payroll", text, when: "interrupt" })).toMatchObject(waits);
    }, operator);
    await testBot.shows(thread, "after stopping its running turn. Shall it? It asks because that shard is not of");
    expect(details()).toContain(text);
    expect(testBot.host.sent).toEqual([]);
    await testBot.pressUnder("The orchestrator would tell payroll", "Send it");
    expect(testBot.host.sent).toMatchObject([{ name: "payroll", text, by: "Ann (orchestrator)" }]);
    // One button is for one text.
    await testBot.asked(
      async (actions) => expect(await actions.send({ name: "payroll", text: "say more" })).toMatchObject(waits),
      operator,
      thread,
    );
  });

  it("another thread's turn is stopped by the button alone", async () => {
    await testBot.shard("payroll");
    await testBot.command("send payroll hang");
    await testBot.asked(async (actions) => expect(await actions.stop({ name: "payroll" })).toMatchObject(waits));
    expect((await testBot.host.list())[0]?.status.state).toBe("working");
    await testBot.pressUnder("would stop the running turn of payroll", "Stop payroll", operator);
    expect((await testBot.host.list())[0]?.status.state).toBe("idle");
  });

  it("a shell is started by the button, with all that it was asked for, in the thread's name", async () => {
    const thread = await testBot.asked(async (actions) => {
      expect(await actions.spawn({ name: "sh", agent: "shell", base: "dev", prompt: "say make" })).toMatchObject(waits);
    }, operator);
    await testBot.shows(thread, "The orchestrator would start sh for Oda.");
    expect(details()).toContain("agent: shell\nfrom: dev\n\nFirst prompt:\nsay make");
    expect(await names()).toEqual([]);
    await testBot.pressUnder("The orchestrator would start sh", "Start sh");
    expect(await testBot.host.list()).toMatchObject([
      { name: "sh", agent: "shell", base: "dev", createdBy: "Ann (orchestrator)" },
    ]);
    const heard = async () => testBot.orchestrator.woken.flatMap((wake) => whats(wake));
    await vi.waitFor(async () => {
      expect(await heard()).toContain("Ann has pressed the button for it: start sh: started");
      expect(await heard()).toContain("shard sh has finished turn 1");
    });
    await testBot.asked(
      async (actions) => expect(await actions.send({ name: "sh", text: "ls" })).toMatchObject(waits),
      operator,
      thread,
    );
  });

  it("an agent is no command line, under any policy", async () => {
    const thread = await testBot.thread();
    await testBot.command("policy allow", thread);
    await testBot.asked(
      async (actions) => {
        for (const agent of ["sh -c ls", "fake --all", "./fake", ""])
          await expect(actions.spawn({ name: "x", agent })).rejects.toMatchObject({ code: "usage" });
        await actions.spawn({ name: "sh", agent: "shell", orchestrator: true });
      },
      undefined,
      thread,
    );
    expect(await names()).toEqual(["sh"]);
  });

  it("what one shard has said goes to another in the person's words, or by the button", async () => {
    const thread = await testBot.withShard("auth", "say then: please run");
    await testBot.asked(
      async (actions) => {
        await actions.spawn({ name: "api" });
        await actions.read({ name: "auth" });
        expect(await actions.send({ name: "auth", text: "say again" })).toMatchObject({ outcome: "submitted" });
        expect(await actions.send({ name: "api", text: "say run" })).toMatchObject(waits);
        expect(await actions.spawn({ name: "docs", prompt: "say run" })).toMatchObject(waits);
        expect(await actions.send({ name: "api", text: "please" })).toMatchObject({ outcome: "submitted" });
      },
      operator,
      thread,
    );
    expect(testBot.host.sent.map(({ name }) => name)).toEqual(["auth", "api"]);
  });

  it("what a refusal shows of one shard is no text for another", async () => {
    const thread = await testBot.withShard("auth", "ask rm");
    await testBot.asked(
      async (actions) => {
        await actions.spawn({ name: "api" });
        expect(await actions.send({ name: "api", text: "say one" })).toMatchObject({ outcome: "submitted" });
        expect(await actions.send({ name: "auth", text: "say two" })).toMatchObject({ outcome: "refused" });
        expect(await actions.send({ name: "api", text: "say three" })).toMatchObject(waits);
      },
      operator,
      thread,
    );
  });

  it("own words are no answer to an agent's question, but an option is", async () => {
    const thread = await testBot.withShard("auth", "choose a colour");
    await testBot.asked(
      async (actions) => {
        expect(await actions.answer({ name: "auth", option: "2", text: "Green" })).toMatchObject(waits);
        expect(await actions.answer({ name: "auth", option: "2", text: "please" })).toMatchObject({
          outcome: "answered",
        });
      },
      operator,
      thread,
    );
    expect(details()).toContain("a colour\n\nWith these words:\nGreen");
  });
});

describe("in a turn that nobody has asked for", () => {
  it("every act waits, and looking, reporting and planning do not", async () => {
    const thread = await testBot.withShard("auth", "choose a colour");
    await testBot.asked(
      async (actions) => actions.schedule({ when: { in: 60 }, instruction: "Look." }),
      operator,
      thread,
    );
    const found: unknown[] = [];
    testBot.orchestrator.react = async ({ actions }) => {
      found.push((await actions.read({ name: "auth" })).name);
      found.push(await actions.send({ name: "auth", text: "please" }));
      found.push(await actions.spawn({ name: "more" }));
      found.push(await actions.stop({ name: "auth" }));
      found.push(await actions.answer({ name: "auth", option: "1" }));
      found.push(await actions.schedule({ when: { in: 5 }, instruction: "Look again." }));
      await actions.cancelTask({ id: "t2" });
      found.push(await actions.cancelTask({ id: "t1" }).catch(String));
      return "Reported.";
    };
    await testBot.host.deliver("auth", { type: "attention", id: "odd", why: "odd", screen: "?" });
    await testBot.shows(thread, "Reported.");
    expect(found.slice(0, 5)).toMatchObject(["auth", waits, waits, waits, waits]);
    expect(found.at(-1)).toContain("a person can say tasks cancel t1");
    expect(testBot.host.sent).toEqual([]);
    expect(await names()).toEqual(["auth"]);
    expect(await testBot.command("tasks", thread)).toMatch(/^t1: [^\n]*$/);
  });

  it("a person's choice under a question covers what is on its button, and not the question", async () => {
    const thread = await testBot.withShard();
    await testBot.asked(
      async (actions) => actions.askHuman({ question: "Say hello or good evening?", options: ["Say hello", "No"] }),
      operator,
      thread,
    );
    await testBot.shows(thread, "Say hello or good evening?");
    const found: unknown[] = [];
    testBot.orchestrator.react = async ({ actions }) => {
      found.push(await actions.send({ name: "auth", text: "Say hello" }));
      found.push(await actions.send({ name: "auth", text: "Say hello and run setup" }));
      found.push(await actions.send({ name: "auth", text: "good evening" }));
      return "Said.";
    };
    await testBot.pressUnder("Say hello or good evening?", "Say hello", operator);
    await testBot.shows(thread, "Said.");
    expect(found).toMatchObject([{ outcome: "queued" }, waits, waits]);
  });

  it("what comes of a button is no request", async () => {
    const thread = await testBot.withShard();
    await testBot.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    const found: unknown[] = [];
    testBot.orchestrator.react = async ({ actions }) => {
      found.push(await actions.send({ name: "auth", text: "say more" }));
      return "Said.";
    };
    await testBot.pressUnder("Shall it?", "Don't", operator);
    await testBot.shows(thread, "Said.");
    expect(found).toMatchObject([waits]);
  });
});

describe("each call of a tool", () => {
  const audited = () =>
    testBot.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line["message"] === "audit" && String(line["what"]).startsWith("tool "));

  it("is written down: by whom, for whom, where and with what verdict, and never a text", async () => {
    await testBot.shard("payroll");
    const secret = "a text of somebody";
    const thread = await testBot.asked(async (actions) => {
      await callTool("list_shards", {}, actions);
      await callTool("send_to_shard", { name: "payroll", text: secret }, actions);
      await callTool("read_shard", { name: "nobody" }, actions);
      await callTool("spawn_shard", { name: secret }, actions);
      await callTool(secret, {}, actions).catch(() => {});
    }, operator);
    const line = { by: "orchestrator", for: { id: operator.id, name: "Oda" }, where: `chat:team:C1:${thread.thread}` };
    expect(audited()).toMatchObject([
      { ...line, what: "tool list_shards", verdict: "allowed" },
      { ...line, what: "tool send_to_shard payroll", verdict: "asked" },
      { ...line, what: "tool read_shard nobody", verdict: "failed" },
      { ...line, what: "tool spawn_shard", verdict: "failed" },
      { ...line, what: "tool unknown", verdict: "denied" },
    ]);
    expect(testBot.log.join("\n")).not.toContain(secret);
    expect(testBot.adapter.shown.some(({ post }) => textOf(post).includes("payroll"))).toBe(true);
  });

  it("is, of a client and of a shard's agent too", async () => {
    const local = { person: { id: "local", name: "root", roles: [] }, right: "admin" as const };
    await testBot.command("spawn lead --orchestrator", undefined, operator);
    await callTool("list_shards", {}, testBot.bot.toolsOf("lead", local));
    await callTool("list_shards", {}, testBot.bot.toolsFor(local));
    await callTool("list_shards", {}, testBot.bot.toolsFor({ ...local, right: "none" }));
    expect(audited()).toMatchObject([
      { by: "lead", for: { id: operator.id }, verdict: "allowed" },
      { by: "client", for: { id: "local" }, verdict: "allowed" },
      { by: "client", for: { id: "local" }, verdict: "denied" },
    ]);
  });
});
