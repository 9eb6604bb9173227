import type { Question } from "../host.ts";
import { dialogTop } from "./claude-clean.ts";
import { findDialog, menuKeys, menuQuestion } from "./menu.ts";

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
 */
const pointer = "❯";
const rule = /^[─▔]{10,}/;

/** The dialog in the rows of a screen without an input box. */
export function claudeQuestion(rows: readonly string[]): Question | undefined {
  const menu = findDialog(rows, [pointer]);
  return menu && menuQuestion(menu, rows.slice(topOf(rows, menu.first), menu.first));
}

/** See `AgentKind.answerKeys`; `rows` of the screen with the dialog. */
export function claudeKeys(open: Question, option: string, rows: readonly string[] = []): string[] {
  return menuKeys(open, option, findDialog(rows, [pointer]));
}

function topOf(rows: readonly string[], first: number): number {
  const above = rows.slice(0, first).findLastIndex((row) => rule.test(row)) + 1;
  return Math.max(above, dialogTop(rows, first));
}
