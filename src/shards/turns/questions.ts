import type { ShardStore } from "../saved/shard-store.ts";
import type { EventQueue } from "../saved/event-queue.ts";
import type { Watch } from "../state/watch.ts";

/**
 * A dialog that was answered may be drawn again while the program acts on that: Gemini shows its trust dialog anew when it starts itself
 * again. With no work between it is another one after so many milliseconds.
 */
const drawnAgainWithin = 3000;

/** Tells the listener of each dialog once, and when it is gone; what was told is saved. */
export class Questions {
  readonly #store: ShardStore;
  readonly #events: EventQueue;
  #answered: { answer: string; by?: string } | undefined;
  /** The last one that an answer of ours has closed, and when. */
  #over: { question: string; at: number } | undefined;

  constructor(store: ShardStore, events: EventQueue) {
    this.#store = store;
    this.#events = events;
  }

  /** The open dialog is about to be closed by this answer; without one, by keys whose meaning is not known. */
  answering(answer: string | undefined, by: string | undefined): void {
    this.#answered = answer === undefined ? undefined : { answer, ...(by !== undefined && { by }) };
  }

  /** In how many milliseconds there is something to tell; undefined when there is nothing. */
  due(watch: Watch): number | undefined {
    return this.#differs(watch) ? Math.max(watch.unsettled, this.#again(watch)) : undefined;
  }

  /** Tell what is due. Resolves with false when nothing is. */
  async tell(watch: Watch): Promise<boolean> {
    const { question } = watch;
    const { asked, questions } = this.#store.record;
    if (!this.#differs(watch) || watch.unsettled > 0 || this.#again(watch) > 0) return false;
    if (asked) {
      await this.close();
    } else if (question) {
      const number = questions + 1;
      const saved = this.#store.change({ questions: number, asked: { number, question: question.id } });
      const by = this.#store.running?.by;
      const id = this.#store.id("question", number);
      await this.#events.say({ type: "question", id, question, ...(by !== undefined && { by }) }, [saved]);
    }
    return true;
  }

  /** The question that was told is not open any more. */
  async close(): Promise<void> {
    const { asked } = this.#store.record;
    if (!asked) return;
    const id = this.#store.id("question-closed", asked.number);
    if (this.#answered) this.#over = { question: asked.question, at: Date.now() };
    await this.#events.say({ type: "question-closed", id, ...this.#answered }, [
      this.#store.change({ asked: undefined }),
    ]);
    this.#answered = undefined;
  }

  /** Milliseconds for which the dialog on the screen is taken for the one that was answered just now. */
  #again({ question, workedAt }: Watch): number {
    const over = this.#over;
    if (!over || question?.id !== over.question || this.#store.record.asked || workedAt > over.at) return 0;
    return Math.max(0, over.at + drawnAgainWithin - Date.now());
  }

  #differs(watch: Watch): boolean {
    return watch.question?.id !== this.#store.record.asked?.question;
  }
}
