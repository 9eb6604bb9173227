import { readFileSync } from "node:fs";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { Screen } from "../../../src/shards/holder/screen.ts";
import { added, type Added, type Baseline, baselineOf, firstRow } from "../../../src/shards/turns/turn.ts";

/** One line of an asciicast v2: seconds since the start; o(utput), i(nput), r(esize) or m(ark); data. */
interface CastEvent {
  at: number;
  code: "o" | "i" | "r" | "m";
  data: string;
}

export interface Cast {
  cols: number;
  rows: number;
  events: CastEvent[];
}

/** What was typed at a prompt. */
export interface Typed {
  text: string;
  /** When it was pasted, and when Enter (or Tab) was pressed; Infinity if never. */
  pasted: number;
  submitted: number;
  /** It was typed while the turn before was running. */
  meanwhile: boolean;
}

export function readCast(path: string): Cast {
  const [head, ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const { width, height } = JSON.parse(head!) as { width: number; height: number };
  const events = lines.map((line) => {
    const [at, code, data] = JSON.parse(line) as [number, CastEvent["code"], string];
    return { at, code, data };
  });
  return { cols: width, rows: height, events };
}

/** The pastes of a recording with the key that submitted them. */
export function typedIn({ events }: Cast): Typed[] {
  return events.flatMap(({ at, code, data }, index) => {
    const text = code === "i" ? /^\u001B\[200~(.*)\u001B\[201~$/s.exec(data)?.[1] : undefined;
    if (text === undefined) return [];
    const key = events.slice(index).find((event) => event.code === "i" && /^[\r\t]$/.test(event.data));
    const mark = events[index - 1];
    const meanwhile = mark?.code === "m" && mark.data === "typed while busy";
    return [{ text, pasted: at, submitted: key?.at ?? Infinity, meanwhile }];
  });
}

/** A terminal of this size; what it answers to queries goes to `reply`. */
export class Player {
  readonly #screen: Screen;

  /** @param marks see `HolderSpec.marks` */
  constructor(size: { cols: number; rows: number }, reply: (data: string) => void = () => undefined, marks?: string) {
    const fault = (error: unknown) => {
      throw error;
    };
    this.#screen = new Screen({ ...size, marks, reply, fault });
  }

  /** What an event of a recording does to the screen. */
  play({ code, data }: CastEvent): void {
    if (code === "o") this.write(data);
    const size = code === "r" ? /^(\d+)x(\d+)$/.exec(data) : undefined;
    if (size) this.#screen.resize(Number(size[1]), Number(size[2]));
  }

  write(data: string): void {
    this.#screen.write(Buffer.from(data));
  }

  get view(): ScreenView {
    return this.#screen.view();
  }

  baseline(): Baseline {
    return baselineOf(this.view);
  }

  /** Whole lines that came since the baseline. */
  since(baseline: Baseline): string[] {
    return this.added(baseline).lines;
  }

  added(baseline: Baseline): Added {
    const { view } = this;
    return added(baseline, this.#screen.rows(firstRow(baseline, view)), view);
  }
}

/** The lines that each prompt's turn added, up to right before the next paste. A prompt that was typed meanwhile counts as part of it. */
export function turns(cast: Cast): { sent: string; lines: string[]; view: ScreenView }[] {
  const player = new Player(cast);
  const typed = typedIn(cast).filter(({ meanwhile }) => !meanwhile);
  const found: { sent: string; lines: string[]; view: ScreenView }[] = [];
  let open: { sent: string; baseline: Baseline } | undefined;
  const close = () => open && found.push({ sent: open.sent, lines: player.since(open.baseline), view: player.view });
  for (const event of cast.events) {
    player.play(event);
    const paste = event.code === "i" && typed.find(({ pasted }) => pasted === event.at);
    if (!paste) continue;
    close();
    open = { sent: paste.text, baseline: player.baseline() };
  }
  close();
  return found;
}
