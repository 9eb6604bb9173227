// The contract of a chat platform. Everything that crosses it is plain JSON data: an address is data too, so that an answer can be
// posted after a restart. The core says *what* is posted (an answer, a card, a question); the adapter decides how that looks.

/** A conversation place: one thread on one platform. Saved as it is. */
export interface ThreadRef {
  platform: string;
  /** The Slack team or Discord guild; "local" in the console. */
  space: string;
  channel: string;
  thread: string;
}

/** Where an event happened: a thread, or a channel outside of any thread (then `thread` is absent). */
export interface Place {
  platform: string;
  space: string;
  channel: string;
  thread?: string;
  /** The message that a thread can be opened from. */
  message?: string;
  /** A direct message, outside of any channel. */
  direct?: boolean;
}

/** One post of ours, for editing it later, also after a restart. */
export interface PostRef {
  thread: ThreadRef;
  id: string;
  /** When it was first posted (ISO 8601). */
  at: string;
}

export interface Person {
  id: string;
  name: string;
  /** Ids of roles or groups that an access list may name. */
  roles: string[];
  /** Why this is nobody to obey, whatever the lists say: a bot, a guest, somebody of another organisation, not known. */
  outsider?: "bot" | "guest" | "external" | "unknown";
}

interface EventBase {
  /** The platform's own id of the event; the same event delivered twice has the same id. */
  id: string;
  /** When it happened (ISO 8601). */
  at: string;
  place: Place;
  by: Person;
  /** The event came while nothing could be heard, and was read or delivered later. */
  missed?: boolean;
}

/** Act of a person. */
export type ChatEvent =
  /** A message, unescaped, with the mention of the bot taken off its front. `toBot`: it mentioned the bot, or was said where only the bot listens. */
  | (EventBase & { type: "message"; text: string; toBot: boolean })
  /** A slash command: what came after `/shard` as it was typed, or parsed where the platform does that itself. */
  | (EventBase & { type: "command"; command: string | CommandCall })
  /** A press of a button of one of our posts: `action` is the id we gave it, `value` what we put into it, `text` what the button asked for, which is saved and told nowhere when it is a `secret`. */
  | (EventBase & { type: "action"; action: string; value: string; text?: string; secret?: true; post?: PostRef })
  /** The platform asks what could complete a word that is being typed; "thread": ids of its threads that have a shard. */
  | (EventBase & { type: "completion"; field: "shard" | "repo" | "agent" | "thread"; typed: string })
  /** The platform's own stop button of a thread. */
  | (EventBase & { type: "stop" });

/** A command whose options the platform has parsed: by their names in the `CommandSpec`, a set flag as "true". */
export interface CommandCall {
  verb: string;
  options: Record<string, string>;
}

/** Facts that a platform needs to offer a command: sub-commands, completion, help. */
export interface CommandSpec {
  verb: string;
  /** At most 100 characters. */
  summary: string;
  /** In the order in which they are typed. */
  options: OptionSpec[];
}

export interface OptionSpec {
  /** Lower case, at most 32 characters. */
  name: string;
  /** At most 100 characters. */
  summary: string;
  required: boolean;
  /** "shard", "repo" and "agent" are completed; "rest" takes all that follows; a "flag" is typed `--name`, an option of another type `--name VALUE` when `named`. */
  type: "shard" | "repo" | "agent" | "text" | "rest" | "number" | "flag";
  named: boolean;
  /** The only values that it can have: at most 25, each at most 100 characters. */
  choices?: string[];
}

/** Reply that the platform shows to the one who asked, beside what the bot posts into threads. */
export interface Reply {
  post?: Post;
  choices?: string[];
}

/** An event that is recorded, so that the adapter may acknowledge it. `reply` comes when it has been handled, and never rejects. */
export interface Accepted {
  reply: Promise<Reply>;
}

/** Callback 1 of the program. Resolves once the event is recorded; rejects when it could not be, and then nothing was done. */
export type OnEvent = (event: ChatEvent) => Promise<Accepted>;

/** A button under a post. `action` and `value` come back in an `action` event; both are ids and never commands (with `asks` ≤ 95 characters). */
export interface Button {
  label: string;
  /** Letters and dashes. */
  action: string;
  value: string;
  /** Pressing it asks for words under this heading (≤ 45 characters, no "|"); the event comes when they are given, with them as its `text`. */
  asks?: string;
  /** The words that it asks for are a secret: they are not shown while they are typed, and are kept nowhere. The heading begins with no "?". */
  secret?: true;
  style?: "primary" | "danger";
}

