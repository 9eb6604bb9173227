import type { ScreenView } from "./agents/agent.ts";
import type { HolderAddress } from "./lifecycle/holder-address.ts";
import { HolderClient } from "./holder/client.ts";
import type { Exit } from "./holder/protocol.ts";
import type { Rows } from "./turns/turn.ts";
import type { Terminal } from "./turns/typing.ts";

/** How often a test that waits for time to pass is asked. */
const tick = 50;
/** Milliseconds that a holder may take to answer on a busy machine. */
const patience = 10_000;

/** The connection to one shard's holder: the screen as it is now, and waiting for what it will show. */
export class Link implements Terminal {
  readonly #address: HolderAddress;
  readonly #onChange: () => void;
  readonly #waiting = new Set<() => void>();
  #client: HolderClient;
  #view: ScreenView;
  #exit: Exit | undefined;
  #keyboard: string | undefined;
  #gone = false;
  #closed = false;
  #printedAt = Date.now();

  private constructor(address: HolderAddress, onChange: () => void, client: HolderClient, view: ScreenView) {
    this.#address = address;
    this.#onChange = onChange;
    this.#client = client;
    this.#view = view;
  }

  /** Rejects when there is no holder behind the socket, or it refuses the secret. `onChange` is called after each change from then on. */
  static async open(address: HolderAddress, onChange: () => void): Promise<Link> {
    const early: News[] = [];
    let take: (news: News) => void = (news) => early.push(news);
    const client = await connect(address, (news) => take(news));
    const link = new Link(address, onChange, client, await client.view());
    link.#exit = client.welcome.exit;
    take = (news) => link.#take(news);
    for (const news of early) take(news);
    await client.watch();
    return link;
  }

  get view(): ScreenView {
    return this.#view;
  }

  get quiet(): number {
    return Date.now() - this.#printedAt;
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Who is at the keyboard of the shard, in a terminal that is attached. */
  get keyboard(): string | undefined {
    return this.ended ? undefined : this.#keyboard;
  }

  /** The holder does not answer any more. */
  get gone(): boolean {
    return this.#gone;
  }

  get ended(): boolean {
    return this.#exit !== undefined || this.#gone;
  }

  /** Process id of the agent. */
  get child(): number {
    return this.#client.welcome.child;
  }

  async write(data: string): Promise<void> {
    await this.#client.write(data);
  }

  /** Rows from an index on; those of the last view where the holder is gone. */
  async rows(from: number): Promise<Rows> {
    if (this.#gone) return { from: this.#view.top, rows: this.#view.rows };
    return this.#client.rows(from);
  }

  async until(test: () => boolean, milliseconds: number): Promise<boolean> {
    const deadline = Date.now() + milliseconds;
    while (!test()) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      await this.#changes(Math.min(tick, left));
    }
    return true;
  }

  /** End the holder, and the agent with it. */
  async quit(): Promise<void> {
    this.#closed = true;
    await this.#client.quit();
  }

  /** Let go of the holder, which goes on. */
  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  #take(news: News): void {
    if (this.#closed) return;
    if (news === "closed") return void this.#reconnect();
    if ("exit" in news) {
      this.#exit = news.exit;
    } else if ("keyboard" in news) {
      this.#keyboard = news.keyboard;
    } else {
      if (news.view.bytes !== this.#view.bytes) this.#printedAt = Date.now();
      this.#view = news.view;
    }
    this.#changed();
  }

  /** A connection can break while the holder lives; one that is gone refuses the next one at once. */
  async #reconnect(): Promise<void> {
    try {
      this.#client = await connect(this.#address, (news) => this.#take(news));
      this.#exit ??= this.#client.welcome.exit;
      this.#keyboard = undefined;
      await this.#client.watch();
      if (this.#closed) this.#client.close();
    } catch {
      this.#gone = true;
      this.#changed();
    }
  }

  #changed(): void {
    for (const wake of this.#waiting) wake();
    this.#onChange();
  }

  async #changes(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
    });
  }
}

type News = { view: ScreenView } | { exit: Exit } | { keyboard: string | undefined } | "closed";

function connect({ socket, secret }: HolderAddress, take: (news: News) => void): Promise<HolderClient> {
  return HolderClient.connect({
    socket,
    secret,
    handlers: {
      view: (view) => take({ view }),
      exit: (exit) => take({ exit }),
      keyboard: (keyboard) => take({ keyboard }),
      closed: () => take("closed"),
    },
    timeout: patience,
  });
}
