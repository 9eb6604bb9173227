import { threadOf, type ChatEvent } from "../../adapters/adapter.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { Question, ShardHost } from "../../shards/host.ts";
import type { Threads } from "../threads/threads.ts";

/** Commands whose words would be typed into a shard. */
const typing = new Set(["answer", "send", "cmd", "press"]);

/**
 * Shards that ask for a secret now, and what people say to them meanwhile: it may be the secret, so that it is taken out of an event before
 * anything saves it, or a model reads it. What is left of the event is answered with how a secret is entered.
 */
export class Secrets {
  readonly #threads: Threads;
  readonly #host: Pick<ShardHost, "list" | "read">;
  readonly #verbs: ReadonlySet<string>;
  readonly #asking = new Set<string>();

  /** @param verbs of all commands: what is marked with another one is a slip, or the secret itself */
  constructor(threads: Threads, host: Pick<ShardHost, "list" | "read">, verbs: Iterable<string>) {
    this.#threads = threads;
    this.#host = host;
    this.#verbs = new Set(verbs);
  }

  /** Learn which shards ask, at the start. */
  async recover(): Promise<void> {
    for (const { name, status } of await this.#host.list()) {
      if (status.state === "waiting") await this.#look(name);
    }
  }

  /** Hear what happens in the shards. A question that was open before the start is not told again, but that it is waited for is. */
  async hear(event: ShardEvent): Promise<void> {
    if (event.type === "state" && event.status.state === "waiting") {
      const there = (await this.#host.list()).some(({ name }) => name === event.shard);
      if (there) await this.#look(event.shard);
    } else if (event.type === "question" && asksSecret(event.question)) this.#asking.add(event.shard);
    else if (["question", "question-closed", "exited", "destroyed"].includes(event.type))
      this.#asking.delete(event.shard);
  }

  async #look(name: string): Promise<void> {
    const { question } = await this.#host.read({ name, lines: 1 });
    if (question && asksSecret(question)) this.#asking.add(name);
  }

  /** The event without what may be a secret. */
  without(event: ChatEvent): ChatEvent {
    if (event.type === "message") {
      const shard = this.#said(event.text, event);
      return shard === undefined ? event : { ...event, text: `!answer ${shard} secret` };
    }
    if (event.type !== "command") return event;
    const { command } = event;
    const line = typeof command === "string" ? command : `${command.verb} ${Object.values(command.options).join(" ")}`;
    const shard = this.#typed(line, event) ?? this.#slipped(line, event);
    return shard === undefined ? event : { ...event, command: `answer ${shard} secret` };
  }

  /** The shard that a message may tell a secret to; undefined for any other message. */
  #said(text: string, event: ChatEvent): string | undefined {
    const [, mark, line = ""] = /^\s*(!|\/(?:shard\s+)?)?([^]*)$/i.exec(text) ?? [];
    const typed = this.#typed(line, event);
    if (typed !== undefined) return typed;
    if (mark !== undefined) return this.#slipped(line, event);
    const bound = this.#bound(event);
    if (bound === undefined || !this.#asking.has(bound.shard)) return undefined;
    // Elsewhere in its thread people talk; a secret is one word.
    return bound.attached || /^\s*\S+\s*$/.test(text) ? bound.shard : undefined;
  }

  /** The shard of a command line that may have a secret in it. */
  #typed(line: string, event: ChatEvent): string | undefined {
    const [verb = "", ...words] = line.trim().split(/\s+/);
    if (!typing.has(verb.toLowerCase())) return undefined;
    const bound = this.#bound(event)?.shard;
    const [first = ""] = words;
    const named = this.#asking.has(first) ? first : bound !== undefined && this.#asking.has(bound) ? bound : undefined;
    if (named !== undefined) return named;
    // The question may be gone by now, and the words are the secret all the same.
    const called = /^(?:(?<shard>[a-z0-9-]+)\s+)?(?:secret|["']?enter it["']?)\s+\S/i.exec(words.join(" "))?.groups;
    return verb.toLowerCase() === "answer" && called ? (called["shard"] ?? bound ?? "") : undefined;
  }

  /** The shard of a line that begins with no verb: `anwser demo …`, or a secret with a sign before it. */
  #slipped(line: string, event: ChatEvent): string | undefined {
    const [verb = "", first = ""] = line.trim().split(/\s+/);
    if (this.#verbs.has(verb.toLowerCase())) return undefined;
    return [first, this.#bound(event)?.shard].find((shard) => shard !== undefined && this.#asking.has(shard));
  }

  #bound(event: ChatEvent): { shard: string; attached: boolean } | undefined {
    const thread = threadOf(event.place);
    const { shard, attached } = (thread && this.#threads.get(thread)) ?? {};
    return shard === undefined ? undefined : { shard, attached: attached === true };
  }
}

function asksSecret({ options }: Question): boolean {
  return options.some(({ takes }) => takes === "secret");
}
