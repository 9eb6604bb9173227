import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { AgentKind, ScreenView } from "../../src/shards/agents/agent.ts";
import type { Question, QuestionOption } from "../../src/shards/host.ts";

const program = fileURLToPath(new URL("./fake-agent.ts", import.meta.url));

/** The agent kind of fake-agent.ts. */
export const fakeKind: AgentKind = fakeKindWith([]);

/** The same, started with options of fake-agent.ts. */
export function fakeKindWith(options: readonly string[]): AgentKind {
  return {
    name: "fake",
    title: "Fake Agent",
    program: "node",
    env: [],
    size: { cols: 120, rows: 40 },
    form: "markdown",
    keys: { submit: "\r", interrupt: ["\u001B"] },
    reactsWithin: 1000,
    resumes: true,
    conversations: "given",
    modes: ["ask", "edits", "all"],
    journal: undefined,
    isCommand: (text) => /^\/[a-z]+(?: .*)?$/.test(text),
    tools: () => [],
    launch: ({ folder, conversation, resume, mode }) => ({
      file: process.execPath,
      args: [
        program,
        ...options,
        // Tests that need no conversation have none.
        ...(conversation === "" ? [] : ["--history", `${folder}/${conversation}.jsonl`]),
        ...(resume ? ["--resume"] : []),
        ...(mode === undefined ? [] : ["--mode", mode]),
      ],
      env: {},
      files: {},
    }),
    encode,
    state,
    question,
    answerKeys: ({ text, options: found }, option) => {
      const isField = found.find(({ key }) => key === option)?.takes === "answer";
      return isField ? (text === "Why not?" ? [] : [option]) : [option, "\r"];
    },
    composer: (view) => composerRows(view)?.join("\n").trim() ?? "",
    clean,
  };
}

/** Told apart from the answer's rules by their length. */
const rule = /^─{60,}$/;
const spinner = /^[✶✻✽✢·] Thinking… \(esc to interrupt\)$/;

function encode(text: string, by: string | undefined): string {
  const harmless = text.replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\n\t]/gu, "");
  if (by !== undefined) return `Message from @${by}:\n${harmless}`;
  return harmless.replace(/^\//, " /");
}

function state(view: ScreenView): ReturnType<AgentKind["state"]> {
  if (question(view)) return { state: "waiting", rule: "dialog" };
  if (view.title.startsWith("⠂")) return { state: "working", rule: "title: ⠂" };
  if (view.rows.some(({ text }) => spinner.test(text))) return { state: "working", rule: "spinner: esc to interrupt" };
  if (view.rows.some(({ text }) => text === " Esc to close")) return { state: "waiting", rule: "a panel" };
  return composerRows(view) ? { state: "idle", rule: "an input box", sure: true } : undefined;
}

/**
 * What is typed, by rows; undefined without an input box:
 *
 *     ──────────────────
 *     ❯ first row
 *       second row
 *     ──────────────────
 *       ? for shortcuts
 */
function composerRows(view: ScreenView): string[] | undefined {
  const texts = view.rows.map(({ text }) => text);
  const bottom = texts.findLastIndex((text) => rule.test(text));
  const top = texts.slice(0, Math.max(bottom, 0)).findLastIndex((text) => rule.test(text));
  if (top < 0 || !texts[top + 1]?.startsWith("❯")) return undefined;
  return texts.slice(top + 1, bottom).map((text) => text.slice(2));
}

/**
 * In the place of the input box:
 *
 *     ──────────────────────────
 *      Bash command
 *
 *        touch a
 *
 *      Do you want to proceed?
 *      ❯ 1. Yes
 *        2. No
 */
function question(view: ScreenView): Question | undefined {
  if (composerRows(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const dialog = texts.slice(texts.findLastIndex((text) => rule.test(text)) + 1);
  const first = dialog.findIndex((text) => /^ [❯ ] 1\. /.test(text));
  const asked = dialog.slice(0, Math.max(first, 0)).findLastIndex((text) => text.endsWith("?"));
  if (asked < 0 || !dialog.some((text) => /^ ❯ \d\. /.test(text))) return undefined;
  const choices = dialog.slice(first).map((text) => /^ [❯ ] (\d)\. (.*)$/.exec(text));
  const text = dialog[asked]?.trim() ?? "";
  const found = choices.flatMap((match) => (match ? [optionOf(match[1] ?? "", match[2] ?? "")] : []));
  const above = dialog.slice(1, asked).map((row) => row.trim());
  const detail = above.join("\n").trim();
  const kind = text.startsWith("Which") ? "question" : "approval";
  const id = createHash("sha256")
    .update(JSON.stringify([text, detail, found]))
    .digest("hex")
    .slice(0, 12);
  return { id, kind, text, detail, options: found };
}

function optionOf(key: string, label: string): QuestionOption {
  if (label === "Type something.") return { key, label, takes: "answer" };
  return label === "No" ? { key, label, takes: "reason" } : { key, label };
}

/** Banner, echo, panel, tool lines and dialogs go; the rest is the answer, without its bullet and indentation. */
function clean(rows: readonly string[], sent: string): string {
  const lines = withoutPanel(rows.map((row) => row.trimEnd()));
  const kept: string[] = [];
  const echo = sent
    .replaceAll("\t", "    ")
    .split("\n")
    .map((line) => line.trimEnd());
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("❯ ")) at += echoRows(lines.slice(at), echo) - 1;
    else if (line.startsWith("  ⎿ There are ")) kept.push(line.slice(4));
    else if (!/^[╭│╰]|^ {2}⎿|^● Bash\(/.test(line)) kept.push(line.replace(/^(?:● | {2})/, ""));
  }
  return kept
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\s+$/g, "");
}

/** The panel is the last thing on the screen: its spinner, its first rule, or a dialog whose rule was taken away as no news. */
function withoutPanel(lines: string[]): string[] {
  const start = lines.findIndex((line) => spinner.test(line) || rule.test(line) || /^ (?:Bash command$|☐ )/.test(line));
  return start < 0 ? lines : lines.slice(0, start);
}

/** How many rows from the first on repeat the prompt, or those of another one up to a blank row; at least the first. */
function echoRows(lines: readonly string[], echo: readonly string[]): number {
  if (lines[0]?.slice(2) !== echo[0] || lines[1]?.slice(2) !== (echo[1] ?? "")) {
    const end = lines.indexOf("");
    return end < 0 ? lines.length : Math.max(1, end);
  }
  const differs = echo.findIndex((line, index) => lines[index]?.slice(2) !== line);
  return Math.max(1, differs < 0 ? echo.length : differs);
}
