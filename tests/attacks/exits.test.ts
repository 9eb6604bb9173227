import { afterAll, beforeAll, describe, vi } from "vitest";
import type { Post, ThreadRef } from "../../src/adapters/adapter.ts";
import { secret } from "../bot/test-bot.ts";
import { TestTurns } from "../bot/test-turns.ts";
import { ann } from "../fakes/fake-adapter.ts";
import { blocked } from "./attempt.ts";

const leaks = (value: unknown) => JSON.stringify(value ?? null).includes(secret);

/** A secret that the bot knows, its own token, on every way out. */
describe("the bot's own token", () => {
  let bot: TestTurns;
  let home: ThreadRef;
  const posts = (...kinds: Post["kind"][]) =>
    bot.adapter.shown.map(({ post }) => post).filter(({ kind }) => kinds.includes(kind));
  const shows = (what: string) =>
    vi.waitFor(() => {
      if (!bot.adapter.shown.some(({ post }) => JSON.stringify(post).includes(what)))
        throw new Error(`no post with ${what}`);
    });

  beforeAll(async () => {
    bot = new TestTurns({ text: 1900, posts: 2 });
    await bot.open();
    await bot.adapter.say(`look at ${secret}`, undefined, { by: ann });
    await vi.waitFor(() => void bot.adapter.opened[0]!.thread);
    await bot.command(`spawn demo --agent "fake --token ${secret}" hang ${secret}`);
    await vi.waitFor(() => void bot.adapter.opened[1]!.thread);
    home = bot.adapter.opened[1]!.thread;
    await vi.waitFor(() => {
      if (!bot.adapter.in(home).some(({ post }) => post.kind === "card")) throw new Error("no card");
    });
    const status = { state: "working" as const, since: new Date().toISOString(), why: `w ${secret}` };
    await bot.host.deliver("demo", { type: "output", status, tail: `the tail ${secret}` });
    await shows("the tail");
    await bot.host.deliver("demo", {
      type: "question",
      id: "q1",
      question: {
        id: "q",
        kind: "approval",
        text: `the question ${secret}`,
        detail: `d ${secret}`.repeat(100),
        options: [{ key: "1", label: `Yes ${secret}` }],
      },
    });
    await shows("the question");
    const text = `the answer ${secret}\n`.repeat(600);
    await bot.host.deliver("demo", {
      type: "answer",
      id: "a1",
      turn: 1,
      text,
      form: "markdown",
      truncated: false,
      waiting: 0,
    });
    await shows("the answer");
    const receipt = { outcome: "stalled" as const, screen: `the screen ${secret}` };
    await bot.host.deliver("demo", { type: "receipt", id: "r1", text: `prompt ${secret}`, receipt });
    await shows("the screen");
    await bot.withShard("auth");
    const by = "Ann (orchestrator)";
    const said = { turn: 1, by, text: `auth said ${secret}`, form: "markdown" as const, truncated: false, waiting: 0 };
    await bot.host.deliver("auth", { type: "answer", id: "a2", ...said });
    await bot.woken(1);
    const question = { id: "qq", kind: "question" as const, text: `t ${secret}`, detail: `d ${secret}`, options: [] };
    await bot.host.deliver("auth", { type: "question", id: "q7", question });
    await bot.woken(2);
  });
  afterAll(() => bot.dispose());

  blocked("in the title of a thread that a mention opens", () => leaks(bot.adapter.opened[0]?.title));
  blocked("in the title of a shard's thread, by its prompt or its command line", () =>
    leaks(bot.adapter.opened[1]?.title),
  );
  blocked("in a card", () => leaks(posts("card")));
  blocked("in a question, its detail and its labels", () => leaks(posts("question")));
  blocked("in a long detail", () => leaks(posts("terminal")));
  blocked("in a long answer and its file", () => leaks(posts("answer", "file")));
  blocked("in a file's name", () => leaks(posts("file").map((post) => post.kind === "file" && post.name)));
  blocked("in a receipt and in the values of its buttons", () => leaks(posts("question", "notice")));
  blocked("in an answer that wakes the orchestrator", () => leaks(bot.orchestrator.woken[0]?.events));
  blocked("in a question that wakes the orchestrator", () => leaks(bot.orchestrator.woken[1]?.events));
  blocked("in the log", () => leaks(bot.log));
});
