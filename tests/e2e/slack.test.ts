import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMessagesApi, type MessagesApi } from "../fakes/messages-api.ts";
import { type SlackCall, SlackFront } from "../fakes/slack-front.ts";
import { threadsOf } from "./slack-threads.ts";
import { Machine } from "./program.ts";
import { installFakeAgent, visionModel, withoutPrompts } from "./vision.ts";

const patience = { timeout: 30_000 };

describe("Slack, end to end", () => {
  let front: SlackFront;
  let threads: ReadonlyMap<string, string>;
  let api: MessagesApi;
  let machine: Machine;
  beforeAll(async () => {
    front = await SlackFront.start();
    threads = threadsOf(front);
    api = await startMessagesApi(visionModel);
  });
  afterAll(async () => {
    await front.stop();
    await api.stop();
  });
  beforeEach(() => {
    front.calls.length = 0;
    machine = new Machine({
      SLACK_BOT_TOKEN: front.botToken,
      SLACK_APP_TOKEN: front.appToken,
      SLACK_API_URL: front.api,
      SLACK_ADMINS: front.person,
      SLACK_CHANNELS: front.channel,
      ANTHROPIC_BASE_URL: api.url,
    });
    installFakeAgent(machine);
  });
  afterEach(async () => {
    await machine.dispose();
    expect(front.violations).toEqual([]);
  });

  /** Say something; resolves with the thread that it is in, or starts. */
  async function say(text: string, thread?: string): Promise<string> {
    const event = await front.write(text, thread);
    await front.event(event);
    return thread ?? event.ts;
  }

  const posts = (text: string): SlackCall[] =>
    front
      .callsOf("chat.postMessage")
      .filter(({ args }) => `${args["blocks"]}${args["markdown_text"]}${args["text"]}`.includes(text));

  /** Those that became what they are by an edit too, with their threads: an answer of the orchestrator is shown as it is written. */
  const shown = (text: string): SlackCall[] =>
    [...front.callsOf("chat.postMessage"), ...front.callsOf("chat.update")]
      .filter(({ args }) => withoutPrompts(`${args["blocks"]}${args["markdown_text"]}${args["text"]}`).includes(text))
      .map((call) => ({ ...call, args: { thread_ts: threads.get(call.args["ts"] ?? "") ?? "", ...call.args } }));

  async function posted(text: string, look = posts): Promise<SlackCall> {
    await expect
      .poll(() => look(text).length, { ...patience, message: `waiting for a post of ${text}` })
      .toBeGreaterThan(0);
    return look(text)[0]!;
  }

  it("does what the three sentences of the vision ask, and /shard send too", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Shardbridge on slack");
    const asking = await say("<@BOT> Start a shard for auth and one for the API refactor");
    const report = await posted("The tools say:", shown);
    expect(report.args["thread_ts"]).toBe(asking);

    await say("Tell auth to add JWT validation", asking);
    const answer = await posted("JWT validation is added.", shown);
    const auth = answer.args["thread_ts"]!;
    expect(auth).not.toBe(asking);
    expect((await front.messages(auth))[0]).toMatchObject({ ts: auth, user: front.bot });

    await say("Tell api-refactor to count", asking);
    const counted = await posted("Line 0060:");
    expect(counted.args["thread_ts"]).not.toBe(auth);
    await say("What is the status of api-refactor?", asking);
    await expect.poll(() => shown("Line 0060:").some(({ args }) => args["thread_ts"] === asking), patience).toBe(true);

    expect(await front.command("send auth SAY sent past the orchestrator ENDSAY")).toContain("submitted");
    expect((await posted("sent past the orchestrator", shown)).args["thread_ts"]).toBe(auth);
    await say("!send SAY said in its own thread ENDSAY", auth);
    expect((await posted("said in its own thread", shown)).args["thread_ts"]).toBe(auth);
  });

  it("goes on in the same thread after kill -9 in the middle of an answer: nothing lost, nothing twice", async () => {
    const first = machine.run(["start"]);
    await first.prints("Shardbridge on slack");
    await front.command("spawn slow --agent shell");
    expect(await front.command('send slow "for n in $(seq 60); do echo number $n of 60; sleep 0.05; done"')).toMatch(
      /submitted|queued/,
    );
    const card = await posted("number 1");
    await first.kill("SIGKILL");

    const second = machine.run(["start"]);
    await second.prints("Running shards: slow");
    // A card may show the last lines.
    const whole = () => posts("number 60 of 60").filter((post) => JSON.stringify(post).includes("number 1 of 60"));
    await expect.poll(() => whole().length, patience).toBe(1);
    const answer = whole()[0]!;
    expect(answer.args["thread_ts"]).toBe(card.args["thread_ts"]);
    for (let n = 1; n <= 60; n += 1) expect(answer.args["blocks"]).toContain(`number ${n} of 60`);
    await front.command("send slow echo still there");
    await posted("still there");
    expect(whole()).toHaveLength(1);
  });

  it("lets no agent see a token of ours, neither in its own environment nor in its holder's", async () => {
    const bot = machine.run(["start"], { ANTHROPIC_API_KEY: "sk-ant-probe-0123456789" });
    await bot.prints("Shardbridge on slack");
    await front.command("spawn probe --agent shell");
    await front.command("send probe \"env; tr '\\\\0' '\\\\n' < /proc/$PPID/environ; echo pro''bed\"");
    const { args } = await posted("probed");
    expect(args["blocks"]).toContain("SHARDBRIDGE_SHARD=");
    expect(args["blocks"]).not.toMatch(/SLACK_|ANTHROPIC_|redacted/);
  });

  it("does nothing for strangers", async () => {
    const bot = machine.run(["start"], { SLACK_ADMINS: "U0SOMEBODY" });
    await bot.prints("Shardbridge on slack");
    expect(await front.command("spawn mine --agent shell")).toMatch(/not|may/i);
    expect(machine.leftOvers().worktrees).toEqual([]);
  });

  it.each([
    ["a bad bot token", { SLACK_BOT_TOKEN: "xoxb-wrong" }, "SLACK_BOT_TOKEN"],
    ["a bad app token", { SLACK_APP_TOKEN: "xapp-wrong" }, "SLACK_APP_TOKEN"],
    ["no network", { SLACK_API_URL: "http://127.0.0.1:9/api/" }, "127.0.0.1:9"],
  ])("exits with one plain sentence on %s", async (_name, env, word) => {
    const said = await machine.refusal(env);
    expect(said).toContain(word);
    expect(said).not.toContain("-wrong");
  });
});
