import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import type { Post } from "../../src/adapters/adapter.ts";
import { manifest } from "../../src/adapters/slack/manifest.ts";
import { slack } from "../../src/adapters/slack/platform.ts";
import { render } from "../../src/adapters/slack/render.ts";
import { escapeMrkdwn, fallbackText, inertMarkdown, readMrkdwn } from "../../src/adapters/slack/text.ts";
import { blockFaults, type SlackBlock, shownBlocks } from "../fakes/slack-blocks.ts";

describe("what a person typed", () => {
  it.each([
    ["a &lt;b&gt; &amp; c", "a <b> & c"],
    ["&amp;lt; stays", "&lt; stays"],
    ["<@U1|ann> and <@U2>", "@ann and @U2"],
    ["<#C1|dev> and <#C2>", "#dev and #C2"],
    ["<!here> <!subteam^S1|@devs> <!date^1|today>", "@here @devs today"],
    ["<https://a.b/c?d=1&amp;e=2>", "https://a.b/c?d=1&e=2"],
    ["<http://example.com|example.com>", "example.com"],
    ["<mailto:a@b.c|a@b.c>", "a@b.c"],
    ["<https://a.b|the docs>", "https://a.b"],
    ["```if (a &lt; b) { }```", "```if (a < b) { }```"],
    ["", ""],
  ])("%s", (mrkdwn, typed) => {
    expect(readMrkdwn(mrkdwn)).toBe(typed);
  });

  it.each(["<!channel> & <@U1>", "a &amp; b", "plain", "<<>>"])("comes back whole from escaping: %s", (text) => {
    expect(escapeMrkdwn(text)).not.toMatch(/[<>]/);
    expect(readMrkdwn(escapeMrkdwn(text))).toBe(text);
  });
});

describe("Markdown", () => {
  it.each([
    ["<!channel> `<@U1>`", "<\u2060!channel> `<\u2060@U1>`"],
    ["a < b, <div>, 1 <2", "a < b, <div>, 1 <2"],
    ["[docs](https://a.b/c)", "docs (https://a.b/c)"],
    ["[https://a.b](https://a.b)", "https://a.b"],
    ['![pixel](https://evil.example/?k=1 "t")', "pixel (https://evil.example/?k=1)"],
    ["![](https://evil.example/x.png)", "https://evil.example/x.png"],
    ["`[a](b)` and\n```md\n[a](b)\n```", "`[a](b)` and\n```md\n[a](b)\n```"],
    ["[docs][1]\n\n[1]: https://evil.example", "[docs][1]\n\n\\[1\\]: https://evil.example"],
    ["```\n[a](b)\nnever closed <@U1>", "```\n[a](b)\nnever closed <\u2060@U1>"],
    ["<https://evil.example|docs>", "<\u2060https://evil.example|docs>"],
    ["- [ ] todo\n- [x] done", "- [ ] todo\n- [x] done"],
    ["a[0](b)", "a0 (b)"],
  ])("%s", (markdown, inert) => {
    expect(inertMarkdown(markdown)).toBe(inert);
  });
});

describe("the text for notifications", () => {
  it("is cut between entities and characters", () => {
    for (const unit of ["&", "<", "🎉", "a"]) {
      const text = fallbackText(unit.repeat(4_000));
      expect(text.length).toBeLessThanOrEqual(3_000);
      expect(text.isWellFormed()).toBe(true);
      expect(text.replace(/ …$/, "").replaceAll(/&(amp|lt|gt);/g, "")).not.toContain("&");
    }
  });

  it("is never empty", () => {
    expect(fallbackText(" \n")).toBe("(no text)");
  });
});

