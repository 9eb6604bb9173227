import { isAbsolute } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { genericKind } from "../agents/generic/generic.ts";
import type { AgentKind } from "../agents/agent.ts";
import { findProgram } from "../process/find-program.ts";
import { environmentOf, installedAgents, type LocalHostOptions } from "./host-context.ts";
import type { Mode } from "../host.ts";

/** The kind of this name, or the one that runs this command line. Throws "usage" for a command line that can't be read. */
export function kindNamed(name: string, { kinds }: Pick<LocalHostOptions, "kinds">): AgentKind {
  const known = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return known ?? genericKind(name);
}

/** The same, for what can be started. Throws "not_found" with what can be used instead. */
export function startableKind(name: string, options: LocalHostOptions): AgentKind {
  const kind = kindNamed(name, options);
  const installed = installedAgents(options);
  const usable = `use one of ${installed.join(", ")}`;
  if (Object.hasOwn(options.kinds, name)) {
    if (installed.includes(name)) return kind;
    const missing = `${kind.title} is not installed (no "${kind.program}" on PATH)`;
    throw new ShardbridgeError("not_found", `${missing}: ${usable}.`);
  }
  const path = findProgram(kind.program, environmentOf(kind, options));
  // A path from the bot's own folder would be another one in the worktree.
  if (path !== undefined && isAbsolute(path)) return kind;
  throw new ShardbridgeError("not_found", `There is no agent "${name}": ${usable}, or any program on PATH.`);
}

/** Throws "usage" when a kind can't be started in this mode. */
export function requireMode({ title, modes }: AgentKind, mode: Mode | undefined): void {
  if (mode === undefined || modes.includes(mode)) return;
  const usable = modes.length === 0 ? "it has none" : `use one of ${modes.join(", ")}`;
  throw new ShardbridgeError("usage", `${title} can't be started in the mode "${mode}": ${usable}.`);
}
