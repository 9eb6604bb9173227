import { expect, it, vi } from "vitest";
import { discordFixture } from "../../tests/adapters/discord-fixture.ts";
import { startMessagesApi } from "../../tests/fakes/messages-api.ts";
import { Machine } from "../../tests/e2e/program.ts";
import { hour, installClaude, model, type Chat } from "./hour.ts";
import { Recorder } from "./recorder.ts";

interface Row {
  components?: { label?: string }[];
}

/** Of a long file the beginning shows how it looks. */
const cut = ({ name, text }: { name: string; text: string }) => ({
  name,
  length: text.length,
  text: text.slice(0, 2_000),
});

it("an hour in Discord", async () => {
  const recorder = new Recorder("discord");
  const fixture = await discordFixture();
  const { fill: fillIn } = fixture;
  const { proxy, twin, channel, alice } = fixture;
  let seen = 0;
  const take = () => {
    for (const { method, path, body, files, at } of proxy.requests.slice(seen))
      if (method !== "GET")
        recorder.add(`${method} ${path}`, { ...body, ...(files.length > 0 && { files: files.map(cut) }) }, at);
    seen = proxy.requests.length;
  };
  const api = await startMessagesApi(model);
  const machine = new Machine({
    DISCORD_TOKEN: twin.botToken,
    DISCORD_API_URL: proxy.url,
    DISCORD_ADMINS: alice,
    DISCORD_CHANNELS: channel,
    ANTHROPIC_BASE_URL: api.url,
  });
  installClaude(machine);
  const chat: Chat = {
    recorder,
    async command(verb, options = {}) {
      const id = await fixture.use(verb, options);
      const answered = () => proxy.requests.some(({ path }) => path.includes(`/interactions/${id}/`));
      await vi.waitFor(() => {
        if (!answered()) throw new Error(`${verb} is not acknowledged`);
      });
      // What is shown is an edit of the acknowledgement, which comes late for some verbs.
      await fixture
        .replyTo(id)
        .catch((error: unknown) => recorder.add("note", `no reply to ${verb}: ${String(error)}`));
      take();
    },
    async say(text, thread) {
      take();
      const content = thread === undefined ? `<@${twin.botUserId}> ${text}` : text;
      await twin
        .channel(thread ?? channel)
        .user(alice)
        .sendMessage({ content });
    },
    async press(thread, label, words) {
      const button = await vi.waitFor(async () => {
        const messages = await twin.thread(thread).getMessages();
        const found = messages
          .flatMap(({ id, components }) =>
            ((components ?? []) as Row[]).flatMap((row) =>
              (row.components ?? []).map((one) => ({ id, label: one.label ?? "" })),
            ),
          )
          .findLast((one) => label.test(one.label));
        if (!found) throw new Error(`there is no button ${label}`);
        return found;
      });
      const ref = { thread: { platform: "discord", space: "", channel, thread }, id: button.id, at: "" };
      await (words === undefined ? fixture.press(ref, button.label) : fillIn(ref, button.label, words));
    },
    posted(text, from) {
      take();
      const found = recorder.captured.slice(from).find(({ request, body }) => {
        const { content, files } = body as { content?: string; files?: unknown };
        return (
          `${content?.replaceAll("\\", "")}${JSON.stringify(files)}`.includes(text) &&
          /\/messages|\/webhooks\//.test(request)
        );
      });
      return found?.request.split("/")[2];
    },
  };
  const bot = machine.run(["start"]);
  try {
    await bot.prints("Shardbridge on discord", 60_000);
    await hour(chat, machine, bot);
    expect(proxy.violations).toEqual([]);
  } finally {
    take();
    console.log(recorder.save());
    await machine.dispose();
    await fixture.stop();
    await api.stop();
  }
});
