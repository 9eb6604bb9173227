import { basename } from "node:path";
import type { AgentKind, LaunchContext, Launch, Reading, ScreenView } from "./agent.ts";
import { encodeCommand } from "./encode.ts";
import { bashrc, fishInit, shrc, zshenv, zshrc } from "./shell-files.ts";

/*
 * The user's shell, told to mark its prompts (OSC 133): D;<exit code> and A before each prompt, C before a command's output.
 *
 *     me@box:~/repo$ git log --oneline | head -1       prompt (mark "prompt"), echo of the command
 *     1f2e3d4 Add the parser                           its output (mark "command" while it runs)
 *     me@box:~/repo$
 */
export const shell: AgentKind = {
  name: "shell",
  title: "Shell",
  // There is one everywhere; which one is started, the user's login shell says.
  program: "sh",
  env: ["EDITOR", "VISUAL", "PAGER", "LS_COLORS"],
  size: { cols: 160, rows: 50 },
  form: "terminal",
  keys: { submit: "\r", interrupt: ["\u0003"] },
  reactsWithin: 1500,
  resumes: false,
  journal: undefined,

  launch,
  encode: (text) => encodeCommand(text),
  state,
  // A program's own questions are as many as there are programs.
  question: () => undefined,
  answerKeys: (_question, option) => [option],
  isCommand: () => false,
  tools: () => [],
  composer: () => "",
  clean,
};

/** Chat commands stay out of the user's history: it is never written in these shells. */
function launch({ shell, folder }: LaunchContext): Launch {
  switch (basename(shell)) {
    case "bash":
      return { file: shell, args: ["--rcfile", `${folder}/bashrc`, "-i"], env: {}, files: { bashrc } };
    case "zsh":
      return { file: shell, args: ["-i"], env: { ZDOTDIR: folder }, files: { ".zshenv": zshenv, ".zshrc": zshrc } };
    case "fish":
      return { file: shell, args: ["--private", "--init-command", fishInit], env: {}, files: {} };
    default:
      return { file: "sh", args: ["-i"], env: { ENV: `${folder}/shrc` }, files: { shrc } };
  }
}

function state(view: ScreenView): Reading | undefined {
  const { mark, bracketedPaste } = view;
  if (!mark) return view.bytes === 0 ? { state: "starting", rule: "nothing printed" } : undefined;
  if (mark.kind === "command") return { state: "working", rule: "mark: command" };
  // A shell without mark C (sh, bash before 4.4) is at work when the cursor has left the prompt. It has no bracketed paste either,
  // which the others switch off while a command runs.
  const left = view.top + view.cursor.row > mark.row;
  if (mark.kind === "prompt" && left && !bracketedPaste) return { state: "working", rule: "cursor below the prompt" };
  return { state: "idle", rule: `mark: ${mark.kind}` };
}

/** Exactly what the command printed: no prompt, no echo. */
function clean(rows: readonly string[], sent: string): string {
  const output = [...rows];
  const start = output.findIndex((row) => promptOf(row, sent) !== undefined);
  const prompt = promptOf(output[start] ?? "", sent);
  if (prompt !== undefined) {
    output.splice(0, start + 1, (output[start] ?? "").slice(prompt.length));
    dropEcho(output, sent, prompt);
    if (isPrompt(output.at(-1) ?? "", prompt)) output.pop();
  }
  // fish shows with this sign that the output had no line feed at its end.
  output.push(...output.splice(-1).map((row) => row.replace(/⏎\s*$/, "")));
  while (output.at(-1)?.trim() === "") output.pop();
  while (output[0]?.trim() === "") output.shift();
  return output.map((row) => row.trimEnd()).join("\n");
}

/** What stands before the command in the row where its echo begins; undefined for other rows. */
function promptOf(row: string, sent: string): string | undefined {
  const first = sent.split("\n", 1)[0]?.trimEnd().slice(0, 20) ?? "";
  const at = first === "" ? -1 : row.indexOf(first);
  const before = row.slice(0, Math.max(0, at));
  return at >= 0 && /^$|[\s$#%>❯»)\]]$/.test(before) ? before : undefined;
}

/**
 * Take the echo away, which begins in the first row: all rows that make up the command, with "> " or the like before its other
 * lines. A shell that edits no lines shows those in between the output, so there they are searched.
 */
function dropEcho(output: string[], sent: string, prompt: string): void {
  const typed = squeeze(sent);
  const first = output.shift() ?? "";
  let seen = squeeze(typed.startsWith(squeeze(first)) ? first : first.replace(rightPrompt, ""));
  let rows = 0;
  for (; rows < output.length && seen !== typed && typed.startsWith(seen); rows++) {
    const row = output[rows] ?? "";
    const plain = seen + squeeze(row);
    seen = typed.startsWith(plain) ? plain : seen + squeeze(row.replace(continuation, ""));
  }
  if (seen === typed) {
    output.splice(0, rows);
    return;
  }
  for (const line of sent.split("\n").slice(1)) {
    const index = output.findIndex((row) => [prompt, ""].some((before) => row.trimEnd() === (before + line).trimEnd()));
    if (index >= 0) output.splice(index, 1);
  }
}

/** A prompt at the right of the first row. */
const rightPrompt = /\s{2,}\S.*$/;
const continuation = /^\s*(?:\w*>|\.\.\.)\s?/;

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** The same prompt, or the same signs with another folder, branch or time between them. */
function isPrompt(row: string, prompt: string): boolean {
  if (row.trim() === prompt.trim()) return prompt.trim() !== "";
  const shape = (text: string) => text.trim().replaceAll(/(?:[~\w./:*+!?-]+\s*)+/g, "w");
  return shape(row) === shape(prompt) && /[^\sw]/.test(shape(prompt));
}
