import { isRule } from "./input.ts";
import { printed } from "../cleaning/printed.ts";
import { isCertainPrompt, isContinuation, typedIn } from "../prompts.ts";

/**
 * Output of a program that no rule knows, for a prompt: the rows less the echo, its next prompt, and its input box. An echo may be behind
 * a prompt, or indented and decorated, on one row or several:
 *
 *     >>> 1 + 1          ❯ fix the tests          │ > fix the tests │          You: fix the tests
 */
export function printedFor(rows: readonly string[], sent: string): string {
  // A full screen may have no echo, and anything typed may be anywhere on it.
  const start = sent.split("\n", 1)[0] ?? "";
  const echoed = rows.some((row) => row.startsWith(start) || typedIn(row).startsWith(start));
  const rest = withoutInputBox(echoed ? rows : belowEcho(rows, sent));
  const lines = printed(rest, echoed ? sent : "").split("\n");
  const output = lines.filter((line) => !sent.includes("\n") || !isContinuation(line));
  if (sent !== "" && isCertainPrompt(output.at(-1) ?? "")) output.pop();
  return output.join("\n");
}

const decoration = /^[\s│┃║▌|]*(?:[>❯›»$#%*+•●→➜λ]\s+|\w{1,12}[:>]\s+)?/u;
const frame = /^[\s\u2500-\u259f]*$/;
/** Rows that an input box may have with the hints and status lines below it. */
const tallest = 12;

/** The rows below the decorated echo of a prompt, with the box around it gone; all of them where there is none. */
function belowEcho(rows: readonly string[], sent: string): readonly string[] {
  const wanted = squeezed(sent);
  if (wanted === "") return rows;
  for (const from of rows.keys()) {
    const to = echoEnd(rows, from, wanted);
    if (to === undefined) continue;
    const boxed = isRule(rows[from - 1] ?? "") && isRule(rows[to + 1] ?? "");
    return rows.slice(boxed ? to + 2 : to + 1);
  }
  return rows;
}

/** The row where an echo ends that begins in this one: a program breaks long lines itself. */
function echoEnd(rows: readonly string[], from: number, wanted: string): number | undefined {
  let seen = "";
  for (let row = from; row < rows.length; row++) {
    const piece = squeezed(bare(rows[row] ?? "", row === from));
    seen += piece;
    if (seen === "" || !wanted.startsWith(seen)) return undefined;
    if (seen === wanted) return row;
  }
  return undefined;
}

function bare(row: string, first: boolean): string {
  const inside = row.replace(/[\s│┃║▌|]+$/, "");
  return first ? inside.replace(decoration, "") : inside.replace(/^[\s│┃║▌|]+/, "");
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

/** An input box at the end, between two rules, goes with all that is below it. */
function withoutInputBox(rows: readonly string[]): readonly string[] {
  const top = rows.findLastIndex((row, index) => {
    const line = rows[index + 1] ?? "";
    const inside = frame.test(line) || /^[\s│┃║]*[>❯›»]\s/u.test(line);
    return isRule(row) && isRule(rows[index + 2] ?? "") && !isRule(line) && inside;
  });
  return top >= 0 && rows.length - top <= tallest ? rows.slice(0, top) : rows;
}
