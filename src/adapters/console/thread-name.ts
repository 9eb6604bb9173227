/** A free name for a thread with this title, as it is typed: "demo · fix login" becomes `demo`, or `demo-2` where there is one. */
export function threadName(title: string, taken: readonly string[]): string {
  const [wanted = ""] = title.split(" · ");
  const slug = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
  const base = slug || "thread";
  let name = base;
  for (let n = 2; taken.includes(name); n += 1) name = `${base}-${n}`;
  return name;
}

/** Prompt before a line that is typed in a thread. */
export function promptFor(thread: string): string {
  return `${thread} › `;
}
