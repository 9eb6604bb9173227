import type { Button, Post } from "../../adapters/adapter.ts";
import type { ShardIdentity } from "../../shards/events.ts";

/** The buttons whose value begins with the name of a shard. */
const ofShards: ReadonlySet<string> = new Set([
  "stop",
  "destroy-force",
  "resume",
  "answer",
  "press",
  "unqueue",
  "send-now",
  "approve-setup",
  "resend",
  "anyway",
]);

/** A shard's name, its stamp where there is one, and what follows. */
const form = /^(?<name>[a-z0-9-]+)(?:@(?<host>[^/:@]+):(?<shardId>[^/]+))?(?<rest>\/[^]*)?$/;

/** What a button says of its shard: the value as it was without a stamp, and the stamp. */
export interface Unstamped {
  value: string;
  name: string;
  identity: Partial<ShardIdentity>;
}

/** The post with its shards' buttons for these very shards: `demo/…` becomes `demo@HOST:ID/…`. A button that is stamped stays. */
export function stamped<P extends Post>(post: P, identityOf: (name: string) => Partial<ShardIdentity>): P {
  if (!("buttons" in post) || post.buttons === undefined) return post;
  const buttons = post.buttons.map((button: Button): Button => {
    const read = readStamp(button.action, button.value);
    if (!read || read.identity.shardId !== undefined) return button;
    const stamp = stampOf(identityOf(read.name));
    if (stamp === undefined) return button;
    return { ...button, value: `${read.name}@${stamp}${read.value.slice(read.name.length)}` };
  });
  return { ...post, buttons };
}

/** The id by which a button knows its shard (see `ShardAction`); undefined for one that is not known. */
export function stampOf({ shardId, host }: Partial<ShardIdentity>): string | undefined {
  return shardId === undefined || host === undefined ? undefined : `${host}:${shardId}`;
}

/** The shard that a button is for; undefined for a button of none. One of before there were stamps knows it by name only. */
export function readStamp(action: string, value: string): Unstamped | undefined {
  const { name, host, shardId, rest = "" } = (ofShards.has(action) ? form.exec(value)?.groups : undefined) ?? {};
  if (name === undefined) return undefined;
  const identity = host !== undefined && shardId !== undefined ? { host, shardId } : {};
  return { value: name + rest, name, identity };
}
