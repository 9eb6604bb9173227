import type { Question, QuestionOption } from "../../host.ts";
import { dialogTop } from "./claude-clean.ts";
import { asQuestion, findDialog, menuKeys, menuQuestion } from "../dialogs/menu.ts";

/*
 * Claude Code's dialogs: below a rule, in the place of the input box. 2.1.332 has lists without numbers, whose pointer is not at the edge
 * of the screen as that of a prompt's echo is.
 *
 *     ─────────────────────────────────          ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔
 *      Accessing workspace:                        Theme
 *
 *      ❯ No, exit                                    ❯ ✔ Dark mode
 *        Yes, I trust this folder                      Light mode
 *
 *      Enter to confirm · Esc to cancel            Enter to select · Esc to cancel
 *
 * Of some the keys themselves are the options:
 *
 *       Enter to stay in auto mode · shift+Tab to leave for accept edits mode and stop · Esc to cancel
 */
const pointer = "❯";
const rule = /^[─▔]{10,}/;

/** The dialog in the rows of a screen without an input box. */
export function claudeQuestion(rows: readonly string[]): Question | undefined {
  const menu = findDialog(rows, [pointer]);
  return menu ? menuQuestion(menu, rows.slice(topOf(rows, menu.first), menu.first)) : decidedByKeys(rows);
}

const codes: Readonly<Record<string, string>> = { enter: "\r", "shift+tab": "\u001B[Z", tab: "\t", esc: "\u001B" };
const keyAndDeed = /^(?<key>enter|(?:shift\+)?tab|esc) to (?<does>\S.*)$/i;
/** Words for Enter in any list or field. */
const anyDeed =
  /^(?:apply|choose|close|confirm|continue|dismiss|expand|open|save|search|select|send|submit|toggle|view)\b/i;

/** A dialog whose last row says what Enter decides, and which other keys decide otherwise. */
function decidedByKeys(rows: readonly string[]): Question | undefined {
  const last = rows.findLastIndex((row) => row.trim() !== "");
  const top = rows.slice(0, Math.max(0, last)).findLastIndex((row) => rule.test(row)) + 1;
  const keys = (rows[last] ?? "").split(" · ").map((part) => keyAndDeed.exec(part.trim())?.groups);
  const [enter, ...others] = keys;
  const does = enter?.["key"]?.toLowerCase() === "enter" ? (enter["does"] ?? "") : "";
  if (top === 0 || does === "" || anyDeed.test(does) || others.length === 0) return undefined;
  const options = keys.map((found): QuestionOption | undefined => {
    const [key = "", label = ""] = [found?.["key"]?.toLowerCase(), found?.["does"]];
    return key === "" ? undefined : { key, label: label[0]?.toUpperCase() + label.slice(1) };
  });
  if (options.includes(undefined)) return undefined;
  const [text = "", ...detail] = rows.slice(top, last).map((row) => row.trim());
  return asQuestion(
    text,
    detail.join("\n"),
    options.filter((option) => option !== undefined),
  );
}

/** See `AgentKind.answerKeys`; `rows` of the screen with the dialog. */
export function claudeKeys(open: Question, option: string, rows: readonly string[] = []): string[] {
  const code = codes[option];
  if (code !== undefined && open.options.some(({ key }) => key === "enter")) return [code];
  return menuKeys(open, option, findDialog(rows, [pointer]));
}

function topOf(rows: readonly string[], first: number): number {
  const above = rows.slice(0, first).findLastIndex((row) => rule.test(row)) + 1;
  return Math.max(above, dialogTop(rows, first));
}
