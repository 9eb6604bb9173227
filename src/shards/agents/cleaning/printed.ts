/** Exactly what the command printed: no prompt, no echo. */
export function printed(rows: readonly string[], sent: string): string {
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

/** Text before the command in the row where its echo begins; undefined for other rows. */
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
  const start = squeeze(typed.startsWith(squeeze(first)) ? first : first.replace(rightPrompt, ""));
  const rows = typed.startsWith(start) ? rowsOf(typed, start.length, output) : undefined;
  if (rows === undefined) dropLines(output, sent.split("\n").slice(1), prompt);
  else output.splice(0, rows);
}

/** Number of rows that make up the rest of what was typed; undefined where they are something else. */
function rowsOf(typed: string, from: number, output: readonly string[]): number | undefined {
  let [found, rows] = [from, 0];
  for (; found < typed.length && rows < output.length; rows++) {
    const row = output[rows] ?? "";
    const text = [row, row.replace(continuation, "")].map(squeeze).find((one) => typed.startsWith(one, found));
    if (text === undefined) return undefined;
    found += text.length;
  }
  return found === typed.length ? rows : undefined;
}

/** Take the first row away that shows each of these lines, wherever it is. */
function dropLines(output: string[], lines: readonly string[], prompt: string): void {
  const indexes = [...output.keys()].toReversed();
  const whole = Map.groupBy(indexes, (index) => output[index]?.trimEnd() ?? "");
  const continued = Map.groupBy(indexes, (index) => output[index]?.trimEnd().replace(continuation, "") ?? "");
  const dropped = new Set<number>();
  for (const line of lines) {
    const texts = [whole.get((prompt + line).trimEnd()), whole.get(line.trimEnd()), continued.get(line.trimEnd())];
    for (const left of texts) while (dropped.has(left?.at(-1) ?? -1)) left?.pop();
    const index = Math.min(...texts.map((left) => left?.at(-1) ?? Infinity));
    if (index !== Infinity) dropped.add(index);
  }
  const kept = output.filter((_, index) => !dropped.has(index));
  output.length = 0;
  for (const row of kept) output.push(row);
}

/** A prompt at the right of the first row. */
const rightPrompt = /(?<!\s)\s{2,}\S.*$/;
const continuation = /^\s*(?:\w*>|\.\.\.[>:]?|->|\|)\s?/;

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** The same prompt, or the same signs with another folder, branch or time between them. */
function isPrompt(row: string, prompt: string): boolean {
  if (row.trim() === prompt.trim()) return prompt.trim() !== "";
  const shape = (text: string) => text.trim().replaceAll(/(?:[~\w./:*+!?-]+\s*)+/g, "w");
  return shape(row) === shape(prompt) && /[^\sw]/.test(shape(prompt));
}
