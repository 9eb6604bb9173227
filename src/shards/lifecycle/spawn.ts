import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import type { AgentKind, LaunchContext } from "../agents/agent.ts";
import { defaultAgentOf, environmentOf, type HostContext, type LocalHostOptions } from "./host-context.ts";
import { findProgram } from "../process/find-program.ts";
import { localHostName } from "../events.ts";
import { launchHolder } from "../holder/launch.ts";
import { shardNamePattern, type SpawnRequest } from "../host.ts";
import { requireMode, startableKind } from "./kinds.ts";
import { newToolToken, requireTools, toolsOf } from "./tool-token.ts";
import { newSocket, privateFolder, shardFolder } from "../process/places.ts";
import { replaceFile } from "../process/regular-file.ts";
import type { ShardRecord } from "../saved/records.ts";
import type { Repo } from "../worktree/base.ts";

/** Name of the variable by which a shard's processes are found. */
export const markerName = "SHARDBRIDGE_SHARD";

/** Bytes of raw output that are kept of a shard. */
const logLimit = 20_000_000;

/** What is going to be made. */
export interface Plan {
  record: ShardRecord;
  repo: Repo;
  kind: AgentKind;
  base: string | undefined;
}

/** Check a request and say what it makes. Throws ShardbridgeError with what can be used instead. */
export function planShard(request: SpawnRequest, { options }: HostContext): Plan {
  const { name, base, mode, by = "" } = request;
  if (!shardNamePattern.test(name)) {
    const rule = "use at most 40 small letters, digits and dashes, and begin with a letter or digit";
    throw new ShardbridgeError("usage", `"${name}" can't be a shard's name: ${rule}.`);
  }
  const repo = repoOf(request.repo, options);
  const kind = startableKind(request.agent ?? defaultAgentOf(options), options);
  requireMode(kind, mode);
  if (request.orchestrator) requireTools(kind, options);
  const id = randomUUID();
  const record: ShardRecord = {
    name,
    id,
    host: localHostName,
    repo: repo.name,
    repoPath: repo.path,
    worktree: "",
    branch: "",
    base: base ?? "",
    commit: "",
    agent: kind.name,
    ...(mode !== undefined && { mode }),
    folder: shardFolder(options.home, name),
    socket: newSocket(options.home),
    secret: randomBytes(32).toString("hex"),
    ...(request.orchestrator && { pass: newToolToken() }),
    marker: id,
    conversation: randomUUID(),
    begun: false,
    launchedAt: new Date().toISOString(),
    phase: "creating",
    createdAt: new Date().toISOString(),
    createdBy: by,
    turns: 0,
    questions: 0,
    ended: false,
  };
  return { record, repo, kind, base };
}

/** Start the agent in its worktree, in a holder of its own. Resolves when the holder answers. */
export async function launchShard(
  record: ShardRecord,
  kind: AgentKind,
  options: LocalHostOptions,
  how: Pick<LaunchContext, "resume">,
): Promise<void> {
  const env = environmentOf(kind, options);
  const folder = privateFolder(record.folder);
  const tools = toolsOf(record, options);
  const launch = kind.launch({
    shard: record.name,
    worktree: record.worktree,
    repo: record.repoPath,
    folder,
    conversation: record.conversation,
    ...how,
    mode: record.mode,
    ownMode: record.ownMode,
    env,
    tools: tools?.server,
    shell: options.env["SHELL"] ?? findProgram("bash", env) ?? "sh",
  });
  for (const [name, content] of Object.entries({ ...launch.files, ...tools?.files })) {
    replaceFile(join(folder, name), content);
  }
  const spec = {
    shard: record.name,
    secret: record.secret,
    socket: record.socket,
    file: launch.file,
    args: launch.args,
    cwd: record.worktree,
    env: { ...env, ...launch.env, [markerName]: record.marker },
    size: kind.size,
    log: join(folder, "output.log"),
    logLimit,
    ...(launch.marks !== undefined && { marks: launch.marks }),
    ...(kind.input && { tty: true }),
  };
  // Compiled code is kept: a holder is then ready in about half the time, with half the memory.
  await launchHolder(spec, folder, { cache: privateFolder(join(options.home, "cache")) });
}

function repoOf(asked: string | undefined, { repos }: LocalHostOptions): Repo {
  const names = Object.keys(repos);
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  const path = name === undefined ? undefined : repos[name];
  if (name !== undefined && path !== undefined) return { name, path };
  if (names.length === 0) throw new ShardbridgeError("config", "No repo is known: set SHARDBRIDGE_REPOS.");
  const known = names.join(", ");
  if (asked === undefined) throw new ShardbridgeError("usage", `Say which repo: ${known}.`);
  throw new ShardbridgeError("not_found", `There is no repo "${asked}": use one of ${known}.`);
}
