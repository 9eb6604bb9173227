import { ShardbridgeError } from "../../errors.ts";
import { keyNames } from "../host.ts";
import type { Link } from "../link.ts";
import { screenText } from "./answer-text.ts";
import { refusalOf } from "./refusal.ts";
import type { ShardContext } from "../shard-context.ts";

/** Milliseconds between two keys, so that a program takes them for two: an Esc right before another key is that key with Alt. */
const keyGap = 100;
/** Milliseconds of silence that count as a screen that is drawn to its end, and how long they are waited for. */
const settled = 250;
const settlesWithin = 2000;
/** Milliseconds within which a program that is going to draw anything begins to: a busy machine takes a second. */
const beginsWithin = 1500;
const mostKeys = 100;

const bytes: Readonly<Record<string, string>> = {
  enter: "\r",
  esc: "\u001B",
  tab: "\t",
  "shift-tab": "\u001B[Z",
  space: " ",
  backspace: "\u007F",
  up: "\u001B[A",
  down: "\u001B[B",
  left: "\u001B[D",
  right: "\u001B[C",
  "page-up": "\u001B[5~",
  "page-down": "\u001B[6~",
  home: "\u001B[H",
  end: "\u001B[F",
  "ctrl-c": "\u0003",
  "ctrl-d": "\u0004",
  "ctrl-e": "\u0005",
  "ctrl-l": "\u000C",
  "ctrl-o": "\u000F",
  "ctrl-r": "\u0012",
  "ctrl-u": "\u0015",
  "ctrl-z": "\u001A",
};

/** See `ShardHost.press`. Throws "usage" for an unknown key or none, "refused" where nothing can be typed. */
export async function pressKeys(shard: ShardContext, keys: readonly string[]): Promise<string> {
  const written = keys.map(bytesOf);
  if (keys.length === 0 || keys.length > mostKeys) {
    throw new ShardbridgeError("usage", `Say which keys to press in ${shard.name}: 1 to ${mostKeys}.`);
  }
  return shard.alone(async () => {
    const link = livingLink(shard);
    // Whatever closes a dialog now, it is not known as an answer.
    shard.questions.answering(undefined, undefined);
    await writeKeys(link, written.slice(0, -1));
    const { bytes } = link.view;
    await writeKeys(link, written.slice(-1));
    await link.until(() => link.ended || link.view.bytes !== bytes, beginsWithin);
    await link.until(() => link.ended || link.quiet >= settled, settlesWithin);
    return screenText(link.view);
  });
}

/** Write keys one after the other; those that come after the end of the process are dropped. */
export async function writeKeys(link: Link, keys: readonly string[]): Promise<void> {
  for (const [index, key] of keys.entries()) {
    if (index > 0) await link.until(() => link.ended, keyGap);
    if (!link.ended) await link.write(key);
  }
}

/** The connection to an agent that runs. Throws "refused" where none does. */
export function livingLink(shard: ShardContext): Link {
  const { link } = shard;
  if (link && !link.ended) return link;
  throw new ShardbridgeError("refused", refusalOf(shard)?.reason ?? `The agent of ${shard.name} has ended.`);
}

function bytesOf(key: string): string {
  const named = keyNames.includes(key.toLowerCase()) ? bytes[key.toLowerCase()] : undefined;
  if (named !== undefined) return named;
  if (/^[!-~]$/.test(key)) return key;
  const known = `${keyNames.join(", ")}, or a single letter, digit or sign`;
  throw new ShardbridgeError("usage", `"${key}" is no key that I know: use ${known}.`);
}
