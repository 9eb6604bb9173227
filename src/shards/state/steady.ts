import type { ScreenView } from "../agents/agent.ts";

/** A time of day: 9:05, 14:03:59. */
const clock = /\b(?<hour>\d{1,2}):(?<minute>\d{2})(?::\d{2})?\b/g;
/** The last column of a row, apart from its text. */
const scrollBar = /(?:^|\s{2,})[█▇▆▅▄▃▂▁▀▐▌░▒▓▲▼]\s*$/;

/** A row less the piece of a scroll bar at its right end, which moves with the text beside it. */
export function withoutScrollBar(row: string): string {
  return row.replace(scrollBar, "");
}

/**
 * Text of a screen, less what moves by itself while its program does nothing: the time of day, as a clock here shows it, and scroll bars.
 * Any other number may count how long something takes.
 */
export function steadyText({ title, rows }: ScreenView, now: Date): string {
  const minute = now.getMinutes();
  const hours = [now.getHours(), now.getHours() % 12 || 12, now.getUTCHours()];
  const isNow = (hour: number, at: number) => hours.includes(hour) && [minute, (minute + 59) % 60].includes(at);
  return [title, ...rows.map(({ text }) => withoutScrollBar(text))]
    .join("\n")
    .replaceAll(clock, (text, hour: string, at: string) => (isNow(Number(hour), Number(at)) ? "" : text));
}
