import { describe, expect, test } from "vitest";
import { findKeyRow, keyRowQuestion } from "../../../src/shards/agents/dialogs/key-rows.ts";

const edge = "─".repeat(40);

test.for<[string, string[]]>([
  ["  [y] Approve   [n] Deny", ["y Approve", "n Deny"]],
  ["  [y] Approve   [n] Deny   [a] Always allow this tool", ["y Approve", "n Deny", "a Always allow this tool"]],
  ["(a)ccept / (r)eject", ["a accept", "r reject"]],
  ["[A]pprove, [R]eject or [E]dit", ["a Approve", "r Reject", "e Edit"]],
  ["│ [Y] Yes | [N] No │", ["Y Yes", "N No"]],
  ["Yes (y)   No (n)", ["y Yes", "n No"]],
  ["[Enter] Save · [Esc] Discard", ["enter Save", "esc Discard"]],
  ["Run this? [y] yes [n] no:", ["y yes", "n no"]],
  ["Overwrite it? [Y/n]", ["y Yes", "n No"]],
  ["Overwrite it (y/N)? ", ["y Yes", "n No"]],
  ["Go on? [y/n/a/q]", ["y Yes", "n No", "a All", "q Quit"]],
  ["Continue (yes/no)?", ["yes Yes", "no No"]],
])("%s", ([row, options]) => {
  const found = findKeyRow(["Approve it?", "", row, ""]);
  expect(found?.options.map(({ key, label }) => `${key} ${label}`)).toEqual(options);
});

test("one below the other", () => {
  const question = keyRowQuestion(["Run it?", "", "  [y] Yes", "  [a] Always", "  [n] No", "  Press a key to choose"]);
  expect(question).toMatchObject({ text: "Run it?", kind: "approval", detail: "" });
  expect(question?.options.map(({ key }) => key)).toEqual(["y", "a", "n"]);
});

test.for([
  "[q] Quit  [?] Help  [r] Reload",
  "[x] done   [ ] open",
  "[1] https://example.com/yes",
  "see (a) the first and (b) the second",
  "a list [a, b] of things",
  "F1 Help  F2 Save",
  "yes/no",
  "Either yes or no",
  "[y] Approve",
  "[y] Approve [y] Deny",
  "array[y] = yes[n]",
])("not in: %s", (row) => {
  expect(findKeyRow(["Approve it?", "", row])).toBeUndefined();
});

test("not when something stands below", () => {
  expect(findKeyRow(["Approve it? [y/n]", "Fine.", "> "])).toBeUndefined();
});

describe("the question", () => {
  test("is what is asked, with what it is about, and nothing from before", () => {
    const question = keyRowQuestion([
      " ❯ TOUCH it            █",
      "",
      " * I will run a command for you.   █",
      "",
      "",
      " Cline needs permission",
      "",
      " Approve tool call?",
      "",
      " run_commands",
      "",
      "   $ touch zz.txt",
      "",
      "  [y] Approve   [n] Deny",
    ]);
    expect(question).toMatchObject({
      kind: "approval",
      text: "Approve tool call?",
      detail: "Cline needs permission\n\nrun_commands\n\n$ touch zz.txt",
      options: [
        { key: "y", label: "Approve" },
        { key: "n", label: "Deny" },
      ],
    });
  });

  test("in the row of its keys keeps what is above", () => {
    const question = keyRowQuestion([edge, "rm -rf build", "", "Do that? [y/N]"]);
    expect(question).toMatchObject({ text: "Do that?", detail: "rm -rf build" });
    expect(question?.options[1]).toMatchObject({ key: "n", chosen: true });
  });
});
