import { setTimeout as sleep } from "node:timers/promises";
import { SocketModeReceiver } from "@slack/bolt";
import { WebAPIRateLimitedError } from "@slack/web-api";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import { boltLogger } from "./bolt-log.ts";
import { slackCode, tokenRejected } from "./delivery.ts";
import type { Deadlines, SlackSettings } from "./settings.ts";
import { Sleep } from "./sleep.ts";
import { clientOptions } from "./web.ts";

interface SocketHooks {
  /** Slack will not have us any more. */
  end(reason: Error): void;
  /** The connection stands again; it was lost at this time (milliseconds since the epoch). */
  back(lost: number): void;
}

/**
 * Bolt's Socket Mode receiver, with connecting again left to us. By itself socket-mode 3.1.0 waits 5 seconds at every refresh, retries an
 * outage with pauses that grow without end, and answers a revoked token with an unhandled rejection and silence (all measured).
 */
export class Socket {
  readonly receiver: SocketModeReceiver;
  readonly #pause: Deadlines["pause"];
  readonly #hooks: SocketHooks;
  readonly #stopping = new AbortController();
  readonly #sleep = new Sleep();
  #connected = false;
  /** When the connection was lost (milliseconds since the epoch). */
  #lost: number | undefined;

  constructor(settings: SlackSettings, appToken: string, deadlines: Deadlines, hooks: SocketHooks) {
    this.#pause = deadlines.pause;
    this.#hooks = hooks;
    this.receiver = new SocketModeReceiver({
      appToken,
      autoReconnectEnabled: false,
      logger: boltLogger,
      installerOptions: { clientOptions: clientOptions(settings, deadlines.call) },
    });
    this.#surviveOddMessages();
    const { client } = this.receiver;
    client.on("connected", () => {
      this.#connected = true;
      this.#sleep.start();
      if (this.#lost !== undefined) this.#hooks.back(this.#lost);
      this.#lost = undefined;
    });
    client.on("disconnected", () => {
      const lost = this.#connected;
      this.#connected = false;
      if (lost) this.#lost = this.#sleep.lastAlive();
      if (lost && !this.#stopping.signal.aborted) void this.#reconnect();
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** One try to connect. Rejects with what the Web API client throws. */
  async connect(): Promise<void> {
    try {
      await this.receiver.start();
    } catch (error) {
      // A socket that closes before Slack's hello rejects with nothing.
      throw error ?? new Error("the connection was closed before it stood");
    }
  }

  /** Resolves when the socket is closed, or after two seconds when the other side does not answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sleep.stop();
    await Promise.race([this.receiver.client.disconnect(), sleep(2_000, undefined, { ref: false })]);
  }

  /** Never rejects. The first try is at once: a refresh costs no more than a new connection takes. */
  async #reconnect(): Promise<void> {
    const { signal } = this.#stopping;
    const [first, longest] = this.#pause;
    for (let pause = first; !signal.aborted; pause = Math.min(pause * 2, longest)) {
      try {
        await this.connect();
        return;
      } catch (error) {
        if (tokenRejected(error)) {
          const why = `Slack no longer accepts SLACK_APP_TOKEN (${slackCode(error)}): generate a new app-level token with the scope connections:write.`;
          this.#hooks.end(new ShardbridgeError("config", why, { cause: error }));
          return;
        }
        log.warn("the connection to Slack could not be made again yet", { error: messageOf(error) });
        const asked = error instanceof WebAPIRateLimitedError ? error.retryAfter * 1_000 : 0;
        await sleep(Math.max(pause, asked), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /**
   * An envelope with no `event` in it, such as `app_rate_limited`, makes the client throw where nobody can catch it, and stays without its
   * acknowledgement. So such an envelope gets one, and whatever else is thrown there is logged.
   */
  #surviveOddMessages(): void {
    const { client } = this.receiver;
    const handlers = client.listeners("ws_message") as ((data: unknown, isBinary: boolean) => unknown)[];
    client.removeAllListeners("ws_message");
    client.on("ws_message", (data: unknown, isBinary: boolean) => {
      const message = typeof data === "string" ? this.#look(data) : data;
      for (const handler of handlers) {
        Promise.try(handler, message, isBinary).catch((error: unknown) =>
          log.error("a message of Slack's could not be read", { error: messageOf(error) }),
        );
      }
    });
  }

  #look(data: string): string {
    const envelope = parse(data);
    if (envelope?.type === "disconnect" && envelope.reason === "link_disabled") {
      this.#hooks.end(
        new ShardbridgeError(
          "config",
          "Socket Mode was switched off for the Slack app: switch it on again on the app's page Socket Mode.",
        ),
      );
    }
    if (envelope?.type !== "events_api" || envelope.payload === undefined || envelope.payload.event !== undefined)
      return data;
    return JSON.stringify({ ...envelope, payload: { ...envelope.payload, event: { type: envelope.payload.type } } });
  }
}

interface Envelope {
  type?: string;
  reason?: string;
  payload?: { type?: string; event?: unknown };
}

function parse(data: string): Envelope | undefined {
  try {
    return JSON.parse(data) as Envelope;
  } catch {
    // The client itself says what it thinks of it.
    return undefined;
  }
}
