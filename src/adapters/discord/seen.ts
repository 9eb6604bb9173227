import type { Client, Message } from "discord.js";
import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";

/** Channels and threads that are remembered; the ones in which nothing has happened for longest are forgotten first. */
const maxChannels = 1_000;
const pageLength = 100;
const maxPages = 10;

/** The newest message of each channel and thread, so that what was said while the gateway connection was away can be read again. */
export class Seen {
  readonly #newest = new Map<string, string>();
  #before: Map<string, string> | undefined;

  note(channel: string, message: string): void {
    const known = this.#newest.get(channel);
    this.#newest.delete(channel);
    this.#newest.set(channel, known !== undefined && BigInt(known) > BigInt(message) ? known : message);
    const oldest = this.#newest.keys().next();
    if (this.#newest.size > maxChannels && oldest.done !== true) this.#newest.delete(oldest.value);
  }

  /** The connection is away: what was newest now is where the gap begins. */
  lost(): void {
    this.#before ??= new Map(this.#newest);
  }

  /** The connection is back; gives the gap's beginning in each channel. */
  back(): Map<string, string> {
    const before = this.#before ?? new Map<string, string>();
    this.#before = undefined;
    return before;
  }
}

/** The messages of a channel after the one with the id `after`, oldest first, at most 1,000. Never rejects: what can't be read is logged. */
export async function messagesAfter(client: Client, channelId: string, after: string): Promise<Message<true>[]> {
  const found: Message<true>[] = [];
  try {
    const channel = await client.channels.fetch(channelId);
    if (channel === null || !channel.isTextBased() || channel.isDMBased()) return [];
    for (let page = 0; page < maxPages; page += 1) {
      const messages = await channel.messages.fetch({
        after: found.at(-1)?.id ?? after,
        limit: pageLength,
        cache: false,
      });
      found.push(...[...messages.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1)));
      if (messages.size < pageLength) break;
    }
    await withMembers(found);
  } catch (error) {
    log.warn("Messages may be lost: a channel could not be read after the connection was away", {
      channel: channelId,
      reason: messageOf(error),
    });
  }
  return found;
}

/** What is read again comes without its author's membership, which the access lists need; it stays away for one who has left. */
async function withMembers(messages: readonly Message<true>[]): Promise<void> {
  for (const message of messages) {
    if (message.member !== null || message.author.bot || message.webhookId !== null) continue;
    await message.guild.members.fetch(message.author.id).catch((error: unknown) => {
      log.warn("A member could not be looked up", { member: message.author.id, reason: messageOf(error) });
    });
  }
}