describe("posts", () => {
  const thread = { platform: "slack", space: "T1", channel: "C1", thread: "1.2" };
  const stop = { label: "Stop", action: "stop", value: "demo", style: "danger" as const };
  const card: Post = {
    kind: "card",
    shard: "demo",
    agent: "claude",
    state: "working",
    why: "spinner",
    since: "2026-01-02T03:04:05.000Z",
    tail: "*a* `b`",
    buttons: [stop],
  };
  const blocksOf = (post: Post, url?: string) => render(post, () => url).blocks as SlackBlock[];
  const shownAs = (post: Post) => shownBlocks(blocksOf(post));

  it.each<[string, Post, string, string[]]>([
    [
      "an answer",
      { kind: "answer", markdown: "All **done**", shard: "demo" },
      "demo\nAll **done**",
      ["context", "markdown"],
    ],
    ["an answer of the orchestrator", { kind: "answer", markdown: "Hi" }, "Hi", ["markdown"]],
    ["an empty answer", { kind: "answer", markdown: "" }, " ", ["markdown"]],
    [
      "terminal text",
      { kind: "terminal", text: "$ ls\n *a* <b>", title: "demo" },
      "demo\n$ ls\n *a* <b>",
      ["rich_text"],
    ],
    ["a card", card, "demo · claude · working (spinner) · since \n*a* `b`", ["rich_text", "actions"]],
    [
      "a card with nothing on it",
      { ...card, why: "", tail: " ", buttons: [] },
      "demo · claude · working · since ",
      ["rich_text"],
    ],
    [
      "a question",
      { kind: "question", shard: "demo", question: "Go on?", detail: "rm -rf x", buttons: [stop] },
      "demo asks: Go on?\nrm -rf x",
      ["rich_text", "actions"],
    ],
    [
      "a settled question",
      { kind: "question", shard: "demo", question: "Go on?", detail: "", buttons: [stop], settled: "Ann: Yes" },
      "demo asks: Go on?\nAnn: Yes",
      ["rich_text"],
    ],
    [
      "a notice",
      { kind: "notice", text: "Use `!send` here", buttons: [stop] },
      "Use !send here",
      ["rich_text", "actions"],
    ],
    ["an error", { kind: "notice", text: "No shard x.", tone: "error" }, " No shard x.", ["rich_text"]],
    [
      "a notice with a thread",
      { kind: "notice", text: "Started", threads: [{ label: "demo", thread }] },
      "Started demo",
      ["rich_text"],
    ],
    [
      "a file, shown to one person",
      { kind: "file", name: "a.md", text: "body", note: "Long:" },
      "Long:\nbody",
      ["rich_text"],
    ],
  ])("%s", (_name, post, text, types) => {
    expect(shownAs(post)).toBe(text);
    expect(blocksOf(post).map(({ type }) => type)).toEqual(types);
    expect(blockFaults(JSON.stringify(blocksOf(post)))).toEqual([]);
    expect(render(post, () => undefined).text).not.toBe("");
  });

  it("keep buttons apart that do the same", () => {
    const buttons = [1, 2].map((n) => ({ label: `${n}`, action: "answer", value: `demo/q1/${n}` }));
    const actions = blocksOf({ kind: "question", shard: "demo", question: "?", detail: "", buttons })[1]?.elements;
    expect(actions).toMatchObject([
      { action_id: "answer#0", value: "demo/q1/1" },
      { action_id: "answer#1", value: "demo/q1/2" },
    ]);
  });

  it("tell the time in the reader's zone", () => {
    expect(JSON.stringify(blocksOf(card))).toContain(
      '{"type":"date","timestamp":1767323045,"format":"{time}","fallback":"2026-01-02T03:04:05.000Z"}',
    );
  });

  it("link threads where there is an address", () => {
    const post: Post = { kind: "notice", text: "Started", threads: [{ label: "demo", thread }] };
    expect(JSON.stringify(blocksOf(post, "https://t.slack.com/archives/C1/p12"))).toContain(
      '{"type":"link","url":"https://t.slack.com/archives/C1/p12","text":"demo"}',
    );
  });
});

const schemaFile = join(import.meta.dirname, "../../../shared/specs/slack-manifest.schema.json");
if (!existsSync(schemaFile)) console.warn("Slack's manifest schema is not beside the project: skipped.");

