import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readHome, type Env } from "../config.ts";
import { loadEnv, oddities } from "../env.ts";
import { exitCodes, messageOf, ShardbridgeError } from "../errors.ts";
import { inertJson } from "../inert.ts";
import { root } from "../installation.ts";
import { logBug } from "../log.ts";
import type { Settings } from "../settings.ts";
import { isVerb, verbs } from "./arguments.ts";
import type { LineVerb } from "../verbs/types.ts";
import { readFlags, wrong } from "./flags.ts";
import { print, printAside } from "./print.ts";
import { helpOf, usage } from "./usage.ts";

/** Commands that are no verbs of a shard. */
const otherCommands = ["start", "attach", "mcp", "manifest", "service", "completion", "help", "version"];

interface Call {
  args: string[];
  env: Env;
  /** Where the user stands. */
  folder: string;
}

/** Run the command line. Resolves with the exit code; what goes wrong is said in a sentence, or as JSON where JSON was asked for. */
export async function runProgram([verb = "help", ...args]: string[], env: Env, folder: string): Promise<number> {
  try {
    return await run(verb, { args, env, folder });
  } catch (error) {
    const known = error instanceof ShardbridgeError;
    if (!known) logBug(error, "the program ended by a bug");
    // A token that was put where an id belongs is not said again.
    const { redactor } = await import("../bot/delivery/redact.ts");
    const message = redactor([])(messageOf(error));
    if (asksForJson(args)) print(inertJson({ error: { code: known ? error.code : "bug", message } }));
    else printAside(`shardbridge: ${message}`);
    return known ? exitCodes[error.code] : 1;
  }
}

// Each part is loaded only where it is asked for: most commands do no more than ask the running bot.
async function run(verb: string, call: Call): Promise<number> {
  const { args, env, folder } = call;
  const asked = asksForHelp(args) ? helpOf(verb) : undefined;
  if (asked !== undefined) return say(asked);
  switch (verb) {
    case "start":
      return start(call);
    case "attach": {
      const { runAttach } = await import("./attach/attach.ts");
      return runAttach(args, readHome(loadEnv(env, folder), folder));
    }
    case "mcp":
      return mcp(call);
    case "completion":
      return complete(call);
    case "manifest": {
      const { manifestOf } = await import("./manifest.ts");
      return say(manifestOf(args));
    }
    case "service":
      return (await import("./service.ts")).runService(args, env, folder);
    case "version":
    case "--version":
      return say(version());
    case "help":
    case "--help":
    case "-h":
      return await help(args);
    default:
      if (isVerb(verb)) return command(verb, call);
      throw await unknown(verb);
  }
}

function asksForHelp(args: string[]): boolean {
  const before = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return before.includes("--help") || before.includes("-h");
}

function asksForJson(args: string[]): boolean {
  return (args.includes("--") ? args.slice(0, args.indexOf("--")) : args).includes("--json");
}

async function help(args: string[]): Promise<number> {
  const [about, ...more] = readFlags("help", args, { json: { type: "boolean" } }).words;
  if (about === undefined) return say(usage);
  const text = more.length === 0 ? helpOf(about) : undefined;
  if (text !== undefined) return say(text);
  throw await unknown([about, ...more].join(" "));
}

/** The refusal of a command that there is not, with those that may be meant. */
async function unknown(typed: string): Promise<ShardbridgeError> {
  const { nearest } = await import("../bot/commands/command-line.ts");
  const meant = nearest(typed.toLowerCase(), [...verbs, ...otherCommands]);
  const remedy = meant.length > 0 ? `did you mean ${meant.join(" or ")}?` : "see shardbridge help.";
  return new ShardbridgeError("usage", `There is no command ${typed}: ${remedy}`);
}

async function start({ args, env, folder }: Call): Promise<number> {
  const { values, words } = readFlags("start", args, {
    console: { type: "boolean" },
    verbose: { type: "boolean" },
  });
  if (words.length > 0) throw wrong(`start does not take "${words.join(" ")}"`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort(new Error(signal))));
  }
  process.on("unhandledRejection", (error) => void logBug(error, "a promise was rejected and nobody looked"));
  const { knownVariables, readSettings } = await import("../settings.ts");
  const given = { ...loadEnv(env, folder), ...(values.verbose && { SHARDBRIDGE_LOG: "debug" }) };
  const { settings, problems } = readSettings(given, folder, values.console === true);
  refuse([...problems.core, ...problems.platforms]);
  for (const odd of oddities(folder, [...(await knownVariables()), ...settings.config.agentEnv]))
    printAside(`shardbridge: ${odd}`);
  const { startBot } = await import("../start.ts");
  const code = await startBot(settings, stop.signal);
  process.exit(code);
}

async function command(verb: LineVerb, { args, env: own, folder }: Call): Promise<number> {
  const env = loadEnv(own, folder);
  const alone = async (): Promise<Settings> => {
    const { readSettings } = await import("../settings.ts");
    const { settings, problems } = readSettings(env, folder, false);
    // The other verbs work on shards that are there, whatever repos are known now.
    if (verb === "spawn") refuse(problems.core);
    return settings;
  };
  const { runCommand } = await import("./verbs.ts");
  return runCommand(verb, args, alone, readHome(env, folder));
}

async function mcp({ args, env: own, folder }: Call): Promise<number> {
  const { runMcp } = await import("./mcp.ts");
  const env = loadEnv(own, folder);
  const token = env["SHARDBRIDGE_MCP_TOKEN"]?.trim() || undefined;
  return runMcp(args, { home: readHome(env, folder), version: version(), token });
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

async function complete({ args, env, folder }: Call): Promise<number> {
  const { completion } = await import("./completion.ts");
  const code = say(await completion(args, readHome(loadEnv(env, folder), folder)));
  // A bot that did not answer in time is not waited for.
  process.exit(code);
}

function refuse(problems: string[]): void {
  if (problems.length > 0)
    throw new ShardbridgeError("config", `can't start:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
}

function say(text: string): number {
  print(text.trimEnd());
  return 0;
}
