import type { ShardHost } from "../shards/host.ts";
import type { Verb, VerbTable } from "./verbs.ts";

/** The verbs whose facts have something. */
type VerbWith<Fact> = { [V in Verb]: VerbTable[V] extends Fact ? V : never }[Verb];

/** The verbs that are asked for in chat. */
export type ChatVerb = VerbWith<{ chat: true }>;
/** The verbs of the command line and the control socket. */
export type LineVerb = VerbWith<{ line: object }>;
/** The verbs that a host does. */
export type HostVerb = VerbWith<{ host: string }>;
/** The methods of a host that the orchestrator's tools ask for. */
export type ToolMethod = VerbTable[VerbWith<{ tool: string; host: string }>]["host"];

/** Thing that a right is asked for: a verb, some of them with an option, plain text for the orchestrator or an agent, a setup file. */
export type Need =
  | Exclude<Verb, VerbWith<{ as: string }>>
  | { [V in Verb]: VerbTable[V] extends { raised: { flag: infer F extends string } } ? `${V} --${F}` : never }[Verb]
  | "prompt"
  | "setup --approve";

/** Request of a verb, as it comes over the control socket. */
export type VerbRequest<V extends LineVerb> = {
  [K in Field<V> as K extends `${string}?` ? never : K]: Value<VerbTable[V]["takes"][K]>;
} & {
  [K in Field<V> as K extends `${infer Name}?` ? Name : never]?: Value<VerbTable[V]["takes"][K]> | undefined;
} & (VerbTable[V] extends { by: "given" } ? { by?: string | undefined } : unknown);

type Field<V extends LineVerb> = keyof VerbTable[V]["takes"];

type Value<K> = K extends readonly (infer Word)[]
  ? Word
  : K extends "text"
    ? string
    : K extends "keys"
      ? string[]
      : K extends "flag"
        ? boolean
        : number;

/** The host's methods as somebody asks for them: who asks is known. */
export type HostActions = { [V in HostVerb as VerbTable[V]["host"]]: Asked<V> };

type Asked<V extends HostVerb> = ShardHost[VerbTable[V]["host"]] extends (...args: infer Args) => infer Result
  ? (...args: VerbTable[V] extends { by: "asker" } ? WithoutBy<Args> : Args) => Result
  : never;

type WithoutBy<Args> = Args extends [infer Request] ? [request: Omit<Request, "by">] : Args;
