import { randomUUID } from "node:crypto";
import { z } from "zod";
import { threadKey, type ChatEvent, type Post, type ThreadRef } from "../../../adapters/adapter.ts";
import { messageOf, ShardbridgeError } from "../../../errors.ts";
import type { AskedHuman } from "../../../orchestrator/orchestrator.ts";
import { identityIn, type ShardIdentity } from "../../../shards/events.ts";
import type { Receipt } from "../../../shards/host.ts";
import type { Collection, Store } from "../../../store/store.ts";
import { needOf, permit } from "../../access/access.ts";
import type { Asker } from "../../access/asker.ts";
import type { Actions } from "../../commands/actions.ts";
import { destroyShard } from "../../commands/commands-shards.ts";
import type { ButtonAction } from "../../delivery/button-action.ts";
import type { Outbox, Outgoing } from "../../delivery/outbox.ts";
import { decide, type Choice, type Undecided } from "../../posts/deciding.ts";
import { receiptPost } from "../../posts/receipts.ts";
import { identityFields, postSchema, threadSchema } from "../../records.ts";
import { anotherShard, identityOf, mayBeSame, type ShardIdentities } from "../../threads/shard-identities.ts";
import { spawnedPost } from "../../threads/shard-threads.ts";
import { SingleFlight } from "../../intake/single-flight.ts";
import { onBehalf, type Owners } from "./owners.ts";
import { labelOf, stepSchema, stepText, type Step } from "./steps.ts";
import type { Coming, WakeRecords } from "./wake-records.ts";

const schema = z.object({
  thread: threadSchema,
  /** Id of the person for whom the orchestrator wants it. */
  by: z.string(),
  step: stepSchema,
  ...identityFields,
  post: postSchema,
});

type ApprovalRecord = z.infer<typeof schema>;
type Pressed = Extract<ButtonAction, { action: "step" }>;

interface ApprovalsOptions {
  store: Store;
  outbox: Outbox;
  wakes: WakeRecords;
  owners: Owners;
  /** There is something to wake a thread's orchestrator for. */
  woken: (thread: ThreadRef) => void;
  identities?: ShardIdentities;
}

