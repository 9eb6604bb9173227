import type { AgentKind, LaunchContext, Reading, ScreenView } from "../agent.ts";
import { cleanClaude, toolsOfClaude } from "./claude-clean.ts";
import { claudeKeys, claudeQuestion } from "./claude-dialog.ts";
import { claudeJournal, claudeSettings } from "./claude-journal.ts";
import { type Box, boxIn, footerIn, isWork, lastBlock, withoutPanel } from "./claude-screen.ts";
import { signsIn } from "./claude-signs.ts";
import { composerText, untouched } from "../composer.ts";
import { encodePrompt, isSlashCommand } from "../encode.ts";
import type { Mode, Question } from "../../host.ts";

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

const titles = { busy: /^[\u2800-\u28ff◐-◓] /, ready: /^✳/ };
/** Below a tool that runs. */
const toolRow = /^ {4,}\(?ctrl\+b .*run in background\)?$/;
/** Where there is no input box, as for screen readers. What is said has two blanks before it, so these are none of it. */
const busyRows: readonly { rule: string; row: RegExp }[] = [
  { rule: "retrying", row: /^[·✢✳✶✻✽*] API error\s+· Retrying in |^API error {2}· Retrying in / },
  { rule: "spinner", row: /^[·✢✳✶✻✽*] \S+…(?: \(\d+[hms] |$)/ },
  { rule: "row: ctrl+b to run in background", row: toolRow },
];
/** In its input box while a prompt waits in its own queue: between two turns the title says ✳ too. */
const queueRow = /^❯\sPress up to edit queued messages$/;
/** Anywhere below the input box: "⏵⏵ auto mode on (shift+tab to cycle) · esc to interrupt". */
const busyFooter = /\besc to interrupt\b/i;
/** A panel that only Esc closes, or a dialog whose options are not read. */
const panel = /^\s*esc to (?:cancel|close|exit|go back|dismiss)\b|· esc to (?:cancel|close|exit|go back|dismiss)/i;
const hint = /^(?:Try "|Press up to edit queued messages$)/;
const pointer = "❯";

const modes: Readonly<Record<Mode, string>> = { ask: "manual", edits: "accept edits", all: "bypass permissions" };
/** Names of the modes in its footer, and on its command line. */
const permissionModes: Readonly<Record<string, string>> = {
  manual: "default",
  auto: "auto",
  plan: "plan",
  "accept edits": "acceptEdits",
  "bypass permissions": "bypassPermissions",
};

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

  launch: (context) => ({
    file: "claude",
    args: [
      context.resume ? "--resume" : "--session-id",
      context.conversation,
      ...permissions(context),
      ...(context.tools ? ["--mcp-config", `${context.folder}/mcp.json`, "--allowedTools", "mcp__shardbridge"] : []),
      "--settings",
      `${context.folder}/settings.json`,
    ],
    // Only settings by which its screen is read, and against what would stand in the way of a prompt; all others stay the user's own.
    env: {
      // The alternate screen keeps nothing of what scrolls away, and has a panel beside the text.
      CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: "1",
      // A prompt that begins with a digit would answer it.
      CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: "1",
      // An update of the program while a shard runs it helps nobody.
      DISABLE_AUTOUPDATER: "1",
    },
    files: {
      "settings.json": claudeSettings(context.folder),
      ...(context.tools && {
        "mcp.json": JSON.stringify({ mcpServers: { shardbridge: { ...context.tools, alwaysLoad: true } } }),
      }),
    },
  }),
  encode: encodePrompt,
  state,
  signs: (view) => signsIn(rowsOf(view)),
  question,
  answerKeys: (open, option, view) => claudeKeys(open, option, view && rowsOf(view)),
  isCommand: isSlashCommand,
  tools: (rows) => toolsOfClaude(rows, size.cols),
  composer: (view) => composerText(view, boxOf(view), pointer, hint) || readerText(view),
  clean: (rows, sent, cols = size.cols) => cleanClaude(rows, sent, cols),
};

/** Resumed, it would be in the mode that it was in last, however much that allows. "all" comes with a warning that a person must accept. */
function permissions({ mode, ownMode = "manual", resume }: LaunchContext): string[] {
  if (mode === undefined && !resume) return [];
  return ["--permission-mode", permissionModes[mode === undefined ? ownMode : modes[mode]] ?? "default"];
}

/**
 * A busy title, spinner or footer proves work, whatever its glyph is; an idle title proves nothing by itself, and an unknown one neither.
 * Idle is the input box with no sign of work around it.
 */
function state(view: ScreenView): Reading | undefined {
  // The title says ✳ while a dialog is open too.
  const open = question(view);
  if (open) return { state: "waiting", rule: "dialog" };
  if (titles.busy.test(view.title)) return { state: "working", rule: "title: busy" };
  const rows = rowsOf(view);
  const box = boxIn(rows);
  if (!box) return unboxed(view, rows);
  if (queueRow.test(rows[box.first] ?? "")) return { state: "working", rule: "its own queue" };
  if (footerIn(rows, box).some((row) => busyFooter.test(row))) {
    return { state: "working", rule: "footer: esc to interrupt" };
  }
  const block = lastBlock(rows, box);
  if (isWork(block[0] ?? "")) return { state: "working", rule: "spinner" };
  if (block.some((row) => toolRow.test(row))) return { state: "working", rule: "row: ctrl+b to run in background" };
  return { state: "idle", rule: titles.ready.test(view.title) ? "input box, title: ✳" : "input box" };
}

/** For screen readers there is no box around the input line, and a panel takes its place. */
function unboxed(view: ScreenView, rows: readonly string[]): Reading | undefined {
  const busy = busyRows.find(({ row }) => rows.some((text) => row.test(text)));
  if (busy) return { state: "working", rule: busy.rule };
  if (rows.some((row) => panel.test(row))) return { state: "waiting", rule: "panel: esc closes it" };
  const ready = titles.ready.test(view.title) && readerLine(rows) >= 0;
  return ready ? { state: "idle", rule: "input line, title: ✳" } : untouched(view);
}

function question(view: ScreenView): Question | undefined {
  return boxOf(view) ? undefined : claudeQuestion(rowsOf(view));
}

function boxOf(view: ScreenView): Box | undefined {
  return boxIn(rowsOf(view));
}

function rowsOf({ rows, cols }: ScreenView): readonly string[] {
  return withoutPanel(
    rows.map(({ text }) => text),
    cols,
  );
}

/** Text in the input line for screen readers: below the row "● high · /effort", with no mark before it. */
function readerText(view: ScreenView): string {
  const rows = rowsOf(view);
  const row = readerLine(rows);
  if (row < 0 || boxIn(rows) || !titles.ready.test(view.title)) return "";
  const text = rows
    .slice(row + 1)
    .join("\n")
    .trim();
  return hint.test(text) ? "" : text;
}

function readerLine(rows: readonly string[]): number {
  return rows.findLastIndex((row) => /^\S \S+ · \/effort$/.test(row));
}
