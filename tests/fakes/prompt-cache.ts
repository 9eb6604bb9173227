import { createHash } from "node:crypto";
import { merged } from "./messages-rules.ts";

type Json = Record<string, unknown>;

export interface CacheUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
}

/** Blocks before a breakpoint at which the real API still looks for something cached. */
const lookBack = 20;

/**
 * The prompt cache's accounting: at each breakpoint the prefix up to it (tools, system, messages) is stored; a later request reads the
 * longest stored prefix that ends at one of its breakpoints or up to 20 blocks before. Four characters count as a token;
 * `minimum` tokens are needed for a prefix to be stored at all (the API: 1,024 for most models).
 */
export class PromptCache {
  readonly #stored = new Set<string>();
  readonly #minimum: number;

  constructor(minimum: number) {
    this.#minimum = minimum;
  }

  account(body: Json): CacheUsage {
    const prefixes = prefixesOf(body);
    const breakpoints = prefixes.flatMap(({ marked }, index) => (marked ? [index] : []));
    const total = prefixes.at(-1)?.tokens ?? 0;
    let read = 0;
    for (const at of breakpoints) {
      for (let index = at; index >= 0 && index >= at - lookBack; index--) {
        const prefix = prefixes[index]!;
        if (this.#stored.has(prefix.hash)) read = Math.max(read, prefix.tokens);
      }
    }
    let written = read;
    for (const at of breakpoints) {
      const prefix = prefixes[at]!;
      if (prefix.tokens < this.#minimum) continue;
      this.#stored.add(prefix.hash);
      written = Math.max(written, prefix.tokens);
    }
    return {
      input_tokens: total - written,
      cache_creation_input_tokens: written - read,
      cache_read_input_tokens: read,
    };
  }
}

function prefixesOf(body: Json): { hash: string; tokens: number; marked: boolean }[] {
  const system = body["system"];
  const systemBlocks =
    typeof system === "string" ? [{ type: "text", text: system }] : ((system as Json[] | undefined) ?? []);
  const blocks = [
    ...((body["tools"] as Json[] | undefined) ?? []).map((block) => ({ part: "tools", block })),
    ...systemBlocks.map((block) => ({ part: "system", block })),
    ...merged(body["messages"]).flatMap(({ role, content }) => content.map((block) => ({ part: role, block }))),
  ];
  let hash = String(body["model"]);
  let characters = 0;
  return blocks.map(({ part, block: { cache_control, ...block } }) => {
    const text = JSON.stringify(block);
    hash = createHash("sha256").update(`${hash}\n${part}\n${text}`).digest("hex");
    characters += text.length;
    return { hash, tokens: Math.ceil(characters / 4), marked: cache_control !== undefined && cache_control !== null };
  });
}
