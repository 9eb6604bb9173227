import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { log } from "../../log.ts";
import { DeliveryError } from "../adapter.ts";

/** Request in words for a person: "Discord refuses to `verb` `where`". */
export interface Errand {
  verb: string;
  where: string;
  /** The names of permissions that the bot is without there, or those that the errand takes when that can't be told. */
  lacking(): string[];
}

type Verdict = [outcome: DeliveryError["outcome"], reason: string, retryAfter?: number];

/** Error codes of Discord's documentation ("JSON Error Codes", Opcodes and Status Codes). */
const verdicts: Record<number, Verdict> = {
  10003: ["gone", "the channel or thread is not there any more"],
  10004: ["gone", "the server is not there any more"],
  10008: ["gone", "the message is not there any more"],
  10015: ["gone", "the interaction it belongs to is over"],
  20016: ["not-sent", "slow mode is on", 10_000],
  20028: ["not-sent", "too much is being written there", 10_000],
  30046: ["not-sent", "the message is too old to be edited this often", 60_000],
  40005: ["refused", "the file is too big"],
  40062: ["not-sent", "too much is being asked of it", 10_000],
  50006: ["refused", "the message is empty"],
  50007: ["refused", "this person takes no direct messages"],
  50083: ["gone", "the thread is archived"],
  130000: ["not-sent", "it is overloaded", 10_000],
  160005: ["refused", "the thread is locked: unlock it, or go on in another one"],
  160006: ["refused", "the server has as many active threads as it may have: archive some"],
};

/** Failures before anything was sent. */
const neverSent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** The contract's error for what was thrown by a request. */
export function deliveryError(error: unknown, errand: Errand): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { verb, where } = errand;
  const fail = ([outcome, reason, retryAfter]: Verdict) =>
    new DeliveryError(outcome, `Discord could not ${verb} ${where}: ${reason}.`, {
      cause: error,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  if (error instanceof RateLimitError)
    return fail(["not-sent", "its rate limit is reached", Math.max(1, error.retryAfter, error.sublimitTimeout)]);
  if (error instanceof DiscordAPIError) return fail(verdictOf(error, errand));
  if (error instanceof HTTPError) return fail(["unknown", `it answered ${error.status}`]);
  const code = networkCode(error);
  if (code !== undefined && neverSent.includes(code)) return fail(["not-sent", `it is not reachable (${code})`, 5_000]);
  if (error instanceof Error && error.name === "AbortError") return fail(["unknown", "it did not answer in time"]);
  return fail(["unknown", code ?? (error instanceof Error ? error.message : String(error))]);
}

/** The system's code of a failed connection, wherever the client has put it. */
export function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : networkCode(error.cause);
}

function verdictOf(error: DiscordAPIError, { verb, where, lacking }: Errand): Verdict {
  if (error.code === 50001 || error.code === 50013) {
    return [
      "refused",
      `the bot lacks ${lacking().join(", ")} there; give its role that permission in the channel's settings`,
    ];
  }
  if (error.status === 401) return ["refused", "the bot's token has been refused"];
  if (error.status === 429) return ["not-sent", "its rate limit is reached", 5_000];
  if (error.code === 50035) {
    // The message of this error names fields and rules, not what was in them.
    log.error("the form of a request was refused by Discord; this is a bug", { verb, where, reason: error.message });
    return ["refused", "it did not understand the message; the log says more"];
  }
  return verdicts[Number(error.code)] ?? ["refused", `${error.message} (${error.code})`];
}
