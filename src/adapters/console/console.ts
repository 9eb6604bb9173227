import { randomUUID } from "node:crypto";
import type {
  Accepted,
  Adapter,
  ChatEvent,
  CommandSpec,
  Limits,
  OnEvent,
  Place,
  Post,
  PostRef,
  ThreadRef,
} from "../adapter.ts";
import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";
import { SerialQueue } from "../../serial.ts";
import { Buttons, wrongPress } from "./buttons.ts";
import { complete } from "./complete.ts";
import { History } from "./history.ts";
import { ownHelp, ownWords } from "./own-words.ts";
import { Pipe, type Paper, type PaperStreams } from "./paper.ts";
import { changing, isLive } from "./live.ts";
import { inert, renderChange, renderLive, renderPost, type Look } from "./render.ts";
import { save } from "./save.ts";
import { Screen } from "./screen.ts";
import { Style } from "./style.ts";
import { promptFor, threadName } from "./thread-name.ts";

export interface ConsoleOptions extends PaperStreams {
  /** Name of the person at the keyboard. */
  user: string;
  /** The bot's commands, which may be typed with or without `/shard` before them. */
  commands: readonly CommandSpec[];
  /** Abilities of the terminal; nothing but text otherwise. */
  style?: Style;
  /** File of what was typed before. */
  history?: string;
  /** Whether a line has a secret in it that is known here. */
  hasSecret?(line: string): boolean;
}

/** Fields of a new event beside those that every event has. */
type EventFields<T> = T extends unknown ? Omit<T, "id" | "at" | "place" | "by"> : never;

const mainThread = "main";
const plain = new Style(false, false);

/**
 * The console as a chat platform: one channel with named threads, of which one is the present one. Every line is said to the bot;
 * `/shard …`, or `/send …` for short, are commands; `/thread NAME` goes to another thread; `/3` presses the button with number 3, and
 * `/3 SOME WORDS` one that asks for words. What a button asks for in secret is typed after it, unseen.
 */
export class ConsoleAdapter implements Adapter {
  readonly platform = "console";
  readonly limits: Limits = { text: 20_000, posts: 4, editEvery: 500, editFor: Infinity };
  readonly oneView = true;
  readonly ended: Promise<Error>;
  readonly #options: ConsoleOptions;
  readonly #paper: Paper;
  readonly #style: Style;
  readonly #threads = new Set([mainThread]);
  /** By key; with the post where it may change yet. */
  readonly #posts = new Map<string, { thread: ThreadRef; post: Post | undefined }>();
  readonly #buttons = new Buttons();
  readonly #pending = new Set<Promise<unknown>>();
  #resolve: (reason: Error) => void = () => {};
  #onEvent: OnEvent | undefined;
  #current = mainThread;
  #typed = "";
  /** Number of the button whose secret is being typed. */
  #asked: number | undefined;
  /** Lines are taken one after the other. */
  readonly #lines = new SerialQueue();

