import type { OptionSpec, Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { Mode } from "../../shards/host.ts";
import type { Actions } from "./actions.ts";
import { option, readMode, shard, shardOf, type Command } from "./command.ts";
import { modes } from "../../verbs/verbs.ts";
import { decide, type Choice } from "../posts/deciding.ts";
import { spawnedPost } from "../threads/shard-threads.ts";
import { survivorsText } from "../posts/receipts.ts";

const mode: OptionSpec = option("mode", "text", "What it may do without asking: nothing, edits, everything", {
  named: true,
  choices: [...modes],
});

/** Commands that start and end shards, and bind them to threads. */
export const shardCommands = {
  spawn: {
    summary: "Start a shard: a worktree with an agent in it",
    options: [
      option("name", "text", "Its name: lower-case letters, digits and dashes", { required: true }),
      option("agent", "agent", "Agent kind, or any command line (in quotes when typed)", { named: true }),
      option("repo", "repo", "Repo to work in", { named: true }),
      option("base", "text", "Branch or commit to start from", { named: true }),
      mode,
      option("here", "flag", "Use this thread rather than a new one", { named: true }),
      option("orchestrator", "flag", "Give its agent the orchestrator's tools, in its thread", { named: true }),
      option("prompt", "rest", "First prompt for the agent"),
    ],
    now: false,
    told: true,
    run: async ({ options: { name = "", agent, repo, base, mode: wanted, here, orchestrator, prompt } }, actions) => {
      const flags = { here: here === "true", ...(orchestrator === "true" && { orchestrator: true }) };
      try {
        return spawnedPost(
          await actions.spawnWithThread({ name, agent, repo, base, mode: readMode(wanted), prompt, ...flags }),
        );
      } catch (error) {
        // Something on the machine has to be put right first: a slash command's own words are shown nowhere else.
        if (prompt === undefined || !(error instanceof ShardbridgeError) || error.code !== "config") throw error;
        return { kind: "notice", tone: "error", text: `${error.message}\nThe prompt, to be given then:\n${prompt}` };
      }
    },
  },
  close: {
    summary: "End a shard's agent and keep its worktree",
    options: [shard],
    now: false,
    told: true,
    run: async (call, actions) => {
      const closed = await actions.close({ name: shardOf(call) });
      const { name } = closed;
      const left = survivorsText(closed);
      if (left !== undefined) return leftPost(`Closed ${name}`, left);
      return { kind: "notice", text: `Closed ${name}: its worktree is kept, and resume goes on with it.` };
    },
  },
  resume: {
    summary: "Start the agent of a closed, crashed or lost shard again, with its conversation",
    options: [shard, mode],
    now: false,
    run: async (call, actions) => resumeShard(shardOf(call), readMode(call.options["mode"]), actions),
  },
  destroy: {
    summary: "End a shard and remove its worktree and branch",
    options: [shard, option("force", "flag", "Throw away work that is nowhere else", { named: true })],
    now: false,
    told: true,
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
} satisfies Record<string, Command>;

/** Start an ended shard's agent again. */
export async function resumeShard(name: string, wanted: Mode | undefined, actions: Actions): Promise<Post> {
  const { agent, conversation } = await actions.resume({ name, mode: wanted });
  const how = conversation === undefined ? "starts anew in its worktree" : "goes on with its conversation";
  return { kind: "notice", text: `Resumed ${name}: ${agent} ${how}.` };
}

/** Destroy a shard; unsaved work is told, with a button to lose it. */
export async function destroyShard(name: string, force: boolean, actions: Actions): Promise<Post> {
  try {
    const left = survivorsText(await actions.destroy({ name, force }));
    if (left !== undefined) return leftPost(`Destroyed ${name}`, left);
    return { kind: "notice", text: `Destroyed ${name}: its worktree and branch are gone.` };
  } catch (error) {
    if (!(error instanceof ShardbridgeError) || error.code !== "unsaved_work") throw error;
    const does = { action: "destroy-force", shard: name } as const;
    const button: Choice = { label: "Destroy and lose it", does, style: "danger" };
    return decide({ kind: "notice", tone: "error", text: error.message }, [button]);
  }
}

function leftPost(done: string, left: string): Post {
  return { kind: "notice", tone: "error", text: `${done}, but ${left}.` };
}
