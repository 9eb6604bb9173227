import { App, type AppOptions, HTTPReceiver, type ReceiverEvent, type RespondFn } from "@slack/bolt";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { Accepted, Post } from "../adapter.ts";
import { boltLogger } from "./bolt-log.ts";
import type { Identity } from "./origin.ts";
import { startError, startTimeout } from "./preflight.ts";
import type { Rendered } from "./render.ts";
import type { Deadlines, SlackSettings } from "./settings.ts";
import { Socket } from "./socket.ts";
import { clientOptions } from "./web.ts";

/** Handlers of events. */
export interface Sink {
  /** Take over what is in a payload; when it rejects, Slack gets no acknowledgement and sends the payload again. */
  record(body: unknown, retry: boolean): Promise<Accepted | undefined>;
  render(post: Post): Rendered;
  /** The connection has ended for good. */
  end(reason: Error): void;
  /** The connection stands again; it was lost at this time (milliseconds since the epoch). */
  back(lost: number): void;
}

/** The way by which events come in. */
export interface Connection {
  /** Rejects with a ShardbridgeError "config" or "unavailable". */
  open(within: number): Promise<void>;
  close(): Promise<void>;
  /** Whether events can come in. */
  readonly stands: boolean;
}

/** Bolt on a socket or a port, as the settings say. */
export function connection(settings: SlackSettings, self: Identity, deadlines: Deadlines, sink: Sink): Connection {
  const { receive } = settings;
  const options = boltOptions(settings, self, deadlines);
  if (receive.by === "http") {
    const receiver = new HTTPReceiver({
      signingSecret: receive.signingSecret,
      endpoints: ["/slack/events"],
      logger: boltLogger,
    });
    listenTo(new RecordFirst({ ...options, receiver }, sink), sink);
    let listening = false;
    return {
      get stands() {
        return listening;
      },
      open: async () => {
        await receiver.start({ host: "127.0.0.1", port: receive.port }).catch((error: unknown) => {
          const why = `SLACK_PORT ${receive.port} can't be listened on (${messageOf(error)}): choose another.`;
          throw new ShardbridgeError("config", why, { cause: error });
        });
        listening = true;
      },
      close: async () => {
        if (listening) await receiver.stop();
        listening = false;
      },
    };
  }
  const socket = new Socket(settings, receive.appToken, deadlines, sink);
  listenTo(new RecordFirst({ ...options, receiver: socket.receiver }, sink), sink);
  return {
    get stands() {
      return socket.connected;
    },
    open: async (within) => {
      const timer = new AbortController();
      const late = sleep(within, undefined, { signal: timer.signal }).then(() =>
        Promise.reject(startTimeout(settings)),
      );
      try {
        await Promise.race([socket.connect(), late]);
      } catch (error) {
        throw startError(error, "SLACK_APP_TOKEN", settings);
      } finally {
        late.catch(() => undefined);
        timer.abort();
      }
    },
    close: () => socket.stop(),
  };
}

/** Bolt, told who we are rather than left to ask: its own check of the token ends in an unhandled rejection. */
function boltOptions(settings: SlackSettings, self: Identity, deadlines: Deadlines): AppOptions {
  return {
    authorize: async () => ({
      botToken: settings.botToken,
      botUserId: self.user,
      ...(self.bot === undefined ? {} : { botId: self.bot }),
      teamId: self.team,
    }),
    clientOptions: clientOptions(settings, deadlines.call),
    convoStore: false,
    logger: boltLogger,
    logLevel: boltLogger.getLevel(),
  };
}

/** Bolt acknowledges an event before its listeners run; here it is recorded before Bolt hears of it. */
class RecordFirst extends App {
  readonly #sink: Sink;

  constructor(options: AppOptions, sink: Sink) {
    super(options);
    this.#sink = sink;
  }

  override async processEvent(event: ReceiverEvent): Promise<void> {
    const accepted = await this.#sink.record(event.body, event.retryNum !== undefined);
    await super.processEvent(
      accepted === undefined ? event : { ...event, customProperties: { ...event.customProperties, accepted } },
    );
  }
}

/** Acknowledge commands, buttons and modals, and show the one who used a command or button what came of it. */
function listenTo(app: App, sink: Sink): void {
  const show = async (accepted: Accepted | undefined, respond: RespondFn) => {
    const post = (await accepted?.reply)?.post;
    if (post !== undefined)
      await respond({ response_type: "ephemeral", replace_original: false, ...sink.render(post) });
  };
  app.command(/./, async ({ ack, respond, context }) => {
    await ack();
    await show(context["accepted"] as Accepted | undefined, respond);
  });
  app.action(/./, async ({ ack, respond, context }) => {
    await ack();
    await show(context["accepted"] as Accepted | undefined, respond);
  });
  app.view(/./, async ({ ack }) => ack());
  app.error(async (error) => log.warn("an event of Slack could not be answered", { error: messageOf(error) }));
}
