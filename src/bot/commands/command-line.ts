import type { CommandCall, CommandSpec, OptionSpec } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import { shardNamePattern } from "../../shards/host.ts";
import { excerpt } from "../posts/split.ts";
import { areKeys, Words, type Flag } from "./words.ts";

/** Surroundings of a typed line, to which it may refer. */
export interface Surroundings {
  /** Names of the shards that exist. */
  shards: readonly string[];
  /** The shard of the thread, which need not be named in it. */
  bound?: string | undefined;
  /** The thread's plain messages go to its shard. */
  attached?: boolean | undefined;
}

interface Parsed {
  call: CommandCall;
  /** The shard was named rather than implied. */
  named: boolean;
  /** The text that takes the rest of the line was not in quotes. */
  prose: boolean;
}

/**
 * The command in a line as it is typed after `/shard`: `send demo fix the tests`. Throws ShardbridgeError "usage" with a line that says what
 * is right.
 */
export function parseCommand(line: string, specs: readonly CommandSpec[], around: Surroundings): CommandCall {
  return parse(line, specs, around).call;
}

/**
 * The command in a message, if it is one: `!send …` and `/send …` always, and without any mark when the bot was addressed and it can't
 * well be a sentence to the orchestrator. Throws ShardbridgeError "usage" for a marked command that is wrong.
 */
export function commandIn(
  text: string,
  toBot: boolean,
  specs: readonly CommandSpec[],
  around: Surroundings,
): CommandCall | undefined {
  const [, mark = "", word = "", rest = ""] = /^\s*(!|\/shard(?=\s|$)\s*|\/)?([a-z]*)([^]*)$/i.exec(text) ?? [];
  const known = specs.some((spec) => spec.verb === word.toLowerCase()) && /^(\s|$)/.test(rest);
  if (mark.length > 1 || (mark !== "" && (known || isSlip(text, specs, around))))
    return parse(`${word}${rest}`, specs, around).call;
  if (mark !== "" || !toBot || !known) return undefined;
  try {
    const parsed = parse(`${word}${rest}`, specs, around);
    return isCommand(parsed, specs, around) ? parsed.call : undefined;
  } catch (error) {
    if (error instanceof ShardbridgeError) return undefined;
    throw error;
  }
}

/**
 * Whether a message is a marked command with a slip in its verb: `/spwan`, `!snd`. In an attached thread a slash is the agent's, whose
 * commands may be near to ours, so that there only the nearest are slips.
 */
export function isSlip(text: string, specs: readonly CommandSpec[], { attached }: Surroundings): boolean {
  const [, mark, typed = ""] = /^\s*([!/])([a-z-]{2,20})(?=\s|$)/i.exec(text) ?? [];
  if (mark === undefined) return false;
  const verb = typed.toLowerCase();
  const agents = attached === true && mark === "/";
  return nearest(verb, verbsOf(specs)).some((one) => !agents || (distance(verb, one) === 1 && verb.length > 3));
}

/** Form in which a command is typed: `spawn NAME [--agent AGENT] [--here] [PROMPT]`. */
export function usage(spec: CommandSpec): string {
  const words = spec.options.map((option) => {
    const value = option.choices?.join("|") ?? option.name.toUpperCase();
    const typed = option.type === "flag" ? `--${option.name}` : option.named ? `--${option.name} ${value}` : value;
    return option.required ? typed : `[${typed}]`;
  });
  return [spec.verb, ...words].join(" ");
}

