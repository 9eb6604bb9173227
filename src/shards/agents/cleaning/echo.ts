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
  const wanted = bare(sent);
  const texts = rows.map(bare);
  /** Where the first row with letters is, at or behind each row. */
  const lettered = Array.from(rows, () => rows.length);
  for (let index = rows.length - 1; index >= 0; index--)
    lettered[index] = texts[index] === "" ? (lettered[index + 1] ?? rows.length) : index;
  for (let first = rows.length - 1; first >= 0; first--) {
    const head = rows[first] ?? "";
    if (!mark.test(head)) continue;
    const end = endOfEcho(head.replace(mark, ""), first, { rows, texts, lettered, sent, wanted });
    if (end > first) return { rows: rows.slice(end), echoed: true };
  }
  return { rows, echoed: false };
}

interface Searched {
  rows: readonly string[];
  /** Letters and digits of each row. */
  texts: readonly string[];
  lettered: readonly number[];
  sent: string;
  /** Letters and digits of the prompt. */
  wanted: string;
}

/** The row behind the echo that begins in row `first` with this text; `first` where there is none. */
function endOfEcho(head: string, first: number, { rows, texts, lettered, sent, wanted }: Searched): number {
  if (collapsed.test(head)) return first + 1;
  if (wanted === "") return sent.trim() !== "" && head.trim() === sent.trim() ? first + 1 : first;
  const start = bare(head);
  if (!wanted.startsWith(start)) return first;
  let [found, end] = [start.length, start === "" ? first : first + 1];
  // Rows without a letter are passed over at once, or a screen full of marks would be read once for each of them.
  for (
    let index = lettered[first + 1] ?? rows.length;
    found < wanted.length;
    index = lettered[index + 1] ?? rows.length
  ) {
    const text = texts[index];
    if (text === undefined || !wanted.startsWith(text, found)) break;
    found += text.length;
    end = index + 1;
  }
  // Marks alone may be anything, so they count when what follows does.
  if (found === wanted.length) {
    while (texts[end] === "" && rows[end]?.trim() !== "" && sent.includes(rows[end]?.trim() ?? "")) end++;
  }
  const enough = bare(sent.trimStart().split("\n", 1)[0] ?? "").slice(0, longEnough).length;
  return found > 0 && found >= enough ? end : first;
}

/** Letters and digits by which an echo is known that was cut; its first line will do where that has fewer. */
const longEnough = 30;

/** Long prompts are folded: "[Pasted text #1 +12 lines]". */
const collapsed = /^\[Pasted [^\]]*\]/i;

/** Letters and digits alone: borders, line breaks and indentation stand between them. Some agents compose what is typed decomposed. */
function bare(text: string): string {
  return text.normalize("NFC").replaceAll(/[^\p{L}\p{N}]/gu, "");
}
