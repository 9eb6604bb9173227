import type { ShardHost } from "../../shards/host.ts";
import type { HostActions, HostVerb, ToolMethod } from "../../verbs/types.ts";
import { verbFacts } from "../../verbs/verbs.ts";
import { giveAnswer, type GivenAnswer } from "./answering.ts";
import { withPlace } from "./waiting.ts";

/** The verbs of a host for one who asks. An answer is given as people say it. */
export interface GuardedActions extends Omit<HostActions, "answer"> {
  answer(request: GivenAnswer): Promise<void>;
}

/** Stands before each verb: asks whether it may be done, and sees to what comes of it. */
export type Guard = (verb: HostVerb, request: object, work: () => Promise<unknown>) => Promise<unknown>;

interface Asked {
  name: string;
  by?: string | undefined;
}

/** Every verb of a host in somebody's name: what only differs by its method is made from the table of verbs. */
export function hostActions(host: ShardHost, by: string, guard: Guard = async (_verb, _request, work) => work()) {
  const methods = host as unknown as Readonly<Record<keyof ShardHost, (request: unknown) => Promise<unknown>>>;
  const own: Readonly<Record<string, (request: never) => Promise<unknown>>> = {
    send: async (request: Parameters<ShardHost["send"]>[0]) => withPlace(host, request, await host.send(request)),
    answer: async (request: GivenAnswer & Asked) => giveAnswer(host, request, request.by),
  };
  const made = verbFacts.flatMap(([verb, { host: method, by: whose }]) => {
    if (method === undefined) return [];
    const done = async (request?: Asked) => {
      const named = whose === undefined ? request : { ...request, by: whose === "given" ? (request?.by ?? by) : by };
      const work = own[method] as ((asked: unknown) => Promise<unknown>) | undefined;
      return guard(verb as HostVerb, request ?? {}, async () => (work ? work(named) : methods[method](named)));
    };
    return [[method, done] as const];
  });
  return Object.fromEntries(made) as unknown as GuardedActions;
}

/** Those of somebody's actions that the orchestrator's tools ask for. */
export function toolActions<A extends GuardedActions & { choices: ShardHost["spawnOptions"] }>(
  actions: A,
): Pick<A, ToolMethod | "choices"> {
  const methods = verbFacts.flatMap(([, { tool, host }]) => (tool !== undefined && host !== undefined ? [host] : []));
  const picked = ["choices" as const, ...methods].map((method) => [method, actions[method as keyof A]] as const);
  return Object.fromEntries(picked) as Pick<A, ToolMethod | "choices">;
}
