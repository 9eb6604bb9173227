import { describe, expect, it, test } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { columns } from "../../src/shards/agents/cleaning/width.ts";
import { isOpen, isShown, landingOf } from "../../src/shards/state/landing.ts";
import { steadyText, withoutScrollBar } from "../../src/shards/state/steady.ts";

/** A full screen with these rows; `¦` stands where the cursor is. */
function viewOf(rows: readonly string[], more: Partial<ScreenView> = {}): ScreenView {
  const row = rows.findIndex((text) => text.includes("¦"));
  const texts = rows.map((text) => ({ text: text.replace("¦", "").trimEnd(), wrapped: false, dim: false }));
  const cursor = { row, col: columns(rows[row]?.replace(/¦.*/, "") ?? "") };
  const rest = { cols: 80, top: 0, title: "", alternate: true, bracketedPaste: true, bytes: 9 };
  return { ...rest, rows: texts, cursor, ...more };
}

describe("a text that has landed", () => {
  const rule = "─".repeat(40);
  test.for<[string, string[], string, string[]]>([
    ["behind a bar", ["Hello", "", "┃ fix it¦", "┃", "tips"], "fix it", ["Hello", "more", "", "┃ ¦", "┃", "tips"]],
    ["in several lines", [rule, "> one", "  two¦", rule], "one\ntwo", ["x", rule, "> ¦", rule]],
    ["in a box that has moved", ["", `   ${rule}`, "   ❯ a¦", `   ${rule}`], "a", [rule, "❯ ¦hint", rule]],
  ])("is known by its place: %s", ([, landed, text, open]) => {
    const landing = landingOf(viewOf(landed), text);
    expect(landing && isOpen(landing, viewOf(open))).toBe(true);
    expect(landing && isOpen(landing, viewOf(open, { alternate: false }))).toBe(false);
    expect(landing && isOpen(landing, viewOf(["Approve?", "", " [y] Yes [n] No¦", "", ""]))).toBe(false);
    const typed = open.map((row) => row.replace(/¦.*/, "left¦"));
    expect(landing && isOpen(landing, viewOf(typed))).toBe(false);
  });

  test.for<[string, string[], string]>([
    ["it is not to be seen", ["~", "¦", "~"], "fix it"],
    ["the cursor is not behind it", ["fix it", "> ¦"], "fix it"],
    ["nothing tells the place", ["", "fix it¦", ""], "fix it"],
    ["there is none", ["> ¦"], ""],
  ])("is not known where %s", ([, rows, text]) => {
    expect(landingOf(viewOf(rows), text)).toBeUndefined();
  });
});

describe("a text in an input line", () => {
  test.for<[string, string[], string, boolean]>([
    ["stands behind a sign", ["❯ fix it¦"], "fix it", true],
    ["stands behind a label", ["You: fix it¦"], "fix it", true],
    ["stands in a frame", ["│ > 완료 日本語¦     │"], "완료 日本語", true],
    ["stands behind emoji, which have many characters", ["> 👩‍👩‍👧 🏳️‍🌈 👩‍💻 finish it¦"], "👩‍👩‍👧 🏳️‍🌈 👩‍💻 finish it", true],
    ["stands in rows that the program has begun itself", ["> please fix", "  it all¦"], "please fix it all", true],
    ["stands there with a line feed at its end", ["> one", "  two¦"], "one\ntwo\n", true],
    ["is folded", ["> [paste #1 +230 lines]¦"], "abc\n".repeat(230), true],
    [
      "is folded, with its beginning",
      ["> [Is it [y] or [n]... Pasted +5 lines]¦"],
      "Is it [y] or [n]?\n\n\n\n\nSo?",
      true,
    ],
    ["has no letters", ["> ?!¦"], "?!", true],
    ["is gone", ["> ¦"], "fix it", false],
    ["is another one", ["> Press enter to go on¦"], "fix it", false],
    ["is above, where it was sent to", ["> fix it", "", "> ¦"], "fix it", false],
  ])("%s", ([, rows, text, expected]) => {
    expect(isShown(viewOf(rows), text)).toBe(expected);
  });
});

describe("what moves by itself", () => {
  const now = new Date(2026, 10, 30, 14, 5, 7);
  const at = (text: string) => steadyText(viewOf([text]), now);

  it("is a clock that shows the time, in 24 or 12 hours", () => {
    expect(at("main 14:05:07 ok")).toBe(at("main 14:05:08 ok"));
    expect(at("14:04")).toBe(at("14:05"));
    expect(at("2:05 PM")).toBe(at("2:04 PM"));
  });

  it("is not what counts how long something takes", () => {
    expect(at("Working 00:12")).not.toBe(at("Working 00:13"));
    expect(at("Working 12s")).not.toBe(at("Working 13s"));
  });

  it("is a scroll bar, and not the edge of a box", () => {
    expect(withoutScrollBar("some text      █")).toBe("some text");
    expect(withoutScrollBar("               ▄")).toBe("");
    expect(withoutScrollBar("█")).toBe("");
    expect(withoutScrollBar("│ text │")).toBe("│ text │");
    expect(withoutScrollBar("100% ██")).toBe("100% ██");
  });
});
