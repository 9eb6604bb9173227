import { expect } from "vitest";
import { discordStage } from "../adapters/discord-stage.ts";
import { orchestrated } from "./orchestrated.ts";

orchestrated(async () => {
  const stage = await discordStage();
  const messages = /^\/channels\/\d+\/messages(?:\/\d+)?$/;
  const plain = (text: string) => text.replaceAll("\\", "");
  return {
    name: "discord",
    env: {
      DISCORD_TOKEN: stage.twin.botToken,
      DISCORD_API_URL: stage.proxy.url,
      DISCORD_ADMINS: stage.alice,
      DISCORD_CHANNELS: stage.channel,
    },
    say: async (text, thread) => {
      const content = thread === undefined ? `<@${stage.twin.botUserId}> ${text}` : text;
      await stage.twin
        .channel(thread ?? stage.channel)
        .user(stage.alice)
        .sendMessage({ content });
    },
    // A post whose answer a killed bot did not hear is sent again with its nonce, and is one message all the same.
    posts: (text) =>
      [
        ...stage.proxy
          .seen("POST", messages)
          .filter(
            ({ body }, at, all) =>
              body?.nonce === undefined || all.findIndex((first) => first.body?.nonce === body.nonce) === at,
          ),
        ...stage.proxy.seen("PATCH", messages),
      ]
        .filter(({ body }) => plain(body?.content ?? "").includes(text))
        .map(({ path, body }) => ({ thread: path.split("/")[2]!, id: text, whole: plain(body?.content ?? "") })),
    press: async ({ thread, id }, label) => {
      const find = async () =>
        (await stage.twin.thread(thread).getMessages()).findLast(({ content }) => plain(content).includes(id));
      // What was seen on its way is there a little later.
      await expect.poll(find).toBeDefined();
      const found = await find();
      const place = { platform: "discord", space: "", channel: stage.channel, thread };
      await stage.press({ thread: place, id: found?.id ?? "", at: "" }, label);
    },
    reset: () => void (stage.proxy.requests.length = 0),
    check: () => expect(stage.proxy.violations).toEqual([]),
    stop: () => stage.stop(),
  };
});
