import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node-pty";
import { afterEach, describe, expect, it } from "vitest";
import type { ChatEvent, Post, PostRef } from "../../src/adapters/adapter.ts";
import { Bot } from "../../src/bot/bot.ts";
import { redactor } from "../../src/bot/delivery/redact.ts";
import { Secrets } from "../../src/bot/access/secrets.ts";
import type { Threads } from "../../src/bot/threads/threads.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl } from "../../src/control/server.ts";
import { localActor } from "../../src/control/local.ts";
import { configureLog } from "../../src/log.ts";
import { shell } from "../../src/shards/agents/shell/shell.ts";
import type { ShardEvent } from "../../src/shards/events.ts";
import type { ShardHost, ShardStatus } from "../../src/shards/host.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import type { AdapterFixture } from "../adapters/contract.ts";
import { discordFixture } from "../adapters/discord-fixture.ts";
import { slackFixture } from "../adapters/slack-fixture.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import { destroyAll, type TestFolders, makeFolders, optionsFor } from "../shards/test-host.ts";

const secret = "correct horse §7 battery";
const blurted = "hunter2-was-said-aloud";
const platforms: [string, () => Promise<AdapterFixture>][] = [
  ["Slack", async () => slackFixture(await SlackFront.start())],
  ["Discord", discordFixture],
];
const patient = { timeout: 20_000 };
const closing: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Everything that is in the files of a folder. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

async function open(fixture: AdapterFixture, folders: TestFolders) {
  const log: string[] = [];
  configureLog({ write: (line) => void log.push(line) });
  const posts: { ref: PostRef; post: Post }[] = [];
  const { adapter } = fixture;
  const [post, edit] = [adapter.post.bind(adapter), adapter.edit.bind(adapter)];
  adapter.post = async (thread, given, key) => {
    const ref = await post(thread, given, key);
    posts.push({ ref, post: given });
    return ref;
  };
  adapter.edit = async (ref, given) => {
    posts.push({ ref, post: given });
    await edit(ref, given);
  };
  const store = await Store.open(folders.home);
  const host = await openLocalHost(optionsFor(folders, store, { shell }));
  const bot = new Bot({
    platforms: [{ adapter, access: "everything" }],
    host,
    orchestrator: undefined,
    store,
    redact: redactor([]),
  });
  closing.push(async () => {
    await bot.stop();
    await destroyAll(host);
    await host.release();
    await store.close();
    folders.remove();
    await fixture.stop();
  });
  await bot.start();
  return { host, bot, posts, log };
}

const textOf = ({ post }: { post: Post }) => JSON.stringify(post);

/** The command line in a terminal of its own: what it shows, and how it ends. */
function cli(home: string, ...args: string[]) {
  const main = join(import.meta.dirname, "../../src/main.ts");
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, SHARDBRIDGE_HOME: home };
  const pty = spawn(process.execPath, [main, ...args], { cols: 300, rows: 30, env, cwd: home });
  let shown = "";
  pty.onData((data) => (shown += data));
  const code = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  closing.push(() => pty.kill("SIGKILL"));
  return { shown: () => shown, type: (text: string) => pty.write(text), code };
}

describe("a secret on the command line", () => {
  it("is read from the terminal and not from the arguments", { timeout: 60_000 }, async () => {
    const folders = makeFolders();
    const { host, bot, posts, log } = await open(slackFixture(await SlackFront.start()), folders);
    const server = await serveControl(controlSocket(folders.home), bot.actionsFor(localActor()), () => {
      throw new Error("There is no address.");
    });
    closing.push(() => void server.close());
    await host.spawn({ name: "demo" });
    await expect.poll(async () => (await host.list())[0]?.status.state, patient).toBe("idle");
    await host.send({ name: "demo", text: `read -s -p 'Say friend ' x; printf %s "$x" | sha256sum` });
    await expect.poll(async () => (await host.list())[0]?.status.state, patient).toBe("waiting");

    const aloud = cli(folders.home, "answer", "demo", "secret", blurted);
    expect(await aloud.code).not.toBe(0);
    expect(aloud.shown()).toContain("never typed in a chat");
    const models = bot.toolsFor(localActor()).answer({ name: "demo", option: "secret", text: blurted });
    await expect(models).rejects.toMatchObject({ code: "refused" });

    const unseen = cli(folders.home, "answer", "demo");
    await expect.poll(unseen.shown, patient).toContain("not shown");
    expect(unseen.shown()).toContain("Say friend");
    unseen.type(`x\u007F${secret}\r`);
    expect(await unseen.code).toBe(0);
    expect(unseen.shown()).not.toContain(secret);
    const sum = createHash("sha256").update(secret).digest("hex");
    await expect.poll(async () => (await host.read({ name: "demo" })).text, patient).toContain(sum);
    for (const where of [everythingIn(folders.home), posts.map(textOf).join("\n"), log.join("\n")])
      for (const word of [secret, blurted]) expect(where).not.toContain(word);
  });
});

