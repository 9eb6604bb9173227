import { userInfo } from "node:os";
import { text } from "node:stream/consumers";
import { modes, readMode } from "../bot/commands/command.ts";
import { readKeys } from "../bot/commands/words.ts";
import type { Mode } from "../shards/host.ts";
import type { Verb, VerbRequest } from "../control/server.ts";
import { readFlags, wrong, type Values } from "./flags.ts";

const options = {
  json: { type: "boolean" },
  agent: { type: "string" },
  repo: { type: "string" },
  base: { type: "string" },
  mode: { type: "string" },
  steer: { type: "boolean" },
  interrupt: { type: "boolean" },
  anyway: { type: "boolean" },
  lines: { type: "string" },
  tools: { type: "boolean" },
  force: { type: "boolean" },
  orchestrator: { type: "boolean" },
  watch: { type: "boolean" },
  wait: { type: "boolean" },
  timeout: { type: "string" },
  since: { type: "string" },
  in: { type: "string" },
} as const;

type Flag = Exclude<keyof typeof options, "json">;
type Given = Values<typeof options>;

/** What was typed after a verb. */
interface Typed {
  name: string;
  /** Words after the name. */
  words: string[];
  values: Given;
}

/** Form in which a verb is typed. */
interface Form<V extends Verb> {
  flags: readonly Flag[];
  /** Words that follow the name, for people, and how many they may be. */
  wants?: string;
  most: number;
  /** The verb is about no shard, so that what is typed first is no name. */
  nameless?: true;
  request(given: Typed): VerbRequest<V> | Promise<VerbRequest<V>>;
}

const named = { flags: [], most: 0, request: ({ name }: Typed) => ({ name }) };

const forms: { [V in Verb]: Form<V> } = {
  list: { flags: ["watch"], most: 0, nameless: true, request: () => ({}) },
  spawn: {
    flags: ["agent", "repo", "base", "mode", "orchestrator"],
    most: Infinity,
    request: async ({ name, words, values: { agent, repo, base, mode, orchestrator } }) => {
      const prompt = await said(words);
      return {
        name,
        ...(agent !== undefined && { agent }),
        ...(repo !== undefined && { repo }),
        ...(base !== undefined && { base }),
        ...modeOf(mode),
        ...(prompt !== "" && { prompt }),
        ...(orchestrator && { orchestrator }),
        by: userInfo().username,
      };
    },
  },
  send: {
    flags: ["steer", "interrupt", "anyway", "wait", "timeout"],
    wants: "a text",
    most: Infinity,
    request: async ({ name, words, values: { steer, interrupt, anyway } }) => {
      if ([steer, interrupt, anyway].filter((flag) => flag).length > 1) {
        throw wrong("send takes one of --steer, --interrupt and --anyway");
      }
      const when = steer ? ("steer" as const) : interrupt ? ("interrupt" as const) : undefined;
      const how = { ...(when && { when }), ...(anyway && { anyway }) };
      return { name, text: await said(words), ...how, by: userInfo().username };
    },
  },
  // The wait's condition and length are up to the one who asks: see `readCall`.
  wait: { flags: ["timeout"], most: 0, request: ({ name }) => ({ name, seconds: 0 }) },
  cmd: {
    flags: [],
    wants: "a command of the agent, such as /compact",
    most: Infinity,
    request: async ({ name, words }) => ({ name, text: await said(words) }),
  },
  queue: named,
  unqueue: {
    flags: [],
    wants: "the id of a prompt, as queue shows it",
    most: 1,
    request: ({ name, words: [id = ""] }) => ({
      name,
      id: whole(id, 1, 1_000_000_000, "unqueue takes an id as queue shows it"),
    }),
  },
  read: {
    flags: ["lines", "tools"],
    most: 1,
    // As in the chat, whose posts say "read demo 500", or by its name.
    request: ({ name, words: [count], values: { lines = count, tools } }) => ({
      name,
      ...(lines !== undefined && { lines: whole(lines, 1, 500, "read and --lines take a whole number from 1 to 500") }),
      ...(tools && { tools }),
    }),
  },
  screen: named,
  explain: named,
  answer: {
    flags: [],
    // None: the secret that is asked for, which is then read from the terminal and never from the arguments.
    most: Infinity,
    request: async ({ name, words: [option = "", ...more] }) => {
      const words = await said(more);
      return { name, option, ...(words !== "" && { text: words }) };
    },
  },
  press: {
    flags: [],
    wants: "keys, such as: down enter",
    most: Infinity,
    request: ({ name, words }) => ({ name, keys: readKeys(words.join(" ")) }),
  },
  stop: named,
  close: named,
  resume: { flags: ["mode"], most: 0, request: ({ name, values: { mode } }) => ({ name, ...modeOf(mode) }) },
  destroy: {
    flags: ["force"],
    most: 0,
    request: ({ name, values: { force } }) => ({ name, ...(force && { force }) }),
  },
  diff: named,
  overlap: { flags: ["repo"], most: 0, nameless: true, request: ({ values: { repo } }) => (repo ? { repo } : {}) },
  history: {
    flags: ["since"],
    most: 0,
    request: ({ name, values: { since } }) => ({
      name,
      ...(since !== undefined && {
        since: whole(since, 0, Number.MAX_SAFE_INTEGER, "--since takes a mark of history"),
      }),
    }),
  },
  tasks: {
    flags: ["in"],
    most: 2,
    nameless: true,
    request: ({ words: [what = "list", id], values: { in: shard } }) => {
      const asked = (["list", "cancel", "go-on"] as const).find((word) => word === what);
      if (asked === undefined) throw wrong(`tasks takes list, cancel or go-on, not "${what}"`);
      if (asked === "cancel" && id === undefined) throw wrong("tasks cancel needs the id of a task, as tasks shows it");
      if (asked !== "cancel" && id !== undefined) throw wrong(`tasks ${asked} does not take "${id}"`);
      return { do: asked, ...(id !== undefined && { id }), ...(shard !== undefined && { in: shard }) };
    },
  },
  usage: {
    flags: ["in"],
    most: 0,
    nameless: true,
    request: ({ values: { in: shard } }) => (shard ? { in: shard } : {}),
  },
  policy: {
    flags: ["in"],
    most: 1,
    nameless: true,
    request: ({ words: [word], values: { in: shard } }) => {
      const set = (["ask", "allow"] as const).find((one) => one === word);
      if (word !== undefined && set === undefined) throw wrong(`policy takes ask or allow, not "${word}"`);
      if (shard === undefined) throw wrong("policy needs --in SHARD: it holds in one thread, here that of a shard");
      return { in: shard, ...(set && { set }) };
    },
  },
};

