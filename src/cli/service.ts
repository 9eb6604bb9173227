import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { localPlatform, platforms } from "../adapters/registry.ts";
import { coreVariables, readHome, type Env } from "../config.ts";
import { messageOf, ShardbridgeError } from "../errors.ts";
import { loadEnv } from "../env.ts";
import { inertJson } from "../inert.ts";
import { root } from "../installation.ts";
import { readSettings } from "../settings.ts";
import { gitEnvironment } from "../shards/process/environment.ts";
import type { ShardInfo } from "../shards/host.ts";
import { callControl } from "../control/client.ts";
import { controlSocket } from "../control/protocol.ts";
import { readFlags, wrong } from "./flags.ts";
import { isLasting, lastingNode, refuseCached } from "./lasting.ts";
import { lingerByHand, logFile, serviceManager, type ServiceManager } from "./service-manager.ts";
import { print } from "./print.ts";
import { readService, serviceText } from "./service-unit.ts";

const options = {
  install: ["print", "linger"],
  uninstall: [],
  status: ["json"],
} as const satisfies Record<string, readonly string[]>;

/**
 * `shardbridge service install|uninstall|status`: Shardbridge as a service of the user, started in `folder`. Resolves with the exit code;
 * throws ShardbridgeError.
 */
export async function runService(args: string[], env: Env, folder: string): Promise<number> {
  const { verb, flags } = parse(args);
  const home = env["HOME"] || homedir();
  const manager = serviceManager(process.platform, home, userInfo().uid, env);
  if (verb === "status") return status(manager, flags.has("json"));
  if (verb === "uninstall") return uninstall(manager);
  refuseCached(root);
  const node = lastingNode(process.execPath, folder, env);
  const plan = { root, node, folder, path: gitEnvironment(env)["PATH"] ?? "", log: logFile(home) };
  const text = serviceText(manager.kind, plan);
  if (flags.has("print")) {
    say(text);
    return 0;
  }
  const code = await install(manager, text, { env, folder, linger: flags.has("linger") });
  const passing = [node, root].filter((path) => !isLasting(path));
  if (passing.length > 0)
    say(`An upgrade may take ${passing.join(" and ")} away: install the service again after one.`);
  return code;
}

function parse(args: string[]): { verb: keyof typeof options; flags: Set<string> } {
  const boolean = { type: "boolean" } as const;
  const { values, words } = readFlags("service", args, { print: boolean, linger: boolean, json: boolean });
  const [verb = "", ...more] = words;
  if (verb !== "install" && verb !== "uninstall" && verb !== "status")
    throw wrong("service takes install, uninstall or status");
  const flags = Object.keys(values);
  const odd = more[0] ?? flags.find((flag) => !(options[verb] as readonly string[]).includes(flag));
  if (odd !== undefined) throw wrong(`service ${verb} does not take "${odd}"`);
  return { verb, flags: new Set(flags) };
}

interface Wanted {
  env: Env;
  folder: string;
  linger: boolean;
}

async function install(manager: ServiceManager, text: string, { env, folder, linger }: Wanted): Promise<number> {
  const unseen = checkSettings(env, folder);
  const known = installed(manager);
  if (known === "foreign")
    throw new ShardbridgeError("exists", `${manager.file} is not from here: move it away, then install again.`);
  mkdirSync(dirname(manager.file), { recursive: true });
  if (manager.kind === "launchd") mkdirSync(dirname(logFile(env["HOME"] || homedir())), { recursive: true });
  const fresh = `${manager.file}.new`;
  writeFileSync(fresh, text, { mode: 0o644 });
  renameSync(fresh, manager.file);
  say(`Wrote ${manager.file}: it starts Shardbridge in ${folder}.`);
  if (unseen.length > 0)
    say(`Only this shell has ${unseen.join(", ")}, and the service will not: put it into ${join(folder, ".env")}.`);
  if (linger) await manager.linger();
  if ((await manager.lingers()) === false)
    say(`It ends when you log out, and every shard with it. To let it go on: ${lingerByHand}`);
  try {
    await manager.activate();
  } catch (error) {
    say(`It could not be started (${messageOf(error)}) Where you are logged in, run: ${manager.byHand.activate}`);
    return 10;
  }
  say(`It is started, now and from now on. Its log: ${manager.byHand.log}`);
  return 0;
}

