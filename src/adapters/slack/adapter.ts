import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import { ShardbridgeError } from "../../errors.ts";
import { type Adapter, DeliveryError } from "../adapter.ts";
import type { Gap, Limits, OnEvent, Place, Post, PostRef, ThreadRef } from "../adapter.ts";
import { CatchUp } from "./catch-up.ts";
import { type Connection, connection } from "./connection.ts";
import { deliveryError, slackCode, tokenRejected } from "./delivery.ts";
import { Incoming, plain } from "./incoming.ts";
import { type Identity, isoTime } from "./origin.ts";
import { People } from "./people.ts";
import { checkBotToken } from "./preflight.ts";
import { render, type Rendered, renderTitle } from "./render.ts";
import { type Deadlines, deadlines as usual, type SlackSettings } from "./settings.ts";
import { upload } from "./upload.ts";
import { webClient } from "./web.ts";

/** Messages from before the start by more than this are history, unless Slack says that it delivers them again. */
const stale = 5 * 60_000;

/** Milliseconds before an outage that are read again as well: what came then may not have been acknowledged. */
const overlap = 10_000;

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
  /** Of their own, so that nothing that happens to an edit holds anything else up. */
  readonly #edits: WebClient;
  readonly #underWay = new Set<Promise<unknown>>();
  #self: Identity | undefined;
  #connection: Connection | undefined;
  #catchUp: CatchUp | undefined;

  constructor(settings: SlackSettings, deadlines: Deadlines = usual) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.ended = promise;
    this.#end = resolve;
    this.#settings = settings;
    this.#deadlines = deadlines;
    this.#web = webClient(settings, settings.botToken, deadlines.call);
    this.#edits = webClient(settings, settings.botToken, deadlines.call);
  }

  async start(onEvent: OnEvent, gap?: Gap): Promise<void> {
    const begun = Date.now();
    const self = await checkBotToken(this.#settings, this.#deadlines);
    this.#self = self;
    const { render, incoming, catchUp } = this.#hearing(self, onEvent, begun - stale);
    this.#catchUp = catchUp;
    if (gap) catchUp.expect(gap.threads);
    const { outage } = this.#deadlines;
    this.#connection = connection(this.#settings, self, this.#deadlines, {
      record: (body, retry) => incoming.take(body, retry),
      render,
      end: this.#end,
      // Slack delivers again what it could not deliver for a short time.
      back: (lost) => void (Date.now() - lost > outage && catchUp.read(lost - overlap)),
    });
    try {
      await this.#connection.open(this.#deadlines.start - (Date.now() - begun));
    } catch (error) {
      await this.#connection.close();
      throw error;
    }
    if (gap) void catchUp.read(Date.parse(gap.since));
  }

  get hears(): boolean {
    return this.#connection?.stands === true && this.#catchUp?.behind !== true;
  }

  /** Takes messages from `since` on (milliseconds since the epoch), and what is read of earlier ones. */
  #hearing(self: Identity, onEvent: OnEvent, since: number) {
    const people = new People(webClient(this.#settings, this.#settings.botToken, this.#deadlines.person), self.team);
    const render = (post: Post) => this.#render(post);
    const catchUp = new CatchUp({
      channels: this.#settings.channels,
      patience: this.#deadlines.patience,
      read: ({ channel, thread }, oldest, limit, cursor) => {
        const page = { channel, oldest, limit, ...(cursor !== undefined && { cursor }) };
        return this.#call(() =>
          thread === undefined
            ? this.#web.conversations.history(page)
            : this.#web.conversations.replies({ ...page, ts: thread }),
        );
      },
      give: (channel, message) => incoming.takeMissed(channel, message),
    });
    const call = <T>(work: (web: WebClient) => Promise<T>) => this.#call(() => work(this.#web));
    const { hold } = this.#deadlines;
    const incoming = new Incoming({ self, people, since, hold, catchUp, onEvent, call, render, end: this.#end });
    return { render, incoming, catchUp };
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
    this.#catchUp?.note(thread);
    return { thread, id, at: isoTime(id) };
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    if (post.kind === "file") throw new DeliveryError("refused", "A file in Slack can't be replaced.");
    await this.#call(() =>
      this.#edits.chat.update({ channel: ref.thread.channel, ts: ref.id, ...this.#render(post), ...plain }),
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
    this.#catchUp?.stop();
    await this.#connection?.close();
    await Promise.allSettled(this.#underWay);
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
