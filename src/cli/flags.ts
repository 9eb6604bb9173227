import { parseArgs } from "node:util";
import { ShardbridgeError } from "../errors.ts";

/** The flags of a command, without their dashes: whether a value follows each. */
export type Flags = Readonly<Record<string, { type: "boolean" | "string" }>>;

/** Value of each flag; a flag that was not is absent. */
export type Values<F extends Flags> = { -readonly [K in keyof F]?: F[K]["type"] extends "string" ? string : true };

/**
 * The flags and the other words of a command line, in any order; what comes after `--` is no flag. Throws ShardbridgeError "usage" with a
 * sentence of ours: what is wrong, and what to do.
 * @param command what the sentence calls the command
 */
export function readFlags<F extends Flags>(
  command: string,
  args: string[],
  flags: F,
): { values: Values<F>; words: string[] } {
  const { tokens } = parseArgs({ args, options: flags, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, string | true> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind === "option") values[token.name] = valueOf(command, token, flags);
  }
  return { values: values as Values<F>, words };
}

/** A sentence for a command line that is wrong. */
export function wrong(what: string): ShardbridgeError {
  return new ShardbridgeError("usage", `${what}; see shardbridge help.`);
}

interface Option {
  name: string;
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}

function valueOf(command: string, { name, rawName, value, inlineValue }: Option, flags: Flags): string | true {
  const flag = rawName.startsWith("--") && Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (!flag) throw wrong(`${command} takes no ${rawName}: put -- before words that begin with a dash`);
  if (flag.type === "boolean") {
    if (inlineValue) throw wrong(`${rawName} takes no value`);
    return true;
  }
  if (value === undefined || (value.startsWith("-") && value !== "-" && !inlineValue))
    throw wrong(`${rawName} needs a value, such as ${rawName}=VALUE`);
  return value;
}
