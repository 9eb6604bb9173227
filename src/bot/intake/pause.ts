/** Resolves after `ms` milliseconds, or at once when the signal is given. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}

/** Waits for `work`, but no longer than `ms` milliseconds. Resolves with whether it ended; rejects as it does. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([work.then(() => true), pause(ms, late.signal).then(() => false)]);
  } finally {
    late.abort();
  }
}
