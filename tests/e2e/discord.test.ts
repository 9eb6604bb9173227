import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { discordFixture, type DiscordFixture } from "../adapters/discord-fixture.ts";
import type { SeenRequest } from "../fakes/discord-proxy.ts";
import { startMessagesApi, type MessagesApi } from "../fakes/messages-api.ts";
import { Machine } from "./program.ts";
import { installFakeAgent, visionModel, withoutPrompts } from "./vision.ts";

const patience = { timeout: 30_000 };

describe("Discord, end to end", () => {
  let fixture: DiscordFixture;
  let api: MessagesApi;
  let machine: Machine;
  beforeAll(async () => {
    fixture = await discordFixture();
    api = await startMessagesApi(visionModel);
  });
  afterAll(async () => {
    await fixture.stop();
    await api.stop();
  });
  beforeEach(() => {
    fixture.proxy.requests.length = 0;
    machine = new Machine({
      DISCORD_TOKEN: fixture.twin.botToken,
      DISCORD_API_URL: fixture.proxy.url,
      DISCORD_ADMINS: fixture.alice,
      DISCORD_CHANNELS: fixture.channel,
      ANTHROPIC_BASE_URL: api.url,
    });
    installFakeAgent(machine);
  });
  afterEach(async () => {
    await machine.dispose();
    expect(fixture.proxy.violations).toEqual([]);
  });

  const say = async (text: string, thread?: string) => {
    await fixture.twin
      .channel(thread ?? fixture.channel)
      .user(fixture.alice)
      .sendMessage({ content: text });
  };
  const posts = (text: string): SeenRequest[] =>
    fixture.proxy.seen("POST", /^\/channels\/\d+\/messages$/).filter(({ body }) => body?.content?.includes(text));
  /** Those that became what they are by an edit too: an answer of the orchestrator is shown as it is written. */
  const shown = (text: string): SeenRequest[] =>
    [
      ...fixture.proxy.seen("POST", /^\/channels\/\d+\/messages$/),
      ...fixture.proxy.seen("PATCH", /^\/channels\/\d+\/messages\/\d+$/),
    ].filter(({ body }) => withoutPrompts(body?.content ?? "").includes(text));
  const threadOf = ({ path }: SeenRequest) => path.split("/")[2]!;

  async function posted(text: string, look = posts): Promise<SeenRequest> {
    await expect
      .poll(() => look(text).length, { ...patience, message: `waiting for a post of ${text}` })
      .toBeGreaterThan(0);
    return look(text)[0]!;
  }

  it("does what the three sentences of the vision ask, and /shard send too", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Shardbridge on discord");
    await say(`<@${fixture.twin.botUserId}> Start a shard for auth and one for the API refactor`);
    const asking = threadOf(await posted("The tools say:", shown));
    expect(asking).not.toBe(fixture.channel);

    await say("Tell auth to add JWT validation", asking);
    const auth = threadOf(await posted("JWT validation is added.", shown));
    expect(auth).not.toBe(asking);
    expect(await fixture.twin.prisma.channel.findUniqueOrThrow({ where: { id: auth } })).toMatchObject({
      name: expect.stringContaining("auth") as string,
    });

    await say("Tell api-refactor to count", asking);
    expect(threadOf(await posted("Line 0060:"))).not.toBe(auth);
    await say("What is the status of api-refactor?", asking);
    await expect.poll(() => shown("Line 0060:").some((post) => threadOf(post) === asking), patience).toBe(true);

    const receipt = await fixture.replyTo(
      await fixture.use("send", { shard: "auth", text: "SAY sent past the orchestrator ENDSAY" }),
    );
    expect(receipt).toContain("submitted");
    expect(threadOf(await posted("sent past the orchestrator", shown))).toBe(auth);
  });

  it("goes on in the same thread after kill -9 in the middle of an answer: nothing lost, nothing twice", async () => {
    const first = machine.run(["start"]);
    await first.prints("Shardbridge on discord");
    await fixture.replyTo(await fixture.use("spawn", { name: "slow", agent: "shell" }));
    const count = "for n in $(seq 60); do echo number $n of 60; sleep 0.05; done";
    expect(await fixture.replyTo(await fixture.use("send", { shard: "slow", text: count }))).toMatch(
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
    expect(threadOf(answer)).toBe(threadOf(card));
    for (let n = 1; n <= 60; n += 1) expect(answer.body?.content).toContain(`number ${n} of 60`);
    await fixture.replyTo(await fixture.use("send", { shard: "slow", text: "echo still there" }));
    await posted("still there");
    expect(whole()).toHaveLength(1);
  });

  it("does nothing for strangers", async () => {
    const bot = machine.run(["start"], { DISCORD_ADMINS: "111111111111111111" });
    await bot.prints("Shardbridge on discord");
    expect(await fixture.replyTo(await fixture.use("spawn", { name: "mine", agent: "shell" }))).toMatch(/not|may/i);
    expect(machine.leftOvers().worktrees).toEqual([]);
  });

  it.each([
    ["a bad token", { DISCORD_TOKEN: "wrong-token" }, "DISCORD_TOKEN"],
    ["no network", { DISCORD_API_URL: "http://127.0.0.1:9/api" }, "127.0.0.1:9"],
  ])("exits with one plain sentence on %s", async (_name, env, word) => {
    const said = await machine.refusal(env);
    expect(said).toContain(word);
    expect(said).not.toContain("wrong-token");
  });
});
