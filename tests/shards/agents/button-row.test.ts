import { expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { genericKind } from "../../../src/shards/agents/generic/generic.ts";

const kind = genericKind("whiptail");

function viewOf(rows: string[], cursor = { row: 0, col: 0 }): ScreenView {
  return {
    cols: 80,
    rows: rows.map((text) => ({ text, wrapped: false, dim: false })),
    top: 0,
    cursor,
    title: "",
    alternate: true,
    bracketedPaste: false,
    bytes: 9,
  };
}

const box = (buttons: string) => [
  "┌─────────────────────────────┐",
  "│ Remove everything?          │",
  "│                             │",
  `│ ${buttons.padEnd(27)} │`,
  "└─────────────────────────────┘",
];

test.for<[string, string, number, string[]]>([
  ["the cursor", "   <Yes>         <No>", 20, ["Yes", "No *"]],
  ["the cursor", "  [ OK ]   [ Cancel ]", 6, ["OK *", "Cancel"]],
  ["a pointer", " ▸<Yes>         <No>", 0, ["Yes *", "No"]],
  ["a pointer", "  Yes   ❯ No", 0, ["Yes", "No *"]],
])("%s shows which button has the focus: %s", ([, buttons, col, labels]) => {
  const view = viewOf(box(buttons), { row: 3, col });
  const question = kind.question(view);
  expect(question).toMatchObject({ text: "Remove everything?", kind: "approval" });
  expect(question?.options.map(({ label, chosen }) => (chosen ? `${label} *` : label))).toEqual(labels);
});

test("arrows lead to the button", () => {
  const view = viewOf(box("   <Yes>         <No>"), { row: 3, col: 6 });
  const { options, id } = kind.question(view)!;
  expect(kind.answerKeys(kind.question(view)!, options[1]!.key, view)).toEqual(["\u001B[C", "\r"]);
  expect(kind.answerKeys(kind.question(view)!, options[0]!.key, view)).toEqual(["\r"]);
  expect(kind.question({ ...view, cursor: { row: 3, col: 19 } })?.id).toBe(id);
});

test.for(["   <Yes>         <No>", "<b>bold</b>  <i>", "[ ] Yes  [ ] No", "  Back   ❯ Next"])(
  "not read: %s",
  (buttons) => {
    expect(kind.question(viewOf(box(buttons)))).toBeUndefined();
  },
);
