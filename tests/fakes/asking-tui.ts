import { appendFileSync } from "node:fs";

/**
 * A program that no rule knows and that asks before it does something, for tests: `node tests/fakes/asking-tui.ts MODE FILE` in a PTY. It writes
 * to FILE what it gets, and "approved", when a key has approved.
 *
 *     keys     Approve tool call? … [y] Approve   [n] Deny         with status lines below
 *     silent   Approve tool call?                                  and nothing that tells the keys
 *     any-key  Press any key to continue . . .                     line by line, in raw mode
 *     bottom   Overwrite notes.txt? y/N                            in the last row of the screen
 *     list     ❯ Approve / Deny                                    with a pointer, and no numbers
 *     buttons  <Yes>  <No>
 *     box      an input box between two rules; "touch" replaces it with the keys, and they with the box
 *     bar      an input line behind a bar, which is known only when something has landed there
 *     clock    the keys with a clock, which is drawn again ten times a second
 */
const [mode = "", file = ""] = process.argv.slice(2);
const { columns: cols, rows: height } = process.stdout;
const full = mode !== "any-key";
let line = "";
let said: string[] = [];
let asks = mode !== "box" && mode !== "bar";

const rule = "─".repeat(cols);
const keys = ["Cline needs permission", "", "Approve tool call?", "", "run_commands", "  $ touch zz.txt", ""];
const status = ["", " model (0) $0.00", " app (main)", " Auto-approve all disabled (Shift+Tab)"];

function shown(): { rows: string[]; cursor?: [row: number, col: number] } {
  if (asks) return { rows: asked() };
  if (mode === "bar") {
    const rows = ["A place to write", "", ...said, "", `┃ ${line}`, "┃", " tips: be nice"];
    return { rows, cursor: [said.length + 3, 2 + line.length] };
  }
  const hint = line === "" ? "Ask anything..." : "";
  return { rows: [...said, "", rule, `❯ ${line}${hint}`, rule, ...status], cursor: [said.length + 2, 2 + line.length] };
}

function asked(): string[] {
  if (mode === "silent")
    return ["", " The agent wants to run a command.", "", " Approve tool call?", "", "   $ touch zz.txt"];
  if (mode === "bottom")
    return [...Array.from({ length: height - 1 }, (_, row) => `row ${row}`), "Overwrite notes.txt? y/N"];
  if (mode === "list")
    return ["Run this command?", "", "  ❯ Approve", "    Deny", "", "  Enter to confirm · Esc to cancel"];
  if (mode === "buttons")
    return ["┌──────────────────┐", "│ Delete all?      │", "│ <Yes>     <No>   │", "└──────────────────┘"];
  const clock = mode === "clock" ? [new Date().toISOString().slice(11, 19)] : [];
  return [...said, ...clock, ...keys, " [y] Approve   [n] Deny", ...status];
}

function draw(): void {
  if (!full) return;
  const { rows, cursor } = shown();
  const text = rows.map((row) => `${row}\u001B[K`).join("\r\n");
  const place = cursor ? `\u001B[${cursor[0] + 1};${cursor[1] + 1}H\u001B[?25h` : "\u001B[?25l";
  process.stdout.write(`\u001B[?2026h\u001B[H${text}\u001B[J${place}\u001B[?2026l`);
}

function take(key: string): void {
  if (key === "\u0003") process.exit(0);
  if (asks && (key === "n" || key === "\u001B")) return decided("denied");
  if (asks) return decided("approved");
  if (key !== "\r") line += key;
  else if (line !== "") {
    said = [...said, `❯ ${line}`, "", `* Heard: ${line}`];
    asks = mode === "box" && line.includes("touch");
    line = "";
  }
}

function decided(what: string): void {
  appendFileSync(file, `${what}\n`);
  said = [...said, `* It was ${what}.`];
  asks = mode !== "box";
  if (!full) process.exit(0);
}

process.stdin.setRawMode(true).setEncoding("utf8");
if (full) process.stdout.write("\u001B[?1049h\u001B[2J\u001B[?2004h");
else process.stdout.write("Two files are changed.\r\nPress any key to continue . . . ");
process.stdin.on("data", (data: string) => {
  appendFileSync(file, `${JSON.stringify(data)}\n`);
  const plain = data.replaceAll(/\u001B\[20[01]~/g, "");
  for (const key of plain) take(key);
  draw();
});
draw();
if (mode === "clock") setInterval(draw, 100);
