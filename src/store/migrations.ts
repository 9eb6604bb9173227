/** A record as it is on disk. */
export interface Envelope {
  v: number;
  value: unknown;
}

type Fields = Record<string, unknown>;

/** A shard as its record of version 1 tells of it. */
interface Known {
  identity: { shardId: string; host: string };
  /** When it was made (ISO 8601): what is older is of an earlier shard that had its name. */
  since: string;
  /** The end of its events' ids. */
  mark: string;
}

/** Version of the records that are written now. */
export const version = 2;

/**
 * The records of version 1, by `kind/key`, as version 2 has them: each that names a shard has the shard's id and its host beside the name
 * (`shardId`, `host`; in the shard's own record `id`, `host`). A shard of before has its marker for an id, which was as unique and never
 * changed either. A record about a shard that is gone is left without one, and so are buttons: both are good by name.
 */
export function migrate(old: ReadonlyMap<string, Envelope>): Map<string, Envelope> {
  const shards = new Map<string, Known>();
  for (const [path, { value }] of old) {
    const { kind, key } = split(path);
    if (kind !== "shard" || !isFields(value)) continue;
    const { marker, createdAt } = value;
    if (typeof marker !== "string" || typeof createdAt !== "string") continue;
    shards.set(key, { identity: { shardId: marker, host: "local" }, since: createdAt, mark: `:${marker.slice(0, 8)}` });
  }
  return new Map(
    [...old].map(([path, { value }]) => {
      const { kind, key } = split(path);
      const migrated = isFields(value) ? { ...value, ...added(kind, key, value, shards) } : value;
      return [path, { v: version, value: migrated }];
    }),
  );
}

/** What version 2 adds to a record. */
function added(kind: string, key: string, value: Fields, shards: ReadonlyMap<string, Known>): Fields {
  const of = (name: unknown): Fields => shards.get(String(name))?.identity ?? {};
  /** As long as the record is not older than the shard. */
  const since = (name: unknown, at: unknown): Fields => {
    const shard = shards.get(String(name));
    return shard && typeof at === "string" && at < shard.since ? {} : of(name);
  };
  /** As long as the event is none of an earlier shard. */
  const told = (name: unknown, event: unknown): Fields => {
    const shard = shards.get(String(name));
    return shard && typeof event === "string" && !event.endsWith(shard.mark) ? {} : of(name);
  };
  switch (kind) {
    case "shard": {
      const { shardId: id, host } = of(key);
      return { id, host };
    }
    case "shard-turn":
      return of(value["shard"]);
    case "shard-event": {
      const event = fieldsIn(value["event"]);
      const own = told(event["shard"], event["id"]);
      return { event: { ...event, ...("shardId" in own && since(event["shard"], event["at"])) } };
    }
    case "shard-sequence":
    case "shard-owner":
    case "tool-bearer":
      return of(key);
    case "shard-history":
    case "shard-answer":
      return since(key.split("/", 1)[0], value["at"]);
    case "question":
    case "attention":
      return told(key, value["event"]);
    case "thread":
      return since(value["shard"], value["boundAt"]);
    case "card":
      return since(value["shard"], value["since"]);
    case "step":
      return of(fieldsIn(value["step"])["name"]);
    case "wake": {
      const event = fieldsIn(value["event"]);
      return since(fieldsIn(event["output"])["shard"], event["at"]);
    }
    case "task":
      return isFields(value["wait"]) ? { wait: withConditions(value["wait"], of) } : {};
    case "conflict": {
      const [one, other] = key.split("+").map((name) => shards.get(name)?.identity);
      return one && other ? { shardIds: [one.shardId, other.shardId], host: one.host } : {};
    }
    default:
      return {};
  }
}

function withConditions(wait: Fields, of: (name: unknown) => Fields): Fields {
  const conditions: unknown[] = Array.isArray(wait["conditions"]) ? wait["conditions"] : [];
  return { ...wait, conditions: conditions.map((one) => (isFields(one) ? { ...one, ...of(one["shard"]) } : one)) };
}

function split(path: string): { kind: string; key: string } {
  const at = path.indexOf("/");
  return { kind: path.slice(0, at), key: path.slice(at + 1) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsIn(value: unknown): Fields {
  return isFields(value) ? value : {};
}
