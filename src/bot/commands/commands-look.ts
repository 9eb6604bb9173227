import { signOf, type Post } from "../../adapters/adapter.ts";
import type { Explanation, ShardInfo } from "../../shards/host.ts";
import { columns } from "../../width.ts";
import { option, shard, shardOf, type Command } from "./command.ts";
import { excerpt } from "../posts/split.ts";
import { age, agentWords, hasCrashed, stateName, stateWords } from "../posts/states.ts";

/** Commands that only look. */
export const lookCommands = {
  read: {
    summary: "Show the last lines of a shard",
    options: [
      shard,
      option("lines", "number", "How many lines, 1 to 500 (40)"),
      option("tools", "flag", "Show the tool calls of the turn instead", { named: true }),
    ],
    now: true,
    run: async (call, actions) => {
      const { lines, tools } = call.options;
      const name = shardOf(call);
      const { text, status } = await actions.read({
        name,
        ...(lines !== undefined && { lines: Number(lines) }),
        ...(tools !== undefined && { tools: true }),
      });
      const title = `${name}, ${status.state}`;
      if (text.trim() !== "") return { kind: "terminal", text, title: tools === undefined ? title : `${title}: tools` };
      return {
        kind: "notice",
        text: `${title}: ${tools === undefined ? "nothing to read yet" : "no tool calls yet"}.`,
      };
    },
  },
  screen: {
    summary: "Show a shard's screen as it is",
    options: [shard],
    now: true,
    run: async (call, actions) => screenPost(await actions.screen({ name: shardOf(call) })),
  },
  explain: {
    summary: "Show how a shard's state is known",
    options: [shard],
    now: true,
    run: async (call, actions) => explainPost(await actions.explain({ name: shardOf(call) })),
  },
  list: {
    summary: "Show all shards",
    options: [],
    now: true,
    run: async (_call, actions) => listPost(await actions.list()),
  },
} satisfies Record<string, Command>;

/** A visible screen, without the blank lines around it. */
export function screenPost({ name, text }: { name: string; text: string }): Post {
  const shown = text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
  if (shown === "") return { kind: "notice", text: `The screen of ${name} is empty.` };
  return { kind: "terminal", text: shown, title: `screen of ${name}`, wide: true };
}

/** Reasons for a state, as lines: what decided, then every witness. */
export function explainText({ status, decided, evidence }: Explanation): string {
  const said = columns(evidence.map(({ witness, says }) => [witness, says]));
  return [`decided by ${decided}`, `for ${age(status.since)}: ${status.why}`, "", said].join("\n").trimEnd();
}

function explainPost(explanation: Explanation): Post {
  const title = `${explanation.name} is ${stateName(explanation.status)}`;
  return { kind: "terminal", text: explainText(explanation), title };
}

function listPost(shards: ShardInfo[]): Post {
  if (shards.length === 0) return { kind: "notice", text: "No shards yet: spawn NAME starts one." };
  const rows = shards.map(({ name, agent, repo, status, queued, keyboard }) => {
    const waiting = queued > 0 ? `, ${queued} queued` : "";
    const typing = keyboard === undefined ? "" : `, ${keyboard} at the keyboard`;
    const sign = signOf(status.state, hasCrashed(status));
    const state = `${stateName(status)}${waiting}${typing}`;
    return [
      `${sign} ${name}`,
      agentWords(agent, status),
      repo,
      state,
      age(status.since),
      excerpt(stateWords(status), 60),
    ];
  });
  const title = shards.length === 1 ? "1 shard" : `${shards.length} shards`;
  return { kind: "terminal", text: columns(rows), title, wide: true };
}
