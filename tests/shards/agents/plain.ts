/**
 * A text as a terminal shows it, less what it can't show: Markdown's marks, and how many blanks stand between two words. The model's own
 * words and what was cleaned from a screen become the same lines.
 */
export function plainLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => !isMark(line))
    .map((line) => plain(line))
    .filter((line) => line !== "");
}

/** A fence, a rule, or what stands below the head of a table. */
function isMark(line: string): boolean {
  return /^\s*(?:```\S*|-{3,}|─{3,}|\|(?:\s*:?-+:?\s*\|)+)\s*$/.test(line);
}

function plain(line: string): string {
  return line
    .replaceAll(/\[([^\]]*)\]\((\S+?)\)/g, "$1 ($2)")
    .replace(/^\s*\|(.*)\|\s*$/, (_, cells: string) => cells.replaceAll(/(?<!\\)\|/g, " "))
    .replace(/^\s*(?:#{1,6}\s|(?:>\s?)+|[│▎┃]\s)/, "")
    .replace(/^\s*[-*+•]\s/, "")
    .replaceAll(/[*`_\\]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
