import { describe, expect, it } from "vitest";
import { localText, nextTime, scheduleText } from "../../src/bot/orchestration/tasks/times.ts";
import type { Schedule } from "../../src/orchestrator/orchestrator.ts";

const utc = (text: string) => Date.parse(`${text}:00Z`);

describe("the next time", () => {
  it.each<[string, Schedule, string, string, string]>([
    ["in two hours", { in: 120 }, "2026-11-22T10:00", "UTC", "2026-11-22T12:00"],
    ["every ten minutes", { every: 10 }, "2026-11-22T10:00", "UTC", "2026-11-22T10:10"],
    ["at a local time in winter", { at: "2026-12-24T08:00" }, "2026-11-22T10:00", "Europe/Berlin", "2026-12-24T07:00"],
    ["at a local time in summer", { at: "2026-07-24T08:00" }, "2026-07-22T10:00", "Europe/Berlin", "2026-07-24T06:00"],
    ["west of Greenwich", { at: "2026-12-24T20:00" }, "2026-11-22T10:00", "America/New_York", "2026-12-25T01:00"],
    ["half an hour off", { at: "2026-12-24T08:00" }, "2026-11-22T10:00", "Asia/Kolkata", "2026-12-24T02:30"],
    ["later today", { daily: "08:00" }, "2026-11-22T06:59", "Europe/Berlin", "2026-11-22T07:00"],
    ["tomorrow, at the very minute", { daily: "08:00" }, "2026-11-22T07:00", "Europe/Berlin", "2026-11-23T07:00"],
    ["over midnight of the zone", { daily: "00:30" }, "2026-11-22T23:40", "Europe/Berlin", "2026-11-23T23:30"],
    ["on a weekday", { daily: "08:00", days: ["mon"] }, "2026-11-23T08:00", "UTC", "2026-11-30T08:00"],
    ["on one of some", { daily: "08:00", days: ["fri", "tue"] }, "2026-11-23T09:00", "UTC", "2026-11-24T08:00"],
    [
      "the same hour after the clocks went back",
      { daily: "08:00" },
      "2026-10-24T06:30",
      "Europe/Berlin",
      "2026-10-25T07:00",
    ],
    [
      "the first of an hour that comes twice",
      { at: "2026-10-25T02:30" },
      "2026-10-20T00:00",
      "Europe/Berlin",
      "2026-10-25T00:30",
    ],
    [
      "an hour later where an hour is left out",
      { at: "2027-03-28T02:30" },
      "2027-03-20T00:00",
      "Europe/Berlin",
      "2027-03-28T01:30",
    ],
  ])("%s", (_name, schedule, now, zone, expected) => {
    expect(new Date(nextTime(schedule, utc(now), zone)).toISOString().slice(0, 16)).toBe(expected);
  });

  it.each<[string, Schedule]>([
    ["past", { at: "2026-11-22T10:00" }],
    ["no date", { at: "2026-02-30T10:00" }],
    ["no time", { at: "tomorrow" }],
    ["too far", { at: "2030-01-01T10:00" }],
    ["on no day", { daily: "08:00", days: [] }],
  ])("is refused when it is %s", (_name, schedule) => {
    expect(() => nextTime(schedule, utc("2026-11-22T10:00"), "UTC")).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });

  it("is said in the zone's own time", () => {
    const next = utc("2026-12-24T07:05");
    expect(localText(next, "Europe/Berlin")).toBe("2026-12-24 08:05");
    expect(scheduleText({ daily: "08:05", days: ["mon", "fri"] }, next, "UTC")).toBe("on mon, fri at 08:05");
    expect(scheduleText({ every: 30 }, next, "UTC")).toBe("every 30 minutes, next at 2026-12-24 07:05");
  });
});
