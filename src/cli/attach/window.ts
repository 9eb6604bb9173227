import type { MouseMode } from "../../shards/holder/protocol.ts";

/** Content for the local terminal. */
export interface Sight {
  /** Each row as it is drawn; see `crop`. */
  rows: string[];
  /** From 0; undefined: hidden. */
  cursor: { row: number; col: number } | undefined;
  /** Parameter of DECSCUSR. */
  shape: number;
  modes: Modes;
}

interface Modes {
  application: boolean;
  keypad: boolean;
  focus: boolean;
  mouse: MouseMode["wants"];
}

/** Brings a terminal from what it shows to what it is to show. */
export class Window {
  #shown: Sight | undefined;

  /** The terminal shows nothing of ours any more, or has another size. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Bytes to send; "" when nothing is new. */
  draw(sight: Sight): string {
    const shown = this.#shown;
    this.#shown = sight;
    const rows = sight.rows.flatMap((text, row) =>
      text === shown?.rows[row] ? [] : [`${at(row, 0)}\u001B[0m\u001B[K${text}`],
    );
    const modes = changes(shown?.modes, sight.modes);
    const shape = sight.shape === (shown?.shape ?? 0) ? "" : `\u001B[${sight.shape} q`;
    const still = rows.length === 0 && JSON.stringify(shown?.cursor ?? null) === JSON.stringify(sight.cursor ?? null);
    if (still && shown && modes === "" && shape === "") return "";
    const { cursor } = sight;
    const ends = cursor ? `${at(cursor.row, cursor.col)}\u001B[?25h` : "";
    // In one go, where the terminal knows how (DEC 2026).
    return `\u001B[?2026h\u001B[?25l${shown ? "" : "\u001B[2J"}${rows.join("")}${modes}${shape}${ends}\u001B[?2026l`;
  }
}

/** Takes the terminal over: the alternate screen, no wrapping at its edge, pastes in brackets. */
export const enter = "\u001B[?1049h\u001B[?7l\u001B[?2004h";

/** Gives it back as it was, whatever was drawn. */
export const leave =
  "\u001B[?2026l\u001B[0m\u001B[?1000l\u001B[?1002l\u001B[?1003l\u001B[?1006l\u001B[?1004l\u001B[?2004l" +
  "\u001B[?1l\u001B>\u001B[0 q\u001B[?7h\u001B[?25h\u001B[?1049l";

function at(row: number, col: number): string {
  return `\u001B[${row + 1};${col + 1}H`;
}

function changes(was: Modes | undefined, now: Modes): string {
  let sent = "";
  if (now.application !== (was?.application ?? false)) sent += `\u001B[?1${now.application ? "h" : "l"}`;
  if (now.keypad !== (was?.keypad ?? false)) sent += now.keypad ? "\u001B=" : "\u001B>";
  if (now.focus !== (was?.focus ?? false)) sent += `\u001B[?1004${now.focus ? "h" : "l"}`;
  if (now.mouse === (was?.mouse ?? "none")) return sent;
  const before = tracking[was?.mouse ?? "none"];
  const wanted = tracking[now.mouse];
  if (before !== undefined) sent += `\u001B[?${before}l`;
  return sent + (wanted === undefined ? "\u001B[?1006l" : `\u001B[?${wanted}h\u001B[?1006h`);
}

/** Private modes of the mouse. Where presses alone are wanted (X10), releases are left out on the way. */
const tracking = { none: undefined, press: 1000, click: 1000, drag: 1002, any: 1003 };
