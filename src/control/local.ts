import { userInfo } from "node:os";
import { hostActions } from "../bot/commands/host-actions.ts";
import { ShardbridgeError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import { kinds } from "../shards/agents/registry.ts";
import type { HolderAddresses, HostSecrets } from "../shards/lifecycle/holder-address.ts";
import type { ShardHost } from "../shards/host.ts";
import { openLocalHost } from "../shards/local-host.ts";
import type { Store } from "../store/store.ts";
import { mcpCommand } from "../installation.ts";
import { controlSocket } from "./protocol.ts";
import type { Verbs } from "./server.ts";

/** The host of this machine as the settings describe it. */
export async function openHost(
  { config, secrets, env }: Settings,
  store: Store,
): Promise<ShardHost & HolderAddresses & HostSecrets> {
  return openLocalHost({
    home: config.home,
    repos: config.repos,
    defaultAgent: config.agent,
    maxShards: config.maxShards,
    env,
    passVariables: config.agentEnv,
    secrets,
    kinds,
    store,
    tools: { command: mcpCommand, socket: controlSocket(config.home) },
  });
}

/** The verbs of a host with no bot before it, done in the name of whoever runs this. */
export function hostVerbs(host: ShardHost): Verbs {
  return {
    ...hostActions(host, userInfo().username),
    controlsIn: () => {
      throw new ShardbridgeError(
        "unavailable",
        "No bot runs, and so no orchestrator: start it with shardbridge start.",
      );
    },
  };
}

/** Whoever can run a command as this user has the machine already. */
export function localActor(): { person: { id: string; name: string; roles: string[] }; right: "admin" } {
  return { person: { id: "local", name: userInfo().username, roles: [] }, right: "admin" };
}
