/**
 * A full-screen program that is no agent, for tests: `node tests/fakes/menu-tui.ts` in a PTY. It asks which table to show, by arrows or a digit
 * with Enter, then shows it with an input line below; `q` in an empty line ends it, `menu` asks again.
 *
 *     ┌ Tables ────────────────────┐
 *     │ Which table should be shown?│
 *     │ › 1. people                 │
 *     │   2. places                 │
 *     └────────────────────────────┘
 *      ↑/↓ move · enter select · esc quit
 */
const tables = ["people", "places", "things"];
const cols = process.stdout.columns || 80;

let table: string | undefined;
let pointer = 0;
let line = "";
let found = "";

function box(title: string, inside: readonly string[]): string[] {
  const width = cols - 4;
  const rows = inside.map((row) => `│ ${row.padEnd(width - 2)} │`);
  return [`┌ ${title} ${"─".repeat(width - title.length - 2)}┐`, ...rows, `└${"─".repeat(width)}┘`];
}

function draw(): void {
  const menu = tables.map((name, index) => `${index === pointer ? "›" : " "} ${index + 1}. ${name}`);
  const screen =
    table === undefined
      ? [...box("Tables", ["Which table should be shown?", "", ...menu]), " ↑/↓ move · enter select · esc quit"]
      : [...box(`Table ${table}`, [`3 rows of ${table}`, ...(found === "" ? [] : [found])]), "", `filter: ${line}`];
  process.stdout.write(`\u001B[H${screen.map((row) => `${row}\u001B[K`).join("\r\n")}\u001B[J`);
}

function quit(): never {
  process.stdout.write("\u001B[?1049l");
  process.exit(0);
}

function takeKey(key: string): void {
  if (key === "\u0003") quit();
  else if (table === undefined) takeMenuKey(key);
  else if (key === "\r" && line === "q") quit();
  else if (key === "\r") {
    if (line === "menu") table = undefined;
    else found = `Filtered by ${line}.`;
    line = "";
  } else line += key;
}

function takeMenuKey(key: string): void {
  if (key === "\u001B") quit();
  else if (key === "\u001B[A") pointer = Math.max(0, pointer - 1);
  else if (key === "\u001B[B") pointer = Math.min(tables.length - 1, pointer + 1);
  else if (/^[1-3]$/.test(key)) pointer = Number(key) - 1;
  else if (key === "\r") table = tables[pointer];
}

process.stdin.setRawMode(true).setEncoding("utf8");
process.stdout.write("\u001B[?1049h\u001B[2J");
process.stdin.on("data", (data: string) => {
  for (const [key] of data.matchAll(/\u001B\[[A-Z]|[^]/g)) takeKey(key);
  draw();
});
draw();
