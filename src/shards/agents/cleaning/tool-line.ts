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

/** The full command or edit that a permission is asked for, as people read it; other inputs as JSON. */
export function toolDetail(input: unknown): string {
  const command = textAt(input, "command") ?? textAt(input, "cmd");
  if (command !== undefined) return command;
  const file = textAt(input, "file_path") ?? textAt(input, "filePath");
  const [before, after] = [textAt(input, "old_string"), textAt(input, "new_string") ?? textAt(input, "content")];
  if (file !== undefined && after !== undefined) {
    const lines = (text: string, mark: string) => text.split("\n").map((line) => `${mark} ${line}`);
    return [file, ...(before === undefined ? [] : lines(before, "-")), ...lines(after, "+")].join("\n");
  }
  if (at(input, "questions") !== undefined) return "";
  return file ?? textAt(input, "url") ?? JSON.stringify(input ?? {});
}

function shortLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…`.toWellFormed() : line;
}
