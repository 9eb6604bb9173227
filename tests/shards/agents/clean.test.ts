import { describe, expect, test } from "vitest";
import { isKeyHelp, trimmed } from "../../../src/shards/agents/cleaning/clean.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { markdownTables } from "../../../src/shards/agents/cleaning/tables.ts";
import { columns } from "../../../src/shards/agents/cleaning/width.ts";
import { unwrap } from "../../../src/shards/agents/cleaning/wrap.ts";

const { claude, codex, gemini, opencode } = kinds as Record<string, NonNullable<(typeof kinds)[string]>>;

test.for<[string[], boolean, string[]]>([
  // Ten syllables are 20 columns; with nine and a half, or a blank behind nine, one more does not fit.
  [["가나다라마바사아자차", "카타"], true, ["가나다라마바사아자차카타"]],
  [["가나다라 바사아자차", "카타"], true, ["가나다라 바사아자차카타"]],
  [["가나다라마 사아자 a", "카타"], true, ["가나다라마 사아자 a 카타"]],
  [["가나다라마바사 아자", "카타"], true, ["가나다라마바사 아자카타"]],
  [["가나다라마바사아자", "카타파"], true, ["가나다라마바사아자 카타파"]],
  [["가나다라마 사아 자차", "카타"], false, ["가나다라마 사아 자차 카타"]],
  [["가나다라마 사아 자차", "카타"], true, ["가나다라마 사아 자차카타"]],
  [["가나다라마 사아 자차", "abc"], true, ["가나다라마 사아 자차 abc"]],
])("unwrap of Korean, 20 columns: %j, syllables apart: %s", ([lines, syllables, joined]) => {
  expect(unwrap(lines, 20, undefined, syllables)).toEqual(joined);
});

describe("unwrap, 20 columns", () => {
  test.for<[string, string[], string[]]>([
    [
      "a sentence",
      ["the quick brown fox", "jumps over the lazy", "dog"],
      ["the quick brown fox jumps over the lazy dog"],
    ],
    ["not where the word would have fitted", ["the quick brown", "fox"], ["the quick brown", "fox"]],
    ["not over a blank line", ["the quick brown fox", "", "jumps"], ["the quick brown fox", "", "jumps"]],
    ["not a list", ["- the quick brown foxes", "- jump"], ["- the quick brown foxes", "- jump"]],
    ["an item with a hanging indent", ["1. the quick brown", "   foxes jump"], ["1. the quick brown foxes jump"]],
    ["an item with no indent", ["1. the quick brown", "foxes jump"], ["1. the quick brown foxes jump"]],
    ["not code", ["if (something(here)) {", "  returning();"], ["if (something(here)) {", "  returning();"]],
    ["not a heading", ["the quick brown foxes", "# jump"], ["the quick brown foxes", "# jump"]],
    ["a word that was broken at its hyphen", ["the quick brown-", "foxes jump"], ["the quick brown-foxes jump"]],
    ["a dash with blanks around it", ["the quick brown fo -", "jumps"], ["the quick brown fo - jumps"]],
    ["what has no blanks", ["日本語日本語日本語日", "本語"], ["日本語日本語日本語日本語"]],
  ])("joins %s", ([, lines, joined]) => {
    expect(unwrap(lines, 20, /[\p{L}\p{N}]-$/u)).toEqual(joined);
  });
});

describe("tables", () => {
  test.for<[string, string[], string[]]>([
    [
      "with a rule between all rows, and wrapped cells",
      ["┌───┬────┐", "│ a │ b  │", "├───┼────┤", "│ 1 │ x  │", "│   │ y  │", "├───┼────┤", "│ 2 │ z  │", "└───┴────┘"],
      ["| a | b |", "| --- | --- |", "| 1 | x y |", "| 2 | z |"],
    ],
    [
      "with one rule",
      ["  ┌───┬───┐", "  │ a │ b │", "  ├───┼───┤", "  │ 1 │ x │", "  │ 2 │ y │", "  └───┴───┘"],
      ["| a | b |", "| --- | --- |", "| 1 | x |", "| 2 | y |"],
    ],
    [
      "drawn with rules only",
      [" name   n", "━━━━━━  ━━", " 日本   1", "──────  ──", " b | c  2", "", "after"],
      ["| name | n |", "| --- | --- |", "| 日本 | 1 |", String.raw`| b \| c | 2 |`, "", "after"],
    ],
    ["not: a box", ["┌─────┐", "│ api │", "└─────┘"], ["┌─────┐", "│ api │", "└─────┘"]],
    ["not: a tree", ["src", "├── a", "└── b"], ["src", "├── a", "└── b"]],
    ["not: a table with no end", ["┌───┬───┐", "│ a │ b │"], ["┌───┬───┐", "│ a │ b │"]],
  ])("%s", ([, rows, lines]) => {
    expect(markdownTables(rows)).toEqual(lines);
  });
});

