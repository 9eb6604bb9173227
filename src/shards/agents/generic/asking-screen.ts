import type { ScreenView } from "../agent.ts";
import { inBox } from "./input.ts";

/**
 * Rows by which a program says that keys decide something now, although no question can be read from them:
 *
 *     Press any key to continue . . .          Press Enter to open, any other key to close
 *     ↑/↓ navigate, Enter to select            Esc to cancel
 *     <Yes>      <No>                          [  OK  ]   [ Cancel ]
 *
 * Such a row, as it is written; undefined where there is none. Below an input box they only explain its keys.
 */
export function askingRow(view: ScreenView): string | undefined {
  if (inBox(view)) {
    const below = view.rows.slice(view.cursor.row + 1).map(({ text }) => text);
    return below.find((text) => pressed.test(text))?.trim();
  }
  return lastRows(view)
    .findLast((text) => pressed.test(text) || hint.test(text) || isButtons(text))
    ?.trim();
}

/** "Overwrite notes.txt? y/N": a question with its keys behind it, as it is written; undefined where there is none. */
export function yesNoRow(view: ScreenView): string | undefined {
  return lastRows(view)
    .findLast((text) => yesNo.test(text))
    ?.trim();
}

/** Where a dialog may be that is open: what a program prints line by line stays on the screen when it was answered. */
function lastRows({ rows, alternate, cursor }: ScreenView): string[] {
  const texts = rows.map(({ text }) => text);
  const full = alternate || cursor.hidden === true;
  return full
    ? texts.filter((text) => text.trim() !== "").slice(-nearRows)
    : texts.slice(Math.max(0, cursor.row - (cursor.col === 0 ? 1 : 0)));
}

/**
 * The cursor stands in the line by which a list is searched, and Enter chooses from that (fzf):
 *
 *     > two.txt
 *       2/2 ─────
 *     >
 */
export function searchesList({ rows, cursor }: ScreenView): boolean {
  const at = (index: number) => rows[index]?.text ?? "";
  return (
    /^\s*[>❯›»](?:\s|$)/.test(at(cursor.row)) && [cursor.row - 1, cursor.row + 1].some((row) => matches.test(at(row)))
  );
}

/** Rows with text at the bottom of a full screen in which a dialog explains its keys; what is above is what the program shows. */
const nearRows = 10;
const yesNo = /\p{L}.*\s['"[(]?(?:y\/n|yes\/no|yes or no)['"\])]?\s*[?:]?\s*$/iu;
const matches = /^\s*[<>]?\s*\d+\/\d+(?:\s+\(\d+\))?(?:\s*[─━-]*)?\s*$/;
const key = String.raw`(?:any(?: other)? key|enter|return|⏎|↵|space|esc|escape|[yn])`;
const pressed = new RegExp(String.raw`\b(?:press|hit|type|strike)\s+(?:the\s+)?['"[(<]?${key}['"\])>]?(?![\w-])`, "i");
const hint =
  /(?:^|[\s·•|,([<])(?:enter|return|⏎|↵|esc|escape)[\])>]?:?\s+(?:to\s+)?(?:select|confirm|choose|accept|approve|allow|continue|proceed|open|cancel|close|dismiss|reject|deny|go back|back|exit|quit|abort|skip)\b/i;

/** Buttons side by side, and nothing else in the row but the frame around them. */
function isButtons(row: string): boolean {
  const bare = row.replace(/^[\s│┃║|]+|[\s│┃║|]+$/g, "");
  return /^(?:<\s*\p{L}[\p{L} ]{0,20}>\s*)+$/u.test(bare) || /^(?:\[\s*\p{L}[\p{L} ]{0,20}\]\s*){2,}$/u.test(bare);
}
