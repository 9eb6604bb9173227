import { threadKey, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { StandingTask, TurnActions } from "../../orchestrator/orchestrator.ts";
import type { ShardHost } from "../../shards/host.ts";
import { auditTool, demand, needOf } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { Actions } from "../commands/actions.ts";
import { toolActions } from "../commands/host-actions.ts";
import { choose } from "../commands/answering.ts";
import type { InstructionsApprovals } from "./instructions-approvals.ts";
import type { Policies } from "./policies.ts";
import { shownData, type Redact } from "../../redaction/shown.ts";
import { waitsFor, type Act, type Why } from "./reach.ts";
import type { ShardIdentities } from "../threads/shard-identities.ts";
import type { Threads } from "../threads/threads.ts";
import { installedKind, TurnShards } from "./turn-shards.ts";
import type { Tasks } from "./tasks/tasks.ts";
import type { Choices } from "./wakes/choices.ts";
import { onBehalf, type Owners } from "./wakes/owners.ts";
import { wasTaken, type Approvals } from "./wakes/approvals.ts";
import { stepPost, type Step } from "./wakes/steps.ts";

export interface TurnParts {
  host: ShardHost;
  threads: Pick<Threads, "of">;
  identities: Pick<ShardIdentities, "of">;
  owners: Owners;
  tasks: Tasks;
  approvals: Approvals;
  choices: Choices;
  policies: Policies;
  instructions: InstructionsApprovals;
  actionsFor: (asker: Asker) => Actions;
  redact: Redact;
}

/** Where and for whom the orchestrator acts; `hops`: how many automatic turns led to this one, itself among them. */
export interface Turn {
  thread: ThreadRef;
  asker: Asker;
  hops: number;
  /** What the person has said who asked for it; absent where nobody has. */
  said?: string;
  /** Text of agents is part of what it was asked. */
  heard?: boolean;
  /** Standing tasks that this turn is for. */
  due?: readonly string[];
  /** The shard whose agent acts; absent for the orchestrator. */
  agent?: string;
}

/** Actions of the orchestrator in one turn: what its asker may, less what a person's button is needed for (`waitsFor`). */
export function turnActions(parts: TurnParts, turn: Turn): TurnActions {
  const { host, owners, tasks, approvals, choices, policies, instructions, redact } = parts;
  const { thread, asker, hops, said } = turn;
  const actions = parts.actionsFor({ ...asker, announce: true });
  const { person, right } = asker;
  const by = onBehalf(person.name);
  const owner = { thread, by: person.id, hops };
  const promiser = { thread, by: person.id, name: person.name, hops };
  const prompted = new Map<string, number>();
  const saved = new Set(turn.due);
  const shards = new TurnShards(parts, thread, turn.heard === true);
  const clean = <T>(data: T) => shownData(data, redact);
  const why = (act: Act) => waitsFor(act, { policy: policies.of(thread), said });
  const ask = async (step: Step, because: Why, open?: { text: string; detail: string }) =>
    approvals.ask(thread, person.id, step, stepPost(step, because, person.name, open));
  const promised = <T extends { task: StandingTask } | { already: string[] }>(result: T): T => {
    if ("task" in result) saved.add(result.task.id);
    return result;
  };

  return {
    ...shards.hearing(toolActions(actions)),
    spawn: async ({ by: _by, ...request }) => {
      demand(right, needOf("spawn", { ...request }));
      const kind = await installedKind(host, request.agent);
      const { name } = request;
      // The host has the words for a name that is taken, and the shard is somebody else's.
      if ((await host.list()).some((shard) => shard.name === name)) return actions.spawn({ ...request, by });
      const { prompt: text, base, orchestrator = false, mode } = request;
      const act: Act = { verb: "spawn", shard: "new", text, orchestrator, unasked: mode === "all" };
      const because = why({ ...act, ...(await shards.facts(name, kind)), repoNames: await shards.bases(base) });
      if (because) return ask({ verb: "spawn", ...given(request) }, because);
      prompted.set(name, Date.now());
      const started = await owners.claim(
        name,
        owner,
        () => actions.spawn({ ...request, by }),
        () => true,
      );
      shards.started(name);
      return started;
    },
    send: async ({ name, text, when }) => {
      demand(right, "send");
      // Before anything is waited for: a task of the same turn may be for what comes of it, also after a person's button.
      prompted.set(name, Date.now());
      const info = await shards.known(name);
      const act: Act = { verb: "send", shard: shards.place(info), text, unasked: info.mode === "all" };
      const because = why({ ...act, ...(await shards.facts(name, info.agent)), repoNames: await shards.bases() });
      if (because) return ask({ verb: "send", name, text, ...(when && { when }) }, because);
      const send = () => actions.send({ name, text, when, by });
      return shards.heardIn(name, await owners.claim(name, owner, send, wasTaken));
    },
    stop: async ({ name }) => {
      demand(right, "stop");
      const because = why({ verb: "stop", shard: shards.place(await shards.known(name)) });
      return because ? ask({ verb: "stop", name }, because) : actions.stop({ name });
    },
    notes: async () => {
      demand(right, "read");
      const notes = await host.repoInstructions();
      await instructions.ask(thread, notes);
      return clean(notes);
    },
    policy: () => policies.of(thread),
    wakes: true,
    audit: (call) => {
      const who = { by: turn.agent ?? "orchestrator", for: person, at: threadKey(thread) };
      auditTool(who, call, call.shard === undefined ? {} : parts.identities.of(call.shard));
    },
    destroy: async ({ name }) => {
      demand(right, "destroy");
      const because = why({ verb: "destroy", shard: shards.place(await shards.known(name)) });
      return because ? ask({ verb: "destroy", name }, because) : actions.destroy({ name });
    },
    answer: async ({ name, option, text }) => {
      demand(right, "answer");
      // As it is: what people decide by is redacted in its own way, where it is posted.
      const open = (await host.read({ name, lines: 1 })).question;
      if (!open) throw new ShardbridgeError("refused", `Shard ${name} asks nothing now.`);
      if (open.options.some(({ takes }) => takes === "secret")) throw notForModels(name);
      const chosen = choose(open.options, option.trim(), text?.trim() ?? "");
      const label = open.options.find(({ key }) => key === chosen.option)?.label ?? chosen.option;
      const info = await shards.known(name);
      const act: Act = { verb: "answer", shard: shards.place(info), text: chosen.text };
      const because = why({ ...act, ...(await shards.facts(name, info.agent)), approves: open.kind === "approval" });
      if (because) return ask({ verb: "answer", name, question: open.id, label, ...chosen }, because, open);
      await owners.claim(
        name,
        owner,
        () => actions.answer({ name, question: open.id, ...chosen }),
        () => true,
      );
      return { outcome: "answered", option: clean(label) };
    },
    askHuman: async ({ question, options }) => choices.ask(thread, clean(question), clean(options)),
    tasks: async () => tasks.list(thread),
    waitFor: async (request) => {
      demand(right, "prompt");
      return promised(await tasks.waitFor(promiser, request, prompted));
    },
    schedule: async ({ when, instruction }) => {
      demand(right, "prompt");
      return promised({ task: await tasks.schedule(promiser, when, instruction) }).task;
    },
    cancelTask: async ({ id }) => {
      // What a person wants to be told of is not taken from them by an event.
      if (said === undefined && !saved.has(id) && policies.of(thread) === "ask")
        throw new ShardbridgeError("refused", `Nobody has asked for that now: a person can say tasks cancel ${id}.`);
      return tasks.cancel(id, thread);
    },
  };
}

/** A request as a step is saved: without what is not said. */
function given<T extends object>(request: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const said = Object.entries(request).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** No model is told a secret, or tells one. */
export function notForModels(name: string): ShardbridgeError {
  return new ShardbridgeError(
    "refused",
    `${name} asks for a secret: only a person can enter it, with the question's button.`,
  );
}
