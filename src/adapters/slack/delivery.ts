import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { messageOf } from "../../errors.ts";
import { DeliveryError } from "../adapter.ts";

/** Slack's words for a target that is no longer there, or that can no longer be changed. */
const gone = new Set([
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "is_inactive",
  "thread_not_found",
  "message_not_found",
  "cannot_reply_to_message",
  "restricted_action_thread_locked",
  "cant_update_message",
  "edit_window_closed",
  "block_mismatch",
]);

/** Failures inside Slack, after which a post may be there all the same. */
const unclear = new Set(["internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"]);

/** Refusals of a token that no waiting mends. */
const rejected = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "user_removed_from_team",
  "team_disabled",
  "not_allowed_token_type",
  "forbidden_team",
  "app_uninstalled",
]);

/** Network errors that come before anything has been sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The error code in Slack's answer, when it answered with one. */
export function slackCode(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  // A body that is not JSON comes as the "code".
  return /^[a-z0-9_]+$/.test(error.data.error) ? error.data.error : undefined;
}

/** Whether Slack does not know the token (any longer). */
export function tokenRejected(error: unknown): boolean {
  return rejected.has(slackCode(error) ?? "");
}

/** The system's code of a network failure, or "timeout". */
export function networkCode(error: unknown): string | undefined {
  if (!(error instanceof WebAPIRequestError)) return undefined;
  const { original } = error;
  if (original.name === "TimeoutError" || original.name === "AbortError") return "timeout";
  const cause: unknown = original.cause;
  return cause instanceof Error && "code" in cause ? String(cause.code) : original.name;
}

/** Outcome of a failed call for the post, edit or thread that it was for. */
export function deliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const options = { cause: error };
  if (error instanceof WebAPIRateLimitedError) {
    return new DeliveryError("not-sent", "Slack asks for a pause.", {
      ...options,
      retryAfter: error.retryAfter * 1_000,
    });
  }
  if (error instanceof WebAPIPlatformError) return refusal(error);
  if (error instanceof WebAPIHTTPError) {
    const outcome = error.statusCode >= 500 || error.statusCode === 408 ? "unknown" : "refused";
    return new DeliveryError(outcome, `Slack answered with HTTP status ${error.statusCode}.`, options);
  }
  const code = networkCode(error);
  if (code !== undefined && neverSent.has(code))
    return new DeliveryError("not-sent", `Slack can't be reached (${code}).`, options);
  return new DeliveryError("unknown", `Slack was not heard to the end (${code ?? messageOf(error)}).`, options);
}

function refusal(error: WebAPIPlatformError): DeliveryError {
  const options = { cause: error };
  const code = slackCode(error);
  if (code === undefined || unclear.has(code))
    return new DeliveryError("unknown", `Slack failed (${code ?? "no code"}).`, options);
  if (gone.has(code))
    return new DeliveryError("gone", `Slack has no such place any more, or not for the bot (${code}).`, options);
  if (["ratelimited", "rate_limited", "message_limit_exceeded"].includes(code)) {
    const seconds = error.data.response_metadata?.retryAfter ?? 30;
    return new DeliveryError("not-sent", `Slack asks for a pause (${code}).`, {
      ...options,
      retryAfter: seconds * 1_000,
    });
  }
  if (tokenRejected(error))
    return new DeliveryError("refused", `Slack no longer accepts SLACK_BOT_TOKEN (${code}).`, options);
  if (code === "missing_scope") {
    const scopes = "needed" in error.data ? String(error.data["needed"]) : "";
    return new DeliveryError(
      "refused",
      `The Slack app lacks the scope ${scopes}: add it under OAuth & Permissions and reinstall the app.`,
      options,
    );
  }
  const reasons = (error.data.response_metadata?.messages ?? []).join(" ").slice(0, 200);
  return new DeliveryError("refused", `Slack refused this (${code}). ${reasons}`.trim(), options);
}
