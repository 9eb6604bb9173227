import { basename } from "node:path";
import type { AgentKind, LaunchContext, Launch, Reading, ScreenView } from "./agent.ts";
import { encodeCommand } from "./encode.ts";
import { printed } from "./printed.ts";
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
  // A new shell in the same worktree.
  resumes: true,
  conversations: "none",
  modes: [],
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
  clean: printed,
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
  // After C a command runs; between D and A the shell does what the user's prompt wants.
  if (mark.kind !== "prompt") return { state: "working", rule: `mark: ${mark.kind}` };
  // A shell without mark C (sh, bash before 4.4) is at work when the cursor has left the prompt. It has no bracketed paste either,
  // which the others switch off while a command runs.
  const left = view.top + view.cursor.row > mark.row;
  if (left && !bracketedPaste) return { state: "working", rule: "cursor below the prompt" };
  return { state: "idle", rule: "mark: prompt", sure: true };
}
