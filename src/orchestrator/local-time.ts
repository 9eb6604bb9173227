/** "2026-12-24 08:05 (Thursday), Europe/Berlin" */
export function localTime(now: Date, zone: string): string {
  const parts = partsOf(now, zone);
  return `${dayOf(parts)} ${parts["hour"]}:${parts["minute"]} (${parts["weekday"]}), ${zone}`;
}

/** "2026-12-24", as it is in that zone. */
export function localDay(now: Date, zone: string): string {
  return dayOf(partsOf(now, zone));
}

function dayOf(parts: Record<string, string>): string {
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
}

function partsOf(now: Date, timeZone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "long",
  });
  return Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
}
