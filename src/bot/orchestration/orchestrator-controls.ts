import { threadKey, threadOf, type ChatEvent, type Post, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { Account } from "../../orchestrator/orchestrator.ts";
import type { ToldOrchestrator } from "./shown-actions.ts";
import { demand, permit } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { Actions } from "../commands/actions.ts";
import type { ButtonAction } from "../delivery/button-action.ts";
import type { OrchestratorControls } from "./controls.ts";
import type { InstructionsApprovals } from "./instructions-approvals.ts";
import type { Policies } from "./policies.ts";
import type { Tasks } from "./tasks/tasks.ts";
import type { Choices } from "./wakes/choices.ts";
import type { Limits } from "./wakes/limits.ts";
import type { Approvals } from "./wakes/approvals.ts";
import type { Wakes } from "./wakes/wakes.ts";

export interface ControlsParts {
  orchestrator: ToldOrchestrator | undefined;
  tasks: Tasks;
  approvals: Approvals;
  choices: Choices;
  policies: Policies;
  limits: Limits;
  wakes: Wakes;
  instructions: InstructionsApprovals;
}

/** The controls for somebody where they are, with the rights that they have there. */
export function controlsFor(
  { orchestrator, tasks, policies, limits, wakes }: ControlsParts,
  asker: Asker,
): OrchestratorControls {
  const thread = asker.place && threadOf(asker.place);
  const here = (): ThreadRef => {
    if (thread) return thread;
    throw new ShardbridgeError("usage", "Say that in the thread that it is for.");
  };
  return {
    tasks: () => {
      demand(asker.right, "tasks");
      return { tasks: tasks.list(thread), held: thread !== undefined && limits.open(thread) !== undefined };
    },
    cancelTask: async (id) => {
      demand(asker.right, "tasks --change");
      return tasks.cancel(id, thread);
    },
    goOn: async () => {
      demand(asker.right, "tasks --change");
      return wakes.goOn(here());
    },
    usage: () => {
      demand(asker.right, "usage");
      if (!orchestrator)
        throw new ShardbridgeError("refused", "There is no orchestrator here that would cost anything.");
      const day = orchestrator.today();
      const accounts: Account[] = [
        ...(thread ? [{ of: "thread" as const, thread: threadKey(thread) }] : []),
        { of: "person", person: asker.person.id, day },
        { of: "day", day },
        { of: "total" },
      ];
      return accounts.map((account) => ({ scope: account.of, usage: orchestrator.usage(account) }));
    },
    policy: () => {
      demand(asker.right, "policy");
      return policies.of(here());
    },
    setPolicy: async (policy) => {
      demand(asker.right, "policy --set");
      await policies.set(here(), policy);
    },
  };
}

type Press = Extract<ChatEvent, { type: "action" }>;

/** Does what a button of the orchestrator's posts is for; undefined for a button of others. */
export type PressButton = (
  event: Press,
  pressed: ButtonAction,
  asker: Asker,
  actions: Actions,
) => Promise<Post | undefined> | undefined;

/** Press a button of the orchestrator's posts; undefined for a button of others. */
export function controlsButton(
  { orchestrator, approvals, choices, wakes, instructions }: ControlsParts,
  event: Press,
  pressed: ButtonAction,
  asker: Asker,
  actions: Actions,
): Promise<Post | undefined> | undefined {
  if ("shard" in pressed || pressed.action === "ask") return undefined;
  const thread = threadOf(event.place);
  switch (pressed.action) {
    case "step":
      return approvals.press(event, pressed, asker, actions);
    case "choose":
      return choices.press(event, pressed, asker).then(() => undefined);
    case "approve-instructions":
      return instructions.press(event, pressed, asker);
    case "go-on":
      permit(event, "tasks --change", "", asker.right);
      return actions.controls
        .goOn()
        .then((): Post => ({ kind: "notice", text: `${asker.person.name} lets it go on.` }));
    case "budget":
      permit(event, "usage --extend", "", asker.right);
      return extend(orchestrator, pressed.account, thread, wakes);
  }
}

async function extend(
  orchestrator: ToldOrchestrator | undefined,
  account: Account,
  thread: ThreadRef | undefined,
  wakes: Wakes,
): Promise<Post> {
  if (!orchestrator) throw new ShardbridgeError("refused", "There is nothing to extend any more.");
  await orchestrator.extend(account);
  if (thread) wakes.again(thread);
  return { kind: "notice", text: "The budget is extended once: say it again, or wait for what was held." };
}
