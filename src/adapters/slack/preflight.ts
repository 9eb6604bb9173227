import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { networkCode, slackCode, tokenRejected } from "./delivery.ts";
import type { Identity } from "./origin.ts";
import { botScopes } from "./manifest.ts";
import type { Deadlines, SlackSettings } from "./settings.ts";
import { webClient } from "./web.ts";

/**
 * Ask Slack who the bot token is and what it may do, before Bolt is started: with a bad one Bolt "starts" all the same, and fails on
 * every event from then on. Throws ShardbridgeError "config" or "unavailable".
 */
export async function checkBotToken(settings: SlackSettings, deadlines: Deadlines): Promise<Identity> {
  try {
    const who = await webClient(settings, settings.botToken, Math.min(deadlines.call, deadlines.start / 2)).auth.test();
    // A server that is compatible with Slack may not send the header.
    const scopes = who.response_metadata?.scopes;
    const missing = scopes === undefined ? [] : botScopes.filter((scope) => !scopes.includes(scope));
    if (missing.length > 0) {
      throw new ShardbridgeError(
        "config",
        `The Slack app lacks the bot scope${missing.length > 1 ? "s" : ""} ${missing.join(", ")}: add ${missing.length > 1 ? "them" : "it"} under OAuth & Permissions, then reinstall the app.`,
      );
    }
    if (who.team_id === undefined || who.user_id === undefined) throw notAccepted("SLACK_BOT_TOKEN", "no user");
    return { team: who.team_id, user: who.user_id, bot: who.bot_id, url: who.url ?? "" };
  } catch (error) {
    throw startError(error, "SLACK_BOT_TOKEN", settings);
  }
}

/** The sentence for what kept us from starting, be it the check of a token or the connection. */
export function startError(
  error: unknown,
  variable: "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN",
  settings: SlackSettings,
): ShardbridgeError {
  if (error instanceof ShardbridgeError) return error;
  const code = slackCode(error);
  if (code !== undefined && tokenRejected(error)) return notAccepted(variable, code, error);
  if (code === "missing_scope" || code === "no_permission") {
    return new ShardbridgeError(
      "config",
      "SLACK_APP_TOKEN lacks the scope connections:write: generate a new app-level token that has it.",
      { cause: error },
    );
  }
  if (code !== undefined) {
    return new ShardbridgeError(
      "unavailable",
      `Slack refused to connect with ${variable} (${code}): check that Socket Mode is on, and try again.`,
      { cause: error },
    );
  }
  return new ShardbridgeError(
    "unavailable",
    `Slack at ${host(settings)} ${trouble(error)}: check the network and SLACK_API_URL, and try again.`,
    { cause: error },
  );
}

/** Nothing came of a start within its time. */
export function startTimeout(settings: SlackSettings): ShardbridgeError {
  return new ShardbridgeError(
    "unavailable",
    `Slack at ${host(settings)} did not answer in time: check the network and SLACK_API_URL, and try again.`,
  );
}

const remedies = {
  SLACK_BOT_TOKEN: "copy the Bot User OAuth Token from the app's page OAuth & Permissions.",
  SLACK_APP_TOKEN: "generate an app-level token with the scope connections:write on the app's page Basic Information.",
};

function notAccepted(variable: keyof typeof remedies, code: string, cause?: unknown): ShardbridgeError {
  return new ShardbridgeError("config", `${variable} is not accepted (${code}): ${remedies[variable]}`, { cause });
}

function trouble(error: unknown): string {
  if (error instanceof WebAPIRateLimitedError) return `asks for a pause of ${error.retryAfter} seconds`;
  if (error instanceof WebAPIHTTPError) return `answered with HTTP status ${error.statusCode}`;
  if (error instanceof WebAPIPlatformError) return "did not answer as Slack does";
  const code = networkCode(error);
  if (code === "timeout") return "did not answer in time";
  return `can't be reached (${code ?? messageOf(error)})`;
}

function host(settings: SlackSettings): string {
  return new URL(settings.apiUrl).host;
}
