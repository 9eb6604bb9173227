import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

/* Whatever an agent has said, or a person is typing, is no question while the agent has its input box. */
const markdown = join(import.meta.dirname, "../../fixtures/markdown");
const texts = readdirSync(markdown).flatMap((file) => readFileSync(join(markdown, file), "utf8").split("\n"));
const options = ["1. Yes", "2. No", "Yes", "No", "[ ] demo", "[✔] other", "[y] Approve [n] Deny", "Go on? [Y/n]"];
const pieces = [
  ...options,
  ...texts.filter((line) => line !== "" && line.length < 100),
  "❯ 1. Yes",
  "  2. No",
  "❯ No, exit",
  "  Yes, I trust this folder",
  "› Yes (y)",
  "● 1. Allow once",
  "  ❯ [✔] demo",
  "    [ ] other",
  "◉ one",
  "Do you want to proceed?",
  "Enter to confirm · Esc to cancel",
  "[y] Approve   [n] Deny",
  "Overwrite it? [Y/n]",
  "┌──────┐",
  "│ 1. a │",
  "└──────┘",
  " ☐ Layout",
  "←  ☐ Layout  ✔ Submit  →",
];
const line = fc.oneof(fc.constantFrom(...pieces), fc.constant(""), fc.string({ unit: "grapheme", maxLength: 60 }));
const lines = fc.array(line, { maxLength: 25 });
const typing = fc.array(fc.oneof(fc.constantFrom(...options), line), { maxLength: 4 });
const rule = "─".repeat(100);

/** The screen of each kind with a text above its input box, and one in it. */
const screens: Record<string, (said: string[], typed: string[]) => string[]> = {
  claude: (said, [first = "", ...typed]) => [
    ...said.map((text, index) => `${index === 0 ? "● " : "  "}${text}`),
    "",
    rule,
    `❯ ${first}`,
    ...typed.map((text) => `  ${text}`),
    rule,
    "  ? for shortcuts",
  ],
  codex: (said, [first = "", ...typed]) => [
    ...said.map((text, index) => `${index === 0 ? "• " : "  "}${text}`),
    "",
    `› ${first}`,
    ...typed.map((text) => `  ${text}`),
    "",
    "  gpt-5-codex default · ~/repo",
    "  ? for shortcuts",
  ],
  gemini: (said, [first = "", ...typed]) => [
    ...said.map((text, index) => `${index === 0 ? "✦ " : "  "}${text}`),
    "",
    "▄".repeat(100),
    ` > ${first}`,
    ...typed.map((text) => `   ${text}`),
    "▀".repeat(100),
    " workspace (/directory)     branch     sandbox        /model",
    " ~/repo                     main       no sandbox     Auto",
  ],
  opencode: (said, typed) => [
    ...said.map((text) => `     ${text}`),
    "",
    "  ┃",
    ...(typed.length === 0 ? [""] : typed).map((text) => `  ┃  ${text}`),
    "  ┃",
    "  ┃  Build · Fake Model Fake",
    `  ╹${"▀".repeat(90)}`,
    "                                           tab agents  ctrl+p commands",
  ],
};

const seen = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "").trimEnd();

test.for(Object.keys(screens))("%s: a text above the input box, or in it, asks nothing", (name) => {
  const kind = kinds[name]!;
  fc.assert(
    fc.property(lines, typing, (said, typed) => {
      const rows = screens[name]!(said.map(seen), typed.map(seen)).map((text) => text.trimEnd());
      const view: ScreenView = {
        cols: 160,
        rows: rows.map((text) => ({ text, wrapped: false, dim: false })),
        top: 0,
        cursor: { row: rows.length - 3, col: 2 },
        title: name === "codex" ? "repo" : "",
        alternate: name === "opencode",
        bracketedPaste: true,
        bytes: 9,
      };
      expect(kind.question(view)).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
