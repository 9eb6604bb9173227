import type { ScreenView, Signs } from "../agent.ts";
import type { Trouble } from "../../host.ts";

/*
 * Signs on a screen of Codex besides the state:
 *
 *     › please go on                                              the last prompt's echo
 *
 *     ■ You've hit your usage limit. … or try again at 3:04 PM.   why its turn failed
 *
 *       1 background terminal running · /ps to view · /stop to close
 *
 *     › Ask Codex to do anything
 *
 *       gpt-5-codex default · ~/repo
 *       ← for agents · ? for shortcuts · Plan mode (shift+tab to cycle)
 *
 * While it tries again, the row of its work begins with "• Reconnecting... 2/5 (3s • esc to interrupt)".
 */
const terminals = /^ {2}(\d+) background terminals? running · \/ps to view/;
const mode = /(?:^| )(\p{Lu}[\p{L}-]*) mode \(shift\+tab to cycle\)/u;
const again = /^[•◦] (Reconnecting\.\.\..*?) \(\d+[hms].*esc to interrupt\)/;
const until = /try again (?:at|in) (.+?)\.?$/i;

const troubles: readonly (readonly [Trouble["kind"], RegExp])[] = [
  ["limit", /usage limit|429 Too Many Requests|out of credits|quota/i],
  ["login", /401 Unauthorized|log out and sign in|access token could not|not logged in/i],
  ["offline", /stream disconnected|error sending request|connection failed|timed out|status 5\d\d/i],
];

/** See `AgentKind.signs`. */
export function signsOfCodex({ rows }: ScreenView, box: { first: number; last: number } | undefined): Signs {
  if (!box) return {};
  const texts = rows.map(({ text }) => text);
  const above = texts.slice(0, box.first);
  const near = above.filter((text) => text !== "").slice(-2);
  const shells = near.map((text) => Number(terminals.exec(text)?.[1] ?? 0)).find((count) => count > 0);
  const named = texts.slice(box.last + 1).map((text) => mode.exec(text)?.[1]);
  const trouble = troubleIn(above);
  const own = named.find((name) => name !== undefined)?.toLowerCase();
  return {
    ...(own !== undefined && { mode: own }),
    ...(shells !== undefined && { background: { shells, agents: 0 } }),
    ...(trouble && { trouble }),
  };
}

/** By the row of its work, or by the note below the last prompt. */
function troubleIn(above: readonly string[]): Trouble | undefined {
  const retries = again.exec(above.findLast((text) => text !== "" && !/^ {2}/.test(text)) ?? "")?.[1];
  if (retries !== undefined) return { kind: "retrying", text: retries };
  const last = above.findLastIndex((text) => /^[›•■] /.test(text));
  if (!above[last]?.startsWith("■ ")) return undefined;
  const end = above.findIndex((text, index) => index > last && text === "");
  const lines = above.slice(last, end < 0 ? undefined : end);
  const text = lines.map((line) => line.replace(/^■ /, "").trim()).join(" ");
  const kind = troubles.find(([, words]) => words.test(text))?.[0];
  const time = until.exec(text)?.[1];
  return kind && { kind, text, ...(time !== undefined && { until: time }) };
}
