import { inert } from "../../inert.ts";
import type { Size } from "./viewport.ts";

export interface Standing {
  name: string;
  /** Holder of the keyboard, and whether it is ours. */
  by: string | undefined;
  yours: boolean;
  viewOnly: boolean;
  screen: Size;
  /** The part of the screen that is shown; rows above it when it looks back. */
  shown: Size & { back: number };
  detach: string;
  command: string;
  /** Something to say just now. */
  message: string | undefined;
  /** A command is awaited. */
  commanding: boolean;
}

/** The last row of the window: as much as there is room for, the most important first. */
export function statusLine(standing: Standing, width: number): string {
  const text = inert((standing.commanding ? commands(standing) : news(standing)).replaceAll(/[\p{Cc}\s]/gu, " "));
  const row = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text.padEnd(width);
  return `\u001B[0;7m${row}\u001B[0m`;
}

function news({ name, message, detach, command, ...rest }: Standing): string {
  if (message !== undefined) return ` ${name} │ ${message}`;
  return ` ${name} │ ${detach} detaches, ${command} more │ ${who(rest)} │ ${area(rest)}`;
}

function commands({ detach, command, yours, viewOnly }: Standing): string {
  const take = viewOnly || yours ? "" : " · t takes the keyboard";
  const own = yours ? ` · ${command} or ${detach} types it` : "";
  return ` arrows pan · PgUp PgDn look back${take} · d detaches${own} · any other key goes back`;
}

function who({ by, yours, viewOnly }: Pick<Standing, "by" | "yours" | "viewOnly">): string {
  if (yours) return "you are at the keyboard";
  const others = by === undefined ? "nobody is at the keyboard" : `${by} is at the keyboard`;
  return viewOnly ? `view only, ${others}` : others;
}

function area({ screen, shown }: Pick<Standing, "screen" | "shown">): string {
  const whole = `${screen.cols}×${screen.rows}`;
  if (shown.back > 0) return `${shown.back} rows back`;
  const all = shown.cols >= screen.cols && shown.rows >= screen.rows;
  return all ? whole : `${Math.min(shown.cols, screen.cols)}×${Math.min(shown.rows, screen.rows)} of ${whole}`;
}