/** A call with the thread's shard filled in, checked against its spec. Throws ShardbridgeError "usage". */
export function completeCall(call: CommandCall, specs: readonly CommandSpec[], around: Surroundings): CommandCall {
  const spec = specOf(call.verb, specs);
  const options = { ...call.options };
  for (const option of spec.options) {
    const value = option.type === "number" ? options[option.name]?.replace(/^#/, "") : options[option.name];
    if (value !== undefined) options[option.name] = value;
    if (option.type === "shard" && value === undefined && around.bound !== undefined)
      options[option.name] = around.bound;
    if (option.required && (value ?? "").trim() === "") throw wrong(spec, `${option.name} is missing.`);
    if (option.type === "number" && value !== undefined && !/^[1-9]\d{0,8}$/.test(value)) {
      throw wrong(spec, `${option.name} is a number, not "${excerpt(value, 40)}".`);
    }
    if (value !== undefined && option.choices?.includes(value) === false) {
      throw wrong(spec, `${option.name} is ${option.choices.join(", ")}, not "${excerpt(value, 40)}".`);
    }
  }
  return { verb: spec.verb, options };
}

function parse(line: string, specs: readonly CommandSpec[], around: Surroundings): Parsed {
  const words = new Words(line);
  const spec = specOf(words.next()?.toLowerCase() ?? "", specs);
  const help = { call: { verb: "help", options: { verb: spec.verb } }, named: false, prose: false };
  if (/^(?:--|[—–]|-)(?:help|h)$/.test(words.peek())) return help;
  const options: Record<string, string> = {};
  const positional = spec.options.filter((option) => !option.named && option.type !== "rest" && option.type !== "flag");
  const typed = spec.options.filter((option) => option.named || option.type === "flag");
  let rest = spec.options.find((option) => option.type === "rest");
  // A prompt may have dashes in it: before a text that must be there, only the command's own flags are flags.
  const known = rest?.required === true ? typed.map(({ name }) => name) : undefined;
  let named = false;
  let prose = false;
  while (!words.done) {
    const flag = typed.length > 0 ? words.flag(known) : undefined;
    const option = positional[0];
    if (flag?.name === "help") return help;
    if (flag) {
      Object.assign(options, readFlag(flag, words, spec, typed));
    } else if (option) {
      positional.shift();
      if (option.type === "shard") {
        named = around.bound === undefined || around.shards.includes(words.peek());
        if (!named) continue;
      }
      options[option.name] = words.next() ?? "";
    } else if (rest) {
      const taken = (typed.length > 0 ? words.quotedBeforeFlags(known) : undefined) ?? words.rest();
      options[rest.name] = taken.text;
      prose = !taken.quoted;
      rest = undefined;
    } else {
      const word = excerpt(words.peek(), 40);
      const types = spec.options.map(({ type }) => type);
      const implied = !named && types.includes("shard") && !types.includes("rest");
      throw wrong(spec, implied ? `There is no shard "${word}".` : `"${word}" is too much there.`);
    }
  }
  return { call: completeCall({ verb: spec.verb, options }, specs, around), named, prose };
}

function readFlag(flag: Flag, words: Words, spec: CommandSpec, typed: readonly OptionSpec[]): Record<string, string> {
  const option = typed.find((candidate) => candidate.name === flag.name);
  if (!option) throw wrong(spec, `There is no --${excerpt(flag.name, 40)}.`);
  if (option.type === "flag") {
    if (flag.value) throw wrong(spec, `--${option.name} takes no value.`);
    return { [option.name]: "true" };
  }
  const value = words.done ? undefined : words.next();
  if (value === undefined || value === "") throw wrong(spec, `--${option.name} has no value.`);
  return { [option.name]: value };
}

/** Whether an unmarked message is meant as a command rather than as a sentence that begins with the same word. */
function isCommand(
  { call: { verb, options }, named, prose }: Parsed,
  specs: readonly CommandSpec[],
  { shards, bound, attached }: Surroundings,
): boolean {
  const { shard, ...others } = options;
  const alone = Object.keys(others).length === 0;
  if (verb === "help") return alone || specs.some((spec) => spec.verb === options["verb"]);
  if (["list", "detach", "usage"].includes(verb)) return alone;
  // Their words are few and fixed, and were checked.
  if (verb === "tasks" || verb === "policy") return true;
  if (verb === "spawn") return !prose && shardNamePattern.test(options["name"] ?? "");
  if (verb === "stop" && alone && !named) return true;
  if (named ? !shards.includes(shard ?? "") : bound === undefined || attached === true) return false;
  if (verb === "press") return areKeys(options["keys"] ?? "");
  if (named) return true;
  if (verb === "cmd") return (options["command"] ?? "").startsWith("/");
  return verb !== "answer" || !prose || /^\d+$/.test(options["option"] ?? "");
}

/** The command of this name. Throws ShardbridgeError "usage", which names the one that may be meant. */
export function specOf(verb: string, specs: readonly CommandSpec[]): CommandSpec {
  const spec = specs.find((candidate) => candidate.verb === verb);
  if (spec) return spec;
  if (verb === "")
    throw new ShardbridgeError("usage", `Which command? There are ${specs.map((one) => one.verb).join(", ")}.`);
  const meant = nearest(verb, verbsOf(specs));
  const typed = specs.filter((one) => meant.includes(one.verb)).map(usage);
  const remedy =
    meant.length > 0
      ? `did you mean ${meant.join(" or ")}? It is typed: ${typed.join("; ")}`
      : "help shows all commands.";
  throw new ShardbridgeError("usage", `There is no command "${excerpt(verb, 40)}": ${remedy}`);
}

/** Verbs that one with a slip in it may be, nearest first and three at most; the verbs that it begins, where it is none. */
export function nearest(typed: string, verbs: readonly string[]): string[] {
  const most = typed.length > 6 ? 2 : 1;
  const found = verbs.map((verb) => ({ verb, far: distance(typed, verb) })).filter(({ far }) => far <= most);
  const meant = found.sort((a, b) => a.far - b.far).map(({ verb }) => verb);
  const begun = typed.length < 3 ? [] : verbs.filter((verb) => verb.startsWith(typed));
  return (meant.length > 0 ? meant : begun).slice(0, 3);
}

function verbsOf(specs: readonly CommandSpec[]): string[] {
  return specs.map(({ verb }) => verb);
}

function wrong(spec: CommandSpec, what: string): ShardbridgeError {
  return new ShardbridgeError("usage", `${what} Usage: ${usage(spec)}`);
}

/** Letters to change, add, drop or swap with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  const typed = a.slice(0, 20);
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < typed.length; i += 1) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const same = typed[i] === b[j - 1];
      const swapped = i > 0 && j > 1 && typed[i] === b[j - 2] && typed[i - 1] === b[j - 1];
      const ways = [(row[j - 1] ?? 0) + (same ? 0 : 1), (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1];
      next.push(Math.min(...ways, swapped ? (before[j - 2] ?? 0) + 1 : Infinity));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
