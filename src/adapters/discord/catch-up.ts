import { setTimeout as delay } from "node:timers/promises";
import { DiscordAPIError, type Client, type Message } from "discord.js";
import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";

const pageLength = 100;
/** Channels and threads that what is said now waits for; the others are read later. */
const firstPlaces = 50;
/** Milliseconds before what could not be read is tried again. */
const firstPause = 2_000;
const longestPause = 60_000;
/** Milliseconds that what is said now waits for what was said before. */
const patience = 10_000;

/** Reads what was said while no event could come, in each channel and thread from one message on, until it has been read. */
export class CatchUp {
  readonly #client: Client;
  readonly #give: (message: Message) => Promise<void>;
  readonly #stop = new AbortController();
  /** The message after which there is more to be read, by channel. */
  readonly #unread = new Map<string, string>();
  #round: PromiseWithResolvers<void> | undefined;
  #reading: Promise<void> | undefined;

  /** `give` takes each message that was missed, oldest first in its channel. */
  constructor(client: Client, give: (message: Message) => Promise<void>) {
    this.#client = client;
    this.#give = give;
  }

  /** Whether something has still to be read. */
  get behind(): boolean {
    return this.#round !== undefined || this.#unread.size > 0;
  }

  /** There will be something to read: what is said now waits for it from here on. */
  expect(): void {
    this.#round ??= Promise.withResolvers();
  }

  /** Resolves when what was said before has been given, or after ten seconds. */
  async before(): Promise<void> {
    if (!this.#round) return;
    const { signal } = this.#stop;
    await Promise.race([
      this.#round.promise,
      delay(patience, undefined, { ref: false, signal }).catch(() => undefined),
    ]);
  }

  /** Read on from these messages, by channel. Never rejects. */
  async read(gap: ReadonlyMap<string, string>): Promise<void> {
    for (const [channel, after] of gap) {
      const known = this.#unread.get(channel);
      if (known === undefined || BigInt(after) < BigInt(known)) this.#unread.set(channel, after);
    }
    this.expect();
    await (this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined)));
  }

  /** Messages that are unread then are read after the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #readAll(): Promise<void> {
    const { signal } = this.#stop;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      let read = 0;
      for (const channel of this.#unread.keys()) {
        if (signal.aborted) break;
        if (read++ === firstPlaces) this.#endRound();
        await this.#readChannel(channel);
      }
      this.#endRound();
      if (this.#unread.size === 0 || signal.aborted) return;
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  #endRound(): void {
    this.#round?.resolve();
    this.#round = undefined;
  }

  async #readChannel(id: string): Promise<void> {
    try {
      let length = pageLength;
      while (length === pageLength && !this.#stop.signal.aborted) {
        const messages = await this.#page(id, this.#unread.get(id) ?? "0");
        for (const message of messages) {
          await this.#give(message);
          this.#unread.set(id, message.id);
        }
        length = messages.length;
      }
      if (length < pageLength) this.#unread.delete(id);
    } catch (error) {
      const never = error instanceof DiscordAPIError && [403, 404].includes(error.status);
      if (never) this.#unread.delete(id);
      log.warn(
        never
          ? "what was said in a channel during an absence may not be read"
          : "what was said in a channel during an absence could not be read yet",
        { channel: id, reason: messageOf(error) },
      );
    }
  }

  /** Messages after the one with the id `after`, oldest first. */
  async #page(id: string, after: string): Promise<Message<true>[]> {
    const channel = await this.#client.channels.fetch(id);
    if (channel === null || !channel.isTextBased() || channel.isDMBased()) return [];
    const found = await channel.messages.fetch({ after, limit: pageLength, cache: false });
    const messages = [...found.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    await withMembers(messages);
    return messages;
  }
}

/** A message that is read again comes without its author's membership, which the access lists need; it stays away for one who has left. */
async function withMembers(messages: readonly Message<true>[]): Promise<void> {
  for (const message of messages) {
    if (message.member !== null || message.author.bot || message.webhookId !== null) continue;
    await message.guild.members.fetch(message.author.id).catch((error: unknown) => {
      if (error instanceof DiscordAPIError && error.status === 404) return;
      throw error;
    });
  }
}
