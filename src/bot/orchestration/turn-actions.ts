import type { ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { TurnActions } from "../../orchestrator/orchestrator.ts";
import type { ShardHost } from "../../shards/host.ts";
import { demand } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { Actions } from "../commands/actions.ts";
import { toolActions } from "../commands/host-actions.ts";
import { choose } from "../commands/answering.ts";
import type { Policies } from "./policies.ts";
import { shownData, type Redact } from "../../redaction/shown.ts";
import { excerpt } from "../posts/split.ts";
import type { Tasks } from "./tasks/tasks.ts";
import type { Choices } from "./wakes/choices.ts";
import { onBehalf, type Owners } from "./wakes/owners.ts";
import { goesOutside } from "./wakes/outward.ts";
import { wasTaken, type Approvals } from "./wakes/approvals.ts";

export interface TurnParts {
  host: ShardHost;
  owners: Owners;
  tasks: Tasks;
  approvals: Approvals;
  choices: Choices;
  policies: Policies;
  actionsFor: (asker: Asker) => Actions;
  redact: Redact;
}

/** Where and for whom the orchestrator acts; `hops`: how many automatic turns led to this one, itself among them. */
export interface Turn {
  thread: ThreadRef;
  asker: Asker;
  hops: number;
}

/** Actions of the orchestrator in one turn: what its asker may, less the steps that a person's button is needed for. */
export function turnActions(parts: TurnParts, { thread, asker, hops }: Turn): TurnActions {
  const { host, owners, tasks, approvals, choices, policies, redact } = parts;
  const actions = parts.actionsFor({ ...asker, announce: true });
  const { person, right } = asker;
  const by = onBehalf(person.name);
  const owner = { thread, by: person.id, hops };
  const promiser = { thread, by: person.id, name: person.name, hops };
  const prompted = new Map<string, number>();
  const clean = <T>(data: T) => shownData(data, redact);
  const look = async <T>(get: () => Promise<T>): Promise<T> => {
    demand(right, "read");
    return clean(await get());
  };

  return {
    ...toolActions(actions),
    spawn: async (request) => {
      demand(right, "spawn");
      if (policies.of(thread) === "ask" && goesOutside(request.prompt ?? "")) {
        const remedy = "start it without that, then send it that, which asks a person";
        throw new ShardbridgeError(
          "refused",
          `A first prompt may not go outside (a push, a pull request, a release): ${remedy}.`,
        );
      }
      prompted.set(request.name, Date.now());
      const taken = (await host.list()).some(({ name }) => name === request.name);
      // The host has the words for that, and the shard is somebody else's.
      if (taken) return actions.spawn({ ...request, by });
      return owners.claim(
        request.name,
        owner,
        () => actions.spawn({ ...request, by }),
        () => true,
      );
    },
    send: async (request) => {
      demand(right, "send");
      if (policies.of(thread) === "ask" && goesOutside(request.text)) {
        const { name, text, when } = request;
        await known(host, name);
        const asked = `The orchestrator would tell ${name}, for ${person.name}, something that may go outside (a push, a pull request, a release). Shall it?`;
        const post = { kind: "question" as const, shard: name, question: asked, detail: clean(text), buttons: [] };
        return approvals.ask(thread, person.id, { verb: "send", name, text, ...(when && { when }) }, post);
      }
      prompted.set(request.name, Date.now());
      return owners.claim(request.name, owner, () => actions.send({ ...request, by }), wasTaken);
    },
    notes: async () => look(async () => host.repoInstructions()),
    policy: () => policies.of(thread),
    wakes: true,
    destroy: async ({ name }) => {
      demand(right, "destroy");
      if (policies.of(thread) === "allow") return actions.destroy({ name });
      await known(host, name);
      const text = `The orchestrator would destroy ${name} for ${person.name}: its agent, worktree and branch. Shall it?`;
      return approvals.ask(thread, person.id, { verb: "destroy", name }, { kind: "notice", text });
    },
    answer: async ({ name, option, text }) => {
      demand(right, "answer");
      const open = (await actions.read({ name, lines: 1 })).question;
      if (!open) throw new ShardbridgeError("refused", `Shard ${name} asks nothing now.`);
      if (open.options.some(({ takes }) => takes === "secret")) throw notForModels(name);
      const chosen = choose(open.options, option.trim(), text?.trim() ?? "");
      const label = open.options.find(({ key }) => key === chosen.option)?.label ?? chosen.option;
      if (open.kind === "approval" && policies.of(thread) === "ask") {
        const words = chosen.text === undefined ? label : `${label}: ${excerpt(chosen.text, 200)}`;
        const question = `${open.text} (the orchestrator would answer: ${words})`;
        const post = { kind: "question" as const, shard: name, question, detail: open.detail, buttons: [] };
        const step = { verb: "answer" as const, name, question: open.id, label, ...chosen };
        return approvals.ask(thread, person.id, step, post);
      }
      await owners.claim(
        name,
        owner,
        () => actions.answer({ name, question: open.id, ...chosen }),
        () => true,
      );
      return { outcome: "answered", option: label };
    },
    askHuman: async ({ question, options }) => choices.ask(thread, clean(question), clean(options)),
    tasks: async () => tasks.list(thread),
    waitFor: async (request) => {
      demand(right, "prompt");
      return tasks.waitFor(promiser, request, prompted);
    },
    schedule: async ({ when, instruction }) => {
      demand(right, "prompt");
      return tasks.schedule(promiser, when, instruction);
    },
    cancelTask: async ({ id }) => tasks.cancel(id, thread),
  };
}

/** No model is told a secret, or tells one. */
export function notForModels(name: string): ShardbridgeError {
  return new ShardbridgeError(
    "refused",
    `${name} asks for a secret: only a person can enter it, with the question's button.`,
  );
}

async function known(host: ShardHost, name: string): Promise<void> {
  if ((await host.list()).some((shard) => shard.name === name)) return;
  throw new ShardbridgeError("not_found", `There is no shard ${name}.`);
}
