import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelType, InteractionType } from "discord.js";
import { DigitalDiscord } from "discord-digital-twin";
import { expect } from "vitest";
import type { CommandSpec, PostRef, ThreadRef } from "../../src/adapters/adapter.ts";
import { DiscordAdapter } from "../../src/adapters/discord/adapter.ts";
import { DiscordProxy } from "../fakes/discord-proxy.ts";
import type { AdapterFixture } from "./contract.ts";

export const commands: CommandSpec[] = [
  { verb: "list", summary: "List the shards.", options: [] },
  {
    verb: "spawn",
    summary: "Start a shard.",
    options: [
      { name: "shard", summary: "Its name.", required: true, type: "text", named: false },
      { name: "repo", summary: "The repo.", required: false, type: "repo", named: true },
      { name: "agent", summary: "The agent.", required: false, type: "agent", named: true },
      { name: "mode", summary: "How.", required: false, type: "text", named: true, choices: ["ask", "all"] },
      { name: "here", summary: "In this thread.", required: false, type: "flag", named: true },
    ],
  },
  {
    verb: "send",
    summary: "Type something into a shard.",
    options: [
      { name: "shard", summary: "Which shard.", required: false, type: "shard", named: false },
      { name: "text", summary: "What to type.", required: true, type: "rest", named: false },
    ],
  },
  {
    verb: "read",
    summary: "Read a shard.",
    options: [
      { name: "shard", summary: "Which shard.", required: true, type: "shard", named: false },
      { name: "lines", summary: "How many lines.", required: false, type: "number", named: true },
    ],
  },
];

export interface DiscordFixture extends AdapterFixture {
  twin: DigitalDiscord;
  proxy: DiscordProxy;
  channel: string;
  alice: string;
  /** An option of the twin's slash commands: `send({ text: "hi" })`. Resolves with the id of the interaction. */
  use(verb: string, options?: Record<string, string | number | boolean>): Promise<string>;
  /** The text that was shown in answer to an interaction. */
  replyTo(interaction: string): Promise<string>;
  /** Press the button with this label; resolves with the id of the interaction. */
  click(ref: PostRef, label: string): Promise<string>;
  /** Another adapter to the same place. */
  another(): DiscordAdapter;
}

/** The real client, through the checking proxy, in the digital twin of a Discord server with one channel and one person. */
export async function discordFixture(): Promise<DiscordFixture> {
  const folder = mkdtempSync(join(tmpdir(), "shardbridge-discord-"));
  const twin = new DigitalDiscord({
    dbUrl: `file:${join(folder, "twin.db")}`,
    guild: { name: "Test Server" },
    channels: [{ name: "general", type: ChannelType.GuildText }],
    users: [{ username: "alice" }, { username: "robot", bot: true }],
  });
  await twin.start();
  const proxy = await DiscordProxy.start(twin.restUrl);
  const channel = (await twin.prisma.channel.findFirstOrThrow()).id;
  const alice = (await twin.prisma.user.findFirstOrThrow({ where: { username: "alice" } })).id;
  const robot = (await twin.prisma.user.findFirstOrThrow({ where: { username: "robot" } })).id;
  const another = () => new DiscordAdapter({ token: twin.botToken, apiUrl: proxy.url, channels: [channel], commands });
  const use: DiscordFixture["use"] = async (verb, options = {}) => {
    const given = Object.entries(options).map(([name, value]) => ({
      name,
      value,
      type: { string: 3, number: 4, boolean: 5 }[typeof value as "string"],
    }));
    const used = await twin
      .channel(channel)
      .user(alice)
      .runSlashCommand({ name: "shard", options: [{ name: verb, type: 1, options: given }] });
    return used.id;
  };
  const replyTo = async (interaction: string) => {
    const path = new RegExp(`^/webhooks/\\d+/test-interaction-token-${interaction}/messages/@original$`);
    await expect.poll(() => proxy.seen("PATCH", path)).not.toHaveLength(0);
    return unescaped(proxy.seen("PATCH", path)[0]?.body?.content ?? "");
  };
  const click = (ref: PostRef, label: string) => press(twin, alice, ref, label);
  const fill: AdapterFixture["fill"] = async (ref, label, words) => {
    const id = await click(ref, label);
    const opened = () => proxy.seen("POST", new RegExp(`^/interactions/${id}/`))[0]?.body;
    await expect.poll(opened).toMatchObject({ type: 9 });
    const { custom_id = "", components = [] } = opened()?.data ?? {};
    const [asked] = components;
    // As Discord sends it: a label has one component, without what it looked like.
    const filled = { type: 4, id: 2, custom_id: asked?.component.custom_id, value: words };
    await twin.simulateInteraction({
      type: InteractionType.ModalSubmit,
      channelId: ref.thread.thread,
      userId: alice,
      messageId: ref.id,
      data: { custom_id, components: [{ type: 18, id: 1, component: filled }] },
    });
    return asked?.label ?? "";
  };
  return {
    twin,
    proxy,
    channel,
    alice,
    use,
    replyTo,
    another,
    adapter: another(),
    say: async (text, { thread, mention, as }) => {
      const user = twin.channel(thread?.thread ?? channel).user(as === "bot" ? robot : alice);
      await user.sendMessage({ content: mention ? `<@${twin.botUserId}> ${text}` : text });
    },
    command: async (line) => replyTo(await use(line)),
    click,
    press: async (ref, label) => void (await click(ref, label)),
    fill,
    shown: (thread) => shown(twin, proxy, thread),
    stop: async () => {
      try {
        await proxy.stop();
      } finally {
        await twin.stop();
        await twin.prisma.$disconnect();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function press(twin: DigitalDiscord, by: string, ref: PostRef, label: string): Promise<string> {
  const messages = await twin.thread(ref.thread.thread).getMessages();
  const rows = (messages.find(({ id }) => id === ref.id)?.components ?? []) as {
    components: { label: string; custom_id: string }[];
  }[];
  const button = rows
    .flatMap((row) => row.components)
    .find((one) => one.label === label || one.label === `${label.slice(0, 79)}…`);
  if (!button) throw new Error(`There is no button ${label}`);
  const clicked = { messageId: ref.id, customId: button.custom_id };
  return (await twin.thread(ref.thread.thread).user(by).clickButton(clicked)).id;
}

async function shown(twin: DigitalDiscord, proxy: DiscordProxy, thread: ThreadRef): Promise<string[]> {
  const messages = await twin.thread(thread.thread).getMessages();
  return messages.map(({ id, content }) =>
    [unescaped(content), ...(proxy.files.get(id) ?? []).map(({ name }) => `[${name}]`)].join("\n"),
  );
}

/** As a reader sees it: backslashes that only escape Markdown are not shown outside of code. */
function unescaped(content: string): string {
  return content
    .split(/(```[^]*?```|`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/\\([\\*_~|`[<>#])/g, "$1")))
    .join("");
}
