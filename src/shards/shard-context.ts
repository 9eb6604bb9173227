import type { AgentKind, ScreenView } from "./agents/agent.ts";
import type { ShardState, ShardStatus } from "./host.ts";
import type { Link } from "./link.ts";
import type { EventQueue } from "./saved/event-queue.ts";
import type { ShardStore } from "./saved/shard-store.ts";
import type { JournalFollower } from "./state/journal-follower.ts";
import type { Watch } from "./state/watch.ts";
import type { Questions } from "./turns/questions.ts";

/** The side of a shard that its parts share: those that judge its state, and those that do its turns. A `Shard` is one. */
export interface ShardContext {
  readonly name: string;
  readonly kind: AgentKind;
  readonly events: EventQueue;
  readonly store: ShardStore;
  readonly questions: Questions;
  readonly watch: Watch;
  readonly follower: JournalFollower;
  readonly status: ShardStatus;
  /** The state before the present one. */
  readonly was: ShardState;
  /** Absent where the holder was gone from the start, or was let go. */
  readonly link: Link | undefined;
  /** The screen when the agent was last idle: the baseline of a turn that is begun at the keyboard. */
  readonly lastIdle: ScreenView | undefined;
  /** Person at the keyboard, in a terminal that is attached: no prompt of ours is typed meanwhile. */
  readonly keyboard: string | undefined;
  /** A sender waits for its prompt to be typed: what is queued comes after it. */
  readonly promised: boolean;
  /** Idle, or worth another try, with nobody's prompt before. */
  readonly free: boolean;
  /** Output of the last turn that nobody was told yet when the agent ended. */
  untold: string | undefined;
  /** Do for a sender what comes before anything that is queued. */
  first<T>(work: () => Promise<T>): Promise<T>;
  /** Do something to the shard while nothing else is done to it. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Note the outcome of a prompt: "none" when nothing was typed. */
  tried(outcome: "none" | "taken" | "stalled"): void;
  /** See what there is to see now, and what follows from it. */
  look(): void;
  /** Do what is due, soon. */
  wake(): void;
  /** Do whatever is due. */
  settle(): Promise<void>;
  /** End the holder of an agent that has ended. */
  letGo(): Promise<void>;
}
