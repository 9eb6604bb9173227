import { join } from "node:path";
import { redactWith } from "../bot/delivery/redact.ts";
import { secretsInEnvironment } from "../redaction/env-values.ts";
import type { KnownValue } from "../redaction/known.ts";
import { Redactor } from "../redaction/redactor.ts";
import { secretInFile } from "../redaction/secret-file.ts";
import type { Redact } from "../redaction/shown.ts";
import type { Settings } from "../settings.ts";
import type { HostSecrets } from "../shards/lifecycle/holder-address.ts";

/** The redaction of this program: one for all ways out. */
export interface Redaction {
  redact: Redact;
  /** Its holders' secrets, and what its repos and worktrees have in `.env` files, are secret from now on. */
  learnFrom(host: HostSecrets): void;
  /** So is what this gives. */
  learn(kind: string, secrets: () => readonly string[]): void;
}

export function redactionOf({ config, secrets, env }: Settings): Redaction {
  const own = secrets.map((value) => ({ value, kind: "own token" }));
  const redactor = new Redactor({
    fixed: [...own, ...secretsInEnvironment(env, config.agentEnv)],
    live: secretInFile(join(config.home, "mcp-token"), "MCP token"),
  });
  const learn = (kind: string, values: () => readonly string[]) =>
    redactor.learnFrom({ live: () => values().map((value): KnownValue => ({ value, kind })) });
  return {
    redact: redactWith(() => redactor.known()),
    learn,
    learnFrom: (host) => {
      learn("shard secret", () => host.secrets());
      redactor.learnFrom({ folders: () => host.folders() });
    },
  };
}
