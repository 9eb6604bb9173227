import { describe, expect, test } from "vitest";
import type { ScreenView, Signs } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

const claude = kinds["claude"]!;
const rule = "─".repeat(60);
const effort = `${" ".repeat(40)}◐ medium · /effort`;

/** A screen with the input box below these rows. */
function screen(
  above: readonly string[],
  footer = "  ⏸ manual mode on · ? for shortcuts",
  title = "✳ topic",
): ScreenView {
  const texts = ["● An answer.", "", ...above, "", effort, rule, "❯", rule, footer];
  const rows = texts.map((text) => ({ text, wrapped: false, dim: false }));
  const cursor = { row: texts.length - 3, col: 2 };
  return { cols: 120, rows, top: 0, cursor, title, alternate: false, bracketedPaste: true, bytes: 1 };
}

describe("claude is at work", () => {
  test.for<[string, ScreenView]>([
    ["by a title of 2.1.197", screen([], undefined, "⠂ topic")],
    ["by a title of 2.1.332", screen([], undefined, "◑ topic")],
    ["by a footer with its mode before", screen([], "  ⏸ manual mode on · esc to interrupt · ← for agents")],
    ["by a footer with help before", screen([], "  ⏵⏵ auto mode on (shift+tab to cycle) · esc to interrupt")],
    ["by a spinner", screen(["✻ Noodling… (3s · ↓ 5 tokens)"])],
    ["by a spinner with an unknown glyph", screen(["◰ Noodling…"], undefined, "◰ topic")],
    ["by a spinner with a glyph of ASCII", screen(["% Working on the second part… (3s)"])],
    ["by a spinner with rows below", screen(["✻ Noodling…", "  ⎿  ☐ The first part", "     ☐ The second part"])],
    [
      "by a spinner above what waits",
      screen(["✻ Noodling…", "", "❯ and then this", "  ⎿  Queued · ctrl+x ctrl+s to send now"]),
    ],
    ["by a spinner below what waits", screen(["❯ and then this", "  ⎿  Queued · ctrl+x", "", "◰ Noodling…"])],
    ["by a pause between two tries", screen(["◰ 429 fake 429 · retrying in 18s · attempt 6/10"])],
    ["by a pause of 2.1.197", screen(["✶ API error · Retrying in 10s · attempt 5/10"])],
    ["by an API that says nothing", screen(["◰ Waiting for API response · will retry in 5s · check your network"])],
    ["by its sub-agents", screen(["◰ Waiting for 2 background agents to finish"])],
    ["by a tool", screen(["● Bash(sleep 9)", "  ⎿  Running…", "     (ctrl+b to run in background)"])],
  ])("%s", ([, view]) => {
    expect(claude.state(view)?.state).toBe("working");
  });
});

describe("claude is idle", () => {
  test.for<[string, ScreenView]>([
    ["with its box", screen([])],
    ["with a title that nobody knows", screen([], undefined, "◰ topic")],
    ["with no title", screen([], undefined, "")],
    ["after a turn", screen(["✻ Sautéed for 1s · done 7:05 PM"])],
    ["with a shell in the background", screen(["✻ Sautéed for 1s · done 7:05 PM · 1 shell still running"])],
    ["after an answer with a spinner in it", screen(["● It says:", "", "  ✻ Noodling… (3s)", "  esc to interrupt"])],
    ["after an answer that is a spinner", screen(["● Noodling…"])],
    ["after an error", screen(["❯ x", "  ⎿  Invalid API key · Fix external API key"])],
  ])("%s", ([, view]) => {
    expect(claude.state(view)?.state).toBe("idle");
  });

  test("not by its title alone", () => {
    const view = screen([]);
    const rows = view.rows.slice(0, 2);
    expect(claude.state({ ...view, rows })).toBeUndefined();
  });
});

describe("claude's screen tells", () => {
  const plain = { mode: "manual" };
  test.for<[string, string[], string | undefined, Signs]>([
    ["its mode", [], "  ⏵⏵ accept edits on (shift+tab to cycle)", { mode: "accept edits" }],
    ["a mode that nobody knows", [], "  ◰ careful mode on · ? for shortcuts", { mode: "careful" }],
    ["its mode with all allowed", [], "  ⏵⏵ bypass permissions on", { mode: "bypass permissions" }],
    ["no mode where it shows none", [], "  ? for shortcuts", {}],
    [
      "what runs on, told twice",
      ["✻ Sautéed for 1s · done 7:05 PM · 3 shells still running"],
      "  ⏸ plan mode on · 3 shells, 1 background agent · ↓ to manage",
      { mode: "plan", background: { shells: 3, agents: 1 } },
    ],
    [
      "sub-agents that it waits for",
      ["✻ Waiting for 2 background agents to finish"],
      undefined,
      { ...plain, background: { shells: 0, agents: 2 } },
    ],
    [
      "a pause, less the seconds",
      ["✻ 529 Overloaded · retrying in 3s · attempt 3/4"],
      undefined,
      { ...plain, trouble: { kind: "retrying", text: "529 Overloaded" } },
    ],
    [
      "that it is offline",
      ["✻ Connection dropped (ECONNRESET) · retrying in 3s · attempt 3/4"],
      undefined,
      { ...plain, trouble: { kind: "offline", text: "Connection dropped (ECONNRESET)" } },
    ],
    [
      "that its plan is used up, and until when",
      ["● You've hit your session limit · resets 3pm (Europe/Berlin)"],
      undefined,
      {
        ...plain,
        trouble: {
          kind: "limit",
          text: "You've hit your session limit · resets 3pm (Europe/Berlin)",
          until: "3pm (Europe/Berlin)",
        },
      },
    ],
    [
      "a limit that it waits for, and until when",
      ["✻ 5-hour limit reached · retrying in 1h (Jan 1, 2027, 3pm) · attempt 2/10"],
      undefined,
      { ...plain, trouble: { kind: "limit", text: "5-hour limit reached", until: "Jan 1, 2027, 3pm" } },
    ],
    [
      "a limit below the prompt, in rows",
      ["❯ x", "  ⎿  You’ve hit your limit · resets Dec 3 at 9am", "     /upgrade to increase your usage limit"],
      undefined,
      {
        ...plain,
        trouble: { kind: "limit", text: "You’ve hit your limit · resets Dec 3 at 9am", until: "Dec 3 at 9am" },
      },
    ],
    [
      "that its login has expired",
      ["● Please run /login · API Error: 403 OAuth token has expired"],
      undefined,
      { ...plain, trouble: { kind: "login", text: "Please run /login · API Error: 403 OAuth token has expired" } },
    ],
    ["no trouble that is only talked about", ["● The rate limit of the API is 429, see /login."], undefined, plain],
    ["no trouble of a turn before", ["● API Error: 401 no", "", "❯ x", "", "● Fine."], undefined, plain],
  ])("%s", ([, above, footer, signs]) => {
    expect(claude.signs?.(screen(above, footer))).toEqual(signs);
  });
});
