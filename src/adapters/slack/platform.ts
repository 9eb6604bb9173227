import { accessVariables, read, readAccess, type Platform } from "../settings.ts";
import { manifest } from "./manifest.ts";
import type { SlackSettings } from "./settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Slack over Socket Mode, or over HTTP where a signing secret is set. Access lists take ids of people (not of user groups) and channels. */
export const slack: Platform = {
  name: "slack",
  variables: [
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_PORT",
    "SLACK_API_URL",
    ...accessVariables("SLACK"),
  ],
  manifest,
  configure(env) {
    const tokens = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"].map((name) => read(env, name));
    const secrets = tokens.filter((token) => token !== undefined);
    if (secrets.length === 0) return { use: "off" };
    const problems: string[] = [];
    const settings: Omit<SlackSettings, "channels"> = {
      botToken: readToken(
        env,
        "SLACK_BOT_TOKEN",
        "xoxb-",
        "the Bot User OAuth Token from the app's page OAuth & Permissions",
        problems,
      ),
      receive: readReceive(env, problems),
      apiUrl: readApiUrl(env, problems),
    };
    const access = readAccess(
      "SLACK",
      env,
      /^[UWCG][A-Z0-9]{7,}$/,
      "U012ABCDE for people and C012ABCDE for channels",
      problems,
    );
    const people = [...access.viewers, ...access.operators, ...access.admins];
    const noPeople = people.filter((id) => /^[CG]/.test(id));
    const noChannels = access.channels.filter((id) => /^[UW]/.test(id));
    if (noPeople.length > 0)
      problems.push(
        `SLACK_VIEWERS, SLACK_OPERATORS, SLACK_ADMINS: ${noPeople.join(", ")} is a channel; list people there.`,
      );
    if (noChannels.length > 0)
      problems.push(`SLACK_CHANNELS: ${noChannels.join(", ")} is a person; list channels there.`);
    if (problems.length > 0) return { use: "wrong", problems };
    const create = async () =>
      new (await import("./adapter.ts")).SlackAdapter({ ...settings, channels: access.channels });
    return { use: "on", access, secrets, create };
  },
};

function readToken(env: Env, name: string, prefix: string, what: string, problems: string[]): string {
  const token = read(env, name);
  if (token === undefined) problems.push(`${name} is not set: it is ${what}.`);
  else if (!token.startsWith(prefix)) problems.push(`${name} must start with ${prefix}: use ${what}.`);
  return token ?? "";
}

function readReceive(env: Env, problems: string[]): SlackSettings["receive"] {
  const signingSecret = read(env, "SLACK_SIGNING_SECRET");
  if (signingSecret === undefined) {
    const what = "the app-level token with the scope connections:write from the app's page Basic Information";
    return { by: "socket", appToken: readToken(env, "SLACK_APP_TOKEN", "xapp-", what, problems) };
  }
  if (read(env, "SLACK_APP_TOKEN") !== undefined) {
    problems.push(
      "SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: keep the first for Socket Mode, or the second for HTTP.",
    );
  }
  const port = Number(read(env, "SLACK_PORT") ?? 3_000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.push("SLACK_PORT: use a port from 1 to 65535.");
  return { by: "http", signingSecret, port };
}

function readApiUrl(env: Env, problems: string[]): string {
  const url = read(env, "SLACK_API_URL") ?? "https://slack.com/api/";
  if (!URL.canParse(url) || !/^https?:/.test(url))
    problems.push("SLACK_API_URL: use a whole address such as https://slack.com/api/.");
  return url.endsWith("/") ? url : `${url}/`;
}