/** Every verb, in the order in which they are offered. */
export const verbs: readonly string[] = Object.keys(forms);

/** The flags that a verb takes, without their dashes. */
export function flagsOf(verb: Verb): readonly string[] {
  return [...forms[verb].flags, "json"];
}

/** Whether a value follows this flag of a verb. */
export function isValued(flag: string): boolean {
  return Object.entries(options).some(([name, { type }]) => name === flag && type === "string");
}

/** Whether the command line has such a verb. */
export function isVerb(word: string): word is Verb {
  return Object.hasOwn(forms, word);
}

/** Whether the name of a shard that is there comes after the verb. */
export function namesShard(verb: Verb): boolean {
  return forms[verb].nameless !== true && verb !== "spawn";
}

/** What was typed after a verb. */
export interface VerbCall<V extends Verb> {
  request: VerbRequest<V>;
  json: boolean;
  watch?: true;
  /** Patience for the outcome: so many seconds, or for as long as it takes. */
  wait?: { timeout?: number };
}

/** Request in the words after a verb. Throws ShardbridgeError "usage". */
export async function readCall<V extends Verb>(verb: V, args: string[]): Promise<VerbCall<V>> {
  const { flags, wants, most, nameless, request } = forms[verb];
  const own = Object.fromEntries(Object.entries(options).filter(([flag]) => flagsOf(verb).includes(flag)));
  const { values, words: typed }: { values: Given; words: string[] } = readFlags(verb, args, own);
  const [name = "", ...words] = nameless ? ["", ...typed] : typed;
  if (!nameless && name === "") throw wrong(`${verb} needs the name of a shard`);
  if (words.length > most) throw wrong(`${verb} does not take "${words.slice(most).join(" ")}"`);
  if (wants !== undefined && words.join("").trim() === "") throw wrong(`${verb} needs ${wants}`);
  if (values.timeout !== undefined && flags.includes("wait") && !values.wait) throw wrong("--timeout goes with --wait");
  const waits = values.wait || verb === "wait";
  return {
    request: await request({ name, words, values }),
    json: values.json === true,
    ...(values.watch && { watch: true }),
    ...(waits && { wait: values.timeout === undefined ? {} : { timeout: seconds(values.timeout) } }),
  };
}

/** A text in one or several words; "-" is what stands on standard input. */
async function said(words: string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? (await text(process.stdin)).replace(/\n$/, "") : words.join(" ");
}

function modeOf(word: string | undefined): { mode?: Mode } {
  const mode = readMode(word);
  if (word !== undefined && mode === undefined) throw wrong(`--mode takes ${modes.join(", ")}`);
  return mode === undefined ? {} : { mode };
}

function whole(value: string, least: number, most: number, rule: string): number {
  const number = Number(value);
  if (value.trim() === "" || !Number.isInteger(number) || number < least || number > most) throw wrong(rule);
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && number >= 0 && number <= mostSeconds) return number;
  throw wrong(`--timeout takes seconds, from 0 to ${mostSeconds}`);
}

/** A week. */
const mostSeconds = 604_800;
