import { spawn } from "node:child_process";
import { once } from "node:events";
import { threadsOf } from "../../tests/e2e/slack-threads.ts";
import { shownBlocks, type SlackBlock } from "../../tests/fakes/slack-blocks.ts";
import { SlackFront, type SlackMessage } from "../../tests/fakes/slack-front.ts";
import { openStage, until } from "./stage.ts";

/** The posts of a shard's thread in Slack, as the workspace has them, with the ids of Shardbridge and of the person there. */
export async function captureThread(): Promise<{ posts: SlackMessage[]; bot: string; person: string }> {
  const front = await SlackFront.start();
  const threads = threadsOf(front);
  const stage = await openStage();
  const settings = {
    SLACK_BOT_TOKEN: front.botToken,
    SLACK_APP_TOKEN: front.appToken,
    SLACK_API_URL: front.api,
    SLACK_ADMINS: front.person,
    SLACK_CHANNELS: front.channel,
  };
  const env = { ...stage.env, ...settings };
  const bot = spawn(process.execPath, stage.program("start"), {
    cwd: stage.repo,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(bot.stdout, "data");
    await front.command("spawn login --agent claude --mode ask");
    const thread = await until(
      () => [...threads.values()].find((one) => one !== ""),
      () => front.calls.map(({ method }) => method),
    );
    const posts = async () => front.messages(thread);
    const post = async (text: string) =>
      until(async () => (await posts()).find(({ blocks = [] }) => JSON.stringify(blocks).includes(text)), posts);
    const say = async (text: string) => void front.event(await front.write(text, thread));
    /** A question that is open. */
    const asked = async (text: string) =>
      until(
        async () =>
          (await posts()).find(
            ({ blocks = [] }) =>
              shownBlocks(blocks).includes(text) && labels(blocks).some((label) => label.startsWith("1. Yes")),
          ),
        posts,
      );
    await stage.idle("login");
    await say("!attach");
    await post("straight to");
    await say("The login test fails: find out why, and mend it.");
    const question = await asked("npm test -- login");
    await front.press(thread, question.ts, labels(question.blocks ?? [])[0] ?? "");
    // The card shows it too, and comes first.
    await until(async () => (await posts()).find(({ blocks = [] }) => blocks.some(isAnswer)), posts);
    await stage.idle("login");
    await say("Push it.");
    await asked("git push");
    await until(
      async () => ((await posts()).some(({ blocks = [] }) => / waiting/.test(shownBlocks(blocks))) ? true : undefined),
      posts,
    );
    return { posts: await posts(), bot: front.bot, person: front.person };
  } finally {
    bot.kill();
    await once(bot, "exit");
    await stage.close();
    await front.stop();
  }
}

function isAnswer({ type, text }: SlackBlock): boolean {
  return type === "markdown" && JSON.stringify(text).includes("timingSafeEqual");
}

/** The labels of all buttons. */
function labels(blocks: readonly SlackBlock[]): string[] {
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []));
  return buttons.map(({ text }) => (typeof text === "object" ? text.text : ""));
}
