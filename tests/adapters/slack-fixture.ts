import { type AddressInfo, createServer } from "node:net";
import type { AdapterFixture } from "./contract.ts";
import { SlackAdapter } from "../../src/adapters/slack/adapter.ts";
import { type Deadlines, deadlines, type SlackSettings } from "../../src/adapters/slack/settings.ts";
import { shownBlocks } from "../fakes/slack-blocks.ts";
import type { SlackFront, SlackMessage } from "../fakes/slack-front.ts";

function settingsFor(front: SlackFront): SlackSettings {
  return {
    botToken: front.botToken,
    receive: { by: "socket", appToken: front.appToken },
    apiUrl: front.api,
    channels: [front.channel],
  };
}

/** An adapter before a front: it pauses shortly, and waits as long as a busy machine may take. */
export function adapterFor(
  front: SlackFront,
  changes: Partial<SlackSettings> = {},
  shorter: Partial<Deadlines> = {},
): SlackAdapter {
  return new SlackAdapter(
    { ...settingsFor(front), ...changes },
    { ...deadlines, pause: [20, 100], hold: 30, patience: 60_000, person: 60_000, ...shorter },
  );
}

/** What a person reads in a message. */
export function read({ text = "", blocks, files = [] }: SlackMessage): string {
  return [blocks === undefined ? text : shownBlocks(blocks), ...files.map(({ name }) => name)].join("\n");
}

/** Slack with Ann in it. */
export function slackFixture(front: SlackFront): AdapterFixture {
  return {
    adapter: adapterFor(front),
    async say(text, { thread, mention = false, as = "person" }) {
      const event = await front.write(mention ? `<@BOT> ${text}` : text, thread?.thread);
      await front.event(as === "bot" ? { ...event, bot_id: "B0OTHER", subtype: "bot_message" } : event);
    },
    command: (line) => front.command(line),
    async press(ref, label) {
      await front.press(ref.thread.thread, ref.id, label);
    },
    async fill(ref, label, words) {
      await front.press(ref.thread.thread, ref.id, label);
      const view = await front.view();
      await front.submit(view, words);
      return view.blocks[0]?.label?.text ?? "";
    },
    shown: async (thread) => (await front.messages(thread.thread)).slice(1).map(read),
    stop: () => front.stop(),
  };
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
