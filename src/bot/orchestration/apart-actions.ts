import { ShardbridgeError } from "../../errors.ts";
import type { TurnActions } from "../../orchestrator/orchestrator.ts";
import type { ShardHost } from "../../shards/host.ts";
import { auditTool, demand } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { Actions } from "../commands/actions.ts";
import { toolActions } from "../commands/host-actions.ts";
import { shownData, type Redact } from "../../redaction/shown.ts";
import type { ShardIdentities } from "../threads/shard-identities.ts";
import { notForModels } from "./turn-actions.ts";
import { installedKind } from "./turn-shards.ts";

interface Parts {
  host: ShardHost;
  identities: Pick<ShardIdentities, "of">;
  actionsFor: (asker: Asker) => Actions;
  redact: Redact;
}

/**
 * Actions of the orchestrator's tools for somebody who is in no thread, whose own program is the orchestrator: what that person may do.
 * There is nobody to ask with a button, and no orchestrator of ours that could be woken for a standing task.
 */
export function apartActions(
  { host, identities, actionsFor, redact }: Parts,
  asker: Asker,
  by = "client",
): TurnActions {
  const actions = actionsFor(asker);
  const look = async <T>(get: () => Promise<T>): Promise<T> => {
    demand(asker.right, "read");
    return shownData(await get(), redact);
  };
  const nowhere = async (): Promise<never> => {
    throw new ShardbridgeError("refused", "You are in no chat thread, and only there this can be asked for.");
  };
  return {
    ...toolActions(actions),
    spawn: async (request) => {
      await installedKind(host, request.agent);
      return actions.spawn(request);
    },
    // Never by force: what would be lost is a person's to decide.
    destroy: async ({ name }) => actions.destroy({ name }),
    answer: async (request) => {
      const open = (await actions.read({ name: request.name, lines: 1 })).question;
      if (open?.options.some(({ takes }) => takes === "secret")) throw notForModels(request.name);
      await actions.answer(request);
      return { outcome: "answered", option: request.option };
    },
    notes: async () => look(() => host.repoInstructions()),
    policy: () => "allow",
    wakes: false,
    audit: (call) =>
      auditTool({ by, for: asker.person }, call, call.shard === undefined ? {} : identities.of(call.shard)),
    tasks: async () => [],
    askHuman: nowhere,
    waitFor: nowhere,
    schedule: nowhere,
    cancelTask: nowhere,
  };
}
