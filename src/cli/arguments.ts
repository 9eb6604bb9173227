import { userInfo } from "node:os";
import { readMode } from "../bot/commands/command.ts";
import type { Mode } from "../shards/host.ts";
import type { VerbFacts } from "../verbs/facts.ts";
import type { LineVerb, VerbRequest } from "../verbs/types.ts";
import { modes, verbFacts, verbs as table } from "../verbs/verbs.ts";
import { readFlags, wrong, type Flags, type Values } from "./flags.ts";
import { formOf, said, seconds, whole, type Form, type Typed } from "./forms.ts";

const json = { json: { type: "boolean" } } as const;

/** A form that is not as the table of verbs has it. `request` is given the values of its flags. */
function form<F extends Flags, Request>(
  flags: F,
  most: number,
  request: (given: Typed<Values<F>>) => Request | Promise<Request>,
): Form<Request> {
  return { flags, most, request: (given) => request(given as Typed<Values<F>>) };
}

const flag = { type: "boolean" } as const;
const word = { type: "string" } as const;

const ownForms: { [V in LineVerb]?: Form<VerbRequest<V>> } = {
  list: form({ watch: flag }, 0, () => ({})),
  spawn: form(
    { agent: word, repo: word, base: word, mode: word, orchestrator: flag },
    Infinity,
    async ({ name, words, values: { agent, repo, base, mode, orchestrator } }) => {
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
  ),
  send: form(
    { steer: flag, interrupt: flag, anyway: flag, wait: flag, timeout: word },
    Infinity,
    async ({ name, words, values: { steer, interrupt, anyway } }) => {
      if ([steer, interrupt, anyway].filter((given) => given).length > 1) {
        throw wrong("send takes one of --steer, --interrupt and --anyway");
      }
      const when = steer ? ("steer" as const) : interrupt ? ("interrupt" as const) : undefined;
      const how = { ...(when && { when }), ...(anyway && { anyway }) };
      return { name, text: await said(words), ...how, by: userInfo().username };
    },
  ),
  // The wait's condition and length are up to the one who asks: see `readCall`.
  wait: form({ timeout: word }, 0, ({ name }) => ({ name, seconds: 0 })),
  // As in the chat, whose posts say "read demo 500", or by its name.
  read: form({ lines: word, tools: flag }, 1, ({ name, words: [count], values: { lines = count, tools } }) => ({
    name,
    ...(lines !== undefined && { lines: whole(lines, 1, 500, "read and --lines take a whole number from 1 to 500") }),
    ...(tools && { tools }),
  })),
  // With no option: the secret that is asked for, which is then read from the terminal and never from the arguments.
  answer: form({}, Infinity, async ({ name, words: [option = "", ...more] }) => {
    const words = await said(more);
    return { name, option, ...(words !== "" && { text: words }) };
  }),
  tasks: form({ in: word }, 2, ({ words: [what = "list", id], values: { in: shard } }) => {
    const asked = table.tasks.takes.do.find((one) => one === what);
    if (asked === undefined) throw wrong(`tasks takes list, cancel or go-on, not "${what}"`);
    if (asked === "cancel" && id === undefined) throw wrong("tasks cancel needs the id of a task, as tasks shows it");
    if (asked !== "cancel" && id !== undefined) throw wrong(`tasks ${asked} does not take "${id}"`);
    return { do: asked, ...(id !== undefined && { id }), ...(shard !== undefined && { in: shard }) };
  }),
  policy: form({ in: word }, 1, ({ words: [wanted], values: { in: shard } }) => {
    const set = table.policy.takes["set?"].find((one) => one === wanted);
    if (wanted !== undefined && set === undefined) throw wrong(`policy takes ask or allow, not "${wanted}"`);
    if (shard === undefined) throw wrong("policy needs --in SHARD: it holds in one thread, here that of a shard");
    return { in: shard, ...(set && { set }) };
  }),
};

const forms: ReadonlyMap<string, Form> = new Map(
  verbFacts.flatMap(([verb, facts]) =>
    facts.line ? [[verb, ownForms[verb as LineVerb] ?? formOf(verb, facts)] as const] : [],
  ),
);

/** Every verb, in the order in which they are offered. */
export const verbs: readonly string[] = [...forms.keys()];

/** The flags that a verb takes, without their dashes. */
export function flagsOf(verb: LineVerb): readonly string[] {
  return Object.keys({ ...forms.get(verb)?.flags, ...json });
}

/** Whether a value follows this flag of a verb. */
export function isValued(name: string): boolean {
  return [...forms.values()].some(({ flags }) => Object.hasOwn(flags, name) && flags[name]?.type === "string");
}

/** Whether the command line has such a verb. */
export function isVerb(name: string): name is LineVerb {
  return forms.has(name);
}

/** Whether the name of a shard that is there comes after the verb. */
export function namesShard(verb: LineVerb): boolean {
  return takesName(table[verb]) && verb !== "spawn";
}

function takesName({ takes = {} }: VerbFacts): boolean {
  return "name" in takes;
}

/** A verb as it was typed. */
export interface VerbCall<V extends LineVerb> {
  request: VerbRequest<V>;
  json: boolean;
  watch?: true;
  /** Its outcome is waited for: so many seconds, or for as long as it takes. */
  wait?: { timeout?: number };
}

/** What was asked for by the words after a verb. Throws ShardbridgeError "usage". */
export async function readCall<V extends LineVerb>(verb: V, args: string[]): Promise<VerbCall<V>> {
  const facts: VerbFacts = table[verb];
  const { flags, most, request } = forms.get(verb) ?? formOf(verb, facts);
  const all: Flags = { ...flags, ...json };
  const { values, words: typed } = readFlags(verb, args, all);
  const named = takesName(facts);
  const [name = "", ...words] = named ? typed : ["", ...typed];
  if (named && name === "") throw wrong(`${verb} needs the name of a shard`);
  if (words.length > most) throw wrong(`${verb} does not take "${words.slice(most).join(" ")}"`);
  const wants = facts.line?.wants;
  if (wants !== undefined && words.join("").trim() === "") throw wrong(`${verb} needs ${wants}`);
  const timeout = values["timeout"];
  if (timeout !== undefined && Object.hasOwn(flags, "wait") && !values["wait"])
    throw wrong("--timeout goes with --wait");
  const waits = values["wait"] || verb === "wait";
  return {
    // Its form is that of the verb.
    request: (await request({ name, words, values })) as VerbRequest<V>,
    json: values["json"] === true,
    ...(values["watch"] && { watch: true }),
    ...(waits && { wait: typeof timeout === "string" ? { timeout: seconds(timeout, "--timeout") } : {} }),
  };
}

function modeOf(given: string | undefined): { mode?: Mode } {
  const mode = readMode(given);
  if (given !== undefined && mode === undefined) throw wrong(`--mode takes ${modes.join(", ")}`);
  return mode === undefined ? {} : { mode };
}
