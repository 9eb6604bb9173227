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
    const echoed = (row: string) => [row, row.replace(continuation, "")].includes(line.trimEnd());
    const index = output.findIndex((row) => row.trimEnd() === (prompt + line).trimEnd() || echoed(row.trimEnd()));
    if (index >= 0) output.splice(index, 1);
  }
}

/** A prompt at the right of the first row. */
const rightPrompt = /\s{2,}\S.*$/;
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
