import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/*
 * Loaded before the bot (`node --import`): on SIGUSR2 it writes how late the event loop was since the last time, in milliseconds, into the
 * file that BENCH_LAG names.
 */
const resolution = 1;
const histogram = monitorEventLoopDelay({ resolution });
histogram.enable();
process.on("SIGUSR2", () => {
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  const [p50, p99, max] = [late(histogram.percentile(50)), late(histogram.percentile(99)), late(histogram.max)];
  writeFileSync(process.env["BENCH_LAG"] ?? "", JSON.stringify({ p50, p99, max }));
  histogram.reset();
});
