import { expect } from "vitest";
import { SlackFront } from "../fakes/slack-front.ts";
import { threadsOf } from "./slack-threads.ts";
import { orchestrated } from "./orchestrated.ts";

orchestrated(async () => {
  const front = await SlackFront.start();
  const threads = threadsOf(front);
  const found = (text: string) =>
    [...front.callsOf("chat.postMessage"), ...front.callsOf("chat.update")].filter(({ args }) =>
      `${args["blocks"]}${args["markdown_text"]}${args["text"]}`.includes(text),
    );
  return {
    name: "slack",
    env: {
      SLACK_BOT_TOKEN: front.botToken,
      SLACK_APP_TOKEN: front.appToken,
      SLACK_API_URL: front.api,
      SLACK_ADMINS: front.person,
      SLACK_CHANNELS: front.channel,
    },
    say: async (text, thread) => {
      await front.event(await front.write(thread === undefined ? `<@BOT> ${text}` : text, thread));
    },
    posts: (text) =>
      found(text).map(({ args }) => ({
        thread: args["thread_ts"] ?? threads.get(args["ts"] ?? "") ?? "",
        id: text,
        whole: `${args["blocks"]}${args["markdown_text"]}${args["text"]}`,
      })),
    press: async ({ thread, id }, label) => {
      const messages = await front.messages(thread);
      const message = messages.findLast((one) => JSON.stringify([one.text, one.blocks]).includes(id));
      await front.press(thread, message?.ts ?? "", label);
    },
    reset: () => void (front.calls.length = 0),
    check: () => expect(front.violations).toEqual([]),
    stop: () => front.stop(),
  };
});
