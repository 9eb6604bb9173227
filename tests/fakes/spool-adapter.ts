import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  Adapter,
  ChatEvent,
  Limits,
  OnEvent,
  Place,
  Post,
  PostRef,
  ThreadRef,
} from "../../src/adapters/adapter.ts";

/** One call that posted or edited something. */
export interface Spooled {
  id: string;
  thread: string;
  post: Post;
  /** Of a new post. */
  key?: string;
}

/** Milliseconds between two looks for what people said. */
const lookEvery = 20;

/**
 * A chat platform in a folder, which outlives the bot: what people said is in `said` until it is acknowledged in `heard`, and what was
 * posted in `posted`, one JSON value a line. As platforms do, it delivers again what was not acknowledged, and knows its posts by their keys.
 */
export class SpoolAdapter implements Adapter {
  readonly platform = "spool";
  readonly limits: Limits = { text: 4000, posts: 3, editEvery: 200, editFor: Infinity };
  readonly ended = new Promise<Error>(() => {});
  readonly #folder: string;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Say something as a person: a command, in a thread. */
  say(id: string, command: string, thread: string): void {
    const place = { platform: this.platform, space: "team", channel: "C", thread };
    const by = { id: "U1", name: "Ann", roles: [] };
    const event: ChatEvent = { type: "command", id, at: new Date().toISOString(), place, by, command };
    this.#append("said", event);
  }

  get posted(): Spooled[] {
    return this.#read("posted");
  }

  async start(onEvent: OnEvent): Promise<void> {
    this.#timer = setInterval(() => void this.#look(onEvent), lookEvery);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  async openThread({ platform, space, channel }: Place, title: string): Promise<ThreadRef> {
    return { platform, space, channel, thread: title };
  }

  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    const id = `P${this.posted.length + 1}`;
    this.#append("posted", { id, thread: thread.thread, post, key } satisfies Spooled);
    return { thread, id, at: new Date().toISOString() };
  }

  async edit({ id, thread }: PostRef, post: Post): Promise<void> {
    this.#append("posted", { id, thread: thread.thread, post } satisfies Spooled);
  }

  async find(thread: ThreadRef, key: string): Promise<PostRef | undefined> {
    const found = this.posted.find((one) => one.key === key && one.thread === thread.thread);
    return found && { thread, id: found.id, at: new Date().toISOString() };
  }

  async #look(onEvent: OnEvent): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const heard = new Set(this.#read<string>("heard"));
    for (const event of this.#read<ChatEvent>("said")) {
      if (heard.has(event.id)) continue;
      await onEvent(event);
      this.#append("heard", event.id);
    }
    this.#looking = false;
  }

  #append(name: string, value: unknown): void {
    appendFileSync(join(this.#folder, name), `${JSON.stringify(value)}\n`);
  }

  #read<T>(name: string): T[] {
    const file = join(this.#folder, name);
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    return lines.map((line) => JSON.parse(line) as T);
  }
}
