import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AnthropicError,
} from "@anthropic-ai/sdk";
import { ShardbridgeError } from "../errors.ts";
import { log } from "../log.ts";
import { oneLine } from "./shard-text.ts";

export interface Endpoint {
  /** Host and port, for people. */
  host: string;
  model: string;
  /** Not to be shown; undefined where none is set. */
  apiKey: string | undefined;
}

/**
 * The sentence for what the Messages API or the way to it did wrong. Error types and statuses: the API's reference, "Errors". The
 * API's own error is logged by status and type only and is no `cause`, because an endpoint may echo the key. What is neither
 * of these is a bug and stays as it is.
 */
export function modelError(error: unknown, { host, model, apiKey }: Endpoint): unknown {
  if (!(error instanceof AnthropicError)) return error;
  if (error instanceof APIUserAbortError)
    return new ShardbridgeError("failed", "The answer was stopped before it was complete.");
  const unavailable = (sentence: string) => new ShardbridgeError("unavailable", sentence);
  if (!(error instanceof APIError)) {
    log.warn("the model's stream broke off", { host });
    return unavailable(`The connection to the model at ${host} broke off in the middle of an answer: try again.`);
  }
  log.warn("the model's API gave an error", { host, status: error.status, type: error.type, request: error.requestID });
  if (error instanceof APIConnectionTimeoutError)
    return unavailable(`The model at ${host} did not answer in time: try again later.`);
  if (error instanceof APIConnectionError)
    return unavailable(
      `The model at ${host} can't be reached: check the network, and ANTHROPIC_BASE_URL if it is set.`,
    );
  switch (error.type ?? error.status) {
    case "authentication_error":
    case "permission_error":
    case 401:
    case 403:
      return unavailable(
        apiKey === undefined
          ? `The model at ${host} wants a key: set ANTHROPIC_API_KEY and start again.`
          : `ANTHROPIC_API_KEY is not accepted by ${host}: set a valid key that may use ${model} and start again.`,
      );
    case "not_found_error":
    case 404:
      return unavailable(`${host} has no model "${model}": set ORCHESTRATOR_MODEL to one that it has and start again.`);
    case "billing_error":
    case 402:
      return unavailable(`The account behind ANTHROPIC_API_KEY can't pay for the request: look at its billing.`);
    case "rate_limit_error":
    case 429:
      return unavailable(`The model at ${host} has had too many requests: try again in a minute.`);
    case "overloaded_error":
    case 529:
      return unavailable(`The model at ${host} is overloaded: try again in a minute.`);
    default:
      return other(error, host, apiKey);
  }
}

/** Whether the API refused a request because its messages are too long. */
export function isTooLong(error: unknown): boolean {
  if (!(error instanceof APIError)) return false;
  return (
    error.status === 413 ||
    (error.status === 400 && /too long|too many tokens|context (window|length|limit)/i.test(error.message))
  );
}

function other(error: APIError, host: string, apiKey: string | undefined): ShardbridgeError {
  if (isTooLong(error))
    return new ShardbridgeError("failed", "This is too long for the model: send less text, or go on in a new thread.");
  const message = error.apiMessage ?? error.message;
  const said = oneLine(apiKey === undefined ? message : message.replaceAll(apiKey, "…"), 200);
  if (/credit balance/i.test(said))
    return new ShardbridgeError(
      "unavailable",
      "The account behind ANTHROPIC_API_KEY has no credit left: look at its billing.",
    );
  if (error.status === undefined || error.status >= 500)
    return new ShardbridgeError("unavailable", `The model at ${host} has a fault of its own: try again later.`);
  return new ShardbridgeError(
    "failed",
    `The model at ${host} refused the request (${error.status}: ${said}): check ORCHESTRATOR_MODEL and ANTHROPIC_BASE_URL.`,
  );
}
