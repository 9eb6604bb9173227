import { setTimeout as delay } from "node:timers/promises";
import type { AgentKind, Entry, JournalContext } from "../agents/agent.ts";
import { logBug } from "../../log.ts";
import type { ShardRecord } from "../saved/records.ts";
import { JournalReader, type Positions } from "./journal.ts";
import { type JournalState, journalStateAfter, type Written, writtenIn } from "./journal-state.ts";

/** Milliseconds between two looks at the journal of an agent that is at work. */
const pollEvery = 200;
/** Milliseconds that the last message may take to be written after the turn's end was (measured: 20 to 190). */
const lastMessageWithin = 1500;
/** Milliseconds that a prompt may take to be written after it was taken (measured: 700, opencode's first; gemini looks for files before). */
const promptWithin = 3000;
/** Where nothing tells a turn's end, it is written down when nothing was added for so long. */
const silence = 400;

/** Facts by which a kind finds its agent's journal. */
export function journalContext(record: ShardRecord, env: Readonly<Record<string, string>>): JournalContext {
  const { folder, worktree, conversation, told = false, launchedAt, createdAt } = record;
  return { env, folder, worktree, conversation, known: told, launchedAt: launchedAt ?? createdAt };
}

/** One agent's own account: its state, and what it said since the last turn. */
export class JournalFollower {
  readonly #reader: JournalReader | undefined;
  readonly #tells: "turns" | "begins" | "nothing";
  readonly #onNews: (entries: readonly Entry[]) => void;
  #entries: Entry[] = [];
  #lastTools: string[] = [];
  #journalState: JournalState | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #fresh = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The texts of the prompts that it wrote of since one was last typed. */
  #prompts: string[] = [];
  #typedAt = 0;
  /** The last prompt was waited for in vain. */
  #silent = false;

  /** @param onNews is called with what is new, after it counts */
  constructor(
    kind: AgentKind,
    context: () => JournalContext,
    from: Positions | undefined,
    onNews: (entries: readonly Entry[]) => void,
  ) {
    this.#reader = kind.journal && new JournalReader(kind.journal, context, from);
    this.#tells = kind.journal?.tells ?? "nothing";
    this.#onNews = onNews;
  }

  get told(): JournalState | undefined {
    return this.#journalState;
  }

  get positions(): Positions | undefined {
    return this.#reader?.positions;
  }

  /** Whether anything was ever written: otherwise the screen is all that there is. */
  get any(): boolean {
    return this.#journalState !== undefined || this.#entries.length > 0;
  }

  /** Whether anything was written since the last turn. */
  get news(): boolean {
    return this.#entries.length > 0;
  }

  /** Reliable part; "nothing" as long as no file of it was found. */
  get tells(): "turns" | "begins" | "nothing" {
    return Object.keys(this.#reader?.positions ?? {}).length > 0 ? this.#tells : "nothing";
  }

  /** Entries since the last turn. */
  get written(): Written {
    return writtenIn(this.#entries);
  }

  /** Look for news now, and again and again while the agent is at work. */
  poke(atWork: boolean): void {
    if (!this.#reader || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.read();
    if (atWork) this.#timer = setTimeout(() => this.poke(true), pollEvery);
  }

  /** Resolves when all that is written now counts. */
  async read(fresh = false): Promise<void> {
    this.#fresh ||= fresh;
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#advance().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Tool calls of the running turn, or of the last one. */
  get tools(): string[] {
    return this.#entries.length > 0 ? this.written.tools : this.#lastTools;
  }

  /** A prompt is about to be typed: those that come from now on are looked for. */
  typed(): void {
    this.#prompts = [];
    this.#typedAt = Date.now();
  }

  /** The prompts that it says it was given since `typed`, once there is one; none where it does not write of them. */
  async prompts(): Promise<readonly string[]> {
    const until = Date.now() + promptWithin;
    while (this.#reader && !this.#closed) {
      await this.read(true);
      if (this.#prompts.length > 0 || this.#silent || Date.now() > until) break;
      await delay(pollEvery / 4);
    }
    this.#silent = this.#prompts.length === 0;
    return this.#prompts;
  }

  /** A turn has been told: what it wrote is not needed any more. */
  forget(): void {
    this.#lastTools = this.written.tools;
    this.#entries = [];
  }

  /** The dialog that it wrote of has been seen: from now on the screen tells. */
  seen(): void {
    if (this.#journalState?.state === "waiting") this.#journalState = undefined;
  }

  /** Resolves when the whole of the turn that has just ended is written, or does not come any more. */
  async whole(): Promise<void> {
    if (!this.#reader || this.#closed) return;
    const start = Date.now();
    let [count, grown] = [-1, start];
    for (;;) {
      await this.read(true);
      const { end, whole } = this.written;
      if (this.#entries.length !== count) [count, grown] = [this.#entries.length, Date.now()];
      const quiet = Date.now() - grown >= silence;
      if ((end && whole) || (!end && quiet) || Date.now() - start > lastMessageWithin) return;
      await delay(pollEvery / 4);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** One that is older was written again. */
  #promptOf(entry: Entry): string[] {
    if (entry.type !== "prompt" || entry.text.trim() === "") return [];
    return entry.at === undefined || Date.parse(entry.at) >= this.#typedAt ? [entry.text] : [];
  }

  async #advance(): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    do {
      const fresh = this.#fresh;
      this.#again = this.#fresh = false;
      const entries = await reader.read(fresh).catch((error: unknown) => {
        logBug(error, "an agent's journal could not be read");
        return [];
      });
      if (entries.length === 0) continue;
      this.#entries.push(...entries);
      this.#prompts.push(...entries.flatMap((entry) => this.#promptOf(entry)));
      this.#silent &&= this.#prompts.length === 0;
      for (const entry of entries) this.#journalState = journalStateAfter(this.#journalState, entry, Date.now());
      this.#onNews(entries);
    } while (this.#again && !this.#closed);
  }
}
