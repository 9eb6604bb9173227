import { readFileSync } from "node:fs";
import { platforms } from "./adapters/registry.ts";
import { exitCodeOf, isVerb, type Verb } from "./cli/control.ts";
import { usage } from "./cli/usage.ts";
import { runCommand } from "./cli/verbs.ts";
import { readHome } from "./config.ts";
import { ShardbridgeError } from "./errors.ts";
import { logBug } from "./log.ts";
import { loadEnv, readSettings, type Settings } from "./settings.ts";

// `npm start` runs in the project's folder and names the user's own in INIT_CWD.
const folder = (process.env["npm_lifecycle_event"] && process.env["INIT_CWD"]) || process.cwd();

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof ShardbridgeError)) logBug(error, "the program ended by a bug");
  process.stderr.write(`shardbridge: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodeOf(error);
});

async function main([verb = "help", ...args]: string[]): Promise<number> {
  switch (verb) {
    case "start":
      return start(args);
    case "attach":
      return attach(args);
    case "mcp":
      return mcp(args);
    case "completion":
      return complete(args);
    case "manifest":
      return manifest(args[0]);
    case "service":
      return (await import("./cli/service.ts")).runService(args, process.env, folder);
    case "version":
    case "--version":
      return print(version());
    case "help":
    case "--help":
    case "-h":
      return print(usage);
    default:
      if (isVerb(verb)) return command(verb, args);
      throw new ShardbridgeError("usage", `There is no command ${verb}; see shardbridge help.`);
  }
}

async function start(args: string[]): Promise<number> {
  const unknown = args.find((word) => word !== "--console");
  if (unknown !== undefined)
    throw new ShardbridgeError("usage", `start does not take ${unknown}; see shardbridge help.`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort(new Error(signal))));
  }
  process.on("unhandledRejection", (error) => void logBug(error, "a promise was rejected and nobody looked"));
  const { settings, problems } = readSettings(loadEnv(process.env, folder), folder, args.includes("--console"));
  refuse([...problems.core, ...problems.platforms]);
  const { startBot } = await import("./start.ts");
  const code = await startBot(settings, stop.signal);
  process.exit(code);
}

async function command(verb: Verb, args: string[]): Promise<number> {
  const env = loadEnv(process.env, folder);
  const alone = (): Settings => {
    const { settings, problems } = readSettings(env, folder, false);
    // The other verbs work on shards that are there, whatever repos are known now.
    if (verb === "spawn") refuse(problems.core);
    return settings;
  };
  return runCommand(verb, args, alone, readHome(env, folder));
}

async function attach(args: string[]): Promise<number> {
  const { runAttach } = await import("./cli/attach/attach.ts");
  return runAttach(args, readHome(loadEnv(process.env, folder), folder));
}

async function mcp(args: string[]): Promise<number> {
  const { runMcp } = await import("./cli/mcp.ts");
  const env = loadEnv(process.env, folder);
  const token = env["SHARDBRIDGE_MCP_TOKEN"]?.trim() || undefined;
  return runMcp(args, { home: readHome(env, folder), version: version(), token });
}

function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}

async function complete(args: string[]): Promise<number> {
  const { completion } = await import("./cli/completion.ts");
  const code = print(await completion(args, readHome(loadEnv(process.env, folder), folder)));
  // A bot that did not answer in time is not waited for.
  process.exit(code);
}

function refuse(problems: string[]): void {
  if (problems.length > 0)
    throw new ShardbridgeError("config", `can't start:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
}

function manifest(name: string | undefined): number {
  const offered = platforms.filter((platform) => platform.manifest !== undefined);
  const platform = name === undefined ? offered[0] : offered.find((candidate) => candidate.name === name);
  if (!platform)
    throw new ShardbridgeError("usage", `There is a manifest for ${offered.map((known) => known.name).join(", ")}.`);
  return print(platform.manifest ?? "");
}

function print(text: string): number {
  process.stdout.write(`${text.trimEnd()}\n`);
  return 0;
}
