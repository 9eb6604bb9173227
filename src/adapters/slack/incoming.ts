import type { WebClient } from "@slack/web-api";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import { threadKey, threadOf } from "../adapter.ts";
import type { Accepted, ChatEvent, OnEvent, Post, Reply } from "../adapter.ts";
import type { CatchUp, HistoryMessage } from "./catch-up.ts";
import { readEvent, readRemoval } from "./events.ts";
import { InOrder } from "./in-order.ts";
import type { Identity } from "./origin.ts";
import { outsider, type People } from "./people.ts";
import { type Asking, readAsking } from "./presses.ts";
import type { Rendered } from "./render.ts";

/** Nothing in the fallback text becomes a mention or a link. */
export const plain = { parse: "none", link_names: false } as const;

interface IncomingOptions {
  self: Identity;
  people: People;
  /** Messages from before this time (milliseconds since the epoch) are history, unless Slack says that it delivers them again. */
  since: number;
  /** Milliseconds for which a message is held, should an older one come. */
  hold: number;
  catchUp: CatchUp;
  onEvent: OnEvent;
  /** A call of the Web API. Throws DeliveryError. */
  call<T>(call: (web: WebClient) => Promise<T>): Promise<T>;
  render(post: Post): Rendered;
  end(reason: Error): void;
}

/** Events of Slack, on their way to the core. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #order: InOrder;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#order = new InOrder(options.hold);
  }

  /** Take over what is in a payload. Rejects when it could not be recorded; Slack then sends it again. */
  async take(body: unknown, retry: boolean): Promise<Accepted | undefined> {
    const removal = readRemoval(body);
    if (removal !== undefined) this.#options.end(new ShardbridgeError("config", removal));
    const asking = readAsking(body);
    if (asking !== undefined) return { reply: this.#ask(asking) };
    return this.#record(body, retry ? "again" : "now");
  }

  /** Take over a message that was read in the history of a channel or thread. Never rejects. */
  async takeMissed(channel: string, message: HistoryMessage): Promise<void> {
    // The message's text is the one that it has now.
    const event = { ...message, type: "message", channel, edited: undefined };
    const body = { type: "event_callback", team_id: this.#options.self.team, event };
    await this.#record(body, "missed").catch((error: unknown) => {
      // The core keeps it, and has told its author.
      log.warn("a message that was missed could not be taken", { channel, ts: message.ts, error: messageOf(error) });
    });
  }

  async #record(body: unknown, how: "now" | "again" | "missed"): Promise<Accepted | undefined> {
    const { self, people, since, catchUp, onEvent } = this.#options;
    const incoming = readEvent(body, self, how === "now" ? since : Number.NEGATIVE_INFINITY);
    if (incoming === undefined) return undefined;
    const person = incoming.external ? outsider(incoming.user, "external") : people.get(incoming.user);
    const give = async () => {
      const event: ChatEvent = { ...incoming.event, by: await person, ...(how !== "now" && { missed: true }) };
      const accepted = await onEvent(event);
      const worded = event.type === "action" && event.text !== undefined;
      if (worded || event.type === "message" || event.type === "stop") void this.#whisper(event, accepted);
      return accepted;
    };
    if (incoming.event.type !== "message") return give();
    const { place, id, toBot } = incoming.event;
    const thread = threadOf(place);
    if (thread && toBot) catchUp.note(thread);
    if (how === "missed") return give();
    await catchUp.before();
    // The timestamp is what the id of a message ends with.
    return thread ? this.#order.run(threadKey(thread), id.slice(id.lastIndexOf("/") + 1), give) : give();
  }

  /** Open the modal in which somebody types the words that a button asks for. Nothing has happened yet, so nothing is recorded. Never rejects. */
  async #ask({ trigger, view }: Asking): Promise<Reply> {
    try {
      await this.#options.call((web) => web.views.open({ trigger_id: trigger, view }));
      return {};
    } catch (error) {
      log.warn("a modal in Slack could not be opened", { error: messageOf(error) });
      return { post: { kind: "notice", tone: "error", text: `${messageOf(error)} Press the button again.` } };
    }
  }

  /** Show one person what is only for them, where Slack gives no other way. Never rejects. */
  async #whisper({ place, by }: ChatEvent, accepted: Accepted): Promise<void> {
    const { post } = await accepted.reply;
    if (post === undefined) return;
    const { call, render } = this.#options;
    const where = { channel: place.channel, ...(place.thread !== undefined && { thread_ts: place.thread }) };
    await call((web) => web.chat.postEphemeral({ ...where, user: by.id, ...render(post), ...plain })).catch(
      (error: unknown) => log.warn("a person in Slack could not be answered", { error: messageOf(error) }),
    );
  }
}
