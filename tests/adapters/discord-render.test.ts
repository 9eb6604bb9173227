import { describe, expect, it } from "vitest";
import type { Button, Post } from "../../src/adapters/adapter.ts";
import { readCustomId } from "../../src/adapters/discord/asking.ts";
import { render } from "../../src/adapters/discord/render.ts";

const zero = "\u200B";
const since = "2026-01-02T03:04:05.000Z";
const buttons = (count: number): Button[] =>
  Array.from({ length: count }, (_, n) => ({ label: `Option ${n + 1}`, action: "answer", value: `demo/q1/${n + 1}` }));
const card = (fields: object = {}): Post => ({
  kind: "card",
  shard: "demo",
  agent: "claude",
  state: "working",
  why: "",
  since,
  tail: "",
  buttons: [],
  ...fields,
});
const question = (fields: object = {}): Post => ({
  kind: "question",
  shard: "demo",
  question: "Proceed?",
  detail: "",
  buttons: buttons(2),
  ...fields,
});
const thread = { platform: "discord", space: "1", channel: "2", thread: "333" };

describe("content", () => {
  it.each<[string, Post, string]>([
    ["an answer", { kind: "answer", markdown: "All **done**." }, "All **done**."],
    ["an agent's answer", { kind: "answer", markdown: "# Done", shard: "my_shard" }, "-# my\\_shard\n# Done"],
    [
      "a masked link",
      { kind: "answer", markdown: "[here](https://x.example/y) ![i](z)" },
      "[here] (https://x.example/y) ![i] (z)",
    ],
    [
      "what looks like a link in code",
      { kind: "answer", markdown: "`a[0](1)` and\n```js\nf[0](x)\n```\n[l](u)" },
      "`a[0](1)` and\n```js\nf[0](x)\n```\n[l] (u)",
    ],
    ["a link behind escaped code", { kind: "answer", markdown: "\\`[l](u)\\`" }, "\\`[l] (u)\\`"],
    ["a link whose label is code", { kind: "answer", markdown: "[`l`](u)" }, "[`l`] (u)"],
    ["terminal text", { kind: "terminal", text: "$ *ls* @everyone" }, "```\n$ *ls* @everyone\n```"],
    ["terminal text with a title", { kind: "terminal", text: "x", title: "demo" }, "-# demo\n```\nx\n```"],
    [
      "fences in terminal text",
      { kind: "terminal", text: "```js\nx\n`````" },
      `\`\`\`\n\`\`${zero}\`js\nx\n\`\`${zero}\`\`${zero}\`\n\`\`\``,
    ],
    ["no terminal text", { kind: "terminal", text: "" }, `\`\`\`\n${zero}\n\`\`\``],
    ["control characters", { kind: "terminal", text: "a\u001B[2Jb\u0007\u202Ec\td" }, "```\na[2Jbc\td\n```"],
    [
      "a card",
      card({ tail: "Reading", why: "spinner" }),
      "**demo** (claude) is working · <t:1767323045:R>\n-# spinner\n```\nReading\n```",
    ],
    ["a bare card", card({ since: "?" }), "**demo** (claude) is working"],
    ["a question", question({ detail: "rm -rf build" }), "**demo** asks: Proceed?\n```\nrm -rf build\n```"],
    ["a settled question", question({ settled: "Alice: Yes" }), "**demo** asks: Proceed?\n✓ Alice: Yes"],
    [
      "a notice",
      { kind: "notice", text: "Sent to my_api_v2 > *all* `co_de` https://x.example/a_b_c" },
      "Sent to my\\_api\\_v2 > \\*all\\* `co_de` https://x.example/a_b_c",
    ],
    ["an error", { kind: "notice", tone: "error", text: "No shard." }, "✗ No shard."],
    [
      "links to threads",
      {
        kind: "notice",
        text: "Started:",
        threads: [
          { label: "demo", thread },
          { label: "other", thread: { ...thread, platform: "console" } },
        ],
      },
      "Started:\n→ demo: <#333>\n→ other",
    ],
    ["a file", { kind: "file", name: "a.md", text: "text", note: "Here." }, "Here."],
  ])("of %s", (_name, post, content) => {
    expect(render(post).content).toBe(content);
  });

  const long = "0123456789 ".repeat(1_000);
  const evil = "`".repeat(6_000);
  it.each<[string, Post]>([
    ["answer", { kind: "answer", markdown: long, shard: "demo" }],
    ["answer of links", { kind: "answer", markdown: "[](".repeat(650) }],
    ["terminal", { kind: "terminal", text: long, title: long }],
    ["terminal of fences", { kind: "terminal", text: evil.slice(0, 1_900) }],
    ["card", card({ tail: long, why: long, state: long, agent: long, shard: long })],
    ["card of fences", card({ tail: evil })],
    [
      "card of marks",
      card({
        tail: evil,
        why: "_".repeat(999),
        state: "*".repeat(999),
        agent: "*".repeat(999),
        shard: "*".repeat(999),
      }),
    ],
    ["question", question({ question: long, detail: long, buttons: buttons(80) })],
    [
      "question of marks",
      question({ question: "*".repeat(3_000), detail: evil, shard: "_".repeat(500), settled: "_".repeat(3_000) }),
    ],
    ["notice", { kind: "notice", text: long, threads: Array.from({ length: 90 }, () => ({ label: "demo", thread })) }],
    ["file", { kind: "file", name: "a.md", text: long, note: "*".repeat(3_000) }],
    ["emoji", { kind: "file", name: "a.md", text: "", note: "🎉".repeat(3_000) }],
  ])("is never above 2,000 characters: %s", (_name, post) => {
    const { content } = render(post);
    expect(content.length).toBeLessThanOrEqual(2_000);
    expect(content).not.toBe("");
    expect(content.isWellFormed()).toBe(true);
  });

  it.each<[string, Post]>([
    ["an answer", { kind: "answer", markdown: "x".repeat(1_900), shard: "a-name-of-forty-characters-which-is-most" }],
    ["terminal text", { kind: "terminal", text: "x".repeat(1_900), title: "a-name-of-forty-characters-which-is-most" }],
  ])("has room for %s at the limit", (_name, post) => {
    expect(render(post).file).toBeUndefined();
    expect(render(post).content).toContain("x".repeat(1_900));
  });

  it("puts what is too long into a file, whole", () => {
    expect(render({ kind: "answer", markdown: long, shard: "demo" })).toMatchObject({
      content: "-# demo\nThis is too long for a message: here it is as a file.",
      file: { name: "answer.md", text: long },
    });
    expect(render({ kind: "terminal", text: evil })).toMatchObject({ file: { name: "terminal.txt", text: evil } });
  });

  it("keeps the end of a card's tail, and the beginning of a question's detail", () => {
    expect(render(card({ tail: `${long}THE END` })).content).toMatch(/…\d[\d ]+THE END\n```$/);
    expect(render(question({ detail: `THE START${long}` })).content).toMatch(/```\nTHE START[\d ]+…\n```$/);
  });
});

describe("buttons", () => {
  it.each([
    [0, []],
    [1, [1]],
    [5, [5]],
    [6, [5, 1]],
    [25, [5, 5, 5, 5, 5]],
    [40, [5, 5, 5, 5, 5]],
  ])("stand in rows of five: %i", (count, rows) => {
    const { components } = render(question({ buttons: buttons(count) }));
    expect(components.map((row) => row.components.length)).toEqual(rows);
  });

  it("carry action and value, and are gone once a question is settled", () => {
    const [row] = render(
      card({
        buttons: [
          { label: "Stop", action: "stop", value: "demo", style: "danger" },
          { label: "x".repeat(99), action: "a", value: "b" },
        ],
      }),
    ).components;
    expect(row?.components[0]).toEqual({ type: 2, style: 4, label: "Stop", custom_id: "stop|demo" });
    expect(row?.components[1]).toMatchObject({ style: 2, label: expect.stringMatching(/^x{79}…$/) });
    expect(render(question({ settled: "Yes" })).components).toEqual([]);
  });

  it("carry the heading that they ask for words under", () => {
    const asking = { label: "No…", action: "answer", value: "demo/q1/a?b|c", asks: "Why? | How" };
    const [row] = render(
      question({ buttons: [{ label: "No", action: "answer", value: asking.value }, asking] }),
    ).components;
    expect(row?.components.map((button) => button.custom_id)).toEqual([
      "answer|demo/q1/a?b|c",
      "answer?Why?   How|demo/q1/a?b|c",
    ]);
    expect(readCustomId("answer|demo/q1/a?b|c")).toEqual({ action: "answer", value: "demo/q1/a?b|c" });
    expect(readCustomId("answer?Why?   How|a|b")).toEqual({ action: "answer", asks: "Why?   How", value: "a|b" });
    expect(readCustomId("else")).toEqual({ action: "else", value: "" });
  });

  it("beyond 25 are listed as text", () => {
    expect(render(question({ buttons: buttons(27) })).content).toBe(
      "**demo** asks: Proceed?\n26. Option 26\n27. Option 27",
    );
  });
});
