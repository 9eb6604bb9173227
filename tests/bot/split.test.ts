import { describe, expect, it } from "vitest";
import type { Limits, Post } from "../../src/adapters/adapter.ts";
import { fit, fitReply } from "../../src/bot/delivery/fit.ts";
import { excerpt, lastLines, splitLines, splitMarkdown } from "../../src/bot/posts/split.ts";
import { random } from "../random.ts";

const bits = [
  "word ",
  "longer-word ",
  "\n",
  "\n\n",
  "```ts\n",
  "```\n",
  "~~~\n",
  "    indented\n",
  "| a | b |\n",
  "日本語 ",
  "🎉",
  "`code` ",
  "x".repeat(250),
  "- item\n",
  "````\n",
  '```\tjs title="a b"\n',
];

function aText(seed: number): string {
  const next = random(seed);
  return Array.from({ length: 5 + next(120) }, () => bits[next(bits.length)]).join("");
}

/** Lines that open or close a fence, by the rules of CommonMark as far as a renderer of chat needs them. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const line of text.split("\n")) {
    const marker = /^[ \t]*(`{3,}|~{3,})(.*)$/.exec(line.trimEnd());
    if (!marker) continue;
    const [, fence = "", info = ""] = marker;
    if (open === undefined) open = fence.startsWith("`") && info.includes("`") ? undefined : fence;
    else if (fence[0] === open[0] && fence.length >= open.length && info.trim() === "") open = undefined;
  }
  return open;
}

/** Whether a text can be had from another by leaving out nothing but what repairs of fences add: marks, line ends and languages. */
function isWithin(text: string, pieces: string[]): boolean {
  const joined = pieces.join("");
  const bare = (one: string) => one.replaceAll(/[`~\s]/g, "");
  const [wanted, found] = [bare(text), bare(joined)];
  let at = 0;
  let added = "";
  for (const character of found) {
    if (wanted.startsWith(character, at)) at += character.length;
    else added += character;
  }
  return at === wanted.length && added.length <= 20 * (pieces.length - 1);
}

describe("Markdown in pieces", () => {
  it.each(Array.from({ length: 300 }, (_, seed) => seed))("keeps the limit, the fences and the words (%i)", (seed) => {
    const text = aText(seed);
    const limit = 100 + (seed % 7) * 60;
    const pieces = splitMarkdown(text, limit);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(limit);
      expect(openFence(piece)).toBeUndefined();
      expect(piece.isWellFormed()).toBe(true);
    }
    expect(isWithin(text, pieces)).toBe(true);
    const fenced = /^[ \t]*[`~]{3}/m.test(text);
    expect(fenced || pieces.join("") === text).toBe(true);
  });

  it("leaves a short text alone", () => {
    expect(splitMarkdown("a\n\n```ts\nb\n```\n", 100)).toEqual(["a\n\n```ts\nb\n```\n"]);
    expect(splitMarkdown("", 100)).toEqual([]);
  });

  it("cuts between paragraphs rather than within, and before a fence rather than in it", () => {
    const paragraph = "p".repeat(60);
    expect(splitMarkdown(`${paragraph}\n\n${paragraph}`, 100)).toEqual([`${paragraph}\n\n`, paragraph]);
    const code = `\`\`\`ts\n${"c".repeat(30)}\n\n${"d".repeat(30)}\n\`\`\``;
    expect(splitMarkdown(`${paragraph}\n\n${code}`, 100)).toEqual([`${paragraph}\n\n`, code]);
  });

  it("opens a fence again with its language", () => {
    const lines = Array.from({ length: 20 }, (_, n) => `const line${n} = ${n};`).join("\n");
    const [first, second] = splitMarkdown(`\`\`\`ts\n${lines}\n\`\`\``, 120);
    expect(first).toMatch(/^```ts\n[^]*\n```$/);
    expect(second).toMatch(/^```ts\nconst line/);
  });

  it("takes 200 kB with a line of 9,000 characters", () => {
    const text = `${"para graph\n\n".repeat(8000)}${"x".repeat(9000)}\n\`\`\`\n${"code\n".repeat(20000)}\`\`\`\n`;
    const pieces = splitMarkdown(text, 2000);
    expect(isWithin(text, pieces)).toBe(true);
  });
});

describe("terminal text in pieces", () => {
  it.each(Array.from({ length: 100 }, (_, seed) => seed))("keeps the limit and every character (%i)", (seed) => {
    const text = aText(seed);
    const pieces = splitLines(text, 90 + seed);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(90 + seed);
      expect(piece.isWellFormed()).toBe(true);
    }
    expect(pieces.join("")).toBe(text);
  });
});

describe("short forms", () => {
  it("are within their limits", () => {
    expect(excerpt("  a\n b  ", 10)).toBe("a b");
    expect(excerpt("abcdefghijk", 5)).toBe("abcd…");
    expect(excerpt("abc🎉🎉", 5)).toBe("abc…");
    expect(lastLines("one\ntwo\nthree", 9)).toBe("three");
    expect(lastLines("a".repeat(20), 5)).toBe("aaaaa");
  });
});

describe("a post within the limits", () => {
  const limits: Limits = { text: 200, posts: 2, editEvery: 0, editFor: Infinity };

  it("is several posts, or a first look and a file", () => {
    const text = (n: number) => Array.from({ length: n }, (_, line) => `line ${line} of the text`).join("\n");
    const three = fit({ kind: "terminal", text: text(12), title: "demo" }, { ...limits, posts: 3 });
    expect(three.map(({ kind }) => kind)).toEqual(["terminal", "terminal"]);
    expect(three[1]).not.toHaveProperty("title");
    const long = fit({ kind: "answer", markdown: text(100), shard: "demo" }, limits);
    expect(long.map(({ kind }) => kind)).toEqual(["answer", "file"]);
    expect(long[1]).toMatchObject({ name: "demo.md", text: text(100) });
  });

  it("shows all that a question is about before its buttons", () => {
    const detail = Array.from({ length: 30 }, (_, line) => `rm -rf build/${line}`).join("\n");
    const buttons = [{ label: "Yes", action: "answer", value: "demo/q/1" }];
    const post: Post = { kind: "question", shard: "demo", question: "Proceed?", detail, buttons };
    const posts = fit(post, limits);
    const last = posts.at(-1);
    expect(last).toMatchObject({ kind: "question", question: "Proceed?", buttons });
    expect(posts.slice(0, -1)).toContainEqual(expect.objectContaining({ kind: "file", text: detail }));
    expect(fitReply(post, limits)).toMatchObject({ kind: "question", buttons: [] });
  });
});
