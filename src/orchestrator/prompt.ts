import type { BetaTextBlockParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { ShardInfo } from "../shards/host.ts";
import { instructions } from "./instructions.ts";
import type { Message } from "./history.ts";
import type { Ask, StandingTask, Wake, WakeEvent } from "./orchestrator.ts";
import { capped, inert, labelled, oneLine } from "./shard-text.ts";

/** Characters of a person's message that the model gets. */
const messageLimit = 40_000;
/** Characters of an agent's text in one event. */
const eventLimit = 6_000;
const listedShards = 30;

/** The system prompt: a text that never changes, then the names that stay the same while the process runs. Ends a cached part. */
export function systemPrompt(choices: {
  repos: string[];
  agents: string[];
  defaultAgent: string;
}): BetaTextBlockParam[] {
  const names = (list: string[]) => list.toSorted().join(", ");
  const known = `# On this machine\nRepos: ${names(choices.repos)}.\nAgent kinds: ${names(choices.agents)}; the default is ${choices.defaultAgent}.`;
  return [
    { type: "text", text: instructions },
    { type: "text", text: known, cache_control: { type: "ephemeral" } },
  ];
}

/** Facts at the beginning of a turn. They are in each turn, so that no compaction of older ones can lose it. */
export interface Surroundings {
  shards: ShardInfo[];
  tasks: StandingTask[];
  /** Notes of repos that the conversation does not have yet. */
  notes: string[];
  /** Local time with its zone, for people and the model. */
  time: string;
}

/** The person's message, with who and where in front. It is saved as it is, so later requests repeat the same bytes. */
export function userMessage(ask: Ask, around: Surroundings): Message {
  const { text, by } = ask;
  const said = text.trim() === "" ? "(an empty message)" : capped(text.toWellFormed(), messageLimit);
  const from = `From: ${oneLine(by.name, 80)} (${oneLine(by.id, 80)})`;
  return {
    role: "user",
    content: [
      { type: "text", text: context(from, ask, around) },
      ...around.notes.map((notes) => ({ type: "text" as const, text: notes })),
      { type: "text", text: said },
    ],
  };
}

/** Events, when nobody asked: one block for the surroundings, one for the events. */
export function wakeMessage(wake: Wake, around: Surroundings): Message {
  const { events, by } = wake;
  const from = `Woken by events; nobody asked. You act for: ${oneLine(by.name, 80)} (${oneLine(by.id, 80)})`;
  return {
    role: "user",
    content: [
      { type: "text", text: context(from, wake, around) },
      ...around.notes.map((notes) => ({ type: "text" as const, text: notes })),
      { type: "text", text: capped(events.map(eventText).join("\n"), messageLimit) },
    ],
  };
}

const told = {
  here: "people have read it in this thread",
  elsewhere: "people have it in that shard's own thread",
  no: "nobody has been told",
};

function eventText({ at, what, told: how, output, instruction }: WakeEvent): string {
  const head = `<event at="${at.slice(0, 19)}Z" told="${told[how]}">${oneLine(what, 400)}</event>`;
  const said = output && labelled({ shard: output.shard, part: output.part }, output.text, eventLimit);
  const then = instruction === undefined ? undefined : `<instruction>\n${inert(instruction.trim())}\n</instruction>`;
  return [head, said, then].filter((part) => part !== undefined).join("\n");
}

function context(from: string, { shard }: Ask | Wake, { shards, tasks, time }: Surroundings): string {
  const lines = [
    `Time: ${time}`,
    from,
    `Shard of this thread: ${shard ?? "none"}`,
    ...(shards.length === 0 ? ["Shards: none"] : ["Shards:", ...shards.slice(0, listedShards).map(shardLine)]),
    ...(shards.length > listedShards ? [`- and ${shards.length - listedShards} more: list_shards has them all`] : []),
    ...(tasks.length === 0 ? [] : ["Standing tasks of this thread:", ...tasks.map(taskLine)]),
  ];
  return `<context>\n${lines.join("\n")}\n</context>`;
}

function shardLine({ name, agent, repo, status, queued }: ShardInfo): string {
  const state = status.waitingFor === undefined ? status.state : `${status.state} (${status.waitingFor})`;
  return `- ${name}: ${oneLine(agent, 40)} in ${oneLine(repo, 40)}, ${state}${queued === 0 ? "" : `, ${queued} queued`}`;
}

function taskLine({ id, when, instruction, by }: StandingTask): string {
  return `- ${id}: ${oneLine(when, 200)} → ${oneLine(instruction, 300)} (for ${oneLine(by, 40)})`;
}
