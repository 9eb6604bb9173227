import { at, textAt } from "../json.ts";

/** Characters of a tool call in one line. */
const longest = 160;

/** Of a tool's input, what tells best what it does: the first of these that is there. */
const telling = ["command", "cmd", "file_path", "filePath", "path", "pattern", "query", "url", "description", "prompt"];

/** A tool call in one line: "Bash: npm test". */
export function toolLine(name: string, input: unknown): string {
  const what = telling.map((key) => textAt(input, key)).find((text) => text !== undefined && text.trim() !== "");
  return shortLine(what === undefined ? name : `${name}: ${what}`);
}

/**
 * All of a tool's input, as people read it when a permission is asked for it: a command or an edit first, then each other field on lines of its
 * own; an input with neither as JSON. `tool` is its name, which is told where no command or edit makes it plain. What a shell's own tool
 * says of its command is no part of that, and stands on the screen.
 */
export function toolDetail(input: unknown, tool?: string): string {
  if (at(input, "questions") !== undefined) return "";
  const [shown, used] = subjectOf(input);
  const rest = Object.entries(typeof input === "object" && input !== null ? input : {}).filter(
    ([name]) => !used.includes(name) && !(tool === "Bash" && name === "description"),
  );
  const head = tool !== undefined && (shown === "" || tool.startsWith("mcp__")) ? [tool] : [];
  if (shown === "") return [...head, JSON.stringify(input ?? {})].join("\n");
  const fields = rest.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [...head, shown, ...fields].join("\n");
}

/** The command or edit in a tool's input, and the fields that it is in. */
function subjectOf(input: unknown): [shown: string, used: string[]] {
  for (const name of ["command", "cmd"]) {
    const command = textAt(input, name);
    if (command !== undefined) return [command, [name]];
  }
  const file = ["file_path", "filePath"].find((name) => textAt(input, name) !== undefined);
  const after = ["new_string", "content"].find((name) => textAt(input, name) !== undefined);
  if (file === undefined) {
    const url = textAt(input, "url");
    return url === undefined ? ["", []] : [url, ["url"]];
  }
  const path = textAt(input, file) ?? "";
  if (after === undefined) return [path, [file]];
  const before = textAt(input, "old_string");
  const lines = (text: string, mark: string) => text.split("\n").map((line) => `${mark} ${line}`);
  const removed = before === undefined ? [] : lines(before, "-");
  const edit = [path, ...removed, ...lines(textAt(input, after) ?? "", "+")].join("\n");
  return [edit, [file, after, ...(before === undefined ? [] : ["old_string"])]];
}

function shortLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…`.toWellFormed() : line;
}