/** All that can be posted. Texts are already redacted and within the adapter's limits; the adapter makes mentions and links inert. */
export type Post =
  /**
   * Words of an agent or the orchestrator, in Markdown. `shard` names who spoke when it was an agent; `calls` are what the orchestrator's
   * tools did before, a quiet line each; with them the text may be empty. `live`: it is still being written, and is edited until it is whole.
   */
  | { kind: "answer"; markdown: string; shard?: string; calls?: string[]; live?: true }
  /** Terminal text, shown literally in a fixed-width face. `wide`: a screen or a table, whose rows are rather cut than wrapped. */
  | { kind: "terminal"; text: string; title?: string; wide?: true }
  /** The one live message of a shard at work. `tail` is terminal text. */
  | {
      kind: "card";
      shard: string;
      agent: string;
      state: string;
      why: string;
      since: string;
      tail: string;
      buttons: Button[];
    }
  /**
   * A question of an agent with its options. `settled` says who answered what; the buttons are then gone. `quiet`: how it was settled is
   * told by another post, too. `wide`: its detail is a screen.
   */
  | {
      kind: "question";
      shard: string;
      question: string;
      detail: string;
      buttons: Button[];
      settled?: string;
      quiet?: true;
      wide?: true;
    }
  /** A line of ours. `threads` are shown as links. */
  | {
      kind: "notice";
      text: string;
      tone?: "error";
      threads?: { label: string; thread: ThreadRef }[];
      buttons?: Button[];
    }
  /** Long text as a file, with a line to say what it is. */
  | { kind: "file"; name: string; text: string; note: string };

export interface Limits {
  /** Characters of text in one post. */
  text: number;
  /** Posts that one answer may take; above that it becomes a file. */
  posts: number;
  /** Milliseconds between two edits of live messages, for the whole platform. */
  editEvery: number;
  /** Milliseconds after which a live message is replaced by a new one rather than edited; Infinity where edits stay free. */
  editFor: number;
}

/** A post, edit or thread that did not come about. `unknown`: it may have come about all the same. */
export class DeliveryError extends Error {
  readonly outcome: "not-sent" | "unknown" | "refused" | "gone";
  /** Milliseconds after which it may be tried again (with outcome "not-sent"). */
  readonly retryAfter: number | undefined;

  constructor(outcome: DeliveryError["outcome"], message: string, options?: ErrorOptions & { retryAfter?: number }) {
    super(message, options);
    this.name = "DeliveryError";
    this.outcome = outcome;
    this.retryAfter = options?.retryAfter;
  }
}

/** A time in which events may have been missed. */
export interface Gap {
  /** Until when they came in (ISO 8601). */
  since: string;
  /** Where something may have been said to the bot since, the likeliest first. */
  threads: ThreadRef[];
}

export interface Adapter {
  readonly platform: string;
  readonly limits: Limits;
  /** Everybody sees all threads at once: what is posted in a shard's thread is told to whoever asked for it in another one. */
  readonly oneView?: boolean;

  /**
   * Check tokens, scopes and intents, connect, and give every event to `onEvent` from then on. What people said since `gap` is read and
   * given as well, marked as missed; so is what they said during an outage later on. Rejects within 15 seconds with a ShardbridgeError
   * ("config" or "unavailable") of one plain sentence.
   */
  start(onEvent: OnEvent, gap?: Gap): Promise<void>;

  /** Whether events come in now, and all that were missed have been given. Absent where none can be missed. */
  readonly hears?: boolean;

  /** Resolves with the reason (one plain sentence) when a connection that stood has ended for good: token revoked, end of input. Never rejects. */
  readonly ended: Promise<Error>;

  /**
   * Open a thread: from `place.message` where there is one, otherwise from a new post in the channel. The title of a shard's thread is
   * `NAME`, or `NAME · WHAT IT IS FOR`. Throws DeliveryError.
   */
  openThread(place: Place, title: string): Promise<ThreadRef>;

  /** Post at the end of a thread. The same `key` (≤ 25 characters) never makes two posts where the platform can tell. Throws DeliveryError. */
  post(thread: ThreadRef, post: Post, key: string): Promise<PostRef>;

  /** Replace one of our posts; it keeps its kind. Never waits for a rate limit: throws DeliveryError "not-sent" instead. */
  edit(ref: PostRef, post: Post): Promise<void>;

  /** Whether a post with this key is in the thread, for a post whose fate is unknown; undefined where the platform can't tell. */
  find(thread: ThreadRef, key: string): Promise<PostRef | undefined>;

  /** Disconnect, in order; posts under way are finished first. */
  stop(): Promise<void>;
}

/** Ids that may do what; a right includes those before it. An empty `channels` means no channel. */
export interface AccessLists {
  viewers: string[];
  operators: string[];
  admins: string[];
  channels: string[];
}

/** The key by which things are saved for a thread. */
export function threadKey(thread: ThreadRef): string {
  return `${thread.platform}:${thread.space}:${thread.channel}:${thread.thread}`;
}

/** The thread of a place, if it is in one. */
export function threadOf(place: Place): ThreadRef | undefined {
  const { platform, space, channel, thread } = place;
  return thread === undefined ? undefined : { platform, space, channel, thread };
}

/** The one sign of each state, wherever it is shown. */
export const signs = { working: "🔵", needsYou: "🟠", done: "🟢", failed: "🔴", idle: "⚪", queued: "🟡" } as const;

/** The sign of a shard's state. An agent that has ended has failed when it has crashed. */
export function signOf(state: string, crashed = false): string {
  if (state === "starting" || state === "working") return signs.working;
  if (state === "waiting" || state === "stalled" || state === "unsure") return signs.needsYou;
  return state === "lost" || crashed ? signs.failed : signs.idle;
}
