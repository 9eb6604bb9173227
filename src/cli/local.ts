import { userInfo } from "node:os";
import type { Settings } from "../settings.ts";
import { kinds } from "../shards/agents/registry.ts";
import type { ShardHost } from "../shards/host.ts";
import { openLocalHost } from "../shards/local-host.ts";
import type { Store } from "../store/store.ts";

/** The host of this machine as the settings describe it. */
export async function openHost({ config, secrets, env }: Settings, store: Store): Promise<ShardHost> {
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
  });
}

/** Whoever can run a command as this user has the machine already. */
export function localActor(): { person: { id: string; name: string; roles: string[] }; right: "admin" } {
  return { person: { id: "local", name: userInfo().username, roles: [] }, right: "admin" };
}
