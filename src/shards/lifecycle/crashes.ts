/** So many crashes within so long are a loop, and after the last one it is waited for so long. Milliseconds. */
const loop = { crashes: 3, within: 60_000, pause: 60_000 };

/** The times (ISO 8601) of the last crashes, with another one. */
export function withCrash(crashes: readonly string[] | undefined, at: string): string[] {
  return [...(crashes ?? []), at].slice(-loop.crashes);
}

/** Whether an agent that crashed at these times crashes again and again. */
export function isLooping(crashes: readonly string[] | undefined): boolean {
  const [first, ...more] = (crashes ?? []).slice(-loop.crashes).map((at) => Date.parse(at));
  const last = more.at(-1);
  return first !== undefined && last !== undefined && more.length === loop.crashes - 1 && last - first <= loop.within;
}

/** In how many milliseconds an agent may be started again after these crashes; 0 when it may now. */
export function pauseAfter(crashes: readonly string[] | undefined, now: number): number {
  if (!isLooping(crashes)) return 0;
  const last = Date.parse(crashes?.at(-1) ?? "");
  return Math.max(0, last + loop.pause - now);
}
