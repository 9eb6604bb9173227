import type { CommandCall, Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { QueuedPrompt, Receipt, SendRequest } from "../../shards/host.ts";
import type { Actions } from "./actions.ts";
import { notInChat } from "./answering.ts";
import { option, shard, shardOf, type Command } from "./command.ts";
import { screenPost } from "./commands-look.ts";
import { readKeys } from "./words.ts";
import { encodeButton } from "../delivery/button-action.ts";
import { backgroundText } from "../posts/news.ts";
import { questionPost, receiptPost } from "../posts/receipts.ts";
import { excerpt } from "../posts/split.ts";

/** Most waiting prompts that get a button in a list. */
const mostButtons = 20;

/** Commands that say something to an agent. */
export const talkCommands = {
  send: {
    summary: "Type a prompt into a shard's terminal",
    options: [
      shard,
      option("steer", "flag", "Type it into the running turn", { named: true }),
      option("interrupt", "flag", "Stop the running turn first", { named: true }),
      option("anyway", "flag", "Although nothing on its screen shows where it goes", { named: true }),
      option("text", "rest", "What to type", { required: true }),
    ],
    now: false,
    run: async (call, actions) => {
      const request = { name: shardOf(call), text: call.options["text"] ?? "" };
      return sentPost(request, await actions.send({ ...request, ...howOf(call) }), actions);
    },
  },
  cmd: {
    summary: "Type one of the agent's own slash commands",
    options: [shard, option("command", "rest", "The command, such as /compact", { required: true })],
    now: false,
    run: async (call, actions) => {
      const request = { name: shardOf(call), text: call.options["command"] ?? "" };
      const receipt = await actions.command(request);
      return receiptPost(request.name, receipt, { waiting: await actions.waiting(request, receipt) });
    },
  },
  queue: {
    summary: "Show the prompts that wait for a busy shard",
    options: [shard],
    now: true,
    run: async (call, actions) => {
      const name = shardOf(call);
      return queuePost(name, await actions.queue({ name }));
    },
  },
  unqueue: {
    summary: "Take a waiting prompt away",
    options: [shard, option("id", "number", "Its id, as queue shows it", { required: true })],
    now: true,
    run: async (call, actions) => removePrompt(shardOf(call), Number(call.options["id"]), actions),
  },
  answer: {
    summary: "Choose an option of a shard's question",
    options: [
      shard,
      option("option", "text", "Its number or words", { required: true }),
      option("text", "rest", "The reason for a no, or an answer in your own words"),
    ],
    now: true,
    told: true,
    run: async (call, actions) => {
      const name = shardOf(call);
      const { question } = await actions.read({ name, lines: 1 });
      // The button may be out of sight by now, and is the only way in a chat.
      if (question?.options.some(({ takes }) => takes === "secret")) {
        return { ...questionPost(name, question), question: `${question.text}\n${notInChat(name).message}` };
      }
      await actions.answer({ name, option: call.options["option"] ?? "", text: call.options["text"] });
      return { kind: "notice", text: `Answered ${name}.` };
    },
  },
  press: {
    summary: "Press keys in a shard's terminal",
    options: [shard, option("keys", "rest", "Such as: down down enter; esc; ctrl-c; y", { required: true })],
    now: true,
    run: async (call, actions) => pressKeys(shardOf(call), call.options["keys"] ?? "", actions),
  },
  stop: {
    summary: "Interrupt what a shard, or the orchestrator, is doing",
    options: [shard],
    now: true,
    run: async (call, actions) => {
      const name = shardOf(call);
      const { background } = await actions.stop({ name });
      const goesOn = background ? ` ${backgroundText(background)} of it go on in the background.` : "";
      return { kind: "notice", text: `Interrupted ${name}.${goesOn}` };
    },
  },
} satisfies Record<string, Command>;

/** A receipt; a prompt that waits can be taken away or sent at once from there. */
export async function sentPost(
  request: { name: string; text: string },
  receipt: Receipt,
  actions: Actions,
): Promise<Post> {
  return receiptPost(request.name, receipt, { text: request.text, waiting: await actions.waiting(request, receipt) });
}

/** Take a waiting prompt away; what it said is told, so that nothing is lost by a slip. */
export async function removePrompt(name: string, id: number, actions: Actions): Promise<Post> {
  const { text } = await actions.unqueue({ name, id });
  return { kind: "notice", text: `Removed from the queue of ${name}: ${excerpt(text, 500)}` };
}

/** Press keys and show what the screen is then. */
export async function pressKeys(name: string, line: string, actions: Actions): Promise<Post> {
  return screenPost(await actions.press({ name, keys: readKeys(line) }));
}

function howOf({ options: { steer, interrupt, anyway } }: CommandCall): Pick<SendRequest, "when" | "anyway"> {
  const [given, ...others] = Object.entries({ steer, interrupt, anyway }).filter(([, value]) => value !== undefined);
  if (others.length > 0) throw new ShardbridgeError("usage", "Use one of --steer, --interrupt and --anyway.");
  const when = given?.[0];
  if (when === "steer" || when === "interrupt") return { when };
  return when === "anyway" ? { anyway: true } : {};
}

function queuePost(name: string, prompts: QueuedPrompt[]): Post {
  if (prompts.length === 0) return { kind: "notice", text: `No prompt waits for ${name}.` };
  const lines = prompts.map(({ id, text, by }) => `#${id}: ${excerpt(text, 80)}${by === undefined ? "" : ` (${by})`}`);
  const buttons = prompts
    .slice(0, mostButtons)
    .map(({ id }) => ({ label: `Remove #${id}`, ...encodeButton({ action: "unqueue", shard: name, prompt: id }) }));
  return { kind: "notice", text: [`These wait for ${name}; unqueue takes the number:`, ...lines].join("\n"), buttons };
}
