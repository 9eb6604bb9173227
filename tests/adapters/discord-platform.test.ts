import { RateLimitError } from "discord.js";
import { describe, expect, it } from "vitest";
import { deliveryError } from "../../src/adapters/discord/delivery.ts";
import { discord } from "../../src/adapters/discord/platform.ts";
import { DiscordSpec } from "../fakes/discord-spec.ts";
import { shardCommand } from "../../src/adapters/discord/commands.ts";
import { commandSpecs } from "../../src/bot/commands/commands.ts";
import { commands } from "./discord-fixture.ts";

const good = {
  DISCORD_TOKEN: "aaa.bbb.ccc",
  DISCORD_ADMINS: "123456789012345678",
  DISCORD_CHANNELS: "223456789012345678, 323456789012345678",
};

describe("settings", () => {
  it("are off without a token, whatever else is set", () => {
    expect(discord.configure({})).toEqual({ use: "off" });
    expect(discord.configure({ DISCORD_ADMINS: "nobody", DISCORD_TOKEN: " " })).toEqual({ use: "off" });
  });

  it("give access lists and the secret", async () => {
    const configured = discord.configure({ ...good, DISCORD_API_URL: "http://127.0.0.1:1/api/v10/" });
    expect(configured).toMatchObject({
      use: "on",
      secrets: ["aaa.bbb.ccc"],
      access: {
        viewers: [],
        operators: [],
        admins: ["123456789012345678"],
        channels: ["223456789012345678", "323456789012345678"],
      },
    });
    const adapter =
      configured.use === "on" ? await configured.create(commands, { folder: "", redact: (text) => text }) : undefined;
    expect(adapter?.platform).toBe("discord");
    await adapter?.stop();
  });

  it("give a sentence for every fault at once", () => {
    const wrong = discord.configure({
      DISCORD_TOKEN: "Bot abc",
      DISCORD_API_URL: "discord.com",
      DISCORD_OPERATORS: "alice",
    });
    expect(wrong.use === "wrong" ? wrong.problems : []).toEqual([
      expect.stringMatching(/^DISCORD_TOKEN: /),
      expect.stringMatching(/^DISCORD_API_URL: /),
      expect.stringMatching(/^DISCORD_OPERATORS: alice is not an id/),
      expect.stringMatching(/^DISCORD_CHANNELS: /),
    ]);
  });

  it("name all that is read", () => {
    expect(discord.variables).toEqual([
      "DISCORD_TOKEN",
      "DISCORD_API_URL",
      "DISCORD_VIEWERS",
      "DISCORD_OPERATORS",
      "DISCORD_ADMINS",
      "DISCORD_CHANNELS",
    ]);
  });
});

describe("the command", () => {
  it("has required options first, completion where there is some, and no text above its length", () => {
    const summary = "s".repeat(200);
    const definition = shardCommand([{ ...commands[2]!, summary }]);
    const [send] = definition.options as { description: string; options: object[] }[];
    expect(send?.description).toHaveLength(100);
    expect(send?.options).toMatchObject([
      { name: "text", type: 3, required: true },
      { name: "shard", type: 3, required: false, autocomplete: true },
    ]);
    expect(definition).toMatchObject({ name: "shard", contexts: [0] });
    expect(definition.default_member_permissions).toBeUndefined();
  });

  it("offers the values that an option has", () => {
    const mode = { name: "mode", summary: "How.", required: false, type: "text" as const, named: true };
    const define = (choices: string[]) =>
      shardCommand([{ verb: "resume", summary: "Go on.", options: [{ ...mode, choices }] }]);
    expect(define(["ask", "all"]).options).toMatchObject([
      {
        options: [
          {
            name: "mode",
            type: 3,
            choices: [
              { name: "ask", value: "ask" },
              { name: "all", value: "all" },
            ],
          },
        ],
      },
    ]);
  });

  it("is one that Discord takes, with all that the bot can do", () => {
    const definition = shardCommand(commandSpecs);
    expect(definition.options).toHaveLength(commandSpecs.length);
    expect(new DiscordSpec().check("PUT", "/applications/1/guilds/2/commands", [definition])).toEqual([]);
    // Names, descriptions and values count together ("Application Commands", limits).
    const texts = JSON.stringify(definition).match(/"(?:name|description|value)":"[^"]*"/g) ?? [];
    expect(texts.join("").length).toBeLessThan(8_000);
  });
});

describe("failures that no answer came to", () => {
  const errand = { verb: "post in", where: "#general", lacking: () => [] };
  const thrown = (code: string) => Object.assign(new Error("failed"), { code });

  it.each<[string, Error, object]>([
    ["refused", thrown("ECONNREFUSED"), { outcome: "not-sent", retryAfter: 5_000 }],
    ["not resolved", thrown("ENOTFOUND"), { outcome: "not-sent" }],
    ["inside of another error", new TypeError("fetch failed", { cause: thrown("EAI_AGAIN") }), { outcome: "not-sent" }],
    ["reset", thrown("ECONNRESET"), { outcome: "unknown" }],
    [
      "aborted",
      new DOMException("aborted", "AbortError"),
      { outcome: "unknown", message: "Discord could not post in #general: it did not answer in time." },
    ],
    ["anything else", new Error("what?"), { outcome: "unknown" }],
    [
      "limited before it was sent",
      new RateLimitError({
        timeToReset: 900,
        retryAfter: 900,
        sublimitTimeout: 0,
        limit: 5,
        method: "POST",
        hash: "",
        url: "",
        route: "",
        majorParameter: "",
        global: false,
        scope: "user",
      }),
      { outcome: "not-sent", retryAfter: 900 },
    ],
  ])("%s", (_name, error, expected) => {
    expect(deliveryError(error, errand)).toMatchObject(expected);
  });
});

describe("the check of requests", () => {
  const spec = new DiscordSpec();
  it.skipIf(!spec.loaded)("sees what Discord would not take", () => {
    expect(spec.check("POST", "/channels/1/messages", { content: "x", flags: 4 })).toEqual([]);
    expect(spec.check("POST", "/channels/1/messages", { content: 7 })).not.toEqual([]);
    expect(spec.check("POST", "/channels/1/messages", { contents: "x" })).toEqual(["unknown key contents"]);
    expect(spec.check("POST", "/channels/1/messages/2/threads", { name: "x".repeat(101) })).not.toEqual([]);
    expect(spec.check("PATCH", "/webhooks/1/token/messages/@original", { content: "x".repeat(2_001) })).not.toEqual([]);
    expect(spec.check("POST", "/channels/1/nothing", {})).toEqual(["there is no such path and method"]);
  });
});
