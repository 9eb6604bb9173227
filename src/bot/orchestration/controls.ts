import type { StandingTask, Usage } from "../../orchestrator/orchestrator.ts";
import type { Policy } from "./policies.ts";

export type UsageScope = "thread" | "person" | "day" | "total";

/** Verbs for people about the orchestrator's own affairs, where they are. Each throws ShardbridgeError. */
export interface OrchestratorControls {
  /** Standing tasks of this thread; of all outside of any. `held`: the breaker is open. */
  tasks(): { tasks: StandingTask[]; held: boolean };
  cancelTask(id: string): Promise<StandingTask>;
  /** Close this thread's breaker. Resolves with whether it was open. */
  goOn(): Promise<boolean>;
  usage(): { scope: UsageScope; usage: Usage }[];
  policy(): Policy;
  setPolicy(policy: Policy): Promise<void>;
}
