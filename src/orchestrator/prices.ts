import type { Tokens } from "./orchestrator.ts";

/** The model where ORCHESTRATOR_MODEL names none: the newest Sonnet in the SDK's `Model`. */
export const defaultModel = "claude-sonnet-5-5";

/** US dollars for a million tokens: input, output, writing into the five-minute cache, reading from it. */
interface Price {
  input: number;
  output: number;
  write: number;
  read: number;
  /** A request whose whole input is above so many tokens costs this instead. */
  long?: { above: number; price: Price };
}

const price = (input: number, output: number, write: number, read: number): Price => ({ input, output, write, read });

/**
 * List prices of Anthropic's API as of 2026-10-24, from platform.claude.com/docs "Pricing" and the models' own pages. A model that is
 * not in here has no price: its tokens are counted, its cost is not guessed.
 */
const prices: Readonly<Record<string, Price>> = {
  "claude-fable-5-1": price(10, 50, 12.5, 0.25),
  "claude-mythos-5-1": price(10, 50, 12.5, 0.25),
  "claude-fable-5": price(10, 50, 12.5, 1),
  "claude-mythos-5": price(10, 50, 12.5, 1),
  "claude-opus-5-5": price(4, 20, 5, 0.2),
  "claude-opus-5": price(5, 25, 6.25, 0.5),
  "claude-opus-4-8": price(5, 25, 6.25, 0.5),
  "claude-opus-4-7": price(5, 25, 6.25, 0.5),
  "claude-opus-4-6": price(5, 25, 6.25, 0.5),
  "claude-opus-4-5": price(5, 25, 6.25, 0.5),
  "claude-sonnet-5-5": price(2, 10, 2.5, 0.1),
  "claude-sonnet-5": price(2, 10, 2.5, 0.2),
  "claude-sonnet-4-6": price(3, 15, 3.75, 0.3),
  "claude-sonnet-4-5": price(3, 15, 3.75, 0.3),
  "claude-haiku-5-5": {
    ...price(0.1, 0.5, 0.125, 0.01),
    long: { above: 100_000, price: price(0.5, 2.5, 0.625, 0.05) },
  },
  "claude-haiku-4-5": price(1, 5, 1.25, 0.1),
};

/** Whether the cost of the model's requests is known. A dated name (`claude-haiku-4-5-20251001`) costs what its model does. */
export function hasPrice(model: string): boolean {
  return priceOf(model) !== undefined;
}

/** US dollars for one request, undefined for a model whose prices are not known. */
export function costOf(model: string, tokens: Tokens): number | undefined {
  const base = priceOf(model);
  if (!base) return undefined;
  const { input, cacheWrite, cacheRead, output } = tokens;
  const isLong = base.long !== undefined && input + cacheWrite + cacheRead > base.long.above;
  const { long, ...short } = base;
  const used = (isLong && long?.price) || short;
  return (input * used.input + output * used.output + cacheWrite * used.write + cacheRead * used.read) / 1_000_000;
}

function priceOf(model: string): Price | undefined {
  const name = model.replace(/-\d{8}$/, "");
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}
