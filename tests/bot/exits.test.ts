import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Post, ThreadRef } from "../../src/adapters/adapter.ts";
import { redactWith } from "../../src/bot/delivery/redact.ts";
import { askTool, callControl } from "../../src/control/client.ts";
import { serveControl } from "../../src/control/server.ts";
import { localActor } from "../../src/control/local.ts";
import { toolCalls } from "../../src/control/tool-calls.ts";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog, log, logBug } from "../../src/log.ts";
import { Redactor } from "../../src/redaction/redactor.ts";
import { ToolTokens } from "../../src/orchestrator/tool-tokens.ts";
import type { LineVerb } from "../../src/verbs/types.ts";
import { ann, textOf } from "../fakes/fake-adapter.ts";
import { TestTurns } from "./test-turns.ts";

const secret = "Vio7kestrel+4417/Harbor";
const hex = Buffer.from(secret).toString("hex");
const base64 = Buffer.from(`x${secret}y`).toString("base64");

/** How the secret is shown, and by what it is known again. */
const forms: [name: string, shown: string, known: string][] = [
  ["plain", secret, secret],
  ["in base64", base64, base64.slice(4, -4)],
  ["in hexadecimal digits", hex, hex],
  ["split by colours", secret.replaceAll(/.{4}/g, "\u001b[32m$&\u001b[0m"), secret],
  ["wrapped in a box", `│ ${secret.slice(0, 9)}  │\n│ ${secret.slice(9)} │`, secret],
];

