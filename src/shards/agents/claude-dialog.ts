import type { Question } from "../host.ts";
import type { ScreenView } from "./agent.ts";
import { dialogTop } from "./claude-clean.ts";
import { findDialog, menuKeys, menuQuestion } from "./menu.ts";
import type { Menu } from "./menu-rows.ts";

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

/** The dialog on a screen without an input box. */
export function claudeQuestion(view: ScreenView): Question | undefined {
  const texts = view.rows.map(({ text }) => text);
  const menu = menuIn(texts);
  return menu && menuQuestion(menu, texts.slice(topOf(texts, menu.first), menu.first));
}

/** See `AgentKind.answerKeys`. */
export function claudeKeys(open: Question, option: string, view?: ScreenView): string[] {
  return menuKeys(open, option, view && menuIn(view.rows.map(({ text }) => text)));
}

function menuIn(rows: readonly string[]): Menu | undefined {
  return findDialog(rows, [pointer]);
}

function topOf(rows: readonly string[], first: number): number {
  const above = rows.slice(0, first).findLastIndex((row) => rule.test(row)) + 1;
  return Math.max(above, dialogTop(rows, first));
}