  constructor(options: ConsoleOptions) {
    this.#options = options;
    const { input, output, history, style = plain } = options;
    const terminal = input.isTTY === true && output.isTTY === true && style.moves;
    this.#style = terminal ? style : plain;
    this.#paper = terminal
      ? new Screen(options, new History(history), this.#style, promptFor(mainThread))
      : new Pipe(options);
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  async start(onEvent: OnEvent): Promise<void> {
    this.#onEvent = onEvent;
    const names = (field: Parameters<ConsoleAdapter["names"]>[0], typed: string) => this.names(field, typed);
    this.#paper.open({
      line: (line) => void this.#lines.run(async () => this.#take(line)),
      interrupt: () => (this.#asked === undefined ? this.#end("Ctrl-C") : this.#ask(undefined)),
      end: () => void this.#settled().then(() => this.#end("the input has ended")),
      offer: (before) => complete(before, this.#options.commands, names),
      seen: (text) => {
        const at = this.#asked === undefined ? this.#buttons.secretAt(text) : 0;
        return at === undefined ? text : text.slice(0, at) + "•".repeat(text.length - at);
      },
    });
  }

  async openThread(_place: Place, title: string): Promise<ThreadRef> {
    const name = threadName(title, await this.names("thread", ""));
    this.#threads.add(name);
    return this.#ref(name);
  }

  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    this.#threads.add(thread.thread);
    const shown = post.kind === "file" ? { ...post, note: `${post.note}\n${save(post.name, post.text)}` } : post;
    this.#posts.set(key, { thread, post: changing(post) });
    if (!this.#showLive(key, thread, post)) this.#print(renderPost(shown, this.#look(thread)));
    return { thread, id: key, at: new Date().toISOString() };
  }

  async edit({ id, thread }: PostRef, post: Post): Promise<void> {
    const before = this.#posts.get(id)?.post;
    this.#posts.set(id, { thread, post: changing(post) });
    if (this.#showLive(id, thread, post, before)) return;
    this.#paper.show(id, undefined);
    // A turn's end is plain from the post below its card.
    if (post.kind !== "card") this.#print(renderChange(before, post, this.#look(thread)));
  }

  async find(thread: ThreadRef, key: string): Promise<PostRef | undefined> {
    return this.#posts.has(key) ? { thread, id: key, at: new Date().toISOString() } : undefined;
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined;
    this.#close();
  }

  /** Names that begin like this. The bot knows them, also of what it has posted before it was started again. */
  async names(field: "shard" | "repo" | "agent" | "thread", typed: string): Promise<readonly string[]> {
    const choices = await this.#choices({ type: "completion", field, typed });
    if (field !== "thread") return choices ?? [];
    const threads = new Set([mainThread, ...(choices ?? this.#threads)]);
    return [...threads].filter((name) => name.startsWith(typed));
  }

  async #choices(asked: EventFields<ChatEvent>): Promise<readonly string[] | undefined> {
    try {
      const accepted = await this.#onEvent?.(this.#event(asked));
      return (await accepted?.reply)?.choices;
    } catch (error) {
      // The bot is stopping.
      log.warn("names were not told", { why: messageOf(error) });
      return undefined;
    }
  }

  /** Whether a post will change yet, and so is not printed for good. Where nothing can be shown for a while, a new state is. */
  #showLive(id: string, thread: ThreadRef, post: Post, before?: Post): boolean {
    if (!isLive(post)) return false;
    if (this.#paper.live) {
      this.#paper.show(id, (columns) => renderLive(post, { ...this.#look(thread), columns }));
    } else if (post.kind === "card" && !(before?.kind === "card" && before.state === post.state)) {
      this.#print(renderPost(post, this.#look(thread)));
    }
    return true;
  }

  #print(text: string): void {
    if (text !== "") this.#paper.print(text);
  }

  #look({ thread }: ThreadRef): Look {
    return {
      style: this.#style,
      columns: this.#paper.columns,
      before: thread === this.#current ? "" : `[${thread}] `,
      number: (button) => this.#buttons.number(button, thread),
    };
  }

  async #take(line: string): Promise<void> {
    const asked = this.#asked;
    if (asked !== undefined) {
      this.#ask(undefined);
      if (line !== "") this.#press(asked, line);
      return;
    }
    // A backslash at the end of a line goes on in the next one.
    if (line.endsWith("\\")) {
      this.#typed += `${line.slice(0, -1)}\n`;
      return;
    }
    const text = this.#typed + line;
    this.#typed = "";
    if (text.trim() === "") return;
    if (!this.#isSecret(text)) this.#paper.remember(text);
    const [, word = "", rest = ""] = /^\/(\S+)\s*([^]*)$/.exec(text) ?? [];
    const own = word === "threads" ? "thread" : word === "exit" ? "quit" : word;
    if (ownWords.has(own) && rest.trim() === "--help") this.#print(`/${own}: ${ownWords.get(own)}`);
    else if (own === "thread") await this.#goTo(rest.trim());
    else if (own === "quit") this.#end("/quit");
    else if (/^\d+$/.test(word)) this.#press(Number(word), rest.trim());
    else if (word === "shard") this.#say({ type: "command", command: rest });
    else if (word === "help" && rest.trim() === "") this.#say({ type: "command", command: "help" }, ownHelp);
    else if (this.#options.commands.some(({ verb }) => verb === word))
      this.#say({ type: "command", command: `${word} ${rest}` });
    else this.#say({ type: "message", text, toBot: true });
  }

  /** Whether nobody should find the line again: it may answer a question for a secret, or has a known one in it. */
  #isSecret(line: string): boolean {
    if (this.#options.hasSecret?.(line) || this.#buttons.secretAt(line) !== undefined) return true;
    const asking = [...this.#posts.values()].filter(
      ({ post }) =>
        post?.kind === "question" && post.settled === undefined && post.buttons.some(({ secret }) => secret === true),
    );
    if (asking.length === 0) return false;
    // A plain line, in the thread of who asks, is what a person types at a prompt for a password.
    const plain = !/^\s*[/!]/.test(line) && asking.some(({ thread }) => thread.thread === this.#current);
    return plain || /^\s*(?:[/!]|\/shard\s+)?(?:answer|press|send)\b/i.test(line);
  }

  async #goTo(name: string): Promise<void> {
    const threads = await this.names("thread", "");
    if (threads.includes(name)) {
      this.#current = name;
      this.#paper.setPrompt(promptFor(name));
      return;
    }
    const missing = name === "" ? "" : `There is no thread ${inert(name)}. `;
    this.#print(`${missing}Threads: ${threads.join(", ")}. Go to one with /thread NAME.`);
  }

  /** The next line is the secret that this button asks for; or is not any more. */
  #ask(number: number | undefined): void {
    this.#asked = number;
    const asks = number === undefined ? undefined : this.#buttons.get(number)?.button.asks;
    this.#paper.setPrompt(asks === undefined ? promptFor(this.#current) : `${asks} › `);
  }

  #press(number: number, words: string): void {
    const known = this.#buttons.get(number);
    if (known?.button.secret && words === "" && this.#paper.live) return this.#ask(number);
    const wrong = wrongPress(number, known, words);
    if (!known || wrong !== undefined) return this.#print(wrong ?? "");
    const { action, value, asks, secret } = known.button;
    const given = asks === undefined ? {} : { text: words, ...(secret && { secret }) };
    this.#say({ type: "action", action, value, ...given }, "", known.thread);
  }

  /** @param after what is printed after the reply */
  #say(fields: EventFields<ChatEvent>, after = "", thread = this.#current): void {
    const handled = this.#handle(this.#event(fields, thread), after).finally(() => this.#pending.delete(handled));
    this.#pending.add(handled);
  }

  #event(fields: EventFields<ChatEvent>, thread = this.#current): ChatEvent {
    return {
      ...fields,
      id: randomUUID(),
      at: new Date().toISOString(),
      place: this.#ref(thread),
      by: { id: "local", name: this.#options.user, roles: [] },
    };
  }

  async #handle(event: ChatEvent, after: string): Promise<void> {
    let accepted: Accepted | undefined;
    try {
      accepted = await this.#onEvent?.(event);
    } catch (error) {
      this.#print(`✗ This was not taken: ${messageOf(error)}`);
      return;
    }
    const reply = await accepted?.reply;
    if (reply?.post) this.#print(renderPost(reply.post, this.#look(this.#ref(event.place.thread ?? mainThread))));
    this.#print(after);
  }

  /** Resolves when all that was typed has been handled. */
  async #settled(): Promise<void> {
    await this.#lines.settled();
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #end(reason: string): void {
    this.#close();
    this.#resolve(new Error(reason));
  }

  /** An answer that is not whole stays, as far as it came. */
  #close(): void {
    for (const [id, { thread, post }] of this.#posts) {
      if (post?.kind !== "answer") continue;
      this.#posts.delete(id);
      if (this.#paper.live) this.#print(renderPost(post, this.#look(thread)));
    }
    this.#paper.close();
  }

  #ref(thread: string): ThreadRef {
    return { platform: this.platform, space: "local", channel: "terminal", thread };
  }
}
