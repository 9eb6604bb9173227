import { edit, type Tool, written } from "./script.ts";
import type { OtherName } from "./others.ts";
import type { AgentName } from "./seeds.ts";
import type { ToolCall } from "./protocols.ts";

const description = "Do it";

type Common = Exclude<Tool, { name: "own" }>;

/** How an agent's own tool is called for what the script wants. `folder` tells its working directory. */
export function callOf(agent: AgentName | OtherName, tool: Tool, folder: () => string): ToolCall {
  if (tool.name !== "own") {
    if (!(agent in calls)) throw new Error(`The tools of ${agent} are called by their own names.`);
    return calls[agent as AgentName](tool, (file) => `${folder()}/${file}`);
  }
  // Codex has the tools of a server in a namespace.
  const [name = "", space] = tool.called.split("/").toReversed();
  return { name, ...(space !== undefined && { namespace: space }), args: tool.args };
}

const calls: Record<AgentName, (tool: Common, path: (file: string) => string) => ToolCall> = {
  claude: (tool, path) => {
    if (tool.name === "run") {
      const args = { command: tool.command, description };
      return { name: "Bash", args: tool.behind ? { ...args, run_in_background: true } : args };
    }
    if (tool.name === "task")
      return { name: "Agent", args: { description, prompt: tool.prompt, subagent_type: "general-purpose" } };
    if (tool.name === "write") return { name: "Write", args: { file_path: path(tool.file), content: written } };
    if (tool.name === "read") return { name: "Read", args: { file_path: path(tool.file) } };
    if (tool.name === "edit")
      return { name: "Edit", args: { file_path: path(tool.file), old_string: edit.old, new_string: edit.new } };
    const questions = tool.questions.map((asked) => ({ ...asked, multiSelect: tool.many ?? false }));
    return { name: "AskUserQuestion", args: { questions } };
  },

  codex: (tool) => {
    const run = (cmd: string, more: object = {}) => ({ name: "exec_command", args: { cmd, ...more } });
    const patch = (lines: string[]) =>
      run(["apply_patch <<'EOF'", "*** Begin Patch", ...lines, "*** End Patch", "EOF"].join("\n"));
    const added = (text: string) => text.trimEnd().replaceAll(/^/gm, "+").split("\n");
    if (tool.name === "run") {
      const escalated = { sandbox_permissions: "require_escalated", justification: description };
      return run(tool.command, tool.escalate ? escalated : {});
    }
    if (tool.name === "write") return patch([`*** Add File: ${tool.file}`, ...added(written)]);
    if (tool.name === "read") return run(`cat ${tool.file}`);
    if (tool.name === "edit") return patch([`*** Update File: ${tool.file}`, "@@", `-${edit.old}`, ...added(edit.new)]);
    if (tool.name === "task") throw new Error("Codex has no sub-agent here.");
    const questions = plain(tool.questions).map((asked, index) => ({ id: `q${index}`, ...asked }));
    return { name: "request_user_input", args: { questions } };
  },

  gemini: (tool, path) => {
    if (tool.name === "run") return { name: "run_shell_command", args: { command: tool.command, description } };
    if (tool.name === "write") return { name: "write_file", args: { file_path: path(tool.file), content: written } };
    if (tool.name === "read") return { name: "read_file", args: { file_path: path(tool.file) } };
    if (tool.name === "edit") {
      const args = { file_path: path(tool.file), old_string: edit.old, new_string: edit.new };
      return { name: "replace", args: { ...args, instruction: description } };
    }
    if (tool.name === "task") throw new Error("Gemini has no sub-agent here.");
    const more = { type: "choice", multiSelect: tool.many ?? false };
    return { name: "ask_user", args: { questions: plain(tool.questions).map((asked) => ({ ...asked, ...more })) } };
  },

  opencode: (tool, path) => {
    if (tool.name === "run") return { name: "bash", args: { command: tool.command, description } };
    if (tool.name === "write") return { name: "write", args: { filePath: path(tool.file), content: written } };
    if (tool.name === "read") return { name: "read", args: { filePath: path(tool.file) } };
    if (tool.name === "edit")
      return { name: "edit", args: { filePath: path(tool.file), oldString: edit.old, newString: edit.new } };
    if (tool.name === "task")
      return { name: "task", args: { description, prompt: tool.prompt, subagent_type: "general" } };
    const questions = plain(tool.questions).map((asked) => ({ ...asked, multiple: tool.many ?? false }));
    return { name: "question", args: { questions } };
  },
};

/** Questions whose options have no previews, which Claude alone knows. */
function plain(questions: Extract<Tool, { name: "ask" }>["questions"]): object[] {
  return questions.map(({ question, header, options }) => ({
    question,
    header,
    options: options.map(({ label, description: told }) => ({ label, description: told })),
  }));
}
