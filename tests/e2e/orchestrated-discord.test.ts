import { expect } from "vitest";
import { discordFixture } from "../adapters/discord-fixture.ts";
import { orchestrated } from "./orchestrated.ts";

orchestrated(async () => {
  const fixture = await discordFixture();
  const messages = /^\/channels\/\d+\/messages(?:\/\d+)?$/;
  const plain = (text: string) => text.replaceAll("\\", "");
  return {
    name: "discord",
    env: {
      DISCORD_TOKEN: fixture.twin.botToken,
      DISCORD_API_URL: fixture.proxy.url,
      DISCORD_ADMINS: fixture.alice,
      DISCORD_CHANNELS: fixture.channel,
    },
    say: async (text, thread) => {
      const content = thread === undefined ? `<@${fixture.twin.botUserId}> ${text}` : text;
      await fixture.twin
        .channel(thread ?? fixture.channel)
        .user(fixture.alice)
        .sendMessage({ content });
    },
    // A post whose answer a killed bot did not hear is sent again with its nonce, and is one message all the same.
    posts: (text) =>
      [
        ...fixture.proxy
          .seen("POST", messages)
          .filter(
            ({ body }, at, all) =>
              body?.nonce === undefined || all.findIndex((first) => first.body?.nonce === body.nonce) === at,
          ),
        ...fixture.proxy.seen("PATCH", messages),
      ]
        .filter(({ body }) => plain(body?.content ?? "").includes(text))
        .map(({ path, body }) => ({ thread: path.split("/")[2]!, id: text, whole: plain(body?.content ?? "") })),
    press: async ({ thread, id }, label) => {
      const find = async () =>
        (await fixture.twin.thread(thread).getMessages()).findLast(({ content }) => plain(content).includes(id));
      // What was seen on its way is there a little later.
      await expect.poll(find).toBeDefined();
      const found = await find();
      const place = { platform: "discord", space: "", channel: fixture.channel, thread };
      await fixture.press({ thread: place, id: found?.id ?? "", at: "" }, label);
    },
    reset: () => void (fixture.proxy.requests.length = 0),
    check: () => expect(fixture.proxy.violations).toEqual([]),
    stop: () => fixture.stop(),
  };
});
