import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type {
  Accepted,
  Adapter,
  Button,
  ChatEvent,
  Limits,
  OnEvent,
  Place,
  Post,
  PostRef,
  ThreadRef,
} from "../adapter.ts";
import { inert, renderPost } from "./render.ts";
import { Screen, type ScreenStreams } from "./screen.ts";

export interface ConsoleOptions extends ScreenStreams {
  /** Name of the person at the keyboard. */
  user: string;
  /** The bot's commands, which may be typed with or without `/shard` before them. */
  verbs: readonly string[];
}

/** What a new event has beside its own fields. */
type EventFields<T> = T extends unknown ? Omit<T, "id" | "at" | "place" | "by"> : never;

const mainThread = "main";

/**
 * The console as a chat platform: one channel with named threads, of which one is the present one. Every line is said to the bot;
 * `/shard …`, or `/send …` for short, are commands; `/thread NAME` goes to another thread; `/3` presses the button with number 3, and
 * `/3 SOME WORDS` one that asks for words.
 */
export class ConsoleAdapter implements Adapter {
  readonly platform = "console";
  readonly limits: Limits = { text: 20_000, posts: 4, editEvery: 500, editFor: Infinity };
  readonly ended: Promise<Error>;
  readonly #options: ConsoleOptions;
  readonly #screen: Screen;
  readonly #threads = new Set([mainThread]);
  readonly #posts = new Map<string, { thread: ThreadRef; state: string }>();
  readonly #buttons = new Map<number, { button: Button; thread: string }>();
  readonly #pending = new Set<Promise<unknown>>();
  #end: (reason: Error) => void = () => {};
  #onEvent: OnEvent | undefined;
  #current = mainThread;
  #typed = "";

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#screen = new Screen(options, promptFor(mainThread));
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async start(onEvent: OnEvent): Promise<void> {
    this.#onEvent = onEvent;
    this.#screen.open(
      (line) => this.#take(line),
      () => this.#end(new Error("Ctrl-C")),
      () => void this.#settled().then(() => this.#end(new Error("the input has ended"))),
    );
  }

  async openThread(_place: Place, title: string): Promise<ThreadRef> {
    const base =
      title
        .toLowerCase()
        .replace(/^shard /, "")
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, "")
        .slice(0, 40) || "thread";
    let name = base;
    for (let n = 2; this.#threads.has(name); n += 1) name = `${base}-${n}`;
    this.#threads.add(name);
    return this.#ref(name);
  }

  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    this.#threads.add(thread.thread);
    const shown = post.kind === "file" ? { ...post, note: `${post.note}\n${save(post.name, post.text)}` } : post;
    this.#posts.set(key, { thread, state: stateOf(post) });
    this.#screen.print(key, this.#render(thread, shown));
    return { thread, id: key, at: new Date().toISOString() };
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    const before = this.#posts.get(ref.id)?.state;
    this.#posts.set(ref.id, { thread: ref.thread, state: stateOf(post) });
    // That a turn is over is plain from the answer below its card.
    const news = before !== stateOf(post) && !(post.kind === "card" && post.state === "idle");
    this.#screen.replace(ref.id, this.#render(ref.thread, post), news);
  }

  async find(thread: ThreadRef, key: string): Promise<PostRef | undefined> {
    return this.#posts.has(key) ? { thread, id: key, at: new Date().toISOString() } : undefined;
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined;
    this.#screen.close();
  }

  #render(thread: ThreadRef, post: Post): string {
    const text = inert(renderPost(post, (button) => this.#number(button, thread.thread)));
    return thread.thread === this.#current ? text : text.replaceAll(/^/gm, `[${thread.thread}] `);
  }

  /** The same button keeps its number, so that an edited card does not count up. */
  #number(button: Button, thread: string): number {
    for (const [number, known] of this.#buttons) {
      const { action, value, asks } = known.button;
      if (action === button.action && value === button.value && asks === button.asks && known.thread === thread)
        return number;
    }
    const number = this.#buttons.size + 1;
    this.#buttons.set(number, { button, thread });
    return number;
  }

  #take(line: string): void {
    // A backslash at the end of a line goes on in the next one.
    if (line.endsWith("\\")) {
      this.#typed += `${line.slice(0, -1)}\n`;
      return;
    }
    const text = this.#typed + line;
    this.#typed = "";
    if (text.trim() === "") return;
    const [, word = "", rest = ""] = /^\/(\S+)\s*([^]*)$/.exec(text) ?? [];
    if (word === "thread" || word === "threads") this.#goTo(rest.trim());
    else if (word === "quit" || word === "exit") this.#end(new Error("/quit"));
    else if (/^\d+$/.test(word)) this.#press(Number(word), rest.trim());
    else if (word === "shard") this.#emit({ type: "command", command: rest });
    else if (this.#options.verbs.includes(word)) this.#emit({ type: "command", command: `${word} ${rest}` });
    else this.#emit({ type: "message", text, toBot: true });
  }

  #goTo(name: string): void {
    if (name !== "" && /^[a-z0-9][a-z0-9-]*$/.test(name)) {
      this.#threads.add(name);
      this.#current = name;
      this.#screen.setPrompt(promptFor(name));
      return;
    }
    this.#screen.print("threads", `Threads: ${[...this.#threads].join(", ")}. Go to one with /thread NAME.`);
  }

  #press(number: number, words: string): void {
    const known = this.#buttons.get(number);
    if (!known) return this.#screen.print("press", `There is no button ${number}.`);
    const { action, value, asks } = known.button;
    if (asks !== undefined && words === "")
      return this.#screen.print("press", `Button ${number} wants words (${asks}): type /${number} SOME WORDS`);
    if (asks === undefined && words !== "")
      return this.#screen.print("press", `Button ${number} takes no words: type /${number} alone.`);
    this.#emit({ type: "action", action, value, ...(asks !== undefined && { text: words }) }, known.thread);
  }

  #emit(fields: EventFields<ChatEvent>, thread = this.#current): void {
    const event: ChatEvent = {
      ...fields,
      id: randomUUID(),
      at: new Date().toISOString(),
      place: this.#ref(thread),
      by: { id: "local", name: this.#options.user, roles: [] },
    };
    const handled = this.#handle(event).finally(() => this.#pending.delete(handled));
    this.#pending.add(handled);
  }

  async #handle(event: ChatEvent): Promise<void> {
    let accepted: Accepted | undefined;
    try {
      accepted = await this.#onEvent?.(event);
    } catch (error) {
      this.#screen.print(event.id, `✗ This was not taken: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const reply = await accepted?.reply;
    if (reply?.post)
      this.#screen.print(event.id, this.#render(this.#ref(event.place.thread ?? mainThread), reply.post));
  }

  /** Resolves when all that was typed has been handled. */
  async #settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #ref(thread: string): ThreadRef {
    return { platform: this.platform, space: "local", channel: "terminal", thread };
  }
}

function promptFor(thread: string): string {
  return `${thread} › `;
}

function stateOf(post: Post): string {
  if (post.kind === "card") return post.state;
  return post.kind === "question" ? (post.settled ?? "open") : post.kind;
}

function save(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "shardbridge-")), basename(name));
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