/** Steps that the orchestrator wants to take and that a person has to press a button for. */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #records: Collection<ApprovalRecord>;
  readonly #singleFlight = new SingleFlight();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#records = options.store.collection("step", schema);
  }

  /** Ask the people in a thread; the same step is asked for once. `post` shows what it is about. */
  async ask(thread: ThreadRef, by: string, wanted: Step, post: Undecided): Promise<AskedHuman> {
    const question = post.kind === "question" ? post.question : post.text;
    const asked = this.#records
      .entries()
      .some(([, record]) => sameStep(record.step, wanted) && threadKey(record.thread) === threadKey(thread));
    if (asked) return { outcome: "asked_human", question };
    const id = randomUUID().slice(0, 8);
    const label = labelOf(wanted);
    const buttons: Choice[] = [
      {
        label,
        does: { action: "step", approval: id, answer: "yes" },
        style: wanted.verb === "destroy" ? "danger" : "primary",
      },
      { label: "Don't", does: { action: "step", approval: id, answer: "no" } },
    ];
    const record = { thread, by, step: wanted, ...this.#identityOf(wanted.name), post: decide(post, buttons) };
    await this.#options.outbox.record(
      [{ id: postId(id), thread, post: record.post }],
      [this.#records.change(id, record)],
    );
    return { outcome: "asked_human", question };
  }

  /** A person has pressed. What comes of it wakes the orchestrator, and is what they are shown where it needs more of them. */
  async press(event: ChatEvent, pressed: Pressed, asker: Asker, actions: Actions): Promise<Post | undefined> {
    const { approval, answer } = pressed;
    return this.#singleFlight.once(approval, async () =>
      this.#pressed(event, approval, answer === "yes", asker, actions),
    );
  }

  async #pressed(
    event: ChatEvent,
    id: string,
    yes: boolean,
    asker: Asker,
    actions: Actions,
  ): Promise<Post | undefined> {
    const record = this.#records.get(id);
    if (!record) throw new ShardbridgeError("refused", "That was settled already, or is not wanted any more.");
    const { verb, name: shard } = record.step;
    permit(event, needOf(verb, record.step), shard, asker.right, identityIn(record));
    const info = (await actions.list()).find((one) => one.name === shard);
    if (info && verb !== "spawn" && !mayBeSame(record, identityOf(info))) throw anotherShard(shard);
    const { name } = asker.person;
    if (!yes) {
      await this.#settle(id, record, `✗ no · ${name}`, `${name} has said no to it: ${stepText(record.step)}`);
      return undefined;
    }
    const { post, outcome } = await this.#take(record, asker, actions);
    await this.#settle(
      id,
      record,
      `✓ ${name}`,
      `${name} has pressed the button for it: ${stepText(record.step)}: ${outcome}`,
    );
    return post;
  }

  /** Do it with the rights of whoever pressed; what a person may have done wrong is an outcome too. */
  async #take(
    { step: wanted, thread, by }: ApprovalRecord,
    { person }: Asker,
    actions: Actions,
  ): Promise<{ post?: Post; outcome: string }> {
    try {
      if (wanted.verb === "destroy") {
        const post = await destroyShard(wanted.name, false, actions);
        const failed = post.kind === "notice" && post.tone === "error";
        return { ...(failed && { post }), outcome: post.kind === "notice" ? post.text : "done" };
      }
      if (wanted.verb === "stop") {
        await actions.stop({ name: wanted.name });
        return { outcome: "done" };
      }
      if (wanted.verb === "spawn") {
        const { verb: _verb, ...request } = wanted;
        const spawn = () => actions.spawnWithThread({ ...request, by: onBehalf(person.name) });
        const started = await this.#options.owners.claim(wanted.name, { thread, by, hops: 0 }, spawn, () => true);
        return { post: spawnedPost(started), outcome: "started" };
      }
      if (wanted.verb === "send") {
        const { verb: _verb, ...request } = wanted;
        const send = () => actions.send({ ...request, by: onBehalf(person.name) });
        const receipt = await this.#options.owners.claim(wanted.name, { thread, by, hops: 0 }, send, wasTaken);
        return {
          ...(!wasTaken(receipt) && { post: receiptPost(wanted.name, receipt, { text: wanted.text }) }),
          outcome: receipt.outcome,
        };
      }
      const { name, question, option, text } = wanted;
      await actions.answer({ name, question, option, text });
      return { outcome: "done" };
    } catch (error) {
      if (!(error instanceof ShardbridgeError) || error.code === "not_allowed") throw error;
      return { post: { kind: "notice", tone: "error", text: messageOf(error) }, outcome: messageOf(error) };
    }
  }

  /** Steps that can't be taken any more: the question is closed, or the shard is gone. */
  async outdated(shard: string, verbs: readonly Step["verb"][], why: string): Promise<void> {
    for (const [id, record] of this.#records.entries()) {
      if (record.step.name === shard && verbs.includes(record.step.verb)) await this.#settle(id, record, why);
    }
  }

  #identityOf(shard: string): Partial<ShardIdentity> {
    return this.#options.identities?.of(shard) ?? {};
  }

  async #settle(id: string, record: ApprovalRecord, how: string, news?: string): Promise<void> {
    const { thread, by, post } = record;
    const coming: Coming[] =
      news === undefined
        ? []
        : [
            {
              thread,
              by,
              hops: 0,
              human: true,
              event: { id: `step/${id}`, at: new Date().toISOString(), what: news, told: "here" },
            },
          ];
    await this.#options.outbox.record(settled(id, thread, post, how), this.#options.wakes.fresh(coming));
    await this.#records.delete(id);
    if (coming.length > 0) this.#options.woken(thread);
  }
}

/** The same post without its buttons, with how it ended. */
export function settled(id: string, thread: ThreadRef, post: Post, how: string): Outgoing[] {
  const closed: Post | undefined =
    post.kind === "question"
      ? { ...post, buttons: [], settled: how }
      : post.kind === "notice"
        ? { ...post, buttons: [], text: `${post.text}\n${how}` }
        : undefined;
  return closed ? [{ id: `${postId(id)}/settled`, thread, post: closed, edits: postId(id) }] : [];
}

export function postId(id: string): string {
  return `step/${id}`;
}

/** Whether a prompt reaches its agent. */
export function wasTaken({ outcome }: Receipt): boolean {
  return outcome === "submitted" || outcome === "queued";
}

function sameStep(a: Step, b: Step): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