/** Check that the bot can start from `.env` alone; gives the variables that only this shell has. Throws ShardbridgeError "config". */
function checkSettings(env: Env, folder: string): string[] {
  const ours = ["XDG_STATE_HOME", ...coreVariables, ...platforms.flatMap(({ variables }) => variables)];
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !ours.includes(name)));
  const there = loadEnv(own, folder);
  const unseen = ours.filter((name) => env[name] !== undefined && there[name] === undefined);
  const { settings, problems } = readSettings(there, folder, false);
  const faults = [...problems.core, ...problems.platforms];
  if (faults.length === 0 && settings.platforms.every(({ name }) => name === localPlatform.name))
    faults.push("No chat platform is set up, and a service has no terminal.");
  if (faults.length === 0) return unseen;
  const hint = unseen.length === 0 ? "" : `\n  Only this shell has ${unseen.join(", ")}.`;
  const file = join(folder, ".env");
  const list = faults.map((fault) => `  ${fault}`).join("\n");
  throw new ShardbridgeError("config", `the service would not start; its settings come from ${file}:\n${list}${hint}`);
}

/** Content in the place of the service's file: nothing, ours, or somebody else's. */
function installed(manager: ServiceManager): ReturnType<typeof readService> | "foreign" {
  const found = lstatSync(manager.file, { throwIfNoEntry: false });
  if (!found) return undefined;
  const ours = found.isFile() ? readService(manager.kind, readFileSync(manager.file, "utf8")) : undefined;
  return ours ?? "foreign";
}

async function uninstall(manager: ServiceManager): Promise<number> {
  const service = installed(manager);
  if (service === undefined) throw new ShardbridgeError("not_found", "No service is installed.");
  if (service === "foreign")
    throw new ShardbridgeError("exists", `${manager.file} is not from here: it is left as it is.`);
  const shards = await shardsOf(service.folder);
  const fault = await manager.deactivate().then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  rmSync(manager.file);
  const alive = shards?.filter((shard) => shard.alive).map(({ name }) => name) ?? [];
  say(`The service is gone.${alive.length === 0 ? "" : ` Shards go on: ${alive.join(", ")}.`}`);
  if (fault === undefined) return 0;
  say(`It could not be stopped (${fault}) Where you are logged in, run: ${manager.byHand.deactivate}`);
  return 10;
}

async function status(manager: ServiceManager, json: boolean): Promise<number> {
  const service = installed(manager);
  if (service === undefined || service === "foreign") {
    if (json) say(inertJson({ installed: false }));
    else say(service ? `${manager.file} is not from here.` : "No service is installed: shardbridge service install.");
    return 5;
  }
  const [state, lingers, shards] = [await manager.state(), await manager.lingers(), await shardsOf(service.folder)];
  const version = versionIn(service.root);
  const running = state?.running ?? shards !== undefined;
  const alive = shards?.filter((shard) => shard.alive).length;
  if (json) {
    const seen = { file: manager.file, ...service, version, running, state: state?.word, pid: state?.pid };
    say(inertJson({ installed: true, ...seen, lingers, shards: shards?.length, alive }));
    return running ? 0 : 10;
  }
  const pid = state?.pid === undefined ? "" : `, pid ${state.pid}`;
  const lines = [
    `installed  ${manager.file}`,
    `starts in  ${service.folder}`,
    `version    ${version ?? "none"} in ${service.root}`,
    `service    ${state ? `${state.word}${pid}` : "unknown: its manager can't be reached, or has not loaded it"}`,
    `bot        ${shards ? `answers; ${shards.length} shards, ${alive} running` : "does not answer"}`,
  ];
  if (lingers !== undefined) lines.push(`logged out ${lingers ? "it goes on" : `it ends: ${lingerByHand}`}`);
  say(lines.join("\n"));
  return running ? 0 : 10;
}

/** The shards of the bot that runs for a folder; undefined when none answers. */
async function shardsOf(folder: string): Promise<ShardInfo[] | undefined> {
  const home = readHome(loadEnv({}, folder), folder);
  const answered = await callControl(controlSocket(home), "list", {}).catch(() => undefined);
  return answered?.result as ShardInfo[] | undefined;
}

function versionIn(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
  } catch {
    // The clone has been moved away.
    return undefined;
  }
}

function say(text: string): void {
  print(text.trimEnd());
}
