import type { Background, Trouble } from "../../host.ts";
import type { Signs } from "../agent.ts";
import { boxIn, footerIn, isDone, lastBlock } from "./claude-screen.ts";

/*
 * Signs of Claude Code around its input box besides the state (2.1.332; the words are those in its program):
 *
 *     ● API Error: 401 invalid x-api-key · Please run /login
 *     ✻ 429 fake 429 · retrying in 18s · attempt 6/10
 *     ✻ Sautéed for 1s · done 7:05 PM · 1 shell still running
 *       ⏵⏵ accept edits on (shift+tab to cycle) · 2 shells, 1 background agent · ← for agents
 */

const mode = /^\s*[^\w\s]+ (?<mode>[a-z][a-z' -]*?)(?: mode)? on\b/i;
const shells = /\b(?<count>\d+) (?:shell|monitor)s?\b/g;
const agents = /\b(?<count>\d+) (?:(?:background|cloud|local) )?(?:agent|team|session|dynamic workflow)s?\b/g;
const retries = /· (?:retrying|will retry|next try)\b/i;
const waits = /^\S{1,2} Waiting for /;
const limit =
  /\brate limit\b|\(429\)|\b(?:You['’]ve (?:hit|reached) your|You['’]re out of|(?:usage |session |weekly |spend )?limit reached)\b/i;
const login =
  /\bInvalid API key\b|\bauthentication\b|\/login\b|\b401\b|\bOAuth (?:access )?token\b|\b(?:login|sign-in|session) (?:has )?expired|Not logged in/i;
const offline =
  /\b(?:ENOTFOUND|ECONN\w+|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|FailedToOpenSocket|ConnectionRefused)\b|Unable to connect|Connection (?:error|refused)|check your (?:internet|network)|internet connection|\boffline\b/i;
const failed =
  /^(?:● +| {2}⎿\s+)?(?:API Error|Error: |Invalid API key|OAuth |Login expired|Not logged in|You['’]|Unable to connect|.*·? Please run \/login)/i;
const resets = /\bresets? (?:at |on |in )?(?<until>[^·()\n]+(?:\([\w/+-]+\))?)/i;
/** Of a limit that it waits for: "retrying in 1h (Jan 1, 2027, 3pm)". */
const retriesAt = /· (?:retrying|will retry|next try)[^(·]*\((?<until>[^()]+)\)/i;

/** See `AgentKind.signs`. `rows` are those of the screen, without a panel at their right. */
export function signsIn(rows: readonly string[]): Signs {
  const box = boxIn(rows);
  if (!box) return {};
  const footer = footerIn(rows, box);
  const block = lastBlock(rows, box);
  const named = footer.map((row) => mode.exec(row)?.groups?.["mode"]).find((found) => found !== undefined);
  const background = backgroundIn([...footer, ...block.filter((row) => isDone(row) || waits.test(row))]);
  const trouble = troubleIn(block);
  return {
    ...(named !== undefined && { mode: named }),
    ...(background && { background }),
    ...(trouble && { trouble }),
  };
}

/** The same work may be told in several rows, so they are not added up. */
function backgroundIn(rows: readonly string[]): Background | undefined {
  const most = (what: RegExp) => Math.max(0, ...rows.map((row) => total(row, what)));
  const found = { shells: most(shells), agents: most(agents) };
  return found.shells + found.agents > 0 ? found : undefined;
}

function total(row: string, what: RegExp): number {
  return [...row.matchAll(what)].reduce((sum, { groups }) => sum + Number(groups?.["count"]), 0);
}

/** Of the last block above the input box: a pause between two tries, or the error that the turn has ended with. */
function troubleIn(block: readonly string[]): Trouble | undefined {
  const [head = ""] = block;
  const result = block.find((row) => /^ {2}⎿/.test(row) && failed.test(row));
  const shown = retries.test(head) || failed.test(head) ? block.slice(0, 3) : result === undefined ? [] : [result];
  if (shown.length === 0) return undefined;
  const text = shown.map((row) => row.replace(/^\s*(?:⎿|[^\p{L}\p{N}])\s+/u, "").trim()).join(" ");
  const kind = kindOf(text) ?? (retries.test(text) ? "retrying" : undefined);
  const until = kind === "limit" ? (resets.exec(text) ?? retriesAt.exec(text))?.groups?.["until"]?.trim() : undefined;
  // Less the seconds that are counted down.
  const what = text.replace(/ · (?:retrying|will retry|next try)\b.*$/is, "");
  return kind && { kind, text: what, ...(until !== undefined && { until }) };
}

function kindOf(text: string): Trouble["kind"] | undefined {
  if (limit.test(text)) return "limit";
  if (login.test(text)) return "login";
  return offline.test(text) ? "offline" : undefined;
}
