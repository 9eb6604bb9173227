import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { claudeJournal, claudeSettings } from "./claude-journal.ts";
import { cleanClaude, toolsOfClaude } from "./claude-clean.ts";
import { claudeKeys, claudeQuestion } from "./claude-dialog.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import type { Mode, Question } from "../host.ts";

/*
 * Claude Code 2.1 (inline, normal buffer):
 *
 *     ❯ RUN echo demo-123 > demo.txt           the prompt's echo
 *
 *     ● I will run a command for you.          what it says; goes on with two blanks
 *
 *     ● Bash(echo demo-123 > demo.txt)         a tool
 *       ⎿  wrote-it                            and its result
 *
 *     ✢ Noodling… (0s · ↓ 29 tokens)           spinner; "✻ Cooked for 3s" at the end of a turn
 *     ─────────────────────────────────
 *     ❯ Press up to edit queued messages       input box; hints in it are dim and have the cursor before them
 *     ─────────────────────────────────
 *       esc to interrupt · ← for agents        ● high · /effort
 *
 * A dialog takes the place of the input box, below one rule. With --ax-screen-reader there are no boxes: "you: …", "claude: …".
 */
const size = { cols: 160, rows: 50 };

const titles = { busy: /^[\u2800-\u28ff] /, ready: /^✳/ };
/** Where the title tells nothing. What is said has two blanks before it, so these are none of it. */
const busyRows: readonly { rule: string; row: RegExp }[] = [
  { rule: "retrying", row: /^[·✢✳✶✻✽*] API error\s+· Retrying in |^API error {2}· Retrying in / },
  { rule: "spinner", row: /^[·✢✳✶✻✽*] \S+…(?: \(\d+[hms] |$)/ },
  { rule: "row: ctrl+b to run in background", row: /^ {2,}\(?ctrl\+b .*run in background\)?$/ },
];
/** In its input box while a prompt waits in its own queue: between two turns the title says ✳ too. */
const queueRow = /^❯\sPress up to edit queued messages$/;
/** Below the input box. */
const busyFooter = /^\s*esc to interrupt\b/;
/** A panel that only Esc closes, or a dialog whose options are not read. */
const panel = /^\s*esc to (?:cancel|close|exit|go back|dismiss)\b|· esc to (?:cancel|close|exit|go back|dismiss)/i;
const hint = /^(?:Try "|Press up to edit queued messages$)/;
const rule = /^─{10,}/;
const pointer = "❯";

export const claude: AgentKind = {
  name: "claude",
  title: "Claude Code",
  program: "claude",
  // Not ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL: in the bot's environment they are the orchestrator's.
  env: [
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "AWS_PROFILE",
    "AWS_REGION",
  ],
  // Inline, with scrollback; wide, because what it wraps itself is hard to join again.
  size,
  form: "markdown",
  inputBox: true,
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: true,
  conversations: "given",
  modes: ["ask", "edits", "all"],
  journal: claudeJournal,

  orchestrates: true,

  launch: ({ conversation, resume, mode, folder, tools }) => ({
    file: "claude",
    args: [
      resume ? "--resume" : "--session-id",
      conversation,
      ...permissions(mode ?? (resume ? "ask" : undefined)),
      ...(tools ? ["--mcp-config", `${folder}/mcp.json`, "--allowedTools", "mcp__shardbridge"] : []),
      "--settings",
      `${folder}/settings.json`,
    ],
    // An update of the program while a shard runs it helps nobody; everything else is the user's own setting.
    env: { DISABLE_AUTOUPDATER: "1" },
    files: {
      "settings.json": claudeSettings(folder),
      ...(tools && { "mcp.json": JSON.stringify({ mcpServers: { shardbridge: { ...tools, alwaysLoad: true } } }) }),
    },
  }),
  encode: encodePrompt,
  state,
  question,
  answerKeys: claudeKeys,
  isCommand: isSlashCommand,
  tools: toolsOfClaude,
  composer: (view) => composerText(view, boxOf(view), pointer, hint) || readerText(view),
  clean: (rows, sent, cols = size.cols) => cleanClaude(rows, sent, cols),
};

/** Resumed, it would be in the mode that it was in last, however much that allows. "all" comes with a warning that a person must accept. */
function permissions(mode: Mode | undefined): string[] {
  const names = { ask: "default", edits: "acceptEdits", all: "bypassPermissions" };
  return mode === undefined ? [] : ["--permission-mode", names[mode]];
}

function state(view: ScreenView): Reading | undefined {
  // The title says ✳ while a dialog is open too.
  const open = question(view);
  if (open) return { state: "waiting", rule: "dialog" };
  if (titles.busy.test(view.title)) return { state: "working", rule: "title: busy" };
  const texts = view.rows.map(({ text }) => text);
  const box = boxOf(view);
  if (box && queueRow.test(texts[box.first] ?? "")) return { state: "working", rule: "its own queue" };
  if (box && titles.ready.test(view.title)) return { state: "idle", rule: "title: ✳" };
  const busy = busyRows.find(({ row }) => texts.some((text) => row.test(text)));
  if (busy) return { state: "working", rule: busy.rule };
  if (box && texts.slice(box.last).some((text) => busyFooter.test(text)))
    return { state: "working", rule: "footer: esc to interrupt" };
  if (box) return { state: "idle", rule: "input box" };
  if (texts.some((text) => panel.test(text))) return { state: "waiting", rule: "panel: esc closes it" };
  const drawn = texts.some((text) => text !== "");
  return drawn && titles.ready.test(view.title) ? { state: "idle", rule: "title: ✳" } : untouched(view);
}

function question(view: ScreenView): Question | undefined {
  return boxOf(view) ? undefined : claudeQuestion(view);
}

/** First and last row of the input box: between two rules, with the pointer. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const last = texts.findLastIndex((text) => rule.test(text)) - 1;
  const first = texts.slice(0, Math.max(0, last + 1)).findLastIndex((text) => rule.test(text)) + 1;
  return first > 0 && first <= last && /^[❯!](?:\s|$)/.test(texts[first] ?? "") ? { first, last } : undefined;
}

/** What stands in the input line for screen readers: below the row "● high · /effort", with no mark before it. */
function readerText(view: ScreenView): string {
  const texts = view.rows.map(({ text }) => text);
  const row = texts.findLastIndex((text) => /^● \S+ · \/effort$/.test(text));
  if (row < 0 || boxOf(view) || !titles.ready.test(view.title)) return "";
  const text = texts
    .slice(row + 1)
    .join("\n")
    .trim();
  return hint.test(text) ? "" : text;
}
