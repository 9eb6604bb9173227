import type { AccessLists, Adapter, CommandSpec } from "./adapter.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A platform's reading of the environment: not configured, wrong (a sentence for each fault), or ready to be made, which loads its SDK. */
type Configured =
  | { use: "off" }
  | { use: "wrong"; problems: string[] }
  | {
      use: "on";
      access: AccessLists | "everything";
      secrets: string[];
      create: Create;
    };

/** Parts of the program that an adapter may use. */
interface Surroundings {
  /** The state folder. */
  folder: string;
  /** A text with every known secret in it masked. */
  redact(text: string): string;
}

export type Create = (commands: readonly CommandSpec[], surroundings: Surroundings) => Promise<Adapter>;

/** One entry of the registry. */
export interface Platform {
  name: string;
  /** All environment variables that it reads. */
  variables: readonly string[];
  /** Text that a user pastes to create the app there, where the platform takes one. */
  manifest: string | undefined;
  configure(env: Env): Configured;
}

/** The four variables of a platform's access lists. */
export function accessVariables(prefix: string): string[] {
  return ["VIEWERS", "OPERATORS", "ADMINS", "CHANNELS"].map((list) => `${prefix}_${list}`);
}

/**
 * The access lists of a platform: ids separated by commas or blanks. Deny by default: a sentence is added to `problems` when nobody
 * is listed, when no channel is, or when an entry is no id (`pattern`, `example`).
 */
export function readAccess(
  prefix: string,
  env: Env,
  pattern: RegExp,
  example: string,
  problems: string[],
): AccessLists {
  const list = (name: string) => {
    const ids = words(env[`${prefix}_${name}`]);
    const wrong = ids.filter((id) => !pattern.test(id));
    if (wrong.length > 0)
      problems.push(`${prefix}_${name}: ${wrong.join(", ")} is not an id; use ids such as ${example}, not names.`);
    return ids;
  };
  const lists = {
    viewers: list("VIEWERS"),
    operators: list("OPERATORS"),
    admins: list("ADMINS"),
    channels: list("CHANNELS"),
  };
  if (lists.viewers.length + lists.operators.length + lists.admins.length === 0) {
    problems.push(
      `${prefix}_ADMINS: nobody may use the bot; set ${prefix}_ADMINS (or ${prefix}_OPERATORS, ${prefix}_VIEWERS) to the ids of those who may.`,
    );
  }
  if (lists.channels.length === 0) {
    problems.push(
      `${prefix}_CHANNELS: the bot may listen nowhere; set ${prefix}_CHANNELS to the ids of the channels that it serves.`,
    );
  }
  return lists;
}

/** The value of a variable, undefined when it is absent or blank. */
export function read(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
}

function words(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).filter((word) => word !== "");
}
