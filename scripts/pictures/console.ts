import xterm from "@xterm/headless";
import { spawn } from "node-pty";
import { escaped } from "./page.ts";
import { openStage, until } from "./stage.ts";

const size = { cols: 78, rows: 34 };
const named = [
  "#2e3436 #e5534b #57ab5a #d6a13d #539bf5 #b083f0 #39c5cf #c9d1d9",
  "#7d8590 #ff7b72 #7ee787 #f2cc60 #79c0ff #d2a8ff #56d4dd #ffffff",
].flatMap((row) => row.split(" "));

/** The screen of a session at the console, as HTML with its colours. */
export async function captureConsole(): Promise<string> {
  const stage = await openStage();
  const env = { ...stage.env, TERM: "xterm-256color", COLORTERM: "truecolor" };
  const pty = spawn(process.execPath, stage.program("start"), { cwd: stage.repo, env, ...size });
  const terminal = new xterm.Terminal({ ...size, scrollback: 1000, allowProposedApi: true });
  const exited = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  pty.onData((data) => terminal.write(data));
  const text = async () => {
    await new Promise<void>((resolve) => terminal.write("", resolve));
    const { active } = terminal.buffer;
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? "").join("\n");
  };
  const shows = (pattern: RegExp) => until(async () => (pattern.test(await text()) ? true : undefined), text);
  const type = (line: string) => pty.write(`${line}\r`);
  try {
    await shows(/main ›/);
    type("/spawn demo --agent shell");
    await shows(/Shard demo: shell/);
    await stage.idle("demo");
    type('/send demo "git log --oneline | head -3"');
    await shows(/Start the shop/);
    type('/spawn login --agent claude --mode ask "The login test fails: find out why, and mend it."');
    await shows(/npm test -- login[^]*\[\/\d+\] 1\. Yes/);
    const [, yes] = /\[\/(\d+)\] 1\. Yes/.exec(await text()) ?? [];
    type(`/${yes}`);
    await shows(/timingSafeEqual/);
    await stage.idle("login");
    type("/list");
    await shows(/login[^\n]+idle[^]*main ›/);
    await text();
    return consolePage(terminal);
  } finally {
    pty.write("\u0003");
    await exited;
    await stage.close();
  }
}

function consolePage(terminal: InstanceType<typeof xterm.Terminal>): string {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length }, (_, y) => rowOf(active.getLine(y)));
  const last = rows.findLastIndex((row) => row.trim() !== "") + 1;
  return `<style>${style}</style><main><pre>${rows.slice(0, last).join("\n")}</pre></main>`;
}

function rowOf(line: ReturnType<InstanceType<typeof xterm.Terminal>["buffer"]["active"]["getLine"]>): string {
  const cells = Array.from({ length: size.cols }, (_, x) => line?.getCell(x)).filter((cell) => cell !== undefined);
  const end = cells.findLastIndex((cell) => cell.getChars().trim() !== "") + 1;
  return cells
    .slice(0, end)
    .filter((cell) => cell.getWidth() > 0)
    .map((cell) => {
      const chars = escaped(cell.getChars() || " ");
      const colour = cell.isFgRGB()
        ? `#${cell.getFgColor().toString(16).padStart(6, "0")}`
        : cell.isFgPalette()
          ? named[cell.getFgColor()]
          : undefined;
      const looks = [
        ...(colour === undefined ? [] : [`color:${colour}`]),
        ...(cell.isBold() ? ["font-weight:bold"] : []),
        ...(cell.isDim() ? ["opacity:.6"] : []),
        ...(cell.isUnderline() ? ["text-decoration:underline"] : []),
      ];
      return looks.length === 0 ? chars : `<span style="${looks.join(";")}">${chars}</span>`;
    })
    .join("");
}

const style = `
  body { margin: 0; background: #0d1117; color: #c9d1d9; }
  main { padding: 10px 14px; }
  pre { font: 13px/1.4 "DejaVu Sans Mono", monospace; margin: 0; }
`;
