import { expect, it, vi } from "vitest";
import { startMessagesApi } from "../../tests/fakes/messages-api.ts";
import { SlackFront, type SlackMessage } from "../../tests/fakes/slack-front.ts";
import { Machine } from "../../tests/e2e/program.ts";
import { threadsOf } from "../../tests/e2e/slack-threads.ts";
import { hour, installClaude, model, type Chat } from "./hour.ts";
import { Recorder } from "./recorder.ts";

/** Calls that show nobody anything. */
const silent = /^(?:auth|users|apps|conversations)\./;
const structured = ["blocks", "metadata", "view", "files"];

it("an hour in Slack", async () => {
  const recorder = new Recorder("slack");
  const front = await SlackFront.start();
  const threads = threadsOf(front);
  front.fault(async ({ method, args }) => {
    const body = Object.fromEntries(
      Object.entries(args).map(([key, value]) => [
        key,
        structured.includes(key) ? (JSON.parse(value) as unknown) : value,
      ]),
    );
    if (!silent.test(method)) recorder.add(method, body);
    return undefined;
  });
  const api = await startMessagesApi(model);
  const machine = new Machine({
    SLACK_BOT_TOKEN: front.botToken,
    SLACK_APP_TOKEN: front.appToken,
    SLACK_API_URL: front.api,
    SLACK_ADMINS: front.person,
    SLACK_CHANNELS: front.channel,
    ANTHROPIC_BASE_URL: api.url,
  });
  installClaude(machine);
  /** The last message that has a button with such a label, and that label. */
  const buttonIn = (messages: SlackMessage[], label: RegExp) =>
    messages
      .flatMap(({ ts, blocks = [] }) =>
        blocks
          .flatMap(({ type, elements = [] }) => (type === "actions" ? elements : []))
          .map(({ text }) => ({ ts, label: typeof text === "object" ? text.text : "" })),
      )
      .findLast((button) => label.test(button.label));
  const chat: Chat = {
    recorder,
    async command(verb, options = {}, plain = []) {
      const words = Object.entries(options).map(([name, value]) =>
        plain.includes(name) ? value : `--${name} ${value}`,
      );
      recorder.add("response", await front.command([verb, ...words].join(" ")));
    },
    async say(text, thread) {
      await front.event(await front.write(thread === undefined ? `<@BOT> ${text}` : text, thread));
    },
    async press(thread, label, words) {
      const button = await vi.waitFor(async () => {
        const found = buttonIn(await front.messages(thread), label);
        if (!found) throw new Error(`there is no button ${label}`);
        return found;
      });
      // Some presses are answered to the one who pressed, and to nobody else.
      const { url, shown } = front.replyUrl();
      void shown.then((text) => recorder.add("response", text));
      await front.press(thread, button.ts, button.label, url);
      if (words === undefined) return;
      const view = await front.view();
      await front.submit(view, words);
    },
    posted(text, from) {
      const found = recorder.captured
        .slice(from)
        .find(
          ({ request, body }) => /^(?:chat\.|files\.|response)/.test(request) && JSON.stringify(body).includes(text),
        );
      if (!found) return undefined;
      const { thread_ts, ts = "" } = found.body as { thread_ts?: string; ts?: string };
      return thread_ts ?? threads.get(ts) ?? "";
    },
  };
  const bot = machine.run(["start"]);
  try {
    await bot.prints("Shardbridge on slack", 60_000);
    await hour(chat, machine, bot);
    expect(front.violations).toEqual([]);
  } finally {
    console.log(recorder.save());
    await machine.dispose();
    await front.stop();
    await api.stop();
  }
});
