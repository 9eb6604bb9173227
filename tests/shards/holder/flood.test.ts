import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FloodGauge } from "../../../src/shards/holder/flood.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** For so many milliseconds, print so much every 10 ms. */
function print(gauge: FloodGauge, milliseconds: number, bytes: number): void {
  for (let time = 0; time < milliseconds; time += 10) {
    if (bytes > 0) gauge.printed(bytes);
    vi.advanceTimersByTime(10);
  }
}

function makeGauge() {
  const told: (number | undefined)[] = [];
  let spent = 0;
  const gauge: FloodGauge = new FloodGauge(
    () => told.push(gauge.rate),
    () => spent,
  );
  const spend = (milliseconds: number) => (spent += milliseconds);
  return { gauge, told, spend };
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

it("tells of little that is dear to show", () => {
  const { gauge, told, spend } = makeGauge();
  for (let round = 0; round < 30; round++) {
    spend(60);
    print(gauge, 100, 100);
  }
  expect(told).toEqual([expect.closeTo(10_000, -2)]);
  print(gauge, 3000, 100);
  expect(told).toHaveLength(2);
});

it("rests when nothing is printed", () => {
  const { gauge } = makeGauge();
  print(gauge, 5000, 100_000);
  print(gauge, 5000, 0);
  expect(vi.getTimerCount()).toBe(0);
  print(gauge, 5000, 100_000);
  expect(gauge.rate).toBeCloseTo(1e7, -6);
});
