import { ShardbridgeError } from "../../../errors.ts";
import { days, type Day, type Schedule } from "../../../orchestrator/orchestrator.ts";

const minute = 60_000;
const dayLength = 24 * 60 * minute;
/** Nothing is planned further ahead than this. */
const furthest = 366 * dayLength;

interface Local {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/**
 * When a schedule is due next after `now` (milliseconds since 1970). Throws ShardbridgeError "usage" for a time that is no time, is past, or is
 * more than a year away.
 */
export function nextTime(schedule: Schedule, now: number, zone: string): number {
  const at = timeOf(schedule, now, zone);
  if (at <= now) throw new ShardbridgeError("usage", "That time is past: give one that is to come.");
  if (at - now > furthest)
    throw new ShardbridgeError("usage", "That is more than a year away: nothing is kept so long.");
  return at;
}

/** A schedule that comes again, or nothing. */
export function repeats(schedule: Schedule): boolean {
  return "daily" in schedule || "every" in schedule;
}

/** For people: "every day at 08:00". */
export function scheduleText(schedule: Schedule, next: number, zone: string): string {
  if ("daily" in schedule) {
    const on = schedule.days ? `on ${schedule.days.join(", ")}` : "every day";
    return `${on} at ${schedule.daily}`;
  }
  if ("every" in schedule) return `every ${schedule.every} minutes, next at ${localText(next, zone)}`;
  return `at ${localText(next, zone)}`;
}

/** "2026-12-24 08:05", as it is in that zone. */
export function localText(time: number, zone: string): string {
  const { year, month, day, hour, minute: minutes } = localOf(time, zone);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minutes)}`;
}

/** "14:03", as clocks show it in that zone. */
export function clockText(time: number, zone: string): string {
  return localText(time, zone).slice(-5);
}

function timeOf(schedule: Schedule, now: number, zone: string): number {
  if ("in" in schedule) return now + Math.max(1, schedule.in) * minute;
  if ("every" in schedule) return now + Math.max(5, schedule.every) * minute;
  if ("at" in schedule) return instantOf(parsed(schedule.at), zone);
  const [hour = 0, minutes = 0] = schedule.daily.split(":").map(Number);
  const today = localOf(now, zone);
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    // Days are counted as dates, because one of them may have 23 hours.
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + ahead));
    const local = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    const name = days[(date.getUTCDay() + 6) % 7];
    const at = instantOf({ ...local, hour, minute: minutes }, zone);
    if (at > now && (schedule.days === undefined || schedule.days.includes(name as Day))) return at;
  }
  throw new ShardbridgeError("usage", "That day never comes: name days as mon, tue, wed, thu, fri, sat, sun.");
}

function parsed(text: string): Local {
  const [, ...fields] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minutes = 0] = fields.map(Number);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minutes));
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (fields.length === 0 || !same)
    throw new ShardbridgeError("usage", `"${text}" is no date and time: write it as 2026-12-24T08:00.`);
  return { year, month, day, hour, minute: minutes };
}

/** The instant that a zone's clocks show this. Of two, the first; of none, because the clocks jump over it, as much later as they jump. */
function instantOf(local: Local, zone: string): number {
  const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);
  const offset = (at: number) => utcOf(localOf(at, zone)) - Math.floor(at / minute) * minute;
  const candidates = [asUtc - offset(asUtc - dayLength), asUtc - offset(asUtc + dayLength)];
  const exact = candidates.filter((at) => utcOf(localOf(at, zone)) === asUtc);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

function utcOf({ year, month, day, hour, minute: minutes }: Local): number {
  return Date.UTC(year, month - 1, day, hour, minutes);
}

function localOf(time: number, timeZone: string): Local {
  const numeric = "2-digit";
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const field = (name: string) => parts[name] ?? 0;
  return {
    year: field("year"),
    month: field("month"),
    day: field("day"),
    hour: field("hour"),
    minute: field("minute"),
  };
}
