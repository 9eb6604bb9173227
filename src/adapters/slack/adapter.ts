import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import { type Accepted, type Adapter, type ChatEvent, DeliveryError } from "../adapter.ts";
import type { Limits, OnEvent, Place, Post, PostRef, Reply, ThreadRef } from "../adapter.ts";
import { type Connection, connection } from "./connection.ts";
import { deliveryError, slackCode, tokenRejected } from "./delivery.ts";
import { readEvent, readRemoval } from "./events.ts";
import { type Identity, isoTime } from "./origin.ts";
import { outsider, People } from "./people.ts";
import { checkBotToken } from "./preflight.ts";
import { type Asking, readAsking } from "./presses.ts";
import { render, type Rendered, renderTitle } from "./render.ts";
import { type Deadlines, deadlines as usual, type SlackSettings } from "./settings.ts";
import { upload } from "./upload.ts";
import { webClient } from "./web.ts";

/** Messages from before the start by more than this are history, unless Slack says that it delivers them again. */
const stale = 5 * 60_000;

/** Nothing of ours but the key is in the metadata: every app of the workspace can read it. */
const metadataType = "shardbridge_post";

/** A Slack workspace, by way of Bolt. */
export class SlackAdapter implements Adapter {
  readonly platform = "slack";

  /**
   * Slack recommends at most 4,000 characters a message. Should every one be doubled by escaping, that is still below the 12,000 of a markdown
   * block and the 13,200 at which a message's blocks are refused. Edits share one budget of about 50 a minute; posts may be edited for ever.
   */
  readonly limits: Limits = { text: 4_000, posts: 4, editEvery: 1_500, editFor: Number.POSITIVE_INFINITY };

  readonly ended: Promise<Error>;
  readonly #end: (reason: Error) => void;
  readonly #settings: SlackSettings;
  readonly #deadlines: Deadlines;
  readonly #web: WebClient;
  readonly #underWay = new Set<Promise<unknown>>();
  #self: Identity | undefined;
  #connection: Connection | undefined;

