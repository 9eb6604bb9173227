import { Events, SnowflakeUtil, type Channel, type Guild, type GuildTextBasedChannel, type Message } from "discord.js";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import type { Adapter, CommandSpec, Gap, Limits, OnEvent, Place, Post, PostRef, ThreadRef } from "../adapter.ts";
import { CatchUp } from "./catch-up.ts";
import { registerCommands } from "./commands.ts";
import { Connection } from "./connection.ts";
import { messageEvent, placeOf } from "./events.ts";
import { takeInteraction } from "./interactions.ts";
import { invitation, nameOf } from "./permissions.ts";
import { refusedToken } from "./preflight.ts";
import { Seen } from "./seen.ts";
import { rejectsWaiting, Sender } from "./sender.ts";

export interface DiscordOptions {
  token: string;
  /** The address of the REST interface, with or without its version; Discord's own when undefined. */
  apiUrl: string | undefined;
  /** Ids of the channels that are listened to; only for these is anything read again after a gap. */
  channels: readonly string[];
  commands: readonly CommandSpec[];
  /** Milliseconds that the start may take; 12.5 seconds when undefined, which leaves time to close. */
  startWithin?: number;
}

/** Discord as a chat platform. What it calls a shard is a gateway connection here. */
export class DiscordAdapter implements Adapter {
  readonly platform = "discord";
  /** 1,900 of the 2,000 characters, which leaves room for fences and the line that says who speaks; edits of a message that is older than an hour are rationed. */
  readonly limits: Limits = { text: 1_900, posts: 6, editEvery: 1_300, editFor: 50 * 60_000 };
  readonly ended: Promise<Error>;
  readonly #options: DiscordOptions;
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #seen = new Seen();
  readonly #catchUp: CatchUp;
  readonly #chores = new Set<Promise<void>>();
  #onEvent: OnEvent = () => Promise.reject(new Error("not started"));

  constructor(options: DiscordOptions) {
    this.#options = options;
    const api = (options.apiUrl ?? "https://discord.com/api").replace(/\/+$/, "").replace(/\/v\d+$/, "");
    this.#connection = new Connection({
      token: options.token,
      rest: { api, retries: 1, timeout: 8_000, rejectOnRateLimit: rejectsWaiting },
      deadline: options.startWithin ?? 12_500,
      onLost: () => this.#seen.lost(),
      onBack: (resumed) => this.#onBack(resumed),
    });
    this.ended = this.#connection.ended;
    this.#catchUp = new CatchUp(this.#connection.client, (message) => this.#take(message, true));
    this.#sender = new Sender(this.#connection.client, {
      posted: ({ channel, thread }, message) => this.#note({ channel }, thread, message),
      refused: () => this.#connection.giveUp(refusedToken()),
    });
  }

  get hears(): boolean {
    return !this.#seen.away && !this.#catchUp.behind;
  }

  async start(onEvent: OnEvent, gap?: Gap): Promise<void> {
    const { client } = this.#connection;
    const context = { commands: this.#options.commands, onEvent, show: this.#sender.show.bind(this.#sender) };
    this.#onEvent = onEvent;
    if (gap) this.#catchUp.expect();
    client.on(Events.MessageCreate, (message) => this.#do(this.#take(message, false)));
    client.on(Events.InteractionCreate, (interaction) => void takeInteraction(interaction, context));
    client.on(Events.GuildCreate, (guild) => this.#do(this.#register(guild)));
    await this.#connection.open();
    for (const guild of client.guilds.cache.values()) this.#do(this.#register(guild));
    for (const channel of client.channels.cache.values()) this.#seed(channel);
    if (gap) this.#do(this.#catchUp.read(this.#unreadSince(gap)));
    this.#tellWhatIsMissing();
  }

  openThread(place: Place, title: string): Promise<ThreadRef> {
    return this.#sender.openThread(place, title);
  }

  post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    return this.#sender.post(thread, post, key);
  }

  edit(ref: PostRef, post: Post): Promise<void> {
    return this.#sender.edit(ref, post);
  }

  /**
   * Discord doesn't give nonces back with messages that are read later, so it can't be told; but a second post with the same nonce
   * makes no second message for some minutes (`enforce_nonce`), so that posting again is right when the fate of a post is unknown.
   */
  async find(): Promise<undefined> {
    return undefined;
  }

  async stop(): Promise<void> {
    this.#catchUp.stop();
    await this.#sender.stop();
    await Promise.all(this.#chores);
    await this.#connection.close();
  }

  async #take(message: Message, missed: boolean): Promise<void> {
    this.#note(placeOf(message.channel), message.channelId, message.id);
    const event = messageEvent(message);
    if (event === undefined) return;
    if (!missed && this.#catchUp.behind) await this.#catchUp.before();
    await this.#onEvent(missed ? { ...event, missed } : event).catch((error: unknown) => {
      // The core has told its author.
      if (!(error instanceof ShardbridgeError)) throw error;
      log.warn("a message of Discord's was not taken", { event: event.id, reason: error.message });
    });
  }

  /** Messages of a time in which no event could come are read wherever they can have been said; the core drops those that it has had. */
  #onBack(resumed: boolean): void {
    const gap = this.#seen.back();
    if (!resumed) this.#do(this.#catchUp.read(gap));
  }

  /** Where something was said since, as far as Discord tells, and where the core thinks of something that Discord does not tell of. */
  #unreadSince({ since, threads }: Gap): Map<string, string> {
    const after = SnowflakeUtil.generate({ timestamp: new Date(since), increment: 0n });
    const { cache } = this.#connection.client.channels;
    const told = [...cache.values()].filter(
      (channel) => this.#serves(channel) && BigInt(channel.lastMessageId ?? 0) >= after,
    );
    const archived = threads.map(({ thread }) => thread).filter((id) => !cache.has(id));
    return new Map([...told.map(({ id }) => id), ...archived].map((id) => [id, String(after)]));
  }

  async #register(guild: Guild): Promise<void> {
    const { rest, application } = guild.client;
    try {
      if (await registerCommands(rest, application.id, guild.id, this.#options.commands))
        log.info("registered /shard", { guild: guild.id });
    } catch (error) {
      log.warn(
        "the command /shard could not be registered: invite the bot again with the scope applications.commands",
        {
          guild: guild.id,
          reason: messageOf(error),
        },
      );
    }
  }

  #tellWhatIsMissing(): void {
    const { client } = this.#connection;
    if (client.guilds.cache.size === 0)
      log.warn("the bot is in no Discord server yet: invite it", { with: invitation(client) });
    for (const id of this.#options.channels) {
      if (!client.channels.cache.has(id))
        log.warn("a channel of DISCORD_CHANNELS can't be seen by the bot", { channel: nameOf(client, id) });
    }
  }

  #seed(channel: Channel): void {
    if (this.#serves(channel)) this.#note(placeOf(channel), channel.id, channel.lastMessageId ?? channel.id);
  }

  #serves(channel: Channel): channel is GuildTextBasedChannel {
    return !channel.isDMBased() && channel.isTextBased() && this.#options.channels.includes(placeOf(channel).channel);
  }

  #note({ channel }: { channel: string }, where: string, message: string): void {
    if (this.#options.channels.includes(channel)) this.#seen.note(where, message);
  }

  /** Something that nobody waits for but `stop`. */
  #do(work: Promise<void>): void {
    const chore = work
      .catch((error: unknown) => void logBug(error, "an event of Discord was not taken"))
      .finally(() => this.#chores.delete(chore));
    this.#chores.add(chore);
  }
}
