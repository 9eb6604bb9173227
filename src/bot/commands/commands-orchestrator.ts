import type { Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { StandingTask, Usage } from "../../orchestrator/orchestrator.ts";
import { columns } from "../../width.ts";
import { option, type Command } from "./command.ts";
import type { UsageScope } from "../orchestration/controls.ts";

/** Commands about the orchestrator's own affairs. */
export const orchestratorCommands = {
  tasks: {
    summary: "Show, cancel or let go on what the orchestrator does by itself",
    options: [
      option("do", "text", "list, cancel, or go-on after it was held", { choices: ["list", "cancel", "go-on"] }),
      option("id", "text", "The task to cancel"),
    ],
    now: true,
    run: async ({ options: { do: what = "list", id } }, { controls }) => {
      if (what === "cancel") {
        if (id === undefined)
          throw new ShardbridgeError("usage", "Which one? Name it: tasks cancel ID; tasks shows them.");
        const task = await controls.cancelTask(id);
        return { kind: "notice", text: `Cancelled ${task.id}: ${task.instruction}` };
      }
      if (what === "go-on") {
        const was = await controls.goOn();
        return { kind: "notice", text: was ? "It goes on." : "Nothing was held; what has waited is handled now." };
      }
      return tasksPost(controls.tasks());
    },
  },
  usage: {
    summary: "Show what the orchestrator's model has used",
    options: [],
    now: true,
    run: async (_call, { controls }) => {
      return { kind: "terminal", text: usageTable(controls.usage()), title: "What the model has used", wide: true };
    },
  },
  policy: {
    summary: "Whether what nobody has asked the orchestrator for waits for a person's button here",
    options: [option("set", "text", "ask a person, or allow it", { choices: ["ask", "allow"] })],
    now: true,
    run: async ({ options: { set } }, { controls }) => {
      if (set === "ask" || set === "allow") await controls.setPolicy(set);
      const text =
        controls.policy() === "ask"
          ? "Here the orchestrator does what it was asked for about this thread's shards, and asks with a button before anything else: what nobody has asked for when it is woken, other threads' shards, shells, destroying, approvals, and what may go outside."
          : "Here the orchestrator may destroy shards, approve what agents ask for, start and prompt any of them and shells too, and have them push, without a button, also when nobody has asked for it.";
      return { kind: "notice", text };
    },
  },
} satisfies Record<string, Command>;

function tasksPost({ tasks, held }: { tasks: StandingTask[]; held: boolean }): Post {
  const head = held ? ["The orchestrator is held here: tasks go-on lets it go on."] : [];
  if (tasks.length === 0) return { kind: "notice", text: [...head, "No standing tasks here."].join("\n") };
  const lines = tasks.map(({ id, when, instruction, by }) => `${id}: ${when} → ${instruction} (for ${by})`);
  return { kind: "notice", text: [...head, ...lines].join("\n") };
}

const names: Record<UsageScope, string> = {
  thread: "this thread",
  person: "you, today",
  day: "all, today",
  total: "all, ever",
};

/** Usage, a row for each scope. */
export function usageTable(used: { scope: UsageScope; usage: Usage }[]): string {
  const head = ["", "requests", "input", "cached", "output", "cost"];
  return columns([head, ...used.map(({ scope, usage }) => usageRow(scope, usage))]);
}

function usageRow(
  scope: UsageScope,
  { requests, input, cacheWrite, cacheRead, output, cost, unpriced }: Usage,
): string[] {
  const count = (number: number) => number.toLocaleString("en");
  const all = input + cacheWrite + cacheRead;
  const share = all === 0 ? "" : ` (${Math.round((100 * cacheRead) / all)} %)`;
  const known = requests > unpriced || requests === 0 ? `$${cost.toFixed(cost < 1 ? 4 : 2)}` : "";
  const unknown = unpriced === 0 ? "" : `${unpriced} of unknown price`;
  const price = [known, unknown].filter((part) => part !== "").join(" + ");
  return [names[scope], count(requests), count(all), `${count(cacheRead)}${share}`, count(output), price];
}