  constructor(settings: SlackSettings, deadlines: Deadlines = usual) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.ended = promise;
    this.#end = resolve;
    this.#settings = settings;
    this.#deadlines = deadlines;
    this.#web = webClient(settings, settings.botToken, deadlines.call);
  }

  async start(onEvent: OnEvent): Promise<void> {
    const begun = Date.now();
    const self = await checkBotToken(this.#settings, this.#deadlines);
    this.#self = self;
    const people = new People(webClient(this.#settings, this.#settings.botToken, this.#deadlines.person), self.team);
    this.#connection = connection(this.#settings, self, this.#deadlines, {
      record: (body, retry) =>
        this.#record(body, retry ? Number.NEGATIVE_INFINITY : begun - stale, self, people, onEvent),
      render: (post) => this.#render(post),
      end: this.#end,
    });
    try {
      await this.#connection.open(this.#deadlines.start - (Date.now() - begun));
    } catch (error) {
      await this.#connection.close();
      throw error;
    }
  }

  async openThread(place: Place, title: string): Promise<ThreadRef> {
    const { platform, space, channel, message } = place;
    if (message !== undefined) return { platform, space, channel, thread: message };
    return { platform, space, channel, thread: await this.#send({ channel, ...renderTitle(title) }) };
  }

  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    if (post.kind === "file") return this.#call(() => upload(this.#web, thread, post, key, this.#deadlines.call));
    const metadata = { event_type: metadataType, event_payload: { key } };
    const id = await this.#send({ channel: thread.channel, thread_ts: thread.thread, ...this.#render(post), metadata });
    return { thread, id, at: isoTime(id) };
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    if (post.kind === "file") throw new DeliveryError("refused", "A file in Slack can't be replaced.");
    await this.#call(() =>
      this.#web.chat.update({ channel: ref.thread.channel, ts: ref.id, ...this.#render(post), ...plain }),
    );
  }

  async find(thread: ThreadRef, key: string): Promise<PostRef | undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#call(() =>
        this.#web.conversations.replies({
          channel: thread.channel,
          ts: thread.thread,
          include_all_metadata: true,
          limit: 200,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      const found = page.messages?.find((message) => message.user === this.#self?.user && keyOf(message) === key);
      if (found?.ts !== undefined) return { thread, id: found.ts, at: isoTime(found.ts) };
      cursor = page.response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return undefined;
  }

  async stop(): Promise<void> {
    await this.#connection?.close();
    await Promise.allSettled(this.#underWay);
  }

  /** Rejects when the event could not be recorded; Slack then sends it again. */
  async #record(
    body: unknown,
    since: number,
    self: Identity,
    people: People,
    onEvent: OnEvent,
  ): Promise<Accepted | undefined> {
    const removal = readRemoval(body);
    if (removal !== undefined) this.#end(new ShardbridgeError("config", removal));
    const asking = readAsking(body);
    if (asking !== undefined) return { reply: this.#ask(asking) };
    const incoming = readEvent(body, self, since);
    if (incoming === undefined) return undefined;
    const by = incoming.external ? outsider(incoming.user, "external") : await people.get(incoming.user);
    const event: ChatEvent = { ...incoming.event, by };
    const accepted = await onEvent(event);
    const worded = event.type === "action" && event.text !== undefined;
    if (worded || event.type === "message" || event.type === "stop") void this.#whisper(event, accepted);
    return accepted;
  }

  /** Open the modal in which somebody types the words that a button asks for. Nothing has happened yet, so nothing is recorded. Never rejects. */
  async #ask({ trigger, view }: Asking): Promise<Reply> {
    try {
      await this.#call(() => this.#web.views.open({ trigger_id: trigger, view }));
      return {};
    } catch (error) {
      log.warn("A modal in Slack could not be opened", { error: messageOf(error) });
      return { post: { kind: "notice", tone: "error", text: `${messageOf(error)} Press the button again.` } };
    }
  }

  /** Show one person what is only for them, where Slack gives no other way. Never rejects. */
  async #whisper({ place, by }: ChatEvent, accepted: Accepted): Promise<void> {
    const { post } = await accepted.reply;
    if (post === undefined) return;
    const thread = place.thread === undefined ? {} : { thread_ts: place.thread };
    const whisper = () =>
      this.#web.chat.postEphemeral({ channel: place.channel, user: by.id, ...thread, ...this.#render(post), ...plain });
    await this.#call(whisper).catch((error: unknown) =>
      log.warn("A person in Slack could not be answered", { error: messageOf(error) }),
    );
  }

  /** Post, and return the message's timestamp. */
  async #send(
    message: Rendered & { channel: string; thread_ts?: string; metadata?: types.MessageMetadata },
  ): Promise<string> {
    const sent = { ...message, ...plain, ...noPreview };
    const { ts } = await this.#call(() => this.#web.chat.postMessage(sent));
    if (ts === undefined) throw new DeliveryError("unknown", "Slack's answer says nothing of what became of the post.");
    return ts;
  }

  /** A call that `stop` waits for. Throws DeliveryError. */
  async #call<T>(call: () => Promise<T>): Promise<T> {
    const result = call();
    this.#underWay.add(result);
    try {
      return await result;
    } catch (error) {
      if (tokenRejected(error)) {
        const why = `Slack no longer accepts SLACK_BOT_TOKEN (${slackCode(error)}): reinstall the app and set the variable to its new token.`;
        this.#end(new ShardbridgeError("config", why, { cause: error }));
      }
      throw deliveryError(error);
    } finally {
      this.#underWay.delete(result);
    }
  }

  #render(post: Post): Rendered {
    return render(post, ({ platform, channel, thread }) => {
      if (this.#self === undefined || this.#self.url === "" || platform !== this.platform) return undefined;
      return `${this.#self.url}archives/${channel}/p${thread.replace(".", "")}`;
    });
  }
}

/** Nothing in the fallback text becomes a mention or a link. */
const plain = { parse: "none", link_names: false } as const;

/** A preview makes Slack fetch an address, which can carry a secret out with no click. */
const noPreview = { unfurl_links: false, unfurl_media: false } as const;

interface Found {
  metadata?: { event_type?: string; event_payload?: object };
  blocks?: { block_id?: string }[];
}

function keyOf({ metadata, blocks }: Found): string | undefined {
  const payload = metadata?.event_type === metadataType ? metadata.event_payload : undefined;
  return payload !== undefined && "key" in payload ? String(payload.key) : blocks?.[0]?.block_id;
}
