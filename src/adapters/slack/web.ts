import { WebClient } from "@slack/web-api";
import { boltLogger } from "./bolt-log.ts";
import type { SlackSettings } from "./settings.ts";

/**
 * A Web API client that never repeats a call and never waits for a rate limit. Left alone, the client repeats a post after a 502 (so it may
 * be there twice) and holds all of its calls back on one 429, so that a throttled edit delays an answer in another channel (measured, 8.2.0).
 */
export function webClient(settings: Pick<SlackSettings, "apiUrl">, token: string, timeout: number): WebClient {
  return new WebClient(token, { ...clientOptions(settings, timeout), logger: boltLogger });
}

/** The same, as the options that Bolt hands on to its own clients. */
export function clientOptions(settings: Pick<SlackSettings, "apiUrl">, timeout: number) {
  return { slackApiUrl: settings.apiUrl, timeout, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
}
