import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

export interface Config {
  /** State folder, absolute. */
  home: string;
  /** Known repos: name → absolute path. */
  repos: Record<string, string>;
  /** The default agent kind, if one was named. */
  agent: string | undefined;
  maxShards: number;
  /** Further variables that agents may have from our environment. */
  agentEnv: string[];
  orchestrator: OrchestratorConfig;
  /** Log lines below it are not written. */
  logLevel: "info" | "debug";
  /** IANA name of the time zone that people mean. */
  zone: string;
}

interface OrchestratorConfig {
  /** Backend: a Messages API, or the person's own Claude Code. */
  runs: "api" | "claude";
  apiKey: string | undefined;
  baseUrl: string | undefined;
  model: string | undefined;
  /** Automatic turns that a thread may have in an hour; with 0 events wake nobody. */
  wakesPerHour: number;
  /** Budgets of the model: in a thread, for a person in a day, for all in a day. */
  budgets: { thread: Budget | undefined; person: Budget | undefined; day: Budget | undefined };
}

/** US dollars, or tokens of input and output. */
type Budget = { dollars: number } | { tokens: number };

/** The variables that are read here; each platform reads its own. `.env.example` has a line on each. */
export const coreVariables = [
  "SHARDBRIDGE_HOME",
  "SHARDBRIDGE_REPOS",
  "SHARDBRIDGE_AGENT",
  "SHARDBRIDGE_MAX_SHARDS",
  "SHARDBRIDGE_AGENT_ENV",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "ORCHESTRATOR",
  "ORCHESTRATOR_MODEL",
  "ORCHESTRATOR_WAKES_PER_HOUR",
  "ORCHESTRATOR_BUDGET_THREAD",
  "ORCHESTRATOR_BUDGET_PERSON",
  "ORCHESTRATOR_BUDGET_DAY",
  "SHARDBRIDGE_TIME_ZONE",
  "SHARDBRIDGE_LOG",
  "SHARDBRIDGE_MCP_TOKEN",
] as const;

const repoName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/**
 * The configuration, or one sentence for each fault in it. `folder` is where the user stands: its repo is the known one where
 * none is named, and relative paths start there.
 */
export function readConfig(env: Env, folder: string): { config: Config; problems: string[] } {
  const problems: string[] = [];
  const text = (name: (typeof coreVariables)[number]) => env[name]?.trim() || undefined;
  const whole = (name: (typeof coreVariables)[number], usual: number, least: number, most: number): number => {
    const count = Number(text(name) ?? usual);
    if (Number.isInteger(count) && count >= least && count <= most) return count;
    problems.push(`${name}: use a whole number from ${least} to ${most}.`);
    return usual;
  };
  const maxShards = whole("SHARDBRIDGE_MAX_SHARDS", 20, 1, 500);
  const baseUrl = text("ANTHROPIC_BASE_URL");
  if (baseUrl !== undefined && !URL.canParse(baseUrl))
    problems.push("ANTHROPIC_BASE_URL: use a whole address such as http://127.0.0.1:4000.");
  const config: Config = {
    home: readHome(env, folder),
    repos: readRepos(text("SHARDBRIDGE_REPOS"), folder, problems),
    agent: text("SHARDBRIDGE_AGENT"),
    maxShards,
    agentEnv: (text("SHARDBRIDGE_AGENT_ENV") ?? "").split(/[\s,]+/).filter((name) => name !== ""),
    orchestrator: {
      runs: readRuns(text("ORCHESTRATOR"), problems),
      apiKey: text("ANTHROPIC_API_KEY"),
      baseUrl,
      model: text("ORCHESTRATOR_MODEL"),
      wakesPerHour: whole("ORCHESTRATOR_WAKES_PER_HOUR", 30, 0, 1000),
      budgets: {
        thread: readBudget("ORCHESTRATOR_BUDGET_THREAD", text("ORCHESTRATOR_BUDGET_THREAD"), problems),
        person: readBudget("ORCHESTRATOR_BUDGET_PERSON", text("ORCHESTRATOR_BUDGET_PERSON"), problems),
        day: readBudget("ORCHESTRATOR_BUDGET_DAY", text("ORCHESTRATOR_BUDGET_DAY"), problems),
      },
    },
    zone: readZone(text("SHARDBRIDGE_TIME_ZONE"), problems),
    logLevel: readLogLevel(text("SHARDBRIDGE_LOG"), problems),
  };
  return { config, problems };
}

