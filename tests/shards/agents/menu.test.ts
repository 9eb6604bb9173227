import { describe, expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { asQuestion, findMenu, menuKeys, menuQuestion } from "../../../src/shards/agents/dialogs/menu.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

const rule = "─".repeat(60);

function viewOf(rows: string[], more: Partial<ScreenView> = {}): ScreenView {
  const padded = Array.from({ length: 30 }, (_, row) => ({ text: rows[row] ?? "", wrapped: false, dim: false }));
  const rest = {
    cols: 120,
    top: 0,
    cursor: { row: 29, col: 0 },
    title: "",
    alternate: false,
    bracketedPaste: true,
    bytes: 9,
  };
  return { ...rest, rows: padded, ...more };
}

describe("findMenu", () => {
  test.for<[string, string[], string[] | undefined]>([
    ["a pointer", ["Go on?", "❯ 1. Yes", "  2. No"], ["Yes", "No"]],
    ["a pointer further down", ["Go on?", "  1. Yes", "❯ 2. No"], ["Yes", "No"]],
    ["key help", ["Go on?", "1. Yes", "2. No", "", "Enter to confirm · Esc to cancel"], ["Yes", "No"]],
    ["a box", ["│ ❯ 1. Yes │", "│   2. No  │"], ["Yes", "No"]],
    ["explanations between", ["❯ 1. Red", "     warm", "  2. Blue", "     cold"], ["Red", "Blue"]],
    ["a plain list", ["1. Yes", "2. No"], undefined],
    ["one option", ["❯ 1. Yes"], undefined],
    ["a gap in the numbers", ["❯ 1. Yes", "  3. No"], undefined],
    ["an input box below", ["❯ 1. Yes", "  2. No", "❯"], undefined],
    ["much text below", ["❯ 1. a", "  2. b", ...Array.from({ length: 20 }, (_, row) => `text ${row}`)], undefined],
    ["the last of two", ["❯ 1. a", "  2. b", "", "❯ 1. c", "  2. d"], ["c", "d"]],
    ["nothing", [], undefined],
  ])("%s", ([, rows, labels]) => {
    expect(findMenu(rows, "❯")?.options.map(({ label }) => label)).toEqual(labels);
  });
});

describe("the question", () => {
  const ask = (rows: string[], first = false) => {
    const menu = findMenu(rows, "❯")!;
    return menuQuestion(menu, rows.slice(0, menu.first), first);
  };

  test("is the row with the question mark; the rest is the detail", () => {
    const question = ask([" Bash command", "", "   rm -r x", "   is it ok", "", " Go on?", "❯ 1. Yes", "  2. No"]);
    expect(question).toMatchObject({ text: "Go on?", detail: "Bash command\n\nrm -r x\nis it ok", kind: "approval" });
  });

  test("goes on over long rows", () => {
    const long = `Shall ${"very ".repeat(18)}long`;
    expect(ask([`  ${long}`, "  things be done?", "❯ 1. Red", "  2. Blue"])).toMatchObject({
      text: `${long} things be done?`,
      kind: "question",
    });
  });

  test("is the heading when nothing is asked", () => {
    expect(ask(["Pick a model", "", "❯ 1. Small", "  2. Big"])).toMatchObject({ text: "Pick a model", detail: "" });
  });

  test("takes keys, marks and explanations off the labels, and leaves out what leads away", () => {
    const question = ask([
      "A?",
      "❯ 1. Yes (y)",
      "  2. All (shift+tab)",
      "  3. No (esc)",
      "  4. Blue ✔",
      "  5. Green   The calm one",
      "  6. Chat about this",
    ]);
    expect(question.options).toEqual([
      { key: "y", label: "Yes", chosen: true },
      { key: "2", label: "All" },
      { key: "esc", label: "No", takes: "reason" },
      { key: "4", label: "Blue" },
      { key: "5", label: "Green" },
    ]);
    expect(question.detail).toBe("Green: The calm one");
  });

  test.for<[string, "reason" | "answer" | undefined]>([
    ["No", "reason"],
    ["No, and tell Codex what to do differently", "reason"],
    ["Reject", "reason"],
    ["Cancel", "reason"],
    ["No, exit", undefined],
    ["Don't trust", undefined],
    ["Nothing", undefined],
    ["Type something.", "answer"],
    ["Enter a custom value", "answer"],
    ["Type your own answer", "answer"],
    ["Other", "answer"],
    ["Other colours", undefined],
  ])("an option %s takes %s", ([label, takes]) => {
    const question = ask(["A?", "❯ 1. Yes", `  2. ${label}`]);
    expect(question.options[1]).toEqual({ key: "2", label, ...(takes && { takes }) });
    expect(menuKeys(question, "2")).toEqual(takes === "answer" ? ["2"] : ["2", "\r"]);
  });

  test("of a list with check marks can be submitted", () => {
    const question = ask(["Which?", "❯ 1. [ ] Red", "  2. [✔] Blue", "  3. [ ] Type something"]);
    expect(question.options.map(({ label }) => label)).toEqual(["[ ] Red", "[✔] Blue", "Submit"]);
    expect(question.options.at(-1)).toEqual({ key: "submit", label: "Submit" });
    expect(menuKeys(question, "submit")).toEqual(["\t", "\r"]);
  });
});

test("the fingerprint tells dialogs apart, and knows the same one again", () => {
  const yes = [{ key: "1", label: "Yes" }];
  const { id } = asQuestion("A?", "x", yes);
  expect(asQuestion("A?", "x\n", yes).id).toBe(id);
  const others = [
    asQuestion("B?", "x", yes),
    asQuestion("A?", "y", yes),
    asQuestion("A?", "x", [...yes, { key: "2", label: "No" }]),
  ];
  for (const other of others) expect(other.id).not.toBe(id);
});

test.for<[string, string, string[]]>([
  ["claude", "2", ["2", "\r"]],
  ["claude", "esc", ["\u001B"]],
  ["codex", "y", ["y"]],
  ["codex", "p", ["p"]],
  ["codex", "esc", ["\u001B"]],
  ["codex", "1", ["1", "\r"]],
  ["gemini", "1", ["1", "\r"]],
  ["opencode", "once", ["\r"]],
  ["opencode", "always", ["\u001B[C", "\r"]],
  ["opencode", "reject", ["\u001B"]],
  ["opencode", "2", ["2", "\r"]],
])("%s answers %s", ([kind, option, keys]) => {
  expect(kinds[kind]!.answerKeys(asQuestion("A?", "", []), option)).toEqual(keys);
});

describe("no dialog", () => {
  const box = [rule, "❯ 1. one", "  2. two", rule, "  ? for shortcuts"];
  const codexBox = ["› 1. one", "  2. two", "", "  gpt-5 default · ~/repo", "  ? for shortcuts"];
  const geminiBox = ["▄".repeat(40), " > 1. one", "   2. two", "▀".repeat(40), " workspace (/directory)", " ~/repo"];
  const openBox = [
    "  ┃",
    "  ┃  1. one",
    "  ┃  2. two",
    "  ┃",
    "  ┃  Build · M",
    `  ╹${"▀".repeat(40)}`,
    "   ctrl+p commands",
  ];

  test.for<[string, string[], Partial<ScreenView>]>([
    ["claude", box, { title: "✳ x" }],
    [
      "claude",
      ["❯ 1. one", "  2. two", "", "● 1. one", "  2. two", "", rule, "❯", rule, "  ? for shortcuts"],
      { title: "✳ x" },
    ],
    ["codex", codexBox, { title: "repo", cursor: { row: 1, col: 8 } }],
    [
      "codex",
      ["› 1. one", "  2. two", "", "• 1. one", "  2. two", "", "› Ask", "", "  gpt-5 default · ~/repo"],
      { title: "repo", cursor: { row: 6, col: 2 } },
    ],
    ["gemini", geminiBox, { title: "◇  Ready", cursor: { row: 2, col: 6 } }],
    [
      "gemini",
      ["✦ 1. one", "  2. two", "", "▄".repeat(40), " >   Type", "▀".repeat(40), " workspace (/directory)"],
      { cursor: { row: 4, col: 3 } },
    ],
    ["opencode", openBox, { title: "OC", cursor: { row: 2, col: 8 } }],
    [
      "opencode",
      ["     1. one", "     2. two", "", ...openBox.slice(0, 1), "  ┃", `  ╹${"▀".repeat(40)}`],
      { title: "OC", cursor: { row: 4, col: 5 } },
    ],
  ])("in %s: a numbered list in an answer or a prompt", ([name, rows, more]) => {
    const view = viewOf(rows, more);
    expect(kinds[name]!.question(view)).toBeUndefined();
    expect(kinds[name]!.state(view)?.state).toBe("idle");
  });

  test("in the input box: what is typed there is known", () => {
    expect(kinds["claude"]!.composer(viewOf(box))).toBe("1. one\n2. two");
    expect(kinds["codex"]!.composer(viewOf(codexBox))).toBe("1. one\n2. two");
    expect(kinds["gemini"]!.composer(viewOf(geminiBox))).toBe("1. one\n2. two");
    expect(kinds["opencode"]!.composer(viewOf(openBox))).toBe("1. one\n2. two");
  });
});

describe("a field for own words", () => {
  const menu = (pointed: number) =>
    ["Red", "Blue", "None of the above"].map(
      (label, index) => `  ${index === pointed ? "›" : " "} ${index + 1}. ${label}`,
    );
  const help = ["", "  tab to add notes | enter to submit answer | esc to interrupt"];

  test.for([0, 1, 2])("of codex are the notes to the last option, from option %i on", (pointed) => {
    const view = viewOf(["  Question 1/2 (1 unanswered)", "  Which?", "", ...menu(pointed), ...help]);
    const question = kinds["codex"]!.question(view)!;
    expect(question).toMatchObject({
      text: "Which?",
      options: [{}, {}, { key: "3" }, { key: "own", takes: "answer" }],
    });
    const down = Array.from({ length: 2 - pointed }, () => "\u001B[B");
    expect(kinds["codex"]!.answerKeys(question, "own", view)).toEqual([...down, "\t"]);
    expect(kinds["codex"]!.answerKeys(question, "3", view)).toEqual(["3", "\r"]);
  });

  test.for([0, 1])("of gemini is above the first option, from option %i on", (pointed) => {
    const options = ["Red", "Blue"].map(
      (label, index) => `│ ${index === pointed ? "●" : " "} ${index + 1}.  ${label}  │`,
    );
    const view = viewOf(["╭────╮", "│ Answer Questions │", "│ Which? │", "│ ▲ │", ...options, "│ ▼ │", "╰────╯"]);
    const question = kinds["gemini"]!.question(view)!;
    expect(question.options.at(-1)).toEqual({ key: "own", label: "Enter a custom value", takes: "answer" });
    expect(question.detail).not.toContain("▲");
    const up = Array.from({ length: 1 + pointed }, () => "\u001B[A");
    expect(kinds["gemini"]!.answerKeys(question, "own", view)).toEqual(up);
  });
});

test("a suggestion has the cursor before it, a refused command of codex too", () => {
  const suggestion = viewOf([rule, "❯ run the tests", rule], { cursor: { row: 1, col: 2 } });
  expect(kinds["claude"]!.composer(suggestion)).toBe("");
  expect(kinds["claude"]!.composer({ ...suggestion, cursor: { row: 1, col: 15 } })).toBe("run the tests");
  const refused = viewOf(["› /nothing", "", "  gpt-5 · ~/repo"], { cursor: { row: 0, col: 2 } });
  expect(kinds["codex"]!.composer(refused)).toBe("/nothing");
});

describe("claude", () => {
  test("is at work while it has something queued", () => {
    const view = viewOf(["● Said.", "", rule, "❯ Press up to edit queued messages", rule], { title: "✳ x" });
    expect(kinds["claude"]!.state(view)).toEqual({ state: "working", rule: "its own queue" });
  });

  test("is working by its footer and spinner, with no title", () => {
    const state = (row: string, footer = "") => kinds["claude"]!.state(viewOf([row, rule, "❯", rule, footer]))?.state;
    expect(state("", "  esc to interrupt · ← for agents")).toBe("working");
    expect(state("  esc to interrupt")).toBe("idle");
    expect(state("✢ Noodling… (12s · ↓ 29 tokens)")).toBe("working");
    expect(state("     ctrl+b to run in background")).toBe("working");
    expect(state("✻ API error · Retrying in 4s · attempt 4/10")).toBe("working");
    expect(state("✻ Cooked for 3s")).toBe("idle");
  });

  test("asks to leave plan mode with no key help", () => {
    const question = kinds["claude"]!.question(viewOf([rule, " Exit plan mode?", "", " ❯ 1. Yes", "   2. No"]));
    expect(question).toMatchObject({ text: "Exit plan mode?", kind: "approval" });
  });
});
