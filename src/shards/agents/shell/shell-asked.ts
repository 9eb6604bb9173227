import type { Question, QuestionOption } from "../../host.ts";
import type { Mark, ScreenView, Tty } from "../agent.ts";
import { askedAt, secretOption } from "../dialogs/asked.ts";
import { searchesList } from "../generic/asking-screen.ts";
import { demandedAbove } from "../generic/input.ts";
import { asQuestion } from "../dialogs/menu.ts";
import { promptAt, rowAt } from "../prompts.ts";

/** Rows above what is asked that may explain it. */
const explained = 12;

const interrupt: QuestionOption = { key: "ctrl-c", label: "Interrupt it" };
const keys: Readonly<Record<string, string[]>> = {
  "ctrl-c": ["\u0003"],
  "ctrl-d": ["\u0004"],
  space: [" "],
  q: ["q"],
  answer: [],
  rest: [],
  secret: [],
};

/**
 * The question of a shell, or of the program that runs in it. A running program is taken at its word when it has been quiet for a moment, and
 * how its terminal takes input bears it out:
 *
 *     > |                                          the shell wants the rest of a command
 *     [sudo] password for me: |                    a line that isn't shown
 *     Do you want to continue? [Y/n] |             choices
 *     :|      (END)|      --More--(42%)|           a pager
 *     Name? |                                      a line
 */
export function shellQuestion(view: ScreenView): Question | undefined {
  const { mark, tty } = view;
  // The user's own files may ask before the first prompt: for the passphrase of a key.
  if (!mark) return tty && tty.reading !== false ? asked(view, tty) : undefined;
  // A holder of an older version tells nothing of the terminal.
  if (mark.prompts === undefined) return mark.kind === "command" ? askedAt(view) : undefined;
  const open = mark.kind === "done" ? undefined : unfinished(view, mark);
  if (open || mark.kind === "prompt") return open;
  if (mark.kind !== "command" || !tty || tty.reading === false) return undefined;
  return asked(view, tty);
}

function asked(view: ScreenView, tty: Tty): Question | undefined {
  return hidden(view, tty) ?? choices(view) ?? pager(view, tty) ?? line(view, tty);
}

/** A key of what is asked line by line; what a program asks on the whole screen has others. */
export function isShellKey(option: string): boolean {
  return option in keys;
}

/** Keys that choose an option. */
export function shellKeys(option: string, view: ScreenView | undefined): string[] {
  const known = keys[option];
  if (known) return known;
  // A program that gets each key, and edits no line, acts on the first.
  return [view?.tty?.canonical === false && !view.bracketedPaste ? option : `${option}\r`];
}

/** The prompt of a program that the shell runs, such as a REPL or another shell, when it waits behind it; undefined where there is none. */
export function innerPrompt(view: ScreenView): string | undefined {
  const { mark, tty, alternate, bracketedPaste, cursor } = view;
  if (mark?.kind !== "command" || !tty || tty.reading === false || alternate || shellQuestion(view)) return undefined;
  if ((tty.canonical && !tty.echo) || searchesList(view)) return undefined;
  const known = promptAt(view);
  if (known !== undefined) return known;
  // Line editors ask for pastes while they read, and for nothing while they run something.
  const edits = bracketedPaste && !tty.canonical && readsLines.test(tty.program);
  return edits && cursor.col > 0 ? rowAt(view).trim() || tty.program : undefined;
}

/** Programs with a line editor, whose prompts may look like anything. */
const readsLines = /^-?(?:ba|z|fi|k|da)?sh$|^(?:nu|i?python[\d.]*|node|irb|psql|mysql|sqlite3|lua|ghci)$/;

