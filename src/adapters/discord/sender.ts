import { randomBytes } from "node:crypto";
import {
  DiscordAPIError,
  MessageFlags,
  Routes,
  SnowflakeUtil,
  ThreadAutoArchiveDuration,
  type APIMessage,
  type Client,
  type RateLimitData,
} from "discord.js";
import { DeliveryError, type Place, type Post, type PostRef, type ThreadRef } from "../adapter.ts";
import { deliveryError, type Errand } from "./delivery.ts";
import type { Answerable } from "./interactions.ts";
import { lackingIn, nameOf, type Permission } from "./permissions.ts";
import { render, type Rendered } from "./render.ts";
import { clip, plain } from "./text.ts";

/** Milliseconds that a post may wait for a rate limit in the client's queue; with a longer one it goes back to its owner. */
const longestWait = 5_000;
const editTimeout = 5_000;
const maxThreadName = 100;

export interface SenderHooks {
  /** A message of ours is in a thread. */
  posted(thread: ThreadRef, message: string): void;
  /** The token has been refused. */
  refused(): void;
}

/** Everything that we write into Discord. */
export class Sender {
  readonly #client: Client;
  readonly #hooks: SenderHooks;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #editing = new Set<string>();
  #stopped = false;

  constructor(client: Client, hooks: SenderHooks) {
    this.#client = client;
    this.#hooks = hooks;
  }

  /** Open a thread from a message; where there is none, from a new one. A message that has a thread already gives that. */
  async openThread({ platform, space, channel, message }: Place, title: string): Promise<ThreadRef> {
    const name = clip(title.replaceAll(/\s+/g, " ").trim(), maxThreadName) || "shard";
    const errand = this.#errand("open a thread in", channel, [
      "View Channels",
      "Send Messages",
      "Create Public Threads",
      "Read Message History",
    ]);
    const root =
      message ??
      (await this.#request(errand, () => this.#send(channel, titleMessage(name), randomBytes(9).toString("base64url"))))
        .id;
    const body = { name, auto_archive_duration: ThreadAutoArchiveDuration.OneWeek };
    const opened = await this.#request(errand, async () => {
      try {
        return (await this.#client.rest.post(Routes.threads(channel, root), { body })) as { id: string };
      } catch (error) {
        // "A thread has already been created for this message": it has the message's id.
        if (error instanceof DiscordAPIError && error.code === 160004) return { id: root };
        throw error;
      }
    });
    return { platform, space, channel, thread: opened.id };
  }

  /** Post at the end of a thread. A post with the same key within some minutes gives the first one again. */
  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    const rendered = render(post);
    const needed: Permission[] = ["View Channels", "Send Messages in Threads"];
    const errand = this.#errand("post in", thread.thread, rendered.file ? [...needed, "Attach Files"] : needed);
    const message = await this.#request(errand, async () => {
      try {
        return await this.#send(thread.thread, rendered, key);
      } catch (error) {
        if (!(error instanceof DiscordAPIError) || error.code !== 50083) throw error;
        await this.#unarchive(thread.thread, errand);
        return await this.#send(thread.thread, rendered, key);
      }
    });
    this.#hooks.posted(thread, message.id);
    return { thread, id: message.id, at: new Date(SnowflakeUtil.timestampFrom(message.id)).toISOString() };
  }

  /** Replace a post, now or not at all: while another edit of its thread is under way, or for a rate limit, it is not sent. */
  async edit({ thread, id }: PostRef, post: Post): Promise<void> {
    const place = thread.thread;
    if (this.#editing.has(place)) {
      throw new DeliveryError("not-sent", "Another edit in this thread is under way.", { retryAfter: 1_000 });
    }
    const errand = this.#errand("edit a message in", place, ["View Channels", "Send Messages in Threads"]);
    const request = { ...bodyOf(render(post)), signal: AbortSignal.timeout(editTimeout) };
    this.#editing.add(place);
    try {
      await this.#request(errand, () => this.#client.rest.patch(Routes.channelMessage(place, id), request));
    } finally {
      this.#editing.delete(place);
    }
  }

  /** Show a post to the one who used a command or a button, and to nobody else. Throws what the client throws. */
  async show(interaction: Answerable, post: Post): Promise<void> {
    const { applicationId, token } = interaction;
    const { body, files } = bodyOf(render(post));
    const request = { body, files, auth: false };
    if (!interaction.isChatInputCommand()) {
      const flags = body.flags | MessageFlags.Ephemeral;
      await this.#track(
        this.#client.rest.post(Routes.webhook(applicationId, token), { ...request, body: { ...body, flags } }),
      );
    } else {
      await this.#track(this.#client.rest.patch(Routes.webhookMessage(applicationId, token), request));
    }
  }

  /** Take nothing more, and wait for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#underWay);
  }

  async #send(channel: string, rendered: Rendered, key: string): Promise<APIMessage> {
    const { body, files } = bodyOf(rendered);
    const flags = body.flags | (rendered.quiet ? MessageFlags.SuppressNotifications : 0);
    return (await this.#client.rest.post(Routes.channelMessages(channel), {
      body: { ...body, flags, nonce: key, enforce_nonce: true },
      files,
    })) as APIMessage;
  }

  /** A post takes a thread out of the archive by itself, but for one that is locked. */
  async #unarchive(thread: string, { where }: Errand): Promise<void> {
    try {
      await this.#client.rest.patch(Routes.channel(thread), { body: { archived: false } });
    } catch (error) {
      if (!(error instanceof DiscordAPIError)) throw error;
      throw new DeliveryError(
        "refused",
        `Discord could not post in ${where}: the thread is archived and locked; unlock it, or go on in another one.`,
        { cause: error },
      );
    }
  }

  async #request<T>(errand: Errand, work: () => Promise<T>): Promise<T> {
    if (this.#stopped) throw new DeliveryError("not-sent", "The bot is being stopped.");
    try {
      return await this.#track(work());
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status === 401) this.#hooks.refused();
      throw deliveryError(error, errand);
    }
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #errand(verb: string, channel: string, needed: readonly Permission[]): Errand {
    return { verb, where: nameOf(this.#client, channel), lacking: () => lackingIn(this.#client, channel, needed) };
  }
}

/** Whether the client is to fail a request rather than let it wait for a rate limit: any edit of a message, and what would wait for long. */
export function rejectsWaiting({ method, route, retryAfter, sublimitTimeout }: RateLimitData): boolean {
  const edit = method.toUpperCase() === "PATCH" && route.startsWith("/channels/:id/messages/");
  return edit || Math.max(retryAfter, sublimitTimeout) > longestWait;
}

/** No preview of links is ever fetched, and nobody is mentioned by what an agent says. */
function bodyOf({ content, components, file }: Rendered) {
  return {
    body: {
      content,
      components,
      flags: MessageFlags.SuppressEmbeds as number,
      allowed_mentions: { parse: [], replied_user: false },
    },
    files:
      file === undefined
        ? []
        : [{ name: file.name, data: Buffer.from(file.text), contentType: "text/plain; charset=utf-8" }],
  };
}

function titleMessage(name: string): Rendered {
  return { content: plain(name), components: [], quiet: true };
}