function leaks(value: unknown, known: string): boolean {
  const texts: string[] = [];
  JSON.stringify(value ?? null, (key: string, one: unknown) => {
    texts.push(key);
    if (typeof one === "string") texts.push(one);
    return one;
  });
  const bare = texts.join("\n").replaceAll(/\u001b\[\d*m|\\u001b\[\d*m|[\s│]|\\n/g, "");
  return bare.includes(known) || bare.includes(known.slice(0, 12));
}

describe.each(forms)("a secret in the .env of a worktree, %s", (_name, shown, known) => {
  const folder = mkdtempSync(join(tmpdir(), "exits-"));
  const worktree = join(folder, "worktree");
  const socket = join(folder, "control.sock");
  const lines: string[] = [];
  let bot: TestTurns;
  let server: Server;
  let home: ThreadRef;
  const posts = (...kinds: Post["kind"][]) =>
    bot.adapter.shown.map(({ post }) => post).filter(({ kind }) => kinds.includes(kind));
  const shows = (what: string) =>
    vi.waitFor(() => {
      if (!bot.adapter.shown.some(({ post }) => JSON.stringify(post).includes(what)))
        throw new Error(`no post with ${what}`);
    });
  const inside = (value: unknown) => {
    if (JSON.stringify(value ?? null).length <= 4) return "nothing at all";
    return leaks(value, known) ? "the secret" : "no secret";
  };

  beforeAll(async () => {
    mkdirSync(worktree);
    writeFileSync(join(worktree, ".env"), `NODE_ENV=production\nSERVICE_VALUE=${secret}\n`);
    const redactor = new Redactor({ fixed: [], folders: () => [worktree] });
    bot = new TestTurns({ text: 1900, posts: 2 });
    bot.redact = redactWith(() => redactor.known());
    configureLog({ write: (line) => void lines.push(line), mask: bot.redact });
    await bot.open();
    const local = localActor();
    const tool = toolCalls({
      bot: bot.bot,
      host: { bearer: () => undefined },
      toolTokens: new ToolTokens(socket),
      local,
    });
    const door = () => ({ socket: "", secret: "" });
    server = await serveControl(socket, bot.bot.actionsFor(local), door, tool, bot.redact);

    await bot.adapter.say(`look at ${shown}`, undefined, { by: ann });
    await vi.waitFor(() => void bot.adapter.opened[0]!.thread);
    await bot.command(`spawn demo --agent "fake --token ${shown}" say I have ${shown}`);
    await vi.waitFor(() => void bot.adapter.opened[1]!.thread);
    home = bot.adapter.opened[1]!.thread;
    await shows("I have");
    await bot.host.send({ name: "demo", text: "hang" });
    const status = { state: "working" as const, since: new Date().toISOString(), why: `w ${shown}` };
    await bot.host.deliver("demo", { type: "output", status, tail: `the tail ${shown}` });
    await shows("the tail");
    await bot.host.send({ name: "demo", text: `say later ${shown}` });
    const options = [{ key: "1", label: `Yes ${shown}` }];
    const asks = { id: "q", kind: "approval" as const, text: `the question ${shown}`, options };
    await bot.host.deliver("demo", {
      type: "question",
      id: "q1",
      question: { ...asks, detail: `d ${shown}`.repeat(100) },
    });
    await shows("the question");
    const said = { turn: 1, form: "markdown" as const, truncated: false, waiting: 0 };
    await bot.host.deliver("demo", { type: "answer", id: "a1", text: `the answer ${shown}\n`.repeat(600), ...said });
    await shows("the answer");
    const receipt = { outcome: "stalled" as const, screen: `the screen ${shown}` };
    await bot.host.deliver("demo", { type: "receipt", id: "r1", text: `prompt ${shown}`, receipt });
    await shows("the screen");
    await bot.host.deliver("demo", { type: "attention", id: "at", why: `why ${shown}`, screen: `the puzzle ${shown}` });
    await shows("the puzzle");
    await bot.withShard("auth");
    const by = "Ann (orchestrator)";
    await bot.host.deliver("auth", { type: "answer", id: "a2", text: `auth said ${shown}`, by, ...said });
    await bot.woken(1);
    await bot.host.deliver("auth", { type: "question", id: "q7", question: { ...asks, detail: `d ${shown}` } });
    await bot.woken(2);
    bot.host.diffs.set("demo", { patch: `+${shown}\n`, stat: `a ${shown}` });
    bot.host.repoNotes = [{ repo: "web", text: `notes ${shown}` }] as never;
  });
  afterAll(async () => {
    configureLog({ write: () => {}, mask: (text) => text });
    server.close();
    await bot.dispose();
    rmSync(folder, { recursive: true });
  });

  it("is in no title", () => {
    expect(inside(bot.adapter.opened)).toBe("no secret");
  });
  it("is in no post of any kind", () => {
    for (const kind of ["answer", "card", "question", "terminal", "file", "notice"] as const)
      expect(inside(posts(kind))).toBe("no secret");
  });
  it("is not told to the model, by a person or by what wakes it", () => {
    expect(inside(bot.orchestrator.asked.map(({ text }) => text))).toBe("no secret");
    expect(inside(bot.orchestrator.woken.map(({ events }) => events))).toBe("no secret");
  });
  it("is in nothing that the model's tools give, errors too", async () => {
    const { actions } = bot.orchestrator.asked[0]!;
    expect(inside([await actions.read({ name: "demo", lines: 40 }), await actions.list(), await actions.notes()])).toBe(
      "no secret",
    );
    expect(inside([await actions.diff({ name: "demo" }), await actions.history({ name: "demo" })])).toBe("no secret");
    await actions.read({ name: `no ${shown}` }).then(
      () => expect.unreachable(),
      (error: unknown) => expect(inside((error as Error).message)).toBe("no secret"),
    );
  });
  it.each<[LineVerb, object]>([
    ["list", {}],
    ["read", { name: "demo" }],
    ["screen", { name: "demo" }],
    ["explain", { name: "demo" }],
    ["queue", { name: "demo" }],
    ["diff", { name: "demo" }],
    ["history", { name: "demo" }],
  ])("does not go over the control socket with %s", async (verb, request) => {
    expect(inside((await callControl(socket, verb, request))?.result)).toBe("no secret");
  });
  it("is in no error of the control socket", async () => {
    const failed = callControl(socket, "read", { name: `no ${shown}` });
    await failed.then(
      () => expect.unreachable(),
      (error: unknown) => expect(inside((error as Error).message)).toBe("no secret"),
    );
  });
  it.each(["list_shards", "read_shard", "diff_shard", "shard_history"])("does not go to MCP with %s", async (tool) => {
    expect(inside(await askTool(socket, { name: tool, args: { name: "demo" } }))).toBe("no secret");
  });
  it("is in no reply to a command", async () => {
    for (const line of ["list", "read demo", "screen demo", "explain demo", "queue demo"])
      expect(inside(await bot.command(line))).toBe("no secret");
    expect(inside(await bot.command(`send no ${shown}`))).toBe("no secret");
    expect(inside(bot.adapter.in(home).map(({ post }) => textOf(post)))).toBe("no secret");
  });
  it("is in no line of the log", () => {
    log.warn("a test", { why: shown, [`name ${shown}`]: [shown] });
    logBug(new ShardbridgeError("failed", `bug ${shown}`), "a bug");
    expect(inside(lines)).toBe("no secret");
  });
});
