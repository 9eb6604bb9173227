import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type { AgentKind, LaunchContext, Launch, Reading, ScreenView } from "../agent.ts";
import type { Question } from "../../host.ts";
import { searchesList } from "../generic/asking-screen.ts";
import { encodeCommand } from "../encode.ts";
import { genericKind } from "../generic/generic.ts";
import { printed } from "../cleaning/printed.ts";
import { innerPrompt, isShellKey, shellKeys, shellQuestion } from "./shell-asked.ts";
import { bashrc, fishInit, shrc, zshenv, zshrc } from "./shell-files.ts";

/** Rules for a program that the shell runs and that takes prompts itself. */
const inner = genericKind("sh");

/*
 * The user's shell, told to mark its prompts (OSC 133): D;<exit code> and A before each prompt, B behind it, C before a command's output.
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
  // A new shell in the same worktree.
  resumes: true,
  conversations: "none",
  modes: [],
  journal: undefined,

  launch,
  encode: (text) => encodeCommand(text),
  state,
  question,
  answerKeys: (open, option, view) =>
    view && !isShellKey(option) && onScreen(view) ? inner.answerKeys(open, option, view) : shellKeys(option, view),
  isCommand: () => false,
  tools: () => [],
  composer: (view) => (innerPrompt(view) === undefined ? "" : inner.composer(view)),
  // Text that marks enclose is exact and comes without what was sent; for the rest there are prompts and echoes to be found.
  clean: (rows, sent, cols) => {
    const told = inner.clean(rows, sent, cols);
    return told === inner.clean(rows, "", cols) ? printed(rows, sent) : told;
  },
};

/** Chat commands stay out of the user's history: it is never written in these shells. */
function launch({ shell, folder }: LaunchContext): Launch {
  // Random, since a program that knew it could end a turn.
  const marks = randomBytes(8).toString("hex");
  switch (basename(shell)) {
    case "bash":
      return {
        file: shell,
        args: ["--rcfile", `${folder}/bashrc`, "-i"],
        env: {},
        files: { bashrc: bashrc(marks) },
        marks,
      };
    case "zsh": {
      const files = { ".zshenv": zshenv, ".zshrc": zshrc(marks) };
      return { file: shell, args: ["-i"], env: { ZDOTDIR: folder }, files, marks };
    }
    case "fish":
      return { file: shell, args: ["--private", "--init-command", fishInit(marks)], env: {}, files: {}, marks };
    default:
      return { file: "sh", args: ["-i"], env: { ENV: `${folder}/shrc` }, files: { shrc: shrc(marks) }, marks };
  }
}

function question(view: ScreenView): Question | undefined {
  return shellQuestion(view) ?? (onScreen(view) ? inner.question(view) : undefined);
}

/** A program that the shell runs draws its dialogs all over the screen, and waits. */
function onScreen({ mark, tty, alternate, cursor }: ScreenView): boolean {
  // While an arrow moves its pointer, nothing is known of the terminal.
  const reads = !tty?.canonical && tty?.reading !== false;
  return mark?.kind === "command" && mark.prompts !== undefined && reads && (alternate || cursor.hidden === true);
}

function state(view: ScreenView): Reading | undefined {
  const { mark, bracketedPaste } = view;
  if (!mark) return unmarked(view);
  if (mark.prompts === undefined) return uncounted(view, mark.kind, mark.row);
  if (question(view)) return { state: "waiting", rule: "it asks" };
  if (mark.kind === "prompt") {
    if (mark.more) return { state: "working", rule: "the rest of a command is typed" };
    // A theme of zsh may have put itself in the place of what marks the prompt's end.
    if (mark.ready || (mark.pastes && bracketedPaste)) return { state: "idle", rule: "mark: prompt", sure: true };
    return { state: "working", rule: "the prompt is not drawn yet" };
  }
  if (view.tty && searchesList(view)) return { state: "waiting", rule: "a list that is searched" };
  const dialog = onScreen(view) ? inner.state(view) : undefined;
  if (dialog?.state === "waiting") return dialog;
  const prompt = innerPrompt(view);
  if (prompt !== undefined) {
    return { state: "idle", rule: `prompt of ${view.tty?.program ?? "a program"}: ${prompt}`, sure: true };
  }
  // Between D and A the shell does what the user's prompt wants.
  return { state: "working", rule: `mark: ${mark.kind}` };
}

/** Before the first prompt, while the user's own files are read. */
function unmarked(view: ScreenView): Reading | undefined {
  if (view.bytes === 0) return { state: "starting", rule: "nothing printed" };
  if (shellQuestion(view)) return { state: "waiting", rule: "it asks" };
  return view.tty?.reading === false ? { state: "starting", rule: "no prompt yet" } : undefined;
}

/** By the marks of a holder that was started by an older version, which had no mark for a prompt's end. */
function uncounted(view: ScreenView, kind: "prompt" | "command" | "done", row: number): Reading {
  if (kind !== "prompt") return { state: "working", rule: `mark: ${kind}` };
  const left = view.top + view.cursor.row > row;
  if (left && !view.bracketedPaste) return { state: "working", rule: "cursor below the prompt" };
  return { state: "idle", rule: "mark: prompt", sure: true };
}
