import { pause } from "../bot/intake/pause.ts";
import { ShardbridgeError } from "../errors.ts";
import { inert, inertJson } from "../inert.ts";
import type { ShardInfo } from "../shards/host.ts";
import { callControl } from "../control/client.ts";
import { present } from "./present.ts";
import { print } from "./print.ts";

/** Milliseconds between two looks. */
const every = 500;

/**
 * `shardbridge list --watch`: the list whenever it has changed, until a signal. A terminal shows the newest alone; elsewhere one follows
 * the other, as JSON in one line each. Resolves with the exit code; throws ShardbridgeError "unavailable" when there is no bot, or no
 * more.
 * @param socket the control socket of the state folder
 */
export async function watchList(socket: string, json: boolean): Promise<number> {
  const out = process.stdout;
  const over = new AbortController();
  const end = () => over.abort();
  for (const signal of signals) process.on(signal, end);
  // Whoever read this reads no more.
  out.on("error", end);
  const shown = out.isTTY && !json ? new Board() : new Lines();
  let last: string | undefined;
  let known: string | undefined;
  const show = () => last !== undefined && shown.show(last);
  out.on("resize", show);
  try {
    for (; !over.signal.aborted; await pause(every, over.signal)) {
      const list = await look(socket, last !== undefined);
      const text = json ? inertJson(list) : inert(present("list", list));
      const changed = JSON.stringify(list);
      // A state's age is no news, but is shown where the newest list alone is.
      if (changed === known && (text === last || !(shown instanceof Board))) continue;
      known = changed;
      last = text;
      show();
    }
  } finally {
    out.off("resize", show);
    shown.close();
  }
  return 0;
}

/** Leaves what it was given last, where it is to be left. */
interface Shown {
  show(text: string): void;
  close(): void;
}

/** One list below the other. */
class Lines implements Shown {
  show(text: string): void {
    print(text);
  }

  close(): void {}
}

/** The newest list in a screen of its own; the last one is left behind. */
class Board implements Shown {
  #last = "";

  show(text: string): void {
    const rows = text.split("\n");
    const room = Math.max(2, process.stdout.rows) - 1;
    const left = rows.length - room;
    const fitting = left > 0 ? [...rows.slice(0, room - 1), `… and ${left + 1} more`] : rows;
    const drawn = [...fitting, "ctrl-c ends"].map((row) => `${row}\u001B[K`).join("\r\n");
    process.stdout.write(`${this.#last === "" ? enter : ""}\u001B[H${drawn}\u001B[J`);
    this.#last = text;
  }

  close(): void {
    if (this.#last !== "") process.stdout.write(`${leave}${this.#last}\n`);
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** The alternate screen, no wrapping, no cursor. */
const enter = "\u001B[?1049h\u001B[?7l\u001B[?25l";
const leave = "\u001B[?25h\u001B[?7h\u001B[?1049l";

async function look(socket: string, before: boolean): Promise<ShardInfo[]> {
  const gone = new ShardbridgeError("unavailable", "The bot has ended. Its shards go on; shardbridge list shows them.");
  const answered = await callControl(socket, "list", {}).catch((error: unknown) => {
    throw before && error instanceof ShardbridgeError && error.code === "unavailable" ? gone : error;
  });
  if (answered) return answered.result as ShardInfo[];
  if (before) throw gone;
  throw new ShardbridgeError("unavailable", "No bot runs here: start one, or ask for the list without --watch.");
}
