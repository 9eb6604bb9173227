import type { AgentKind, ScreenView } from "../agents/agent.ts";
import { trimmed } from "../agents/cleaning/clean.ts";
import type { JournalFollower } from "../state/journal-follower.ts";
import type { TurnRecord } from "../saved/records.ts";
import { withJoiners } from "./joiners.ts";
import { interruptedNote, type Written } from "../state/journal-state.ts";
import { added, type Baseline, firstRow, lines, type Rows } from "./turn.ts";

/** Characters of an answer; what is above is cut at the front, where it is oldest. */
const longestAnswer = 400_000;
const tailLines = 30;
/** Characters by which the end of an echo is known. */
const echoEnd = 20;
const tailLength = 2500;
/** Words of the note that a screen shows below a turn that ended badly. */
const noteWords = 8;

/** A screen whose older rows can be asked for. */
export interface Source {
  readonly view: ScreenView;
  rows(from: number): Promise<Rows>;
}

export interface Said {
  text: string;
  truncated: boolean;
}

/**
 * An agent's words in a turn so far: its own words where it wrote them down, otherwise the screen's, cleaned. Without a baseline or
 * a screen there is nothing to tell those from.
 */
export async function saidIn(
  turn: TurnRecord,
  kind: AgentKind,
  source: Source | undefined,
  written: Written | undefined,
): Promise<Said> {
  const own = written?.text ?? "";
  const done = own !== "" && (written?.end?.how ?? "done") === "done";
  const mends = kind.journal?.losesJoiners === true && !isAscii(own);
  if (done && !mends) return shortEnough(own, false);
  const shown = await shownIn(turn, kind, source);
  if (done) return shortEnough(withJoiners(own, shown.text), false);
  // Some agents only write down the words that were under way when a turn ended badly.
  if (own !== "" && words(own) + noteWords >= words(shown.text)) return shortEnough(own, false);
  const unsaid = written?.end?.how === "interrupted" && !/interrupted|cancelled/i.test(shown.text);
  return unsaid ? { ...shown, text: `${shown.text}\n\n${interruptedNote}`.trim() } : shown;
}

/** A turn on the screen, cleaned. */
export async function shownIn(
  turn: Pick<TurnRecord, "baseline" | "typed">,
  kind: AgentKind,
  source: Source | undefined,
): Promise<Said> {
  if (!source || !turn.baseline) return { text: "", truncated: true };
  const { view } = source;
  const rows = await source.rows(firstRow(turn.baseline, view));
  const { lines: said, truncated: lost, exact } = added(turn.baseline, rows, view);
  const truncated = lost || (!exact && turn.baseline.alternate && view.alternate && !echoed(turn.typed, said));
  return shortEnough(exact ? printedOnly(said) : kind.clean(said, turn.typed, view.cols).trim(), truncated);
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function words(text: string): number {
  return text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
}

function shortEnough(text: string, truncated: boolean): Said {
  if (text.length <= longestAnswer) return { text, truncated };
  return { text: text.slice(-longestAnswer).toWellFormed(), truncated: true };
}

/** The last cleaned lines of the whole screen and its scrollback. */
export async function lastSaid(count: number, kind: AgentKind, source: Source): Promise<Said> {
  // Chrome and blank rows fall away, so more rows are asked for than lines are wanted.
  const from = Math.max(0, source.view.top - count * 3);
  const rows = await source.rows(from);
  const text = kind.clean(lines(rows.rows), "", source.view.cols).trim();
  const all = text === "" ? [] : text.split("\n");
  return { text: all.slice(-count).join("\n"), truncated: all.length > count || rows.from > 0 };
}

/** The tool calls of the running or the last turn, one line each: as the agent wrote them down, otherwise those on the screen. */
export async function lastTools(
  count: number,
  { kind, link, follower }: { kind: AgentKind; link: Source | undefined; follower: JournalFollower },
): Promise<Said> {
  await follower.read();
  const wrote = follower.any ? follower.tools : undefined;
  const rows = wrote || !link ? undefined : await link.rows(Math.max(0, link.view.top - count * 3));
  const all = wrote ?? (rows ? kind.tools(lines(rows.rows)) : []);
  return { text: all.slice(-count).join("\n"), truncated: all.length > count || (rows?.from ?? 0) > 0 };
}

/** Some last lines of a running turn, from the visible rows alone. */
export function tailOf(turn: TurnRecord, kind: AgentKind, view: ScreenView): string {
  const baseline: Baseline = turn.baseline ?? { top: 0, rows: [], alternate: view.alternate };
  const { lines: said, exact } = added(baseline, { from: view.top, rows: view.rows }, view);
  return shortened(exact ? printedOnly(said) : kind.clean(said, turn.typed, view.cols));
}

/** Exactly what commands printed, without the blank lines at both ends. */
function printedOnly(said: readonly string[]): string {
  return trimmed(said).join("\n");
}

/**
 * Whether the end of a prompt's echo is there, and so all that came below it: the alternate screen keeps nothing of what scrolls away.
 * Only letters and digits count, since borders and line breaks stand between them.
 */
function echoed(typed: string, said: readonly string[]): boolean {
  const bare = (text: string) => text.normalize("NFC").replaceAll(/[^\p{L}\p{N}]/gu, "");
  return bare(said.join("")).includes(bare(typed).slice(-echoEnd));
}

/** The last lines of a text: at most 30, with 2,500 characters. */
export function shortened(text: string): string {
  return text.trimEnd().split("\n").slice(-tailLines).join("\n").slice(-tailLength).toWellFormed();
}

/** The visible screen as it is. */
export function screenText(view: ScreenView): string {
  return lines(view.rows).join("\n");
}
