import { randomUUID } from "node:crypto";
import { z } from "zod";
import { threadKey, type ChatEvent, type ThreadRef } from "../../../adapters/adapter.ts";
import { ShardbridgeError } from "../../../errors.ts";
import type { Collection, Store } from "../../../store/store.ts";
import { permit } from "../../access/access.ts";
import type { Asker } from "../../access/asker.ts";
import type { ButtonAction } from "../../delivery/button-action.ts";
import type { Outbox } from "../../delivery/outbox.ts";
import { decide, type Choice } from "../../posts/deciding.ts";
import { postSchema, threadSchema } from "../../records.ts";
import { SingleFlight } from "../../intake/single-flight.ts";
import { postId, settled } from "./approvals.ts";
import type { WakeRecords } from "./wake-records.ts";

const schema = z.object({ thread: threadSchema, question: z.string(), options: z.array(z.string()), post: postSchema });

type ChoiceRecord = z.infer<typeof schema>;
type Pressed = Extract<ButtonAction, { action: "choose" }>;

interface ChoicesOptions {
  store: Store;
  outbox: Outbox;
  wakes: WakeRecords;
  woken: (thread: ThreadRef) => void;
}

/** Questions of the orchestrator to the people in a thread, with a button for each answer. */
export class Choices {
  readonly #options: ChoicesOptions;
  readonly #records: Collection<ChoiceRecord>;
  readonly #singleFlight = new SingleFlight();

  constructor(options: ChoicesOptions) {
    this.#options = options;
    this.#records = options.store.collection("choice", schema);
  }

  async ask(thread: ThreadRef, question: string, options: string[]): Promise<void> {
    const id = randomUUID().slice(0, 8);
    const buttons = options.map((label, index): Choice => ({
      label,
      does: { action: "choose", choice: id, option: index },
    }));
    const post = decide({ kind: "notice", text: question }, buttons);
    const record = { thread, question, options, post };
    await this.#options.outbox.record([{ id: postId(id), thread, post }], [this.#records.change(id, record)]);
  }

  /** A person has chosen: that is the next message, with their rights. */
  async press(event: ChatEvent, { choice, option }: Pressed, asker: Asker): Promise<void> {
    await this.#singleFlight.once(choice, async () => this.#pressed(event, choice, option, asker));
  }

  async #pressed(event: ChatEvent, id: string, option: number, { person, right }: Asker): Promise<void> {
    const record = this.#records.get(id);
    const label = record?.options[option];
    if (!record || label === undefined) throw new ShardbridgeError("refused", "That was answered already.");
    permit(event, "prompt", "", right);
    const { thread, question, post } = record;
    const woken = {
      id: `choice/${id}`,
      at: new Date().toISOString(),
      what: `${person.name} has chosen a button under your question`,
      told: "here" as const,
      said: label,
      instruction: `Your question was: ${question}\n${person.name} has answered: ${label}`,
    };
    const coming = [{ thread, by: person.id, hops: 0, human: true, event: woken }];
    const closed = settled(id, thread, post, `✓ ${label} · ${person.name}`);
    await this.#options.outbox.record(closed, this.#options.wakes.fresh(coming));
    await this.#records.delete(id);
    this.#options.woken(thread);
  }

  /** People write instead. */
  async answeredInWords(thread: ThreadRef): Promise<void> {
    for (const [id, { thread: asked, post }] of this.#records.entries()) {
      if (threadKey(asked) !== threadKey(thread)) continue;
      await this.#options.outbox.record(settled(id, asked, post, "answered in words"));
      await this.#records.delete(id);
    }
  }
}
