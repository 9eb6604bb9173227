import { describe, expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { hostileAnswers } from "./hostile-answers.ts";

/** How an agent draws a turn, and what it has below; `cursor` is the row of that in which it stands, and the column. */
interface Drawing {
  /** What stands before the first row of an answer, and before the others. */
  bullet: string;
  indent: string;
  echo: readonly string[];
  end: readonly string[];
  idle: Below;
  busy: Below;
}

interface Below {
  title: string;
  rows: readonly string[];
  cursor: [row: number, col: number];
}

const [cols, height] = [120, 60];
const across = (sign: string) => sign.repeat(cols);

const geminiBelow = (status: string): string[] => [
  "",
  "",
  status,
  across("─"),
  " Shift+Tab to accept edits",
  across("▄"),
  " >   Type your message or @path/to/file",
  across("▀"),
  " workspace (/directory)                         branch                        sandbox                            /model",
  " /tmp/demo/repo                                 main                          no sandbox                           Auto",
];
const opencodeBelow = (footer: string): string[] => [
  "  ┃",
  "  ┃",
  "  ┃",
  "  ┃  Build · Fake Model Fake",
  `  ╹${"▀".repeat(115)}`,
  footer,
  "",
];
const codexBox = [
  "",
  "› Ask Codex to do anything",
  "",
  "  gpt-5-codex default · /tmp/demo/repo",
  "  ← for agents · ? for shortcuts",
];
const claudeBox = (footer: string): string[] => [across("─"), "❯", across("─"), footer];

const drawings: Record<string, Drawing> = {
  claude: {
    bullet: "● ",
    indent: "  ",
    echo: ["❯ prompt", ""],
    end: ["", "✻ Sautéed for 0s", ""],
    idle: { title: "✳ Fake title", rows: claudeBox("  ? for shortcuts · ← for agents"), cursor: [1, 2] },
    busy: { title: "⠐ Claude Code", rows: claudeBox("  esc to interrupt · ← for agents"), cursor: [1, 2] },
  },
  codex: {
    bullet: "• ",
    indent: "  ",
    echo: ["› prompt", "", ""],
    end: ["", "  Worked for <1s • 06:46", ""],
    idle: { title: "repo", rows: codexBox, cursor: [1, 2] },
    busy: { title: "repo", rows: ["", "• Working (3s • esc to interrupt)", "", ...codexBox], cursor: [4, 2] },
  },
  gemini: {
    bullet: "✦ ",
    indent: "  ",
    echo: [across("▄"), " > prompt", across("▀")],
    end: [],
    idle: { title: "◇  Ready (repo)", rows: geminiBelow(`${" ".repeat(104)}? for shortcuts`), cursor: [6, 3] },
    busy: { title: "", rows: geminiBelow(" ⠹ Thinking... (esc to cancel, 1s)"), cursor: [6, 3] },
  },
  opencode: {
    bullet: "     ",
    indent: "     ",
    echo: ["  ┃", "  ┃  prompt", "  ┃", ""],
    end: ["", "     ▣  Build · Fake Model · 2.2s", ""],
    idle: {
      title: "OC | Fake title",
      rows: opencodeBelow("   /tmp/demo/repo                   120 (0%)  ctrl+p commands"),
      cursor: [1, 5],
    },
    busy: {
      title: "OC | Fake title",
      rows: opencodeBelow("   ■⬝⬝⬝⬝⬝⬝⬝  esc interrupt            tab agents  ctrl+p commands"),
      cursor: [1, 5],
    },
  },
};

function turnOf({ bullet, indent, echo, end }: Drawing, answer: string): string[] {
  const rows = answer.split("\n").map((row, index) => (row === "" ? "" : (index === 0 ? bullet : indent) + row));
  return [...echo, ...rows, ...end];
}

/** On the alternate screen the rows below stand at the bottom. */
function viewOf(
  above: readonly string[],
  { title, rows: below, cursor: [row, col] }: Below,
  alternate: boolean,
): ScreenView {
  const gap = Math.max(0, height - above.length - below.length);
  const texts = alternate ? [...above, ...Array.from({ length: gap }, () => ""), ...below] : [...above, ...below];
  const at = texts.length - below.length + row;
  return {
    cols,
    rows: Array.from({ length: Math.max(height, texts.length) }, (_, index) => ({
      text: (texts[index] ?? "").trimEnd(),
      wrapped: false,
      dim: false,
    })),
    top: 0,
    cursor: { row: at, col },
    title,
    alternate,
    bracketedPaste: true,
    bytes: 1000,
  };
}

const table = Object.keys(drawings).flatMap((name) =>
  Object.entries(hostileAnswers).map(([what, answer]) => ({ name, what, answer })),
);

describe.each(table)("$name says $what", ({ name, answer }) => {
  const kind = kinds[name]!;
  const drawing = drawings[name]!;
  const alternate = name === "opencode";
  const several = turnOf(drawing, answer).concat(turnOf(drawing, "Well."), turnOf(drawing, answer));

  test.each([
    ["once", turnOf(drawing, answer)],
    ["again and again", several],
  ])("%s, and is idle", (_, turn) => {
    const view = viewOf(turn, drawing.idle, alternate);
    expect(kind.question(view)).toBeUndefined();
    expect(kind.state(view)?.state).toBe("idle");
    expect(kind.composer(view)).toBe("");
    expect(kind.signs?.(view)).toEqual(kind.signs?.(viewOf(turnOf(drawing, "Well."), drawing.idle, alternate)));
  });

  test("and is at work", () => {
    const view = viewOf(turnOf(drawing, answer), drawing.busy, alternate);
    expect(kind.question(view)).toBeUndefined();
    expect(kind.state(view)?.state).toBe("working");
  });

  // A kind is free to read a screen without its input box where it has a mark for its own rows.
  test.skipIf(name === "claude")("with nothing drawn below, which says no more than any answer would", () => {
    const nothing = { ...drawing.idle, rows: [""], cursor: [0, 0] as [number, number] };
    const [view, plain] = [answer, "Well."].map((text) => viewOf(turnOf(drawing, text), nothing, alternate));
    expect(kind.question(view!)).toBeUndefined();
    expect(kind.state(view!)).toEqual(kind.state(plain!));
  });

  test.skipIf(name === "claude")("and all of it is told", () => {
    const lines = (text: string) =>
      text.split("\n").map((line) => line.trim().replace(/^• /, "- ").replace(/^─+$/, "---"));
    const told = lines(kind.clean(turnOf(drawing, answer), "prompt", cols));
    // Opencode draws a call of a tool just so, while it runs.
    const call = (line: string) => name === "opencode" && /^[⠀-⣿] /.test(line);
    expect(lines(answer).filter((line) => !call(line) && !told.some((row) => row.includes(line)))).toEqual([]);
  });
});
