import { z } from "zod";
import type { ChatEvent, Post, ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { RepoInstructions } from "../../shards/repo-says.ts";
import type { ShardHost } from "../../shards/host.ts";
import type { Collection, Store } from "../../store/store.ts";
import { permit } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { ButtonAction } from "../delivery/button-action.ts";
import type { Outbox } from "../delivery/outbox.ts";
import { instructionsPost } from "../posts/setup-post.ts";
import { postSchema, threadSchema } from "../records.ts";
import { settled } from "./wakes/approvals.ts";

/** Where an admin is asked for a repo's instructions; by repo. */
const schema = z.object({ hash: z.string(), thread: threadSchema, post: postSchema });

type AskedRecord = z.infer<typeof schema>;
type Pressed = Extract<ButtonAction, { action: "approve-instructions" }>;

interface Options {
  store: Store;
  outbox: Outbox;
  host: Pick<ShardHost, "approveInstructions" | "list" | "spawnOptions">;
}

/** Asks for the approval of repos' instructions: once for each content, in the thread whose orchestrator has read it first. */
export class InstructionsApprovals {
  readonly #options: Options;
  readonly #asked: Collection<AskedRecord>;

  constructor(options: Options) {
    this.#options = options;
    this.#asked = options.store.collection("instructions-asked", schema);
  }

  /** Ask for those of repos that are worked in, and of the only one in any case. */
  async ask(thread: ThreadRef, notes: readonly RepoInstructions[]): Promise<void> {
    const waiting = notes.filter(({ unapproved }) => unapproved !== undefined);
    if (waiting.length === 0) return;
    const { host } = this.#options;
    const only = (await host.spawnOptions()).repos.length === 1;
    const used = new Set((await host.list()).map(({ repo }) => repo));
    for (const one of waiting) if (only || used.has(one.repo)) await this.#askOne(thread, one);
  }

  async #askOne(thread: ThreadRef, one: RepoInstructions): Promise<void> {
    const { repo, unapproved: hash = "" } = one;
    const before = this.#asked.get(repo);
    if (before?.hash === hash) return;
    const post = instructionsPost(one, hash);
    const over = before
      ? settled(nameOf(repo, before.hash), before.thread, before.post, "It is another one by now.")
      : [];
    await this.#options.outbox.record(
      [...over, { id: `step/${nameOf(repo, hash)}`, thread, post }],
      [this.#asked.change(repo, { hash, thread, post })],
    );
  }

  /** An admin has pressed. Throws ShardbridgeError "refused" for what is not asked any more. */
  async press(event: ChatEvent, { repo, hash }: Pressed, { right, person }: Asker): Promise<Post> {
    permit(event, "setup --approve", "", right);
    const asked = this.#asked.get(repo);
    if (asked?.hash !== hash)
      throw new ShardbridgeError("refused", "That was settled already, or is another one by now.");
    await this.#options.host.approveInstructions({ repo, hash, by: person.name });
    await this.#options.outbox.record(
      settled(nameOf(repo, hash), asked.thread, asked.post, `✓ approved by ${person.name}`),
    );
    await this.#asked.delete(repo);
    return { kind: "notice", text: `Approved: from now on the orchestrator goes by the SHARDBRIDGE.md of ${repo}.` };
  }
}

function nameOf(repo: string, hash: string): string {
  return `instructions/${repo}/${hash}`;
}
