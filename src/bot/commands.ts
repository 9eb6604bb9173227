import type { CommandCall, CommandSpec, OptionSpec, Post } from "../adapters/adapter.ts";
import { ShardbridgeError } from "../errors.ts";
import type { ShardInfo } from "../shards/host.ts";
import type { Need } from "./access.ts";
import type { Actions } from "./actions.ts";
import { columns } from "./columns.ts";
import { usage } from "./command-line.ts";
import { spawnedPost } from "./homes.ts";
import { receiptPost } from "./receipts.ts";
import { excerpt } from "./split.ts";

interface Command {
  verb: Verb;
  spec: CommandSpec;
  /** Done at once, rather than after what the thread is busy with. */
  now: boolean;
  run(call: CommandCall, actions: Actions): Promise<Post>;
}

/** The verbs that are asked for in chat. */
type Verb = Exclude<Need, "prompt" | "destroy --force">;

const shard: OptionSpec = option("shard", "shard", "Name of the shard; not needed in its thread");

const table: Record<Verb, Omit<Command, "verb" | "spec"> & { summary: string; options: OptionSpec[] }> = {
  spawn: {
    summary: "Start a shard: a worktree with an agent in it",
    options: [
      { ...option("name", "text", "Its name: lower-case letters, digits and dashes"), required: true },
      { ...option("agent", "agent", "Agent kind"), named: true },
      { ...option("repo", "repo", "Repo to work in"), named: true },
      { ...option("base", "text", "Branch or commit to start from"), named: true },
      { ...option("here", "flag", "Use this thread rather than a new one"), named: true },
      option("prompt", "rest", "First prompt for the agent"),
    ],
    now: false,
    run: async ({ options: { name = "", agent, repo, base, here, prompt } }, actions) =>
      spawnedPost(await actions.spawnWithThread({ name, agent, repo, base, prompt, here: here === "true" })),
  },
  send: {
    summary: "Type a prompt into a shard's terminal",
    options: [shard, { ...option("text", "rest", "What to type"), required: true }],
    now: false,
    run: async (call, actions) => {
      const name = shardOf(call);
      return receiptPost(name, await actions.send({ name, text: call.options["text"] ?? "" }));
    },
  },
  read: {
    summary: "Show the last lines of a shard",
    options: [shard, option("lines", "number", "How many lines, 1 to 500 (40)")],
    now: true,
    run: async (call, actions) => {
      const lines = call.options["lines"];
      const name = shardOf(call);
      const { text, status } = await actions.read({ name, ...(lines !== undefined && { lines: Number(lines) }) });
      const title = `${name}, ${status.state}`;
      return text.trim() === ""
        ? { kind: "notice", text: `${title}: nothing to read yet.` }
        : { kind: "terminal", text, title };
    },
  },
  list: {
    summary: "Show all shards",
    options: [],
    now: true,
    run: async (_call, actions) => listPost(await actions.list()),
  },
  answer: {
    summary: "Choose an option of a shard's question",
    options: [shard, { ...option("option", "rest", "Its number or words"), required: true }],
    now: true,
    run: async (call, actions) => {
      const name = shardOf(call);
      await actions.answer({ name, option: call.options["option"] ?? "" });
      return { kind: "notice", text: `Answered ${name}.` };
    },
  },
  stop: {
    summary: "Interrupt what a shard, or the orchestrator, is doing",
    options: [shard],
    now: true,
    run: async (call, actions) => {
      const name = shardOf(call);
      await actions.stop({ name });
      return { kind: "notice", text: `Interrupted ${name}.` };
    },
  },
  destroy: {
    summary: "End a shard and remove its worktree and branch",
    options: [shard, { ...option("force", "flag", "Throw away work that is nowhere else"), named: true }],
    now: false,
    run: async (call, actions) => destroyShard(shardOf(call), call.options["force"] === "true", actions),
  },
  attach: {
    summary: "Send this thread's messages straight to a shard",
    options: [shard],
    now: false,
    run: async (call, actions) => {
      const name = shardOf(call);
      const opened = await actions.attach({ name });
      const where = opened ? "the new thread" : "this thread";
      const text = `Attached: messages in ${where} go straight to ${name} now. detach ends that.`;
      return { kind: "notice", text, ...(opened && { threads: [{ label: name, thread: opened }] }) };
    },
  },
  detach: {
    summary: "Send this thread's messages to the orchestrator again",
    options: [],
    now: false,
    run: async (_call, actions) => ({ kind: "notice", text: `Detached from ${await actions.detach()}.` }),
  },
  help: {
    summary: "Show all commands",
    options: [],
    now: true,
    run: async () => ({ kind: "terminal", text: helpText(), title: "Commands" }),
  },
};

export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries(table).map(([verb, { summary, options, ...command }]) => [
    verb,
    { ...command, verb: verb as Verb, spec: { verb, summary, options } },
  ]),
);

/** What the platforms offer and the typed form understands. */
export const commandSpecs: readonly CommandSpec[] = [...commands.values()].map(({ spec }) => spec);

/** Destroy a shard; unsaved work is told, with a button to lose it. */
export async function destroyShard(name: string, force: boolean, actions: Actions): Promise<Post> {
  try {
    const { survivors } = await actions.destroy({ name, force });
    if (survivors.length === 0) return { kind: "notice", text: `Destroyed ${name}: its worktree and branch are gone.` };
    return {
      kind: "notice",
      tone: "error",
      text: `Destroyed ${name}, but these processes could not be ended: ${survivors.join(", ")}.`,
    };
  } catch (error) {
    if (!(error instanceof ShardbridgeError) || error.code !== "unsaved_work") throw error;
    const button = { label: "Destroy and lose it", action: "destroy-force", value: name, style: "danger" as const };
    return { kind: "notice", tone: "error", text: error.message, buttons: [button] };
  }
}

function option(name: string, type: OptionSpec["type"], summary: string): OptionSpec {
  return { name, type, summary, required: false, named: false };
}

function shardOf({ verb, options }: CommandCall): string {
  const name = options["shard"]?.trim() ?? "";
  if (name !== "") return name;
  throw new ShardbridgeError("usage", `Which shard? Name it: ${verb} SHARD; list shows them all.`);
}

function listPost(shards: ShardInfo[]): Post {
  if (shards.length === 0) return { kind: "notice", text: "No shards yet: spawn NAME starts one." };
  const rows = shards.map(({ name, agent, repo, status, queued }) => {
    const state = status.waitingFor ? `${status.state} (${status.waitingFor})` : status.state;
    return [name, agent, repo, queued > 0 ? `${state}, ${queued} queued` : state, excerpt(status.why, 40)];
  });
  return { kind: "terminal", text: columns(rows), title: shards.length === 1 ? "1 shard" : `${shards.length} shards` };
}

function helpText(): string {
  return columns(commandSpecs.map((spec) => [usage(spec), spec.summary]));
}
