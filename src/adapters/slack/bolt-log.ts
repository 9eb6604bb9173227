import { type Logger, LogLevel } from "@slack/bolt";
import { log } from "../../log.ts";

/**
 * Bolt's log, as lines of ours. Debug lines carry whole messages and responses, so they are dropped here, whatever level is asked for;
 * of what is not text only an error's message is kept.
 */
export const boltLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (...parts: unknown[]) => log.warn("the client of Slack reports", { said: said(parts) }),
  error: (...parts: unknown[]) => log.error("the client of Slack reports", { said: said(parts) }),
  setLevel: () => undefined,
  getLevel: () => LogLevel.WARN,
  setName: () => undefined,
};

function said(parts: unknown[]): string {
  return parts
    .map((part) => (part instanceof Error ? part.message : typeof part === "string" ? part : ""))
    .filter((part) => part !== "")
    .join(" ")
    .slice(0, 300);
}
