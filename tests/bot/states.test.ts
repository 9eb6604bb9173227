import { describe, expect, it } from "vitest";
import { age, agentWords, hasCrashed, stateWords } from "../../src/bot/posts/states.ts";
import { columns } from "../../src/width.ts";
import type { ShardStatus } from "../../src/shards/host.ts";

const since = "2026-01-02T03:04:05.000Z";

describe("a state in people's words", () => {
  it.each<[Omit<ShardStatus, "since">, string]>([
    [{ state: "starting", why: "nothing painted yet" }, "getting ready"],
    [{ state: "working", why: "it wrote that a turn began" }, "at work"],
    [{ state: "idle", why: "mark: prompt" }, "waits for a prompt"],
    [{ state: "idle", why: "title: ✳" }, "waits for a prompt"],
    [
      { state: "idle", why: "input box", background: { shells: 2, agents: 1 } },
      "its turn is over, with 2 shells and 1 sub-agent in the background",
    ],
    [{ state: "waiting", waitingFor: "approval", why: "dialog: Do you want it?" }, "asks: Do you want it?"],
    [{ state: "waiting", waitingFor: "approval", why: "it wrote that it asks" }, "asks for an approval"],
    [{ state: "waiting", waitingFor: "question", why: "panel: esc closes it" }, "asks something"],
    [{ state: "stalled", why: "typed to, with no reaction" }, "was typed to and did not react"],
    [{ state: "unsure", why: "a screen that no rule knows" }, "shows something that a person has to look at"],
    [{ state: "exited", why: "exit code 3", exit: { code: 3 } }, "crashed with exit code 3"],
    [{ state: "exited", why: "signal 9", exit: { code: 0, signal: 9 } }, "crashed with signal 9"],
    [{ state: "exited", why: "exit code 0", exit: { code: 0 } }, "ended by itself"],
    [{ state: "exited", why: "closed by ann", exit: { code: 129 } }, "closed by ann"],
    [{ state: "lost", why: "its holder is gone" }, "its holder is gone"],
    [{ state: "idle", why: "its worktree is gone; mark: prompt" }, "its worktree is gone; waits for a prompt"],
    [{ state: "working", why: "floods its terminal: 12.3 MB/s; mark: run" }, "floods its terminal: 12.3 MB/s; at work"],
    [
      { state: "idle", why: "input box", trouble: { kind: "limit", text: "5-hour limit reached" } },
      "can't go on: 5-hour limit reached",
    ],
  ])("%j", (status, words) => expect(stateWords({ ...status, since })).toBe(words));

  it("tells a crash from an end that was wanted", () => {
    const ended = (why: string, code: number) => hasCrashed({ state: "exited", since, why, exit: { code } });
    expect([ended("exit code 1", 1), ended("exit code 0", 0), ended("closed by ann", 143)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it.each([
  [0, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3599, "59 min"],
  [7200, "2 h"],
  [3 * 86_400, "3 days"],
  [-5, "0 s"],
])("%d seconds are %s", (seconds, words) => expect(age(since, Date.parse(since) + seconds * 1000)).toBe(words));

it("an agent is named with the mode in force", () => {
  const status = { state: "idle" as const, since, why: "" };
  expect([agentWords("claude", { ...status, mode: "auto" }), agentWords("shell", status)]).toEqual([
    "claude (auto)",
    "shell",
  ]);
});

it("columns are aligned by what a terminal shows", () => {
  expect(
    columns([
      ["⚪ a", "x"],
      ["日本", "x"],
      ["abcde", "x"],
    ]),
  ).toBe("⚪ a   x\n日本   x\nabcde  x");
});
