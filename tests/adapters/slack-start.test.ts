import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { configureLog } from "../../src/log.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import type { Deadlines, SlackSettings } from "../../src/adapters/slack/settings.ts";
import { botScopes } from "../../src/adapters/slack/manifest.ts";
import { adapterFor, closedPort } from "./slack-fixture.ts";

describe("starting Slack", () => {
  let front: SlackFront;
  const ends: (() => void)[] = [];

  beforeAll(async () => {
    configureLog({ write: () => undefined });
    front = await SlackFront.start();
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
    front.scopes = [...botScopes];
  });
  afterAll(() => front.stop());

  const start = (changes: Partial<SlackSettings> = {}, shorter: Partial<Deadlines> = {}) =>
    adapterFor(front, changes, shorter).start(async () => ({ reply: Promise.resolve({}) }));

  it("refuses a bad bot token", async () => {
    await expect(start({ botToken: "xoxb-wrong" })).rejects.toMatchObject({
      code: "config",
      message:
        "SLACK_BOT_TOKEN is not accepted (invalid_auth): copy the Bot User OAuth Token from the app's page OAuth & Permissions.",
    });
    expect(front.callsOf("apps.connections.open")).toEqual([]);
  });

  it("refuses a bad app token", async () => {
    await expect(start({ receive: { by: "socket", appToken: "xapp-wrong" } })).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/^SLACK_APP_TOKEN is not accepted \(invalid_auth\): generate an app-level token/),
    });
    expect(front.connections).toEqual([]);
  });

  it("names all scopes that are missing", async () => {
    front.scopes = botScopes.filter((scope) => !["users:read", "files:write"].includes(scope));
    await expect(start()).rejects.toMatchObject({
      code: "config",
      message:
        "The Slack app lacks the bot scopes files:write, users:read: add them under OAuth & Permissions, then reinstall the app.",
    });
  });

  it("says that an app token lacks its scope", async () => {
    ends.push(
      front.fault(({ method }) =>
        method === "apps.connections.open" ? { json: { ok: false, error: "missing_scope" } } : undefined,
      ),
    );
    await expect(start()).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("lacks the scope connections:write"),
    });
  });

  it("says that nobody is there", async () => {
    const port = await closedPort();
    await expect(start({ apiUrl: `http://127.0.0.1:${port}/api/` })).rejects.toMatchObject({
      code: "unavailable",
      message: `Slack at 127.0.0.1:${port} can't be reached (ECONNREFUSED): check the network and SLACK_API_URL, and try again.`,
    });
  });

  it.each(["auth.test", "apps.connections.open"])("does not wait for ever for %s", async (silent) => {
    ends.push(front.fault(({ method }) => (method === silent ? "hang" : undefined)));
    await expect(start({}, { call: 150 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("did not answer in time"),
    });
  });

  it("keeps its own deadline while the connection does not come about", async () => {
    ends.push(front.fault(({ method }) => (method === "apps.connections.open" ? "hang" : undefined)));
    await expect(start({}, { start: 300 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("did not answer in time"),
    });
  });

  it("says what a broken server answers", async () => {
    ends.push(front.fault(() => ({ status: 503 })));
    await expect(start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("HTTP status 503"),
    });
    ends.push(front.fault(() => ({ status: 200, body: "<html>welcome to the hotel's network</html>" })));
    await expect(start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("did not answer as Slack does"),
    });
  });

  it("says that a socket is not to be had", async () => {
    const url = `ws://127.0.0.1:${await closedPort()}/link`;
    ends.push(
      front.fault(({ method }) => (method === "apps.connections.open" ? { json: { ok: true, url } } : undefined)),
    );
    await expect(start()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("can't be reached"),
    });
  });

  it("says that its port is taken", async () => {
    const port = Number(new URL(front.api).port);
    await expect(start({ receive: { by: "http", signingSecret: "s", port } })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(`SLACK_PORT ${port} can't be listened on`),
    });
  });
});
