import { userInfo } from "node:os";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { modes, readMode } from "../bot/command.ts";
import { readKeys } from "../bot/keys.ts";
import { ShardbridgeError } from "../errors.ts";
import type { Mode } from "../shards/host.ts";
import type { Verb, VerbRequest } from "./control.ts";

const options = {
  json: { type: "boolean" },
  agent: { type: "string" },
  repo: { type: "string" },
  base: { type: "string" },
  mode: { type: "string" },
  steer: { type: "boolean" },
  interrupt: { type: "boolean" },
  lines: { type: "string" },
  tools: { type: "boolean" },
  force: { type: "boolean" },
  orchestrator: { type: "boolean" },
  watch: { type: "boolean" },
} as const;

type Flag = Exclude<keyof typeof options, "json">;
type Values = ReturnType<typeof readArguments>["values"];

/** What was typed after a verb. */
interface Given {
  name: string;
  /** What came after the name. */
  words: string[];
  values: Values;
}

/** How a verb is typed. */
interface Form<V extends Verb> {
  flags: readonly Flag[];
  /** What follows the name, for people, and how many words that may be. */
  wants?: string;
  most: number;
  request(given: Given): VerbRequest<V> | Promise<VerbRequest<V>>;
}

const named = { flags: [], most: 0, request: ({ name }: Given) => ({ name }) };

const forms: { [V in Verb]: Form<V> } = {
  list: { flags: ["watch"], most: 0, request: () => ({}) },
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
    flags: ["steer", "interrupt"],
    wants: "a text",
    most: Infinity,
    request: async ({ name, words, values: { steer, interrupt } }) => {
      if (steer && interrupt) throw wrong("send takes --steer or --interrupt, not both");
      const when = steer ? ("steer" as const) : interrupt ? ("interrupt" as const) : undefined;
      return { name, text: await said(words), ...(when && { when }), by: userInfo().username };
    },
  },
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
      id: whole(id, 1_000_000_000, "unqueue takes an id as queue shows it"),
    }),
  },
  read: {
    flags: ["lines", "tools"],
    most: 1,
    // As in the chat, whose posts say "read demo 500", or by its name.
    request: ({ name, words: [count], values: { lines = count, tools } }) => ({
      name,
      ...(lines !== undefined && { lines: whole(lines, 500, "read and --lines take a whole number from 1 to 500") }),
      ...(tools && { tools }),
    }),
  },
  screen: named,
  explain: named,
  answer: {
    flags: [],
    wants: "an option of the open question",
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

/** What was asked for by the words after a verb. Throws ShardbridgeError "usage". */
export async function readCall<V extends Verb>(
  verb: V,
  args: string[],
): Promise<{ request: VerbRequest<V>; json: boolean; watch?: true }> {
  const { values, positionals } = readArguments(args);
  const { flags, wants, most, request } = forms[verb];
  for (const flag of Object.keys(values) as (keyof Values)[]) {
    if (flag !== "json" && !flags.includes(flag)) throw wrong(`${verb} takes no --${flag}`);
  }
  const [name = "", ...words] = verb === "list" ? ["", ...positionals] : positionals;
  if (verb !== "list" && name === "") throw wrong(`${verb} needs the name of a shard`);
  if (words.length > most) throw wrong(`${verb} does not take "${words.slice(most).join(" ")}"`);
  if (wants !== undefined && words.join("").trim() === "") throw wrong(`${verb} needs ${wants}`);
  const asked = { request: await request({ name, words, values }), json: values.json === true };
  return values.watch === true ? { ...asked, watch: true } : asked;
}

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ShardbridgeError("usage", `${(error as Error).message} See shardbridge help.`, { cause: error });
  }
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

function whole(value: string, most: number, rule: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > most) throw wrong(rule);
  return number;
}

function wrong(what: string): ShardbridgeError {
  return new ShardbridgeError("usage", `${what}; see shardbridge help.`);
}
