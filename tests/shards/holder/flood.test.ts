import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FloodGauge } from "../../../src/shards/holder/flood.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** For so long, print so much every 10 ms; the rates that were told. */
function print(gauge: FloodGauge, milliseconds: number, bytes: number): void {
  for (let time = 0; time < milliseconds; time += 10) {
    if (bytes > 0) gauge.printed(bytes);
    vi.advanceTimersByTime(10);
  }
}

function makeGauge() {
  const told: (number | undefined)[] = [];
  const gauge: FloodGauge = new FloodGauge(() => told.push(gauge.rate));
  return { gauge, told };
}

it("tells of a flood once it has lasted for two seconds, and of its end", () => {
  const { gauge, told } = makeGauge();
  print(gauge, 1900, 100_000);
  expect([gauge.rate, told]).toEqual([undefined, []]);
  print(gauge, 700, 100_000);
  expect(told).toEqual([expect.closeTo(1e7, -6)]);
  print(gauge, 3000, 20_000);
  expect(gauge.rate).toBeCloseTo(2e6, -5);
  expect(told).toHaveLength(1);
  print(gauge, 3100, 10);
  expect([gauge.rate, told.length, told[1]]).toEqual([undefined, 2, undefined]);
});

it.each([
  ["the busiest agent", 20_000, 450],
  ["a big file that is soon over", 1400, 200_000],
])("does not mind %s", (_, milliseconds, bytes) => {
  const { gauge, told } = makeGauge();
  for (let round = 0; round < 3; round++) {
    print(gauge, milliseconds, bytes);
    print(gauge, 1000, 0);
  }
  expect(told).toEqual([]);
});

it("tells of little that is so dear that it is held back", () => {
  const { gauge, told } = makeGauge();
  for (let round = 0; round < 30; round++) {
    gauge.printed(1000);
    gauge.held(true);
    vi.advanceTimersByTime(80);
    gauge.held(false);
    vi.advanceTimersByTime(20);
  }
  expect(told).toEqual([expect.closeTo(10_000, -3)]);
});

it("rests when nothing is printed", () => {
  const { gauge } = makeGauge();
  print(gauge, 5000, 100_000);
  print(gauge, 5000, 0);
  expect(vi.getTimerCount()).toBe(0);
  print(gauge, 5000, 100_000);
  expect(gauge.rate).toBeCloseTo(1e7, -6);
});