test.for([
  ["esc to interrupt", true],
  ["  ? for shortcuts · ← for agents", true],
  ["tab agents  ctrl+p commands", true],
  ["Enter to select · ↑/↓ to navigate · Esc to cancel", true],
  ["shift+tab to cycle", true],
  ["Enter the folder and run make", false],
  ["Press esc to leave vim", false],
  ["Tab characters are kept.", false],
  ["", false],
])("key help: %s", ([row, expected]) => {
  expect(isKeyHelp(row as string)).toBe(expected);
});

test.for<[string, number]>([
  ["abc", 3],
  ["日本", 4],
  ["ü", 1],
  ["u\u0308", 1],
  ["🎉", 2],
  ["👩‍💻", 2],
  ["❤️", 2],
  ["─", 1],
])("columns of %s", ([text, width]) => {
  expect(columns(text)).toBe(width);
});

test("trimmed", () => {
  expect(trimmed(["", "a  ", "", "", "b", "", ""])).toEqual(["a", "", "", "b"]);
});

describe("claude", () => {
  test.for<[string, string[], string]>([
    [
      "code keeps its indentation",
      ["● Do this:", "", "  if (a) {", "    b();", "  }"],
      "Do this:\n\nif (a) {\n  b();\n}",
    ],
    ["a numbered list is no dialog", ["● 1. one", "  2. two", "  3. three"], "1. one\n2. two\n3. three"],
    ["a prompt with bullets is an echo", ["❯ do", "  ● this", "", "  1. that", "● Done."], "Done."],
    [
      "prose with brackets is no tool",
      ["● Note(s) about this (and that) follow."],
      "Note(s) about this (and that) follow.",
    ],
    ["a tool with a long result", ["● Bash(ls", "      -l)", "  ⎿  a", "     b", "", "     c", "", "● Two."], "Two."],
    ["folded reads", ["● Read 3 files (ctrl+o to expand)", "", "● Two."], "Two."],
    ["an interrupted tool", ["● Bash(ls)", "  ⎿  Interrupted · What next?"], "Interrupted · What next?"],
    ["what a mention brought", ["❯ @README.md", "  ⎿  Read README.md (2 lines)", "", "● Two."], "Two."],
    ["a command's own answer", ["❯ /cost", "  ⎿  Total: 1"], "Total: 1"],
    ["a tree is kept", ["● Files:", "  src", "  ├── a", "  └── b"], "Files:\nsrc\n├── a\n└── b"],
    ["a bullet alone", ["●", "", "✻ Thinking… (1s · ↓ 2 tokens)"], ""],
    ["two paragraphs", ["● One.", "", "  Two.", "", "", "● Three."], "One.\n\nTwo.\n\nThree."],
    ["a beginning that has scrolled away", ["  One.", "", "  Two."], "One.\n\nTwo."],
    [
      "a beginning that is gone keeps what looks like chrome",
      ["  One.", "", "  ? for shortcuts", "", "  Two."],
      "One.\n\n? for shortcuts\n\nTwo.",
    ],
    [
      "the end of a turn, by any verb and glyph",
      ["● One.", "", "◰ Sautéed for 1s · done 7:05 PM · 1 shell still running"],
      "One.",
    ],
    ["a pause between two tries", ["● One.", "", "◰ 429 fake 429 · retrying in 18s · attempt 6/10"], "One."],
    [
      "a pause between two tries before anything was said, with advice below",
      ["✻ 529 Overloaded · retrying in 3s · attempt 3/4", "  ⎿  If it persists, wait."],
      "529 Overloaded · retrying in 3s · attempt 3/4",
    ],
    ["a wait for sub-agents", ["● One.", "", "✻ Waiting for 2 background agents to finish"], "One."],
    ["a prompt of its own queue", ["❯ more", "  ⎿  Queued · ctrl+x ctrl+s to send now"], ""],
    [
      "what a command has changed",
      ["● Bash(x)", "  ⎿  Done", "  ⎿  (files that changed while this …)", "", "● Two."],
      "Two.",
    ],
    [
      "a tool by its description",
      ["● I will.", "", "  Making a file", "  ⎿  $ touch a", "", "● Two."],
      "I will.\n\nTwo.",
    ],
    ["reads with no help", ["● I will.", "", "  Read 1 file", "", "● Two."], "I will.\n\nTwo."],
    ["what runs in the background", ['● Background command "Wait" completed (exit code 0)', "", "● Two."], "Two."],
    ["a sub-agent's end", ['● Agent "Look around" finished · 8s', "", "● Two."], "Two."],
    ["a mode that is left", ["● The plan.", "", "● Exited plan mode", "", "● Two."], "The plan.\n\nTwo."],
    [
      "what it says of a mode",
      ["● Auto mode can't check actions in this session. Its safety check runs", "  on the server.", "", "● Two."],
      "Two.",
    ],
    [
      "a survey",
      ["● One.", "", "● How is Claude doing this session? (optional)", "  1: Bad    2: Fine   3: Good   0: Dismiss"],
      "One.",
    ],
    [
      "a banner",
      [" ▐▛███▛█   Claude Code v2.1.332", "▝▜██████▀  Opus 5.5", " ▝▝   ▝▝   /work", "", "▎ News.", "", "● One."],
      "One.",
    ],
  ])("%s", ([, rows, text]) => {
    expect(claude!.clean(rows, "x")).toBe(text);
  });

  const bar = (left: string, right = "") => `${left}${" ".repeat(88 - columns(left))}│${right}`;
  test.for<[string, string[], string]>([
    [
      "beside an answer",
      [
        bar("", "1 file changed"),
        bar("❯ x", "hello.txt"),
        bar("", "──────"),
        bar("● 日本語 one.", "New file not yet staged."),
        bar(""),
        bar("● Write(a)", "1. Yes"),
        bar("  ⎿  Done", "2. No"),
        bar(""),
        bar("● Two.", "● not said"),
      ],
      "日本語 one.\n\nTwo.",
    ],
    [
      "not: a table",
      ["● T", "  ┌──────┬──────┐", "  │ a    │ b    │", "  ├──────┼──────┤", "  │ 1    │ 2    │", "  └──────┴──────┘"],
      "T\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    ],
    ["where only what is new is left", [bar("❯ x"), bar("● One."), bar("✻ Cooked for 1s")], "One."],
    [
      "not: a wide table",
      [
        "● T",
        `  ┌${"─".repeat(90)}┬───┐`,
        `  │${" a".padEnd(90)}│ b │`,
        `  ├${"─".repeat(90)}┼───┤`,
        `  │${" 1".padEnd(90)}│ 2 │`,
        `  └${"─".repeat(90)}┴───┘`,
      ],
      "T\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    ],
    [
      "not: a drawing",
      ["● D", `  ${" ".repeat(30)}│ x`, `  ${" ".repeat(30)}│ y`, "  ────────"],
      `D\n${" ".repeat(30)}│ x\n${" ".repeat(30)}│ y\n---`,
    ],
  ])("a panel at the right is cut: %s", ([, rows, text]) => {
    expect(claude!.clean(rows, "x")).toBe(text);
  });

  const rule = "─".repeat(20);
  test.for<[string, string[], string]>([
    ["above the echo", ["● Old.", "", "❯ Do it", "", "● New."], "New."],
    ["above a prompt that is back in the input box", ["● Old.", "", rule, "❯\u00A0Do it", rule], ""],
    ["above one that was pasted", ["● Old.", "", rule, "❯\u00A0[Pasted text #1 +12 lines]", rule], ""],
    ["of an earlier turn with the same prompt", ["❯ Do it", "", "● Old.", "", "❯ Do it", "", "● New."], "New."],
  ])("says nothing that was redrawn %s", ([, rows, text]) => {
    expect(claude!.clean(rows, "Do it\nnow")).toBe(text);
  });
});

describe("codex", () => {
  test.for<[string, string[], string]>([
    ["prose that begins like a tool", ["• Ran the tests, all pass."], "Ran the tests, all pass."],
    ["prose about what runs", ["• Running the tests now."], "Running the tests now."],
    ["prose about an addition", ["• Added tests for the parser."], "Added tests for the parser."],
    ["an edit", ["• Edited a.ts (+1 -1)", "    1 -a", "    1 +b", "", "• Done."], "Done."],
    ["a tool of several lines", ["• Ran cat <<EOF", "  │ a", "  └ b", "", "• Done."], "Done."],
    ["a numbered prompt", ["› 1. one", "  2. two", "", "• Done."], "Done."],
  ])("%s", ([, rows, text]) => {
    expect(codex!.clean(rows, "x")).toBe(text);
  });

  test("the echo of a command, which has no pointer", () => {
    const rows = ["/status", "", "  >_ OpenAI Codex (v0.171.0)", "", "  Model:  gpt-5-codex", "", "› Ask Codex"];
    expect(codex!.clean(rows, "/status")).toBe(">_ OpenAI Codex (v0.171.0)\n\nModel:  gpt-5-codex");
    expect(codex!.clean(["/usr is", "", "• Done."], "x")).toBe("/usr is\n\nDone.");
  });
});

describe("gemini", () => {
  test.for<[string, string[], string]>([
    [
      "a table in the answer",
      ["✦ T", "  ┌───┬───┐", "  │ a │ b │", "  ├───┼───┤", "  │ 1 │ 2 │", "  └───┴───┘"],
      "T\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    ],
    ["tools in boxes", ["✦ One.", "╭────╮", "│ ✓  Shell ls │", "│ a │", "╰────╯", "✦ Two."], "One.\n\nTwo."],
    ["a prompt of several lines", ["▄▄▄▄", " > do", "   this", "▀▀▀▀", "✦ Done."], "Done."],
    [
      "a banner that is drawn with the first prompt",
      [" ▝▜▄     Gemini CLI v0.61.0", "   ▝▜▄", "  ▗▟▀    Authenticated with gemini-api-key /auth", " ▝▀", ""].concat(
        ["Tips for getting started:", "1. Create GEMINI.md files", "2. /help", "▄▄▄▄", " > do", "▀▀▀▀"],
        ["ℹ Initializing... Prompts will be queued.", "✦ Done.", "", " Press Ctrl+O to expand pasted text"],
      ),
      "Done.",
    ],
  ])("%s", ([, rows, text]) => {
    expect(gemini!.clean(rows, "x")).toBe(text);
  });
});

describe("opencode", () => {
  test.for<[string, string[], string]>([
    ["tools of one row", ["     One.", "", "     → Read a.ts", "     $ ls", "", "     Two."], "One.\n\nTwo."],
    ["tools with a border", ["  ┃  # Wrote a", "  ┃  1 x", "", "     Done.", "", "     ▣  Build · M · 1s"], "Done."],
    [
      "a command that was wrapped",
      ["     One.", "", "     $ echo wrote-", "       more", "", "     Two."],
      "One.\n\nTwo.",
    ],
    ["code", ["     Do:", "", "     if (a) {", "       b();", "     }"], "Do:\n\nif (a) {\n  b();\n}"],
  ])("%s", ([, rows, text]) => {
    expect(opencode!.clean(rows, "x")).toBe(text);
  });

  const toast = (text: string) => `${text.padEnd(90)}┃  it says no  ┃`;
  const echo = ["", "  ┃  Do it", "  ┃  now", "  ┃", ""];
  test.for<[string, string[], string]>([
    ["a toast over what was said before", [toast("     Old."), ...echo, "     New."], "New."],
    ["a toast over what is said", [...echo, toast("     New.")], "New."],
    ["an error, where nothing was said", [toast("     Old."), ...echo, "  ┃", "  ┃  it says no", "  ┃"], "it says no"],
    ["a tool, where nothing was said", [...echo, "  ┃  # Wrote a", "  ┃  1 x"], ""],
  ])("%s", ([, rows, text]) => {
    expect(opencode!.clean(rows, "Do it\nnow")).toBe(text);
  });
});