describe("the app manifest", () => {
  it.skipIf(!existsSync(schemaFile))("is one that Slack takes", () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")) as object);
    validate(JSON.parse(manifest));
    expect(validate.errors).toBeNull();
    expect(validate({ ...(JSON.parse(manifest) as object), colour: "blue" })).toBe(false);
  });

  it("asks for what its events need", () => {
    expect(JSON.parse(manifest)).toMatchObject({
      display_information: { name: "Shardbridge" },
      features: { slash_commands: [{ command: "/shard", should_escape: true }] },
      settings: { socket_mode_enabled: true, interactivity: { is_enabled: true } },
    });
    expect(slack.manifest).toBe(manifest);
    expect(manifest).not.toContain("chat:write.public");
  });
});

describe("the settings", () => {
  const lists = { SLACK_ADMINS: "U012ABCDE", SLACK_CHANNELS: "C012ABCDE" };
  const good = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", ...lists };

  it("are off without a token", () => {
    expect(slack.configure({ ...lists, SLACK_BOT_TOKEN: " ", SLACK_PORT: "3000" })).toEqual({ use: "off" });
  });

  it.each([
    ["a socket", good, ["xoxb-1", "xapp-1"]],
    [
      "HTTP",
      { ...lists, SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "s3cret", SLACK_PORT: "3100" },
      ["xoxb-1", "s3cret"],
    ],
    ["another server", { ...good, SLACK_API_URL: "https://slack-gov.com/api" }, ["xoxb-1", "xapp-1"]],
  ])("are on for %s, and name their secrets", async (_name, env, secrets) => {
    const configured = slack.configure(env);
    expect(configured).toMatchObject({
      use: "on",
      secrets,
      access: { viewers: [], operators: [], admins: ["U012ABCDE"], channels: ["C012ABCDE"] },
    });
    const adapter =
      configured.use === "on" ? await configured.create([], { folder: "", redact: (text) => text }) : undefined;
    expect(adapter?.platform).toBe("slack");
  });

  it.each<[string, Record<string, string>, RegExp[]]>([
    ["no app token", { ...lists, SLACK_BOT_TOKEN: "xoxb-1" }, [/^SLACK_APP_TOKEN is not set/]],
    ["no bot token", { ...lists, SLACK_APP_TOKEN: "xapp-1" }, [/^SLACK_BOT_TOKEN is not set/]],
    ["a person's token", { ...good, SLACK_BOT_TOKEN: "xoxp-1" }, [/^SLACK_BOT_TOKEN must start with xoxb-/]],
    [
      "tokens the wrong way round",
      { ...good, SLACK_BOT_TOKEN: "xapp-1", SLACK_APP_TOKEN: "xoxb-1" },
      [/^SLACK_BOT_TOKEN must start/, /^SLACK_APP_TOKEN must start/],
    ],
    ["both ways", { ...good, SLACK_SIGNING_SECRET: "s" }, [/both set/]],
    [
      "nobody and nowhere",
      { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" },
      [/^SLACK_ADMINS: nobody/, /^SLACK_CHANNELS: the bot may listen nowhere/],
    ],
    ["names", { ...good, SLACK_ADMINS: "@ann" }, [/@ann is not an id/]],
    ["a group of people", { ...good, SLACK_ADMINS: "S012ABCDE" }, [/S012ABCDE is not an id/]],
    [
      "ids in the wrong list",
      { ...good, SLACK_ADMINS: "C012ABCDE", SLACK_CHANNELS: "U012ABCDE" },
      [/is a channel/, /is a person/],
    ],
    [
      "a bad address and port",
      { ...lists, SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "s", SLACK_PORT: "web", SLACK_API_URL: "slack.com" },
      [/^SLACK_PORT/, /^SLACK_API_URL/],
    ],
  ])("say all that is wrong at once: %s", (_name, env, sentences) => {
    const configured = slack.configure(env);
    const problems = configured.use === "wrong" ? configured.problems : [];
    expect(problems).toHaveLength(sentences.length);
    for (const [index, sentence] of sentences.entries()) expect(problems[index]).toMatch(sentence);
    expect(problems.join()).not.toMatch(/x(app|oxb|oxp)-1/);
  });
});
