/**
 * A program that asks, for tests: `node tests/fakes/dialog-tui.ts DIALOG …` in a PTY, one dialog after the other; then it says what came of them.
 *
 *     list      no numbers, the pointer is on the last option; arrows pass over a row that can't be chosen
 *     same      the same as `list`, with another text
 *     checks    check marks, which Space switches, and a row that ends the list
 *     preview   two columns; a digit only moves the pointer
 *     stuck     a list whose pointer does not move
 *     open      a list that stays open whatever is pressed
 *     flicker   a list that is gone for a moment when it is answered, and there again before it closes
 */
interface Dialog {
  text: string;
  labels: string[];
  pointer: number;
  checked?: boolean[];
  previews?: string[][];
}

const rule = "─".repeat(80);
const dialogs: Record<string, () => Dialog> = {
  list: () => ({ text: "Do you trust this folder?", labels: ["Yes, I trust it", "Only once", "No, exit"], pointer: 2 }),
  same: () => ({
    text: "Do you trust the parent folder?",
    labels: ["Yes, I trust it", "Only once", "No, exit"],
    pointer: 2,
  }),
  checks: () => ({
    text: "Which servers?",
    labels: ["demo", "other", "Enable selected"],
    pointer: 0,
    checked: [true, true],
  }),
  preview: () => ({
    text: "Which layout?",
    labels: ["Single flag", "Two flags", "None"],
    pointer: 0,
    previews: [
      ["1. Yes", "2. No"],
      ["--name x", "--flag y"],
      ["❯ 1. Allow", "  2. Deny", "", "(more)"],
    ],
  }),
  stuck: () => ({ text: "Which one?", labels: ["First", "Second"], pointer: 0 }),
  open: () => ({ text: "Are you there?", labels: ["Yes", "No"], pointer: 0 }),
  flicker: () => ({ text: "Close it?", labels: ["Yes", "No"], pointer: 1 }),
};

const names = process.argv.slice(2);
const results: string[] = [];
let dialog: Dialog | undefined;
let drawn = 0;
let answered = false;

function rowsOf(open: Dialog): string[] {
  const { labels, pointer, checked, previews } = open;
  const preview = previews?.[pointer];
  const box = preview && [
    `┌${"─".repeat(20)}┐`,
    ...preview.map((row) => `│ ${row.padEnd(18)} │`),
    `└${"─".repeat(20)}┘`,
  ];
  const options = labels.map((label, index) => {
    const mark = checked?.[index] === undefined ? (checked ? "   " : "") : checked[index] ? "[✔] " : "[ ] ";
    return ` ${index === pointer ? "❯" : " "} ${previews ? `${index + 1}. ` : ""}${mark}${label}`;
  });
  const height = Math.max(options.length, box?.length ?? 0);
  const rows = Array.from({ length: height }, (_, row) =>
    `${(options[row] ?? "").padEnd(30)}${box?.[row] ?? ""}`.trimEnd(),
  );
  const help = checked ? " Space to select · Esc to reject all" : " Enter to confirm · Esc to cancel";
  return [rule, ` ${open.text}`, "", ...rows, "", help];
}

function draw(): void {
  const rows = dialog ? rowsOf(dialog) : [];
  const up = drawn > 0 ? `\u001B[${drawn}A` : "";
  process.stdout.write(`\r${up}\u001B[J${rows.map((row) => `${row}\r\n`).join("")}`);
  drawn = rows.length;
}

function next(): void {
  const name = names[0];
  dialog = name === undefined ? undefined : dialogs[name]?.();
  answered = false;
  draw();
  if (dialog) return;
  process.stdout.write(`${results.map((result) => `chose ${result}\r\n`).join("")}\r\n> `);
}

function close(result: string): void {
  results.push(result);
  names.shift();
  next();
}

function choose(open: Dialog, index: number): void {
  const name = names[0];
  if (open.checked?.[index] !== undefined) {
    open.checked[index] = !open.checked[index];
    draw();
  } else if (name === "open" || answered) return;
  else if (name === "flicker") {
    answered = true;
    dialog = undefined;
    draw();
    setTimeout(() => {
      dialog = open;
      draw();
    }, 80);
    setTimeout(() => close(open.labels[index] ?? ""), 900);
  } else {
    const on = open.labels.filter((_, place) => open.checked?.[place]);
    close(open.checked ? `${open.labels[index]}: ${on.join(", ")}` : (open.labels[index] ?? ""));
  }
}

function take(key: string): void {
  if (key === "\u0003") process.exit(0);
  if (!dialog) {
    if (key !== "\r") process.stdout.write(key);
    return;
  }
  const last = dialog.labels.length - 1;
  const step = key === "\u001B[A" ? -1 : key === "\u001B[B" ? 1 : 0;
  const skips = names[0] === "list" && dialog.pointer + step === 1 ? step : 0;
  if (names[0] !== "stuck") dialog.pointer = Math.min(last, Math.max(0, dialog.pointer + step + skips));
  if (dialog.previews && /^[1-9]$/.test(key)) dialog.pointer = Math.min(last, Number(key) - 1);
  if (key === "\r" || (key === " " && dialog.checked)) choose(dialog, dialog.pointer);
  else draw();
}

process.stdin.setRawMode(true).setEncoding("utf8");
process.stdin.on("data", (data: string) => {
  for (const [key] of data.matchAll(/\u001B\[[A-Z]|[^]/g)) take(key);
});
next();