/** The prompt for the rest of a command; in fish the command goes on in a row of its own. */
function unfinished(view: ScreenView, mark: Mark): Question | undefined {
  const { cursor, top, rows, bracketedPaste } = view;
  const row = top + cursor.row;
  const before = (rows[cursor.row]?.text ?? "").slice(0, cursor.col);
  const asks = mark.more?.row === row && mark.more.col === cursor.col;
  const above = rows.slice(Math.max(0, mark.row - top), cursor.row).map(({ text }) => text);
  const indented =
    mark.kind === "prompt" &&
    row > mark.row &&
    (cursor.col > 0 || mark.at === 0) &&
    before.trim() === "" &&
    above.some((text) => text.trim() !== "");
  // In other shells what stands below the prompt was printed by a job in the background.
  if (
    !asks &&
    !(mark.inline && mark.more === undefined && mark.ready && bracketedPaste && indented && isTypedAt(view, mark))
  )
    return undefined;
  // Where a line feed has ended the first line, the mark stands below it.
  const lines = Math.max(1, row - mark.row + (mark.kind === "command" ? 1 : 0));
  const text = `The command is not finished after ${lines === 1 ? "its line" : `${lines} lines`}: the shell waits for the rest of it, such as a closing quote.`;
  const rest: QuestionOption = { key: "rest", label: "Go on with a line", takes: "answer" };
  // fish takes the meaning from quotes that are pasted into an open quote.
  return asQuestion(text, above.join("\n"), [{ key: "ctrl-c", label: "Abandon it" }, ...(asks ? [rest] : [])]);
}

/** Something stands behind the prompt in its own row. */
function isTypedAt({ rows, top }: ScreenView, mark: Mark): boolean {
  return (rows[mark.row - top]?.text ?? "").slice(mark.at ?? 0).trim() !== "";
}

/** A line that the terminal doesn't show, or that is called a secret. */
function hidden(view: ScreenView, { canonical, echo, program }: Tty): Question | undefined {
  const asked = askedAt(view);
  const named = asked?.options.some(({ takes }) => takes === "secret") === true;
  if (!named && (!canonical || echo)) return undefined;
  const text = rowAt(view).trim();
  const unnamed = `${program} waits for a line that is not shown as it is typed.`;
  return asQuestion(text === "" ? unnamed : text, above(view), [secretOption]);
}

function choices(view: ScreenView): Question | undefined {
  const asked = askedAt(view);
  return asked && asQuestion(asked.text, above(view), asked.options);
}

const prompted =
  /(?:^:|\(END\)|^--\s?More\s?--.*|^lines \d+-\d+.*|\(press h for help or q to quit\)|\(q to quit\))\s?$/;

/** The last row of a pager, which has the cursor behind it, or its own name and a full screen. */
function pager(view: ScreenView, { canonical, program }: Tty): Question | undefined {
  const row = rowAt(view);
  const last = view.rows.slice(view.cursor.row + 1).every(({ text }) => text === "");
  const behind = view.cursor.col > 0 || row === "";
  const full = view.alternate && /^(?:less|more|most|man|git|pg)$/.test(program) && row.trim() !== "";
  if (canonical || !last || !behind || !(prompted.test(row.trim()) || full)) return undefined;
  const page = view.rows.slice(0, view.cursor.row).map(({ text }) => text);
  const next: QuestionOption[] = /\(END\)/.test(row) ? [] : [{ key: "space", label: "Next page" }];
  return asQuestion(`${program} shows a page: ${row.trim()}`, page.join("\n"), [
    ...next,
    { key: "q", label: "Quit the pager" },
  ]);
}

/** A line of anything: known by the program that waits for one, or by its words where the system can't tell. */
function line(view: ScreenView, { canonical, reading, program }: Tty): Question | undefined {
  const row = rowAt(view).slice(0, view.alternate ? 0 : undefined);
  const asks = /(?:[?:]|^read>)\s*$/.test(row) && view.cursor.col > 0;
  // A shell with a line editor reads in line mode only for `read`, whose prompt may be anything.
  const reads = /^read> ?$/.test(row) || (canonical && /^-?(?:ba|z|fi)sh$/.test(program));
  if (view.alternate || (promptAt(view) !== undefined && !reads && demandedAbove(view) === undefined)) return undefined;
  if (!(canonical && reading) && !asks) return undefined;
  const text = row.trim() === "" ? `${program} waits for a line.` : row.trim();
  const end: QuestionOption[] = row.trim() === "" ? [{ key: "ctrl-d", label: "End of input" }] : [];
  return asQuestion(text, above(view), [{ key: "answer", label: "Answer", takes: "answer" }, ...end, interrupt]);
}

/** Output of the command right before, as far as it is on the screen. */
function above(view: ScreenView): string {
  const from = view.mark?.outputs?.at(-1)?.from.row ?? 0;
  const first = Math.max(0, from - view.top, view.cursor.row - explained);
  return view.rows
    .slice(first, view.cursor.row)
    .map(({ text }) => text)
    .join("\n");
}
