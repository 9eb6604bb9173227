import { setTimeout as sleep } from "node:timers/promises";
import { idleAgreement } from "../../src/shards/state/judge.ts";
import { discordFixture } from "../../tests/adapters/discord-fixture.ts";
import { SlackFront } from "../../tests/fakes/slack-front.ts";
import { makeFolders } from "../../tests/shards/test-host.ts";
import { BotProcess } from "./bot-process.ts";
import { below, median, quantile, type Row } from "./table.ts";

/** A chat platform on loopback, and what the bot's real client asked of it. */
interface Platform {
  name: string;
  env: Record<string, string>;
  /** Start a shard with a shell. */
  spawn(shard: string): Promise<unknown>;
  send(shard: string, text: string): Promise<unknown>;
  /** Calls that post a message: their text, and when they came (milliseconds since the epoch). */
  posts(): { text: string; at: number }[];
  stop(): Promise<void>;
}

async function slack(): Promise<Platform> {
  const front = await SlackFront.start();
  const posts: { text: string; at: number }[] = [];
  front.fault(({ method, args }) => {
    if (method === "chat.postMessage") posts.push({ text: JSON.stringify(args), at: Date.now() });
    return undefined;
  });
  const env = {
    SLACK_BOT_TOKEN: front.botToken,
    SLACK_APP_TOKEN: front.appToken,
    SLACK_API_URL: front.api,
    SLACK_ADMINS: front.person,
    SLACK_CHANNELS: front.channel,
  };
  return {
    name: "Slack",
    env,
    spawn: async (shard) => front.command(`spawn ${shard} --agent shell`),
    send: async (shard, text) => front.command(`send ${shard} ${text}`),
    posts: () => posts,
    stop: async () => front.stop(),
  };
}

async function discord(): Promise<Platform> {
  const fixture = await discordFixture();
  const env = {
    DISCORD_TOKEN: fixture.twin.botToken,
    DISCORD_API_URL: fixture.proxy.url,
    DISCORD_ADMINS: fixture.alice,
    DISCORD_CHANNELS: fixture.channel,
  };
  const path = /^\/channels\/\d+\/messages$/;
  return {
    name: "Discord",
    env,
    spawn: async (shard) => fixture.use("spawn", { name: shard, agent: "shell" }),
    send: async (shard, text) => fixture.use("send", { shard, text }),
    posts: () => fixture.proxy.seen("POST", path).map(({ body, at }) => ({ text: body?.content ?? "", at })),
    stop: async () => fixture.stop(),
  };
}

/** The real program on each chat platform: how soon it is connected, and how soon it posts what an agent has answered. */
export async function chat(quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const open of [slack, discord]) {
    const platform = await open();
    try {
      rows.push(...(await measure(platform, quick)));
    } finally {
      await platform.stop();
    }
  }
  return rows;
}

async function measure(platform: Platform, quick: boolean): Promise<Row[]> {
  const folders = makeFolders();
  let bot = new BotProcess(folders, { on: "chat", env: platform.env });
  try {
    await bot.prints("Shardbridge on");
    const starts: number[] = [];
    for (let n = 0; n < (quick ? 1 : 5); n++) {
      await bot.stop();
      const at = performance.now();
      bot = new BotProcess(folders, { on: "chat", env: platform.env });
      await bot.prints("Shardbridge on");
      starts.push(performance.now() - at);
    }
    await platform.spawn("s0");
    await bot.idle("s0");
    const beyond: number[] = [];
    for (let n = 0; n < (quick ? 3 : 15); n++) {
      await platform.send("s0", "date +%s%3N");
      beyond.push((await delay(platform, n)) - idleAgreement);
      await bot.idle("s0");
    }
    const late = median(beyond);
    return [
      {
        name: `cold start of the bot, until it is connected to ${platform.name}`,
        unit: "ms",
        ours: median(starts),
        note: "the real client, a platform on loopback",
      },
      {
        name: `an answer's last byte to the call of ${platform.name}, beyond the settle time`,
        unit: "ms",
        ours: late,
        bar: below(50, "ms", late),
        note: `settle time ${idleAgreement} ms; worst ${quantile(beyond, 1)?.toFixed(0)} ms`,
      },
    ];
  } finally {
    for (const { name } of await bot.list()) await bot.destroy(name);
    await bot.stop();
    folders.remove();
  }
}

/** Milliseconds from when an answer was printed, which is what it says, to the call that posts it. */
async function delay(platform: Platform, before: number): Promise<number> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(5)) {
    const answers = platform.posts().flatMap(({ text, at }) => {
      const printed = /\b1\d{12}\b/.exec(text)?.[0];
      return printed === undefined ? [] : [at - Number(printed)];
    });
    const found = answers[before];
    if (found !== undefined) return found;
  }
  throw new Error(`The answer was never posted, but:\n${JSON.stringify(platform.posts()).slice(-2000)}`);
}
