/** Text of a turn's rows after the last echo of its prompt. */
export interface AfterEcho {
  rows: readonly string[];
  /** The echo was found. */
  echoed: boolean;
}

/**
 * The rows below the last echo of a prompt. What stands above was there before: banners, tips, older text that was drawn again. All rows
 * where there is no echo; it may have scrolled away.
 * @param mark what stands before the text in the first row of an echo; other rows begin none
 */
export function afterEcho(rows: readonly string[], sent: string, mark: RegExp): AfterEcho {
  for (let first = rows.length - 1; first >= 0; first--) {
    const head = rows[first] ?? "";
    if (!mark.test(head)) continue;
    const end = endOfEcho([head.replace(mark, ""), ...rows.slice(first + 1)], sent);
    if (end > 0) return { rows: rows.slice(first + end), echoed: true };
  }
  return { rows, echoed: false };
}

/** Number of rows, from the first on, that are the echo of this text; 0 where they are none. */
function endOfEcho(rows: readonly string[], sent: string): number {
  if (collapsed.test(rows[0] ?? "")) return 1;
  const wanted = bare(sent);
  if (wanted === "") return sent.trim() !== "" && rows[0]?.trim() === sent.trim() ? 1 : 0;
  let [found, end] = [0, 0];
  for (const [index, row] of rows.entries()) {
    const text = bare(row);
    // Marks alone may be anything, so they count when what follows does.
    if (found === wanted.length) {
      if (text !== "" || row.trim() === "" || !sent.includes(row.trim())) break;
      end = index + 1;
    } else if (text !== "") {
      if (!wanted.startsWith(text, found)) break;
      found += text.length;
      end = index + 1;
    }
  }
  const enough = bare(sent.trimStart().split("\n", 1)[0] ?? "").slice(0, longEnough).length;
  return found > 0 && found >= enough ? end : 0;
}

/** Letters and digits by which an echo is known that was cut; its first line will do where that has fewer. */
const longEnough = 30;

/** Long prompts are folded: "[Pasted text #1 +12 lines]". */
const collapsed = /^\[Pasted [^\]]*\]/i;

/** Letters and digits alone: borders, line breaks and indentation stand between them. Some agents compose what is typed decomposed. */
function bare(text: string): string {
  return text.normalize("NFC").replaceAll(/[^\p{L}\p{N}]/gu, "");
}
