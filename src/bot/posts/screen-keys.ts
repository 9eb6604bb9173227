/** A key that can be pressed on a screen that no rule can read, with what it does there as far as the screen tells. */
export interface ScreenKey {
  /** As `press` takes it. */
  key: string;
  label: string;
}

const pointer = /^[\s│┃║]*(?:[❯›▸▶→]|[>●*](?= \S)) ?(?<row>\S.*?)[\s│┃║]*$/;
const keys: readonly { key: string; name: string; help: RegExp }[] = [
  { key: "esc", name: "Esc", help: /\besc(?:ape)?\b(?:\/\S+)?\s*(?:to |: ?|= ?|– ?)?(?<does>[a-z][a-z ']{1,30})/i },
  { key: "enter", name: "Enter", help: /\b(?:enter|return)\b\s*(?:to |: ?|= ?|– ?)?(?<does>[a-z][a-z ']{1,30})/i },
  { key: "up", name: "↑", help: /$^/ },
  { key: "down", name: "↓", help: /$^/ },
  { key: "tab", name: "Tab", help: /\btab\b\s*(?:to |: ?|= ?|– ?)?(?<does>[a-z][a-z ']{1,30})/i },
];
/** Rows at the end in which programs say what keys do, and above which a pointer may be. */
const helpRows = 4;
const pointerRows = 40;

/** The keys for a screen: "Esc: cancel", "Enter: chooses “No, exit”", where a pointer is on that. */
export function screenKeys(screen: string): ScreenKey[] {
  const rows = screen.split("\n").filter((row) => row.trim() !== "");
  const help = rows.slice(-helpRows).join("  ");
  const row = rows
    .slice(-pointerRows)
    .findLast((text) => pointer.test(text))
    ?.match(pointer)?.groups?.["row"];
  return keys.map(({ key, name, help: told }) => {
    const does = told.exec(help)?.groups?.["does"]?.trim();
    if (key === "enter" && row !== undefined) return { key, label: `${name}: chooses “${shortened(row)}”` };
    return { key, label: does === undefined ? name : `${name}: ${does.toLowerCase()}` };
  });
}

function shortened(text: string): string {
  const [first = ""] = text.split(/ {2,}/);
  return first.length > 40 ? `${first.slice(0, 39)}…` : first;
}
