import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ScreenView, Signs } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

const folder = join(import.meta.dirname, "../../fixtures/screens");

/** A drawn screen, with rows put in before the one that is found. */
function viewOf(name: string, put: readonly string[] = [], before = /^$/): ScreenView {
  const read = (file: string) => readFileSync(join(folder, name, file), "utf8");
  const { view } = JSON.parse(read("case.json")) as { view: { height: number } & Partial<ScreenView> };
  const drawn = read("screen.txt").replace(/\n$/, "").split("\n");
  const at = drawn.findLastIndex((row) => before.test(row));
  const texts = put.length === 0 ? drawn : [...drawn.slice(0, at), ...put, ...drawn.slice(at)];
  const rest = { top: 0, cursor: { row: 0, col: 0 }, title: "", alternate: false, bracketedPaste: true, bytes: 1 };
  const rows = Array.from({ length: Math.max(view.height, texts.length) }, (_, row) => texts[row] ?? "");
  const { height: _, ...own } = view;
  return { cols: 160, ...rest, ...own, rows: rows.map((text) => ({ text, wrapped: false, dim: false })) };
}

const codexBox = /^› Ask Codex/;
const limit =
  "You've hit your usage limit. Visit https://chatgpt.com/settings/usage to purchase more credits or try again at 3:04 PM.";
const unauthorized = "unexpected status 401 Unauthorized: the fake says no";

describe("a screen tells besides its state", () => {
  test.for<[string, readonly string[], RegExp, Signs]>([
    ["codex/answer", [], codexBox, {}],
    ["codex/ready-plan", [], codexBox, { mode: "plan" }],
    [
      "codex/answer",
      ["  2 background terminals running · /ps to view · /stop to close", ""],
      codexBox,
      { background: { shells: 2, agents: 0 } },
    ],
    ["codex/answer", [`■ ${limit}`, ""], codexBox, { trouble: { kind: "limit", text: limit, until: "3:04 PM" } }],
    ["codex/answer", [`■ ${unauthorized}`, ""], codexBox, { trouble: { kind: "login", text: unauthorized } }],
    [
      "codex/answer",
      ["■ stream disconnected before completion: error", "  sending request", ""],
      codexBox,
      { trouble: { kind: "offline", text: "stream disconnected before completion: error sending request" } },
    ],
    [
      "codex/answer",
      ["• Reconnecting... 2/5 (3s • esc to interrupt)", ""],
      codexBox,
      { trouble: { kind: "retrying", text: "Reconnecting... 2/5" } },
    ],
    ["codex/answer", [`■ ${limit}`, "", "› again", "", "• Well.", ""], codexBox, {}],
    ["codex/answer", ["■ Conversation interrupted", ""], codexBox, {}],
    ["gemini/answer", [], /^$/, { mode: "manual" }],
    ["gemini/yolo", [], /^$/, { mode: "yolo" }],
    ["gemini/ready-vim", [], /^$/, { mode: "plan" }],
    ["opencode/answer", [], /^$/, { mode: "build" }],
    [
      "opencode/retrying",
      [],
      /^$/,
      { mode: "build", trouble: { kind: "retrying", text: "fake 401 [retrying in 5s attempt #3]" } },
    ],
    ["opencode/full-without-box", [], /^$/, {}],
  ])("%s with %j", ([name, put, before, signs]) => {
    const kind = kinds[name.split("/")[0]!]!;
    expect(kind.signs!(viewOf(name, put, before))).toEqual(signs);
  });

  test("of gemini, which tries to reach its model", () => {
    const view = viewOf("gemini/busy");
    const texts = view.rows.map((row) => ({
      ...row,
      text: row.text.replace("Thinking... (esc", "Trying to reach gemini-2.5-flash (Attempt 2/10) (esc"),
    }));
    const trouble = { kind: "retrying", text: "Trying to reach gemini-2.5-flash (Attempt 2/10)" };
    expect(kinds["gemini"]!.signs!({ ...view, rows: texts })).toEqual({ mode: "manual", trouble });
  });
});