it("is known to be asked for after a restart that came before the screen was read", async () => {
  const thread = { platform: "slack", place: "C1", thread: "1" } as const;
  const status = { state: "waiting", why: "dialog: Password:", since: 0 } as unknown as ShardStatus;
  const options = [{ key: "secret", label: "Enter it", takes: "secret" as const }];
  const question = { id: "q", kind: "question" as const, text: "Password:", detail: "", options };
  let state = "unsure";
  const host = {
    list: async () => [{ name: "demo", status: { ...status, state } }],
    read: async () => ({ name: "demo", text: "", status, question }),
  } as unknown as Pick<ShardHost, "list" | "read">;
  const threads = { get: () => ({ shard: "demo", attached: true }) } as unknown as Threads;
  const secrets = new Secrets(threads, host, ["answer", "help"]);
  await secrets.recover();
  const said = { type: "message", place: { ...thread }, text: blurted, thread } as unknown as ChatEvent;
  state = "waiting";
  await secrets.hear({ type: "state", id: "1", shard: "demo", status } as unknown as ShardEvent);
  expect(JSON.stringify(secrets.without(said))).not.toContain(blurted);
});

describe.each(platforms)("a secret that a shell asks for, on %s", (_name, setUp) => {
  it("is entered in a modal and kept nowhere, and refused as a message", { timeout: 60_000 }, async () => {
    const [fixture, folders] = [await setUp(), makeFolders()];
    const { host, posts, log } = await open(fixture, folders);
    await fixture.say("spawn demo --agent shell", { mention: true });
    await expect.poll(async () => (await host.list())[0]?.status.state, patient).toBe("idle");
    const asks = (nth: number) => posts.filter(({ post }) => post.kind === "question" && !post.settled)[nth];

    await host.send({ name: "demo", text: `read -s -p 'The magic word ' x; printf %s "$x" | sha256sum` });
    await expect.poll(() => asks(0), patient).toBeDefined();
    const question = asks(0)!;
    expect(textOf(question)).toContain("The magic word");
    expect(await fixture.fill(question.ref, "Enter it…", secret)).toContain("never saved");
    const sum = createHash("sha256").update(secret).digest("hex");
    await expect.poll(() => posts.map(textOf).join("\n"), patient).toContain(sum);

    await host.send({ name: "demo", text: "read -s again; echo over" });
    await expect.poll(() => asks(1), patient).toBeDefined();
    const { thread } = asks(1)!.ref;
    const slips = [`!anwser demo ${blurted}`, `!${blurted}`];
    for (const line of [
      `!answer demo secret ${blurted}`,
      `!answer ${blurted}`,
      `!send demo ${blurted}`,
      blurted,
      ...slips,
    ]) {
      const before = posts.length;
      await fixture.say(line, { thread });
      await expect.poll(() => posts.slice(before).map(textOf).join("\n"), patient).toContain("never typed in a chat");
      // The way to enter it comes with the refusal.
      const { post } = posts.slice(before).find((one) => textOf(one).includes("never typed in a chat"))!;
      expect(post).toMatchObject({ kind: "question", buttons: [{ secret: true }] });
    }
    expect((await host.list())[0]?.status.state).toBe("waiting");

    for (const where of [everythingIn(folders.home), posts.map(textOf).join("\n"), log.join("\n")]) {
      expect(where).not.toContain(secret);
      expect(where).not.toContain(blurted);
    }
    expect(everythingIn(folders.home)).toContain('"secret":true');
  });
});
