import { edit, type Tool, written } from "./script.ts";
import type { AgentName } from "./seeds.ts";
import type { ToolCall } from "./protocols.ts";

const description = "Do it";

/** How an agent's own tool is called for what the script wants. `folder` is its working directory. */
export function callOf(agent: AgentName, tool: Tool, folder: string): ToolCall {
  return calls[agent](tool, (file) => `${folder}/${file}`);
}

const calls: Record<AgentName, (tool: Tool, path: (file: string) => string) => ToolCall> = {
  claude: (tool, path) => {
    if (tool.name === "run") return { name: "Bash", args: { command: tool.command, description } };
    if (tool.name === "write") return { name: "Write", args: { file_path: path(tool.file), content: written } };
    if (tool.name === "read") return { name: "Read", args: { file_path: path(tool.file) } };
    if (tool.name === "edit")
      return { name: "Edit", args: { file_path: path(tool.file), old_string: edit.old, new_string: edit.new } };
    const questions = tool.questions.map((asked) => ({ ...asked, multiSelect: false }));
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
    const questions = tool.questions.map((asked, index) => ({ id: `q${index}`, ...asked }));
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
    return { name: "ask_user", args: { questions: tool.questions.map((asked) => ({ ...asked, type: "choice" })) } };
  },

  opencode: (tool, path) => {
    if (tool.name === "run") return { name: "bash", args: { command: tool.command, description } };
    if (tool.name === "write") return { name: "write", args: { filePath: path(tool.file), content: written } };
    if (tool.name === "read") return { name: "read", args: { filePath: path(tool.file) } };
    if (tool.name === "edit")
      return { name: "edit", args: { filePath: path(tool.file), oldString: edit.old, newString: edit.new } };
    return { name: "question", args: { questions: tool.questions } };
  },
};
