import { describe, expect, test } from "vitest";
import { findDialog, menuKeys, menuQuestion } from "../../../src/shards/agents/dialogs/menu.ts";
import { switched } from "../../../src/shards/agents/dialogs/menu-rows.ts";

const help = ["", " Enter to confirm · Esc to cancel"];
const rule = "─".repeat(40);

const found = (rows: string[], sure?: string[]) => {
  const menu = findDialog(rows, ["❯", "›", "●", "*"], sure);
  return menu?.options.map(({ label }, index) => (index === menu.pointed ? `${label} *` : label));
};

describe("a list without numbers", () => {
  test.for<[string, string[], string[]]>([
    ["the pointer on the first", ["Trust?", "", " ❯ No, exit", "   Yes", ...help], ["No, exit *", "Yes"]],
    ["the pointer on the last", ["Use it?", "", "   Yes", " ❯ No", ...help], ["Yes", "No *"]],
    ["nothing below", [rule, " Do you want to proceed?", " ❯ No", "   Yes"], ["No *", "Yes"]],
    [
      "a box",
      ["│ Which?     │", "│            │", "│ ● Red      │", "│   Blue     │", "╰────────────╯"],
      ["Red *", "Blue"],
    ],
    [
      "wrapped labels and explanations",
      ["A?", "", " ❯ Red", "     a warm one", "   Blue", "     a cold", "     one", ...help],
      ["Red *", "Blue"],
    ],
    ["columns", ["A?", "", " ❯ Red     warm", "   Blue    cold", ...help], ["Red *", "Blue"]],
    [
      "options that stand apart",
      ["A?", "", " ❯ Red", "", "   Blue", "", "   Green", ...help],
      ["Red *", "Blue", "Green"],
    ],
    [
      "check marks",
      ["Which?", "", "❯ ☑ demo", "  ☐ other", "", "Space to select · Enter to confirm"],
      ["☑ demo *", "☐ other"],
    ],
    [
      "marks right behind the pointer",
      ["Which?", "❯◉ demo", " ◯ other", "", "Space to select, Enter to submit"],
      ["◉ demo *", "◯ other"],
    ],
    [
      "a row that ends check marks",
      ["Which?", "", " ❯ [✔] a", "   [ ] b", "      Go on", "", "Space to select"],
      ["[✔] a *", "[ ] b", "Go on"],
    ],
    [
      "the pointer on that row",
      ["Which?", "", "   [✔] a", "   [ ] b", " ❯    Go on", "", "Space to select"],
      ["[✔] a", "[ ] b", "Go on *"],
    ],
    [
      "what is in force",
      ["Theme", "", "      Auto", "  ❯ ✔ Dark", "      Light", ...help],
      ["Auto", "Dark *", "Light"],
    ],
    ["more below", ["A?", "", " ❯ One", "   Two", "   ↓ 3 more", ...help], ["One *", "Two"]],
  ])("with %s", ([, rows, labels]) => {
    expect(found(rows)).toEqual(labels);
  });

  test.for<[string, string[]]>([
    ["a prompt's echo", ["❯ one", "  two"]],
    ["an echo, and a panel below a rule", ["❯ one", "  two", rule, " Settings", "", " Esc to close"]],
    ["a prompt with an answer below", [" ❯ one", "   two", "", "● Said.", "  More."]],
    ["bullets", ["A list:", "", "* one", "* two"]],
    ["one row", ["A?", "", " ❯ one", ...help]],
    ["a row within a text", ["some text", " ❯ one", "   two", "some text", ...help]],
    ["rows of many words", ["A?", "", ` ❯ ${"word ".repeat(30)}`, "   two", ...help]],
    [
      "too many rows for a choice",
      ["A?", "", " ❯ one", ...Array.from({ length: 30 }, (_, row) => `   ${row} x`), ...help],
    ],
    ["nothing", []],
  ])("is not %s", ([, rows]) => {
    expect(found(rows)).toBeUndefined();
  });

  test("at the edge of the screen with nothing below is one only by a sure pointer", () => {
    const rows = ["? Pick one (Use arrow keys)", "❯ npm", "  yarn"];
    expect(found(rows)).toBeUndefined();
    expect(found(rows, ["❯"])).toEqual(["npm *", "yarn"]);
    expect(found(["A?", "* npm", "  yarn"], ["❯"])).toBeUndefined();
  });
});

describe("keys", () => {
  const ask = (rows: string[]) => {
    const menu = findDialog(rows, ["❯"])!;
    const question = menuQuestion(menu, rows.slice(0, menu.first));
    return question.options.map(({ key, label }) => [label, ...menuKeys(question, key, menu)]);
  };

  test("lead from the pointer to the option", () => {
    expect(ask(["A?", "", "   Red", " ❯ Blue", "   Green", ...help])).toEqual([
      ["Red", "\u001B[A", "\r"],
      ["Blue", "\r"],
      ["Green", "\u001B[B", "\r"],
    ]);
  });

  test("switch check marks, and end the list by what its help says", () => {
    const rows = ["A?", "", " ❯ [ ] Red", "   [x] Blue", ""];
    expect(ask([...rows, " space toggle · enter save · esc cancel"])).toEqual([
      ["[ ] Red", " "],
      ["[x] Blue", "\u001B[B", " "],
      ["Submit", "\r"],
    ]);
    expect(ask([...rows, " enter toggle · esc dismiss"])).toEqual([
      ["[ ] Red", "\r"],
      ["[x] Blue", "\u001B[B", "\r"],
    ]);
  });
});

describe("a preview", () => {
  const rows = [
    "Which?",
    "",
    "  1. One                 ┌──────────┐",
    "❯ 2. 二つ目の選択肢      │ 1. Yes   │",
    "  3. A long label        │ ❯ 2. No  │",
    "    that goes on         │          │",
    "                         └──────────┘",
    "",
    "                         Notes: press n",
    ...help,
  ];

  test("is of the option with the pointer, and in no label", () => {
    const menu = findDialog(rows, ["❯"])!;
    expect(menu).toMatchObject({ pointed: 1, preview: ["1. Yes", "❯ 2. No", ""] });
    const question = menuQuestion(menu, rows.slice(0, menu.first));
    expect(question).toMatchObject({ kind: "question", text: "Which?", detail: "二つ目の選択肢:\n\n1. Yes\n❯ 2. No" });
    expect(question.options.map(({ label }) => label)).toEqual(["One", "二つ目の選択肢", "A long label that goes on"]);
  });

  test("and the pointer don't tell dialogs apart", () => {
    const moved = rows.map((row) =>
      row.replace("❯ 2. 二", "  2. 二").replace("  1. One", "❯ 1. One").replace("Yes ", "Sure"),
    );
    const [one, other] = [rows, moved].map((all) => menuQuestion(findDialog(all, ["❯"])!, ["Which?"]));
    expect(other!.id).toBe(one!.id);
    expect(other!.detail).not.toBe(one!.detail);
  });
});

test.for([
  ["[ ] Red", "[✔] Red"],
  ["[✔] Red", "[ ] Red"],
  ["☐ Red", "☑ Red"],
  ["◉ Red", "◯ Red"],
  ["Red", "Red"],
])("%s switched is %s", ([label, other]) => {
  expect(switched(label!)).toBe(other);
});
