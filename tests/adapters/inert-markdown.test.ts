import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLinks } from "../../src/adapters/discord/text.ts";
import { codeIn, type MarkdownNode, readMarkdown } from "../../src/adapters/markdown.ts";
import { inertMarkdown } from "../../src/adapters/slack/text.ts";
import { readDiscord } from "../fakes/discord-markdown.ts";

const evil = "https://evil.example/?k=s3cret";

/** Links and images of Markdown whose words are not their address. */
function masked(node: MarkdownNode): string[] {
  const own =
    node.type === "image" ||
    node.type === "imageReference" ||
    node.type === "linkReference" ||
    node.type === "definition"
      ? [node.type]
      : node.type === "link" && !node.children.some((child) => child.type === "text" && node.url.endsWith(child.value))
        ? [node.url]
        : [];
  return [...own, ...("children" in node ? node.children.flatMap(masked) : [])];
}

/** What Slack takes out of any text, code too: mentions, and addresses with a label. */
function controls(text: string): string[] {
  return text.match(/<(?:[@#][UWCDGBS][A-Z0-9]*|![a-z]+[^<>]*|(?:https?:\/\/|mailto:)[^<>|]*\|[^<>]*)>/g) ?? [];
}

/** Text whose escapes have been undone, as in between two parsers. */
const unescaped = (text: string) => text.replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "");
const codeOf = (text: string) => codeIn(readMarkdown(text)).map(({ value }) => value);
const seen = (code: string) =>
  code
    .replaceAll(/[\u2060\u200B]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();

const links: [string, string][] = Object.entries({
  inline: `[docs](${evil})`,
  "with a title": `[docs](${evil} "title")`,
  "with a title on another line": `[docs](${evil}\n"title")`,
  "in angle brackets": `[docs](<${evil}>)`,
  "with blanks around": `[docs]( ${evil} )`,
  "on two lines": `[do\ncs](\n${evil}\n)`,
  "after CRLF": `a\r\n[docs](\r\n${evil})`,
  "with nested brackets": `[a [b] c](${evil})`,
  "with an escaped bracket": `[a \\] c](${evil})`,
  "with code in its words": `[\`docs\`](${evil})`,
  "with entities": `[docs](&#104;ttps://evil.example/?k=s3cret)`,
  "with escapes": `[docs](https\\://evil.example/?k=s3cret)`,
  "with no words": `[](${evil})`,
  "with another address as its words": `[https://good.example](${evil})`,
  "with an autolink as its words": `[<https://good.example>](${evil})`,
  reference: `[docs][1]\n\n[1]: ${evil}`,
  collapsed: `[docs][]\n\n[docs]: ${evil}`,
  shortcut: `[docs]\n\n[docs]: ${evil}`,
  "reference of two lines": `[docs][1]\n\n[1]:\n${evil}\n'title'`,
  "reference in a quote": `[docs][1]\n\n> [1]: ${evil}`,
  "reference in a list": `[docs][1]\n\n- [1]: ${evil}`,
  "reference with an escaped bracket": `[docs][a\\]b]\n\n[a\\]b]: ${evil}`,
  "reference over two lines": `[docs][a\nb]\n\n[a\nb]: ${evil}`,
  "like a footnote": `[^1]\n\n[^1]: ${evil}`,
  image: `![docs](${evil})`,
  "reference of an image": `![docs][1]\n\n[1]: ${evil}`,
  "image in a link": `[![docs](https://good.example/a.png)](${evil})`,
  "image whose words are a link": `![\\[docs\\](${evil})](x)`,
  "image in an image": `![![docs](x)](${evil})`,
  "in a heading": `# [docs](${evil})`,
  "under a heading": `[docs](${evil})\n===`,
  "in a list": `1. - [docs](${evil})`,
  "in a quote": `> > [docs](${evil})`,
  "in a table": `| a |\n|---|\n| [docs](${evil}) |`,
  "in HTML": `<div>\n[docs](${evil})\n</div>`,
  "in a comment": `<!--\n[docs](${evil})\n-->`,
  "in a spoiler": `||[docs](${evil})||`,
  "in small text": `-# [docs](${evil})`,
  "in emphasis": `**_~~[docs](${evil})~~_**`,
  "behind a lone fence mark": `it ends at \`\`\` and [docs](${evil})`,
  "behind a lone code mark": `it's \` and [docs](${evil})`,
  "behind an escaped code mark": `\\\`[docs](${evil})\\\``,
  "behind escaped marks": `\\\\[docs](${evil})`,
  "behind a closed fence": `\`\`\`\nx\n\`\`\`\n[docs](${evil})`,
  "behind an empty fence": `\`\`\`\n\`\`\`\n[docs](${evil})\n\`\`\`\n\`\`\``,
  "behind a fence of tildes": `~~~\n\`\`\`\n~~~\n[docs](${evil})`,
  "behind a fence with a shorter end": `\`\`\`\`\n\`\`\`\n\`\`\`\`\n[docs](${evil})`,
  "behind a quote's fence": `> \`\`\`\n[docs](${evil})\n\`\`\``,
  "behind a line separator": `\u2028[docs](${evil})`,
});

describe.each(links)("a link %s", (_name, markdown) => {
  it("shows where it goes, or is none, in Slack", () => {
    const text = inertMarkdown(markdown);
    expect(masked(readMarkdown(text))).toEqual([]);
    expect(text).toContain("evil.example");
  });
  it("shows where it goes, or is none, on Discord", () => {
    const text = openLinks(markdown);
    expect(readDiscord(text).masked).toEqual([]);
    expect(text).toMatch(/evil.example/);
  });
});

describe("what Slack takes out of its own accord", () => {
  it.each([
    "<!channel>",
    "<!here|x>",
    "<!subteam^S1>",
    "<!subteam^S1|@devs>",
    "<@U1>",
    "<@U1|ann>",
    "<#C1>",
    "<#C1|dev>",
    "<!date^1^{date}^https://evil.example|x>",
    `<${evil}|docs>`,
    `<${evil}|do\ncs>`,
    "<mailto:a@b.c|docs>",
    `<${evil}|\`docs\`>`,
    `<${evil}|**docs**>`,
    "\\<!channel>",
  ])("is text: %j", (sequence) => {
    for (const text of [
      sequence,
      `\`${sequence}\``,
      `\`\`\`\n${sequence}\n\`\`\``,
      `> - ${sequence}`,
      `[a](<${sequence})`,
      `![${sequence}](x)`,
    ])
      expect(controls(unescaped(inertMarkdown(text)))).toEqual([]);
  });

  it.each([`<a href="${evil}">docs</a>`, `<img src=${evil}>`, `<A\nhref='${evil}'>docs</A>`])(
    "is no HTML: %j",
    (html) => {
      expect(inertMarkdown(html)).toBe(html.replace("<", "<\u2060"));
    },
  );
});

describe("what Discord takes for more than text", () => {
  it.each([
    "<@1>",
    "<@!1>",
    "<@&1>",
    "<#1>",
    "</stop it:1>",
    "<:ship:1>",
    "<a:ship:1>",
    "<t:1>",
    "<t:1:R>",
    "<id:home>",
    "<sound:1:2>",
  ])("is text: %s", (sequence) => {
    for (const text of [sequence, `> ${sequence}`, `\\\\${sequence}`, `\`\`\`${sequence}`, `**\`**\` ${sequence}`])
      expect(readDiscord(openLinks(text)).mentions).toEqual([]);
  });

  it.each([
    ["a link over code", `[a \`](${evil}) b\``],
    ["a link over a fence", `[a\n\`\`\`\n](${evil})\n\`\`\``],
    ["a spoiler over code", `||x \`||\` y \`[docs](${evil})\``],
    ["strong text over code", `**x \`**\` y \`[docs](${evil})\``],
    ["struck text over code", `~~x \`~~\` y \`[docs](${evil})\``],
    ["an address before code", `https://x.example/\` y \` \`[docs](${evil})\``],
    ["small text over code", `-# \`x\ny\` z \`[docs](${evil})\``],
    ["an unclosed fence", `\`\`\`\n[docs](${evil})`],
    ["a fence of tildes", `~~~\n[docs](${evil})\n~~~`],
    ["an indented block", `    [docs](${evil})`],
    ["a longer fence", `\`\`\`\`\n\`\`\`\n[docs](${evil})\n\`\`\`\n\`\`\`\``],
    ["a quote with no blanks", `> \`\`\`\n>[docs](${evil})\n> \`\`\``],
    ["a quote's indented block", `>     [docs](${evil})\n>     <@1>`],
  ])("does not open code: %s", (_name, markdown) => {
    const read = readDiscord(openLinks(markdown));
    expect([read.masked, read.mentions]).toEqual([[], []]);
  });
});

describe("code", () => {
  it.each([
    "<!DOCTYPE html>\n<!-- x -->\n<p>",
    "@Input() a: string; <@Input() b>",
    "std::map<std::string, int> m; a<b|c>",
    "[a](b) ![c](d)\n\n[1]: e",
    '<a href="x">y</a>',
    "\ta\n    b",
  ])("stays what it is: %j", (code) => {
    for (const text of [
      `\`\`\`js\n${code}\n\`\`\``,
      `\`\`\`\`md\n\`\`\`\n${code}\n\`\`\`\n\`\`\`\``,
      `\`${code.replaceAll(/\s+/g, " ")}\``,
    ])
      expect(inertMarkdown(text)).toBe(text);
    const text = `\`\`\`js\n${code}\n\`\`\``;
    expect(openLinks(text)).toBe(text);
  });

  it("is a fence of backticks on every platform", () => {
    const markdown = "1. a\n\n   ~~~js\n   [b](c)\n   ~~~\n\n> \td\n>\n>     [b](c)";
    for (const write of [inertMarkdown, openLinks]) expect(codeOf(write(markdown))).toEqual(codeOf(markdown));
    expect(inertMarkdown("x\n\n    [b](c)\n\n    d")).toBe("x\n\n```\n[b](c)\n\nd\n```");
  });
});

describe("code around what is written anew", () => {
  it.each([
    "1. ````\n1. [",
    "- >\t~~~",
    ">* ````",
    ">~~~\n*",
    `[\`\`\`](${evil})`,
    `[ \`\`\`](${evil})`,
    `[>~~~](${evil})`,
    `[    ](${evil})`,
    "[a]: ```[```",
    '`[```"```',
    `\`\`\`[\`\`\`\`[docs](${evil})\`\`\``,
  ])("is neither more nor less: %j", (markdown) => {
    for (const write of [inertMarkdown, openLinks])
      expect(codeOf(write(markdown)).map(seen)).toEqual(codeOf(markdown).map(seen));
    expect(masked(readMarkdown(inertMarkdown(markdown)))).toEqual([]);
    expect(readDiscord(openLinks(markdown)).masked).toEqual([]);
  });
});

const pieces = fc.constantFrom(
  "[",
  "]",
  "(",
  ")",
  "](",
  `](${evil})`,
  `[docs](${evil})`,
  "![",
  "[a]",
  "[a]: ",
  evil,
  "<",
  ">",
  `<${evil}>`,
  `<${evil}|x>`,
  "<!channel>",
  "<@U1>",
  "<@1>",
  "<t:1>",
  "|",
  "||",
  "`",
  "``",
  "```",
  "````",
  "~~~",
  "~~",
  "\n",
  "\n",
  "\n\n",
  " ",
  "    ",
  "\t",
  "> ",
  ">",
  "- ",
  "1. ",
  "# ",
  "-# ",
  "*",
  "**",
  "_",
  "__",
  "\\",
  "a",
  "b c",
  "js",
  "&#91;",
  "&lt;",
  '"',
  "'",
  "\r",
  "\u2028",
  "\u200B",
  "| a |\n|---|\n",
  "<div>",
  "<!--",
  "-->",
  "=",
);
const texts = fc.array(pieces, { maxLength: 24 }).map((parts) => parts.join(""));

describe("any text", () => {
  it("has no hidden address and no mention in Slack, and the same code", () => {
    fc.assert(
      fc.property(texts, (markdown) => {
        const text = inertMarkdown(markdown);
        expect(masked(readMarkdown(text))).toEqual([]);
        expect(controls(text)).toEqual([]);
        expect(controls(unescaped(text))).toEqual([]);
        const before = codeOf(markdown.replaceAll(/\r\n?/g, "\n")).map(seen);
        expect(codeOf(text).map(seen)).toEqual(before);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has no hidden address and no mention on Discord, and the same code", () => {
    fc.assert(
      fc.property(texts, (markdown) => {
        const text = openLinks(markdown);
        const read = readDiscord(text);
        expect([read.masked, read.mentions]).toEqual([[], []]);
        expect(codeOf(text).map(seen)).toEqual(
          codeOf(markdown.replaceAll(/\r/g, "").replaceAll("\u2028", "\n")).map(seen),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
