import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { ShardbridgeError } from "../errors.ts";
import type { TurnActions } from "./orchestrator.ts";
import { callTool } from "./tools.ts";

const passSchema = z.object({
  /** Control socket of the bot that has given it. */
  socket: z.string(),
  secret: z.string(),
  /** The token is for one turn of the orchestrator, which has every tool. */
  turn: z.boolean(),
});

/** With it a program of ours may use the tools in somebody's name. It goes from hand to hand as a file that only its owner can read. */
export type Pass = z.infer<typeof passSchema>;

/** Throws ShardbridgeError "not_allowed" where there is none (any more). */
export function readPass(file: string): Pass {
  try {
    return passSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new ShardbridgeError("not_allowed", `There is no pass in ${file} (any more).`, { cause });
  }
}

type CallResult = { text: string; failed: boolean };

/** The passes of turns that are under way: each is good for its own turn's tools, and for nothing once that is over. */
export class ToolTokens {
  readonly #turns = new Map<string, (name: string, args: unknown) => Promise<CallResult>>();
  readonly #secrets = new Map<string, string>();
  readonly #socket: string;

  /** `socket`: where tools are called with them. */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Write a new pass. Each call's line for people goes to `onLine`, with whether it failed. `revoke` ends it. */
  issue(file: string, actions: TurnActions, onLine: (line: string, name: string, failed: boolean) => void): () => void {
    const secret = randomBytes(32).toString("hex");
    const key = keyOf(secret);
    this.#secrets.set(key, secret);
    this.#turns.set(key, async (name, args) => {
      const { text, line, failed } = await callTool(name, args, actions);
      onLine(line, name, failed);
      return { text, failed };
    });
    writeFileSync(file, JSON.stringify({ socket: this.#socket, secret, turn: true } satisfies Pass), { mode: 0o600 });
    return () => {
      this.#turns.delete(key);
      this.#secrets.delete(key);
    };
  }

  /** Secrets of the turns under way, which are shown nowhere. */
  get secrets(): string[] {
    return [...this.#secrets.values()];
  }

  /** Caller of tools for the turn with this secret; undefined when there is none. */
  turn(secret: string): ((name: string, args: unknown) => Promise<CallResult>) | undefined {
    return this.#turns.get(keyOf(secret));
  }
}

/** Looked up by its hash, a secret can't be guessed by the time that takes. */
function keyOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