/** The state folder alone, for commands that need no more. */
export function readHome(env: Env, folder: string): string {
  const named = env["SHARDBRIDGE_HOME"]?.trim();
  if (named) return absolute(named, folder);
  const state = env["XDG_STATE_HOME"]?.trim();
  return join(state && isAbsolute(state) ? state : join(homedir(), ".local", "state"), "shardbridge");
}

function readRuns(wanted: string | undefined, problems: string[]): "api" | "claude" {
  if (wanted === undefined || wanted === "api" || wanted === "claude") return wanted ?? "api";
  problems.push(`ORCHESTRATOR: "${wanted}" is none: use api or claude.`);
  return "api";
}

function readLogLevel(wanted: string | undefined, problems: string[]): "info" | "debug" {
  if (wanted === undefined || wanted === "info" || wanted === "debug") return wanted ?? "info";
  problems.push(`SHARDBRIDGE_LOG: "${wanted}" is no level: use info or debug.`);
  return "info";
}

/** "$5", or tokens: "2000000", "500k", "2M". */
function readBudget(name: string, wanted: string | undefined, problems: string[]): Budget | undefined {
  if (wanted === undefined) return undefined;
  const [, dollars] = /^\$(\d+(?:\.\d+)?)$/.exec(wanted) ?? [];
  if (dollars !== undefined && Number(dollars) > 0) return { dollars: Number(dollars) };
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(wanted) ?? [];
  const tokens = Math.round(Number(count) * ({ k: 1_000, M: 1_000_000 }[unit] ?? 1));
  if (tokens > 0) return { tokens };
  problems.push(`${name}: use an amount such as $5, or tokens such as 500k or 2M.`);
  return undefined;
}

function readZone(wanted: string | undefined, problems: string[]): string {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (wanted === undefined) return own;
  try {
    return Intl.DateTimeFormat("en", { timeZone: wanted }).resolvedOptions().timeZone;
  } catch {
    problems.push(`SHARDBRIDGE_TIME_ZONE: there is no time zone "${wanted}"; use a name such as Europe/Berlin.`);
    return own;
  }
}

function readRepos(list: string | undefined, folder: string, problems: string[]): Record<string, string> {
  if (list === undefined) {
    const found = repoAround(folder);
    if (found) return { [tidyName(basename(found, ".git") || basename(found))]: found };
    problems.push(`${folder} is in no git repository: start in one, or set SHARDBRIDGE_REPOS to name=path,name=path.`);
    return {};
  }
  const repos: Record<string, string> = {};
  for (const entry of list.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [name, path] = split(entry);
    const place = absolute(path, folder);
    if (!repoName.test(name) || path === "") {
      problems.push(
        `SHARDBRIDGE_REPOS: "${entry}" is not of the form name=path (a name has letters, digits, dot, dash, underscore).`,
      );
    } else if (!isRepo(place)) {
      problems.push(`SHARDBRIDGE_REPOS: ${place} (${name}) is no git repository: clone it or run git init there.`);
    } else if (Object.hasOwn(repos, name)) {
      problems.push(`SHARDBRIDGE_REPOS: the name ${name} is there twice.`);
    } else {
      repos[name] = place;
    }
  }
  return repos;
}

function split(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return at < 0 ? [entry, ""] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
}

function repoAround(folder: string): string | undefined {
  for (let place = resolve(folder); ; place = dirname(place)) {
    if (isRepo(place)) return place;
    if (place === dirname(place)) return undefined;
  }
}

/** With a `.git` in it, or a bare one. git itself looks closer at the first spawn. */
function isRepo(place: string): boolean {
  const has = (name: string) => existsSync(join(place, name));
  return has(".git") || (basename(place) !== ".git" && has("HEAD") && has("objects") && has("refs"));
}

function tidyName(name: string): string {
  const tidy = name
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 40);
  return tidy === "" ? "repo" : tidy;
}

function absolute(path: string, folder: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
  return resolve(folder, expanded);
}
