import type { Store } from "../../store/store.ts";
import type { AgentKind } from "../agents/agent.ts";
import { agentEnvironment } from "../process/environment.ts";
import { findProgram } from "../process/find-program.ts";
import type { Records } from "../saved/records.ts";
import type { Worktrees } from "../worktree/worktree.ts";

export interface LocalHostOptions {
  /** State folder, absolute. */
  home: string;
  /** Known repos: name → absolute path. */
  repos: Record<string, string>;
  /** The best installed kind where it is undefined. */
  defaultAgent: string | undefined;
  maxShards: number;
  /** Our own environment, of which agents and git get what is listed. */
  env: Readonly<Record<string, string | undefined>>;
  /** Further variables that agents may have. */
  passVariables: readonly string[];
  /** Values that no agent may have, whatever the variable is called. */
  secrets: readonly string[];
  kinds: Readonly<Record<string, AgentKind>>;
  store: Store;
  /** Command line that serves the orchestrator's tools over MCP, and the socket where they are called; agents have none without. */
  tools?: { command: readonly [string, ...string[]]; socket: string } | undefined;
}

/** What the parts of a host stand on. */
export interface HostContext {
  options: LocalHostOptions;
  records: Records;
  worktrees: Worktrees;
}

/** The environment of an agent of this kind. */
export function environmentOf(
  kind: AgentKind,
  { env, passVariables, secrets }: LocalHostOptions,
): Record<string, string> {
  return agentEnvironment(env, [...kind.env, ...passVariables], secrets);
}

/** Names of the kinds whose program is on the PATH that it would get. */
export function installedAgents(options: LocalHostOptions): string[] {
  const kinds = Object.values(options.kinds);
  const installed = kinds.filter((kind) => findProgram(kind.program, environmentOf(kind, options)) !== undefined);
  return installed.map(({ name }) => name);
}

/** The kind that a spawn uses when it names none. */
export function defaultAgentOf(options: LocalHostOptions): string {
  return options.defaultAgent ?? installedAgents(options)[0] ?? "shell";
}
