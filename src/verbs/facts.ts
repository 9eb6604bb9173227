import type { ShardHost } from "../shards/host.ts";

/** Rights of a person; each includes those before it. */
export type Right = "none" | "viewer" | "operator" | "admin";

/** Kind of a request's field. A list has the words that it may be. An id is that of a waiting prompt, a mark that of a history. */
export type FieldKind = "text" | "keys" | "flag" | "number" | "id" | "mark" | "seconds" | readonly string[];

/** An option that makes a verb take another right, as `VERB --FLAG`. What is asked for so is never a mere look. */
export interface Raise {
  flag: string;
  right: Right;
  /** The option, with any value, with `is` alone, or with any but `not`. Absent where it is asked for otherwise. */
  option?: string;
  is?: string;
  not?: string;
}

/** One verb, for every layer. */
export interface VerbFacts {
  /** Right that it takes. */
  right: Right;
  does: "looks" | "changes";
  /** Verb as which it counts where rights are asked for. */
  as?: string;
  raised?: Raise;
  /** Whom the host writes down: always the asker, or whom the request names before that; nobody where it is absent. */
  by?: "asker" | "given";
  /** Fields of its request, besides `by`; one with `?` may be left out. On a command line the others are typed in this order. */
  takes?: Readonly<Record<string, FieldKind>>;
  /** Method of a host that does it. */
  host?: keyof ShardHost;
  /** People ask for it in chat: `bot/commands/commands.ts` has how. */
  chat?: true;
  /** Its form on the command line, and so on the control socket; absent where these do not have it. */
  line?: {
    /** Rows of the help. */
    help: readonly (readonly [usage: string, says?: string])[];
    /** Words for what follows the name, where that may not be left out. */
    wants?: string;
    /** Word that is printed when it is done, before the result's text. */
    done?: string;
  };
  /** Orchestrator's tool that does it. */
  tool?: string;
}
