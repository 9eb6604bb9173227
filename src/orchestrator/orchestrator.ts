import type {
  Destroyed,
  DestroyRequest,
  ReadRequest,
  Receipt,
  SendRequest,
  ShardInfo,
  ShardOutput,
  SpawnRequest,
} from "../shards/host.ts";

/**
 * The contract of the orchestrator: the model that is asked in a thread and works the shards with tools. It answers with text; posting
 * it is the bot's affair. It can do just what `actions` lets it do, which is what the asker may do.
 */

/** The host's verbs with the asker's rights and thread: each throws ShardbridgeError "not_allowed" where the asker may not. */
export interface ShardActions {
  /** `here`: bind the shard to the asking thread rather than to a thread of its own. */
  spawn(request: SpawnRequest & { here?: boolean | undefined }): Promise<ShardInfo>;
  send(request: SendRequest): Promise<Receipt>;
  read(request: ReadRequest): Promise<ShardOutput>;
  list(): Promise<ShardInfo[]>;
  destroy(request: DestroyRequest): Promise<Destroyed>;
  choices(): Promise<{ repos: string[]; agents: string[]; defaultAgent: string }>;
}

export interface Ask {
  /** Key of the thread: one conversation each. */
  thread: string;
  text: string;
  by: { id: string; name: string };
  /** The shard that the thread is bound to. */
  shard?: string | undefined;
  actions: ShardActions;
  signal?: AbortSignal | undefined;
}

export interface Orchestrator {
  /**
   * The model's answer, in Markdown. The conversation is saved with every whole step, so a crash loses no more than the step under
   * way. Throws ShardbridgeError "unavailable" (no network, bad key, overloaded) or "failed" (too many rounds) with the sentence to show.
   */
  answer(ask: Ask): Promise<string>;
}
