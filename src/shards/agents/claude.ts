import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { claudeJournal, claudeSettings } from "./claude-journal.ts";
import { type Block, blocks, continued, isDrawn, isKeyHelp, paragraphs, spoken, unindent } from "./clean.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import { findMenu, menuKeys, menuQuestion } from "./menu.ts";
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
const busyRows: readonly { rule: string; row: RegExp }[] = [
  { rule: "footer: esc to interrupt", row: /^\s*esc to interrupt\b/ },
  { rule: "footer: ctrl+b to run in background", row: /ctrl\+b to run in background/ },
  { rule: "retrying", row: /^\W*API error\s+· Retrying in / },
  { rule: "its own queue", row: /^❯\sPress up to edit queued messages$/ },
  { rule: "spinner", row: /^[·✢✳✶✻✽*] \S+…(?: \(\d+[hms] |$)/ },
];
/** A panel that only Esc closes, or a dialog whose options are not read. */
const panel = /^\s*esc to (?:cancel|close|exit|go back|dismiss)\b|· esc to (?:cancel|close|exit|go back|dismiss)/i;
const hint = /^(?:Try "|Press up to edit queued messages$)/;
const rule = /^─{10,}/;
const pointer = "❯";

const footer =
  /^\s*(?:\? for shortcuts|esc to interrupt|⏵⏵|⏸|● \S+ · \/effort|ctrl\+\S+ to \w+|.*\s{3,}● \S+ · \/effort$|Press \S+ again to exit)/i;
const spinner = /^[·✢✳✶✻✽*] \S+(?: \S+)?…|^✻ \S+ for [\dhms ]+$/;
const commandHelp = /^\/[\w:-]+ {2,}\S/;
const toolCall = /^[A-Z][\w-]*(?: [\w:./-]+)*\s?\(.*\)$/s;
/** Reads and searches are folded into one line: "Read 1 file (ctrl+o to expand)". */
const folded =
  /^\s*(?:● )?(?:Ran|Running|Read|Reading|Searched|Searching|Listed|Listing|Called|Recalled|Wrote) .*(?:\(ctrl\+o to expand\)|\d+ [a-z ]+?(?:command|file|pattern|director|time|memor|agent)\w*…?)$/;
/** What a prompt's "@README.md" brought along. */
const mentioned = /^(?:Read .+ \(\d.*\)|Listed directory .+)$/;
/** Of what stands behind ⎿ and says more than a tool's result. */
const note = /^(?:Interrupted|\[Request interrupted|User rejected|Denied|API Error|Error: .*API)/i;

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
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: true,
  conversations: "given",
  modes: ["ask", "edits", "all"],
  journal: claudeJournal,

  launch: ({ conversation, resume, mode, folder }) => ({
    file: "claude",
    args: [
      resume ? "--resume" : "--session-id",
      conversation,
      ...permissions(mode ?? (resume ? "ask" : undefined)),
      "--settings",
      `${folder}/settings.json`,
    ],
    // An update of the program while a shard runs it helps nobody; everything else is the user's own setting.
    env: { DISABLE_AUTOUPDATER: "1" },
    files: { "settings.json": claudeSettings(folder) },
  }),
  encode: encodePrompt,
  state,
  question,
  answerKeys: menuKeys,
  isCommand: isSlashCommand,
  tools: () => [],
  composer: (view) => composerText(view, boxOf(view), pointer, hint),
  clean: (rows, sent, cols = size.cols) => clean(sinceEcho(rows, sent), cols),
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
  const busy = busyRows.find(({ row }) => texts.some((text) => row.test(text)));
  if (busy) return { state: "working", rule: busy.rule };
  if (boxOf(view)) return { state: "idle", rule: "input box" };
  if (texts.some((text) => panel.test(text))) return { state: "waiting", rule: "panel: esc closes it" };
  const drawn = texts.some((text) => text !== "");
  return drawn && titles.ready.test(view.title) ? { state: "idle", rule: "title: ✳" } : untouched(view);
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const menu = findMenu(texts, pointer);
  return menu && menuQuestion(menu, texts.slice(dialogTop(texts, menu.first), menu.first));
}

/** The first row of a dialog: below the rule; for screen readers the row that says what is asked for. */
function dialogTop(rows: readonly string[], first: number): number {
  const above = rows.slice(0, first);
  const start = above.findLastIndex((row) => rule.test(row) || /^(?:tool|claude|you): /.test(row));
  const heading = above.findLastIndex((row) => /^(?:Permission Required: | ☐ )/.test(row));
  if (start >= 0 || heading >= 0) return Math.max(start + 1, heading);
  // Of the rows that a turn added, the rule may be missing: there was one before. Only dialogs are indented by one blank.
  const said = above.findLastIndex((row) => /^(?:[●❯]| {2}⎿)/.test(row));
  return Math.max(
    0,
    above.findIndex((row, index) => index > said && /^ \S/.test(row)),
  );
}

/** First and last row of the input box: between two rules, with the pointer. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const last = texts.findLastIndex((text) => rule.test(text)) - 1;
  const first = texts.slice(0, Math.max(0, last + 1)).findLastIndex((text) => rule.test(text)) + 1;
  return first > 0 && first <= last && /^[❯!](?:\s|$)/.test(texts[first] ?? "") ? { first, last } : undefined;
}

/**
 * Rows from the prompt's echo on. An interrupted turn is redrawn with older text above it that was not on the screen before; the prompt
 * of one that had said nothing yet stands in the input box again.
 */
function sinceEcho(rows: readonly string[], sent: string): readonly string[] {
  const start = sent.trimStart().split("\n", 1)[0]?.slice(0, 40).trimEnd() ?? "";
  const pasted = /^\[Pasted text #\d/;
  const isEcho = (row: string) => {
    // In the box the blank behind the pointer is one that does not break.
    const text = row.startsWith(pointer) ? row.slice(pointer.length).trimStart() : "";
    return text !== "" && (text.startsWith(start) || pasted.test(text));
  };
  return start === "" ? rows : rows.slice(Math.max(0, rows.findLastIndex(isEcho)));
}

type Part = "said" | "echo" | "result" | "chrome" | "other";

function clean(rows: readonly string[], cols: number): string {
  const menu = findMenu(rows, pointer);
  const open = menu && !isBoxBelow(rows, menu.last);
  const told = open ? rows.slice(0, dialogTop(rows, menu.first)) : rows;
  if (told.some((row) => /^(?:you|claude): /.test(row))) return cleanLabelled(told, cols);
  const parts = blocks<Part>(told, "other", partOf);
  return paragraphs(parts.map((block, index) => textOf(block, parts[index - 1], parts[index + 1], cols)));
}

function isBoxBelow(rows: readonly string[], row: number): boolean {
  return rows.slice(row + 1).some((text) => /^❯(?:\s|$)/.test(text));
}

function partOf(row: string): Part | undefined {
  if (/^●(?:\s|$)/.test(row)) return "said";
  if (/^❯(?:\s|$)/.test(row)) return "echo";
  if (/^ {2}⎿/.test(row)) return "result";
  if (/^[─╭│╰]/.test(row) || spinner.test(row) || footer.test(row) || commandHelp.test(row)) return "chrome";
  if (isKeyHelp(row) || folded.test(row) || /^\W*API error\s+· Retrying/.test(row)) return "other";
  return /^\s/.test(row) ? undefined : "other";
}

function textOf(
  block: Block<Part>,
  before: Block<Part> | undefined,
  next: Block<Part> | undefined,
  cols: number,
): string {
  if (block.kind === "chrome" || block.kind === "echo") return "";
  if (block.kind === "result") {
    const lines = block.rows.map((row) => row.replace(/^ {2}⎿/, "").trim());
    const text = lines.filter((line) => !mentioned.test(line)).join("\n");
    const answersUs = before === undefined || before.kind === "echo" || before.kind === "other";
    return (answersUs && !text.startsWith("Tip: ")) || note.test(text) ? text : "";
  }
  if (block.kind === "other") {
    const rows = block.rows.filter((row) => !isKeyHelp(row) && !folded.test(row) && !isDrawn(row));
    // The beginning of a long answer may have scrolled away.
    return spoken(continued(rows, 2), cols - 4).replace(/^[·✢✳✶✻✽*] /, "");
  }
  const rows = unindent(block.rows, /^●(?:\s|$)/);
  const first = rows.slice(0, rows.indexOf("") < 0 ? undefined : rows.indexOf(""));
  const result = next?.kind === "result" ? (next.rows[0] ?? "").replace(/^ {2}⎿\s*/, "") : "";
  if (toolCall.test(first.join(" ").trim()) || folded.test(rows[0] ?? "")) return "";
  if (result !== "" && !note.test(result)) return "";
  return spoken(rows, cols - 4);
}

/** What --ax-screen-reader shows: a label at each beginning, everything else at the left edge. */
function cleanLabelled(rows: readonly string[], cols: number): string {
  const parts = blocks<Part>(rows, "chrome", (row) => {
    if (row.startsWith("you: ")) return "echo";
    if (row.startsWith("claude: ")) return "said";
    if (/^(?:Interrupted {2}·|API error {2}·)/.test(row)) return "other";
    const ends = /^\S+ for [\dhms ]+$|^\S+… {3}\(|^tool(?: error)?: |^●\s|^Permission Required: /.test(row);
    return ends || footer.test(row) ? "chrome" : undefined;
  });
  const texts = parts.map((block) => {
    const silent = block.kind === "echo" || block.kind === "chrome";
    if (silent) return "";
    const rows = block.rows.map((row) => row.replace(/^ (?=\S)/, ""));
    return spoken(rows, cols - 2).replace(/^claude: /, "");
  });
  return paragraphs(texts);
}
