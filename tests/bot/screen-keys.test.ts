import { expect, test } from "vitest";
import { screenKeys } from "../../src/bot/posts/screen-keys.ts";

test.for<[string, string[], string[]]>([
  [
    "an unread list",
    ["Trust?", "❯ No, exit", "  Yes", "", "Enter to confirm · Esc to cancel"],
    ["Esc: cancel", "Enter: chooses “No, exit”", "↑", "↓", "Tab"],
  ],
  [
    "a list in a box",
    ["│ › people   3 rows │", "│   places          │", " ↑/↓ move · enter select · esc quit"],
    ["Esc: quit", "Enter: chooses “people”", "↑", "↓", "Tab"],
  ],
  [
    "help alone",
    ["Ready.", "Enter to go on, Tab to skip, Esc: back"],
    ["Esc: back", "Enter: go on", "↑", "↓", "Tab: skip"],
  ],
  ["nothing known", ["Odd"], ["Esc", "Enter", "↑", "↓", "Tab"]],
])("%s", ([, rows, labels]) => {
  expect(screenKeys(rows.join("\n")).map(({ label }) => label)).toEqual(labels);
});
