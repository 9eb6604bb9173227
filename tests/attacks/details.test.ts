import { describe } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { claudeJournal } from "../../src/shards/agents/claude/claude-journal.ts";
import type { Question } from "../../src/shards/host.ts";
import { Watch } from "../../src/shards/state/watch.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { blocked } from "./attempt.ts";

/** What chat shows of a permission that Claude Code's hook tells of. */
function told(input: object): string {
  const entries = claudeJournal.read({ hook_event_name: "PermissionRequest", tool_input: input });
  return entries.map((entry) => (entry.type === "asking" ? entry.detail : "")).join("\n");
}

const view: ScreenView = {
  cols: 80,
  rows: [{ text: "❯", wrapped: false, dim: false }],
  top: 0,
  cursor: { row: 0, col: 2 },
  title: "",
  alternate: false,
  bracketedPaste: true,
  bytes: 100,
};

/** The open question when the screen shows one detail and the journal, which the agent can write, tells another. */
function shown(onScreen: string, inJournal: string): Question | undefined {
  const question: Question = {
    id: "q",
    kind: "approval",
    text: "Do you want to proceed?",
    detail: onScreen,
    options: [{ key: "1", label: "Yes" }],
  };
  const kind = { ...fakeKind, state: () => ({ state: "waiting" as const, rule: "dialog" }), question: () => question };
  const watch = new Watch(kind, true);
  const journalState = { state: "waiting" as const, rule: "it asks", at: 0, detail: inJournal };
  watch.look({ view, exit: undefined, gone: false, quiet: 10_000, journalState, tells: "turns" }, "working");
  return watch.question;
}

describe("a permission that shows less than it is about", () => {
  const command = "show the status of the build, and nothing else";

  blocked("fields of an MCP tool beside one that is called a command", () => {
    const detail = told({ command, host: "prod", sql: "DROP TABLE users" });
    return !(detail.includes("DROP TABLE users") && detail.includes("prod"));
  });
  blocked("a command that is to run outside its sandbox, in the background", () => {
    const detail = told({ command: "ls", dangerouslyDisableSandbox: true, run_in_background: true });
    return !(detail.includes("dangerouslyDisableSandbox") && detail.includes("run_in_background"));
  });
  blocked("a longer detail, in a file that the agent can write, in the place of the screen's", () => {
    const detail = told({ command: "npm test   # nothing dangerous here, really" });
    return shown("rm -rf ~", detail)?.detail.includes("rm -rf ~") !== true;
  });
});
