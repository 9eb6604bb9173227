import {
  DeliveryError,
  threadKey,
  type Accepted,
  type Adapter,
  type ChatEvent,
  type Gap,
  type Limits,
  type OnEvent,
  type Person,
  type Place,
  type Post,
  type PostRef,
  type Reply,
  type ThreadRef,
} from "../../src/adapters/adapter.ts";

type Operation = "post" | "edit" | "openThread" | "find";
type Fields<T> = T extends unknown ? Omit<T, "id" | "at" | "place" | "by"> : never;

/** Where, by whom and when something is done. */
interface Where {
  place?: Place;
  by?: Person;
  id?: string;
  at?: string;
  missed?: boolean;
}

interface Shown {
  ref: PostRef;
  key: string;
  post: Post;
  edits: number;
}

interface Fault {
  error: DeliveryError;
  /** It came about all the same. */
  happened: boolean;
}

export const ann: Person = { id: "U1", name: "Ann", roles: [] };
export const channel: Place = { platform: "chat", space: "team", channel: "C1" };

/** A chat platform in this process: what was posted can be looked at, people can act, and deliveries can be made to fail. */
export class FakeAdapter implements Adapter {
  readonly platform: string;
  readonly limits: Limits;
  readonly ended = new Promise<Error>(() => {});
  readonly shown: Shown[] = [];
  readonly opened: { thread: ThreadRef; title: string; place: Place }[] = [];
  /** What each start was told of the time before it. */
  readonly gaps: (Gap | undefined)[] = [];
  hears = true;
  /** Whether `find` can tell. */
  findable = true;
  /** Every call of post and edit, with when it was made. */
  readonly calls: { operation: Operation; at: number }[] = [];
  /** Set to let `start` fail. */
  startError: Error | undefined;
  /** While it is set, every call fails with it. */
  outage: DeliveryError | undefined;
  /** Called when a post has arrived. */
  onPost: (() => void) | undefined;
  /** While it is set, posts never come back: the process is about to be killed. */
  frozen = false;
  readonly #faults = new Map<Operation, Fault[]>();
  #onEvent: OnEvent | undefined;
  #count = 0;

  constructor(options: { platform?: string; limits?: Partial<Limits> } = {}) {
    this.platform = options.platform ?? "chat";
    this.limits = { text: 2000, posts: 3, editEvery: 100, editFor: Infinity, ...options.limits };
  }

  async start(onEvent: OnEvent, gap?: Gap): Promise<void> {
    if (this.startError) throw this.startError;
    this.gaps.push(gap);
    this.#onEvent = onEvent;
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined;
  }

  async openThread(place: Place, title: string): Promise<ThreadRef> {
    const { platform, space, channel: home } = place;
    const thread = { platform, space, channel: home, thread: place.message ?? `T${(this.#count += 1)}` };
    await this.#try("openThread", () => this.opened.push({ thread, title, place }));
    return thread;
  }

  async post(thread: ThreadRef, post: Post, key: string): Promise<PostRef> {
    if (key.length > 25) throw new Error("the key is too long");
    if (this.frozen) await new Promise(() => {});
    const ref = { thread, id: `P${(this.#count += 1)}`, at: new Date().toISOString() };
    await this.#try("post", () => this.shown.push({ ref, key, post, edits: 0 }));
    this.onPost?.();
    return ref;
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    const found = this.shown.find((shown) => shown.ref.id === ref.id);
    if (!found) throw new DeliveryError("gone", "no such post");
    if (found.post.kind !== post.kind) throw new Error("an edit keeps the kind");
    await this.#try("edit", () => Object.assign(found, { post, edits: found.edits + 1 }));
  }

  async find(thread: ThreadRef, key: string): Promise<PostRef | undefined> {
    await this.#try("find", () => {});
    return this.findable ? this.in(thread).find((shown) => shown.key === key)?.ref : undefined;
  }

  /** Let the next call of an operation fail. */
  fail(operation: Operation, error: DeliveryError, happened = false): void {
    const faults = this.#faults.get(operation) ?? [];
    this.#faults.set(operation, [...faults, { error, happened }]);
  }

  /** What is in a thread, oldest first. */
  in(thread: ThreadRef): Shown[] {
    return this.shown.filter(({ ref }) => threadKey(ref.thread) === threadKey(thread));
  }

  /** The texts in a thread, or in all. */
  texts(thread?: ThreadRef): string[] {
    return (thread ? this.in(thread) : this.shown).map(({ post }) => textOf(post));
  }

  /** Give an event to the bot as a person; resolves once the bot has taken it over. */
  async give(fields: Fields<ChatEvent>, where: Where = {}): Promise<Accepted> {
    const id = where.id ?? `E${(this.#count += 1)}`;
    const at = where.at ?? new Date().toISOString();
    const base = { id, at, place: where.place ?? channel, by: where.by ?? ann };
    if (!this.#onEvent) throw new Error("nobody listens");
    return this.#onEvent({ ...fields, ...base, ...(where.missed && { missed: true }) });
  }

  /** The same; resolves with what the person is shown once it has been handled. */
  async emit(fields: Fields<ChatEvent>, where: Where = {}): Promise<Reply> {
    return (await this.give(fields, where)).reply;
  }

  /** Say something in a thread, or to the bot in the channel. */
  async say(
    text: string,
    thread?: ThreadRef,
    options: Omit<Where, "place"> & { toBot?: boolean } = {},
  ): Promise<Reply> {
    const place = thread ?? { ...channel, platform: this.platform, message: `M${(this.#count += 1)}` };
    return this.emit({ type: "message", text, toBot: options.toBot ?? thread === undefined }, { place, ...options });
  }

  async #try(operation: Operation, act: () => unknown): Promise<void> {
    this.calls.push({ operation, at: Date.now() });
    if (this.outage) throw this.outage;
    const fault = this.#faults.get(operation)?.shift();
    if (!fault || fault.happened) act();
    if (fault) throw fault.error;
  }
}

/** What a person reads. */
export function textOf(post: Post): string {
  switch (post.kind) {
    case "answer":
      return post.markdown;
    case "terminal":
      return post.title === undefined ? post.text : `${post.title}\n${post.text}`;
    case "card":
      return `[${post.shard} ${post.state}: ${post.why}] ${post.tail}`;
    case "question":
      return [post.question, post.detail, post.settled].filter(Boolean).join("\n");
    case "notice":
      return post.text;
    case "file":
      return `${post.note}\n${post.text}`;
  }
}
