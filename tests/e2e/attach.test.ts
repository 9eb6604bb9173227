import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PersonTerminal } from "./person-terminal.ts";
import { Machine } from "./program.ts";

const small = { cols: 80, rows: 24 };
const large = { cols: 180, rows: 56 };
const detach = "\u001C";
const command = "\u001D";

let machine: Machine;
let desks: PersonTerminal[] = [];

/** A terminal that is attached to a shard, of which the test has a clear screen. */
async function attach(
  name: string,
  size: { cols: number; rows: number },
  ...options: string[]
): Promise<PersonTerminal> {
  const desk = await another(name, size, ...options);
  // Whatever another test has left there.
  desk.type("\u0003");
  await vi.waitFor(() => expect(desk.line).toMatch(prompt), patience);
  desk.type("stty sane; printf '\\033c'\r");
  await vi.waitFor(() => expect([desk.rows[0], desk.rows[1]]).toEqual([expect.stringMatching(prompt), ""]), patience);
  return desk;
}

async function another(
  name: string,
  size: { cols: number; rows: number },
  ...options: string[]
): Promise<PersonTerminal> {
  const desk = new PersonTerminal(machine, ["attach", name, ...options], size);
  desks.push(desk);
  await desk.shows(` ${name} │`);
  return desk;
}

const prompt = /[$#] ?$/;
const patience = { timeout: 20_000, interval: 20 };
/** A program that shows each byte that it gets, until Ctrl-C. */
const showing = "stty -icanon -icrnl -echo quit undef lnext undef; cat -v";

beforeAll(async () => {
  machine = new Machine();
  for (const name of ["demo", "brief", "lost"])
    expect(await machine.finish(["spawn", name, "--agent", "shell"])).toMatchObject({ code: 0 });
}, 60_000);
afterEach(async () => {
  for (const desk of desks) desk.pty.kill("SIGKILL");
  await Promise.all(desks.map(({ exit }) => exit));
  desks = [];
});
afterAll(() => machine.dispose());

describe("attach", () => {
  it("shows the screen, passes on what is typed, and gives the terminal back when it detaches", async () => {
    expect((await machine.finish(["send", "demo", "echo before"])).code).toBe(0);
    const script = 'echo earlier; "$@"; echo "code=$?"; stty -a';
    const desk = new PersonTerminal(machine, ["attach", "demo"], large, script);
    desks.push(desk);
    await desk.shows(/\nbefore\n/);
    await desk.shows(" demo │ ctrl-\\ detaches, ctrl-] more │ you are at the keyboard │ 160×50");
    desk.type("echo sum $((20+3)) grüße\r");
    await desk.shows(/\nsum 23 grüße\n/);
    // The state folder is free meanwhile.
    expect(JSON.parse((await machine.finish(["list", "--json"])).out)).toContainEqual(
      expect.objectContaining({ name: "demo", alive: true }),
    );
    desk.type(`echo last words${detach}`);
    await desk.shows("code=0");
    await desk.isGivenBack();
    await desk.shows(/(?<!-)icanon/);
    await desk.shows(/(?<!-)echo\b/);
    await desk.shows(/earlier\nOn demo: ctrl-\\ detaches\.\nDetached from demo, which goes on\.\ncode=0/);
    expect(await desk.exit).toBe(0);
    const again = await another("demo", large, "--detach-key", "ctrl-x");
    await again.shows("echo last words");
    again.type("\u0018");
    expect(await again.exit).toBe(0);
  });

  it("shows a part of a larger screen, which follows the cursor and can be moved", async () => {
    const desk = await attach("demo", small);
    desk.type("clear; for i in $(seq 1 60); do printf '%s' \"row $i\"; printf '%100s\\n' \"end $i\"; done\r");
    await desk.shows(/row 60\b/);
    await vi.waitFor(() => expect(desk.rows[22]).toMatch(prompt), patience);
    expect(desk.rows[21]).toMatch(/^row 60/);
    expect(desk.rows[0]).toMatch(/^row 39/);
    expect(desk.status).toContain("80×23 of 160×50");
    desk.type(`${command}${"\u001B[C".repeat(5)}`);
    await desk.shows(/end 60/);
    await desk.shows(/arrows pan/);
    expect(desk.rows[21]).not.toMatch(/row 60/);
    desk.type("\u001B[5~");
    await desk.shows(/end 16\b/);
    // Above the screen are the rows that have scrolled away.
    desk.type("\u001B[5~");
    await desk.shows(/end 1\n/);
    desk.type("q");
    await desk.shows(/row 60\b/);
    expect(desk.rows.join("\n")).not.toContain("arrows pan");
    // A letter after the command key is no input of the shell.
    expect(desk.rows[22]).toMatch(prompt);
    desk.resize(170, 55);
    await desk.shows(/row 60 +end 60/);
    await desk.shows(/│ 160×50/);
  });

  it("shows colours and styles as they are", async () => {
    const desk = await attach("demo", small);
    desk.type("printf '\\033[1;3;38;5;200;48;2;1;2;3mX\\033[0m\\033[31;4mY\\033[0;7mZ\\033[0m 田\\n'; tput cols\r");
    await desk.shows(/^XYZ 田/m);
    const { active } = desk.terminal.buffer;
    const line = active.getLine(desk.rows.findIndex((row) => row.startsWith("XYZ")));
    const [x, y, z] = [line!.getCell(0)!, line!.getCell(1)!, line!.getCell(2)!];
    expect([x.isBold(), x.isItalic(), x.getFgColor(), x.getBgColor()].map(Number)).toEqual([
      expect.any(Number),
      expect.any(Number),
      200,
      0x010203,
    ]);
    expect([x.isBold() !== 0, x.isItalic() !== 0, x.isFgPalette(), x.isBgRGB()]).toEqual([true, true, true, true]);
    expect([y.getFgColor(), y.isUnderline() !== 0, y.isBold() !== 0]).toEqual([1, true, false]);
    expect([z.isInverse() !== 0, z.isFgDefault()]).toEqual([true, true]);
    await desk.shows(/^160$/m);
  });

  it("passes the mouse on where the program asked for it, with the cells of its screen", async () => {
    const desk = await attach("demo", small);
    desk.type("\u001B[<0;3;3M");
    desk.type(`clear; seq 1 60; printf '\\033[?1003h\\033[?1006h'; ${showing}\r`);
    await vi.waitFor(() => expect(desk.terminal.modes.mouseTrackingMode).toBe("any"));
    expect(desk.rows.join("\n")).not.toContain("[<");
    desk.type("\u001B[<0;10;5M");
    await desk.shows("^[[<0;10;32M");
    desk.type("\u001B[<0;10;24M\u001B[<0;10;1m");
    await desk.shows("^[[<0;10;28m");
    expect(desk.rows.join("\n")).not.toMatch(/<0;10;(24|51)M/);
    desk.type(detach);
    await desk.isGivenBack();
  });

  it("passes pastes on in brackets where the program wants them, and answers of the terminal never", async () => {
    const desk = await attach("demo", small);
    desk.type(`clear; printf '\\033[?2004h\\033[?1h'; ${showing}\r`);
    await vi.waitFor(() => expect(desk.terminal.modes.applicationCursorKeysMode).toBe(true));
    desk.type(`\u001B[?62;c\u001B[24;80R\u001B[200~a${detach}b\u001B[201~\u001BOA.`);
    await desk.shows("^[[200~a^\\b^[[201~^[OA.");
    desk.type(`${command}${detach}${command}${command}.`);
    await desk.shows("^[OA.^\\^].");
  });

  it("has one writer at a time, who is told when another takes over", async () => {
    const ann = await attach("demo", small, "--as", "ann");
    const bob = await another("demo", large, "--as", "bob");
    const eve = await another("demo", small, "--view");
    await bob.shows("ann is at the keyboard");
    ann.type("echo by-ann\r");
    for (const desk of [ann, bob, eve]) await desk.shows(/^by-ann/m);
    bob.type("no");
    await bob.shows("ann is at the keyboard: ctrl-] t takes it over.");
    eve.type("no");
    await eve.shows("You only watch (--view).");
    bob.type(`${command}t`);
    await ann.shows("bob has taken the keyboard: you only watch now.");
    bob.type("echo by-bob\r");
    for (const desk of [ann, bob, eve]) await desk.shows(/^by-bob/m);
    bob.type(detach);
    expect(await bob.exit).toBe(0);
    // Nobody has it: whoever types gets it.
    ann.type("echo again\r");
    await eve.shows(/^again/m);
    expect(eve.rows.join("\n")).not.toMatch(/\bno\b/);
  });

  it("gives the shard the terminal's size for as long as it is asked to", async () => {
    const desk = await attach("demo", { cols: 90, rows: 31 }, "--resize");
    desk.type("stty size\r");
    await desk.shows(/^30 90/m);
    desk.resize(100, 26);
    await desk.shows(/│ 100×25/);
    desk.type("stty size\r");
    await desk.shows(/^25 100/m);
    desk.type(detach);
    expect(await desk.exit).toBe(0);
    const again = await another("demo", large);
    again.type("stty size\r");
    await again.shows(/^50 160/m);
  });

  it("ends with the agent, and says so", async () => {
    const desk = await another("brief", small);
    desk.type("exit 3\r");
    await desk.shows("The agent of brief has ended (code 3).");
    expect(await desk.exit).toBe(0);
    await desk.isGivenBack();
    const late = new PersonTerminal(machine, ["attach", "brief"], small);
    desks.push(late);
    await late.shows("The agent of brief has ended (code 3). Resume it.");
    expect(await late.exit).toBe(8);
  });

  it("says so when the connection is lost", async () => {
    const desk = await another("lost", small);
    const [holder] = machine.processes().filter((pid) => /shards\/lost\/.*\.spec/.test(commandOf(pid)));
    process.kill(Number(holder), "SIGKILL");
    expect(await desk.exit).toBe(10);
    await desk.isGivenBack();
    await desk.shows("The connection to lost is lost");
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ])("gives the terminal back on %s", async (signal, code) => {
    const desk = await another("demo", small);
    process.kill(desk.pty.pid, signal);
    expect(await desk.exit).toBe(code);
    await desk.isGivenBack();
  });

  it("gives the terminal and the keyboard back while it is stopped", async () => {
    const desk = await attach("demo", small);
    process.kill(desk.pty.pid, "SIGTSTP");
    await vi.waitFor(() => expect(readFileSync(`/proc/${desk.pty.pid}/stat`, "utf8")).toMatch(/\) T /));
    await desk.isGivenBack();
    const other = await another("demo", small, "--as", "other");
    await other.shows("you are at the keyboard");
    other.type(detach);
    expect(await other.exit).toBe(0);
    process.kill(desk.pty.pid, "SIGCONT");
    await desk.shows(/you are at the keyboard/);
    desk.type("echo here again\r");
    await desk.shows(/^here again/m);
  });

  it("reaches the shards of a running bot", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    const desk = await attach("demo", small);
    desk.type("echo hello\r");
    await desk.shows(/^hello/m);
    await bot.kill("SIGTERM");
    desk.type("echo without a bot\r");
    await desk.shows(/^without a bot/m);
    desk.type(detach);
    expect(await desk.exit).toBe(0);
  });

  it("is told in the shard's thread, and what is prompted there waits until the terminal is left", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    bot.type("/shard spawn talk --agent shell");
    await bot.prints("Shard talk");
    const desk = await attach("talk", small, "--as", "ann");
    await bot.prints("ann is at the keyboard of talk: prompts wait.");
    bot.type("/shard send talk echo sum $((40+2))");
    await bot.prints("ann is at the keyboard of talk");
    expect((await machine.finish(["send", "talk", "echo second"])).out).toMatch(
      /^queued #\d+: .* ann has left the keyboard/,
    );
    desk.type("echo by-ann\r");
    await desk.shows(/^by-ann/m);
    expect(desk.rows.join("\n")).not.toContain("sum 42");
    desk.type(detach);
    expect(await desk.exit).toBe(0);
    await bot.prints("ann has left the keyboard of talk.");
    await bot.prints("sum 42");
    await bot.kill("SIGTERM");
  });

  it("needs a terminal", async () => {
    const result = await machine.finish(["attach", "demo"]);
    expect(result).toMatchObject({ code: 2, out: "", err: expect.stringContaining("needs a terminal") as string });
  });

  it.each([
    [["attach", "a", "b"], 2, "does not take"],
    [["attach", "nobody"], 5, 'no shard "nobody"'],
  ])("answers %j with exit code %i and a sentence", async (args, code, words) => {
    const desk = new PersonTerminal(machine, args, small);
    desks.push(desk);
    expect(await desk.exit).toBe(code);
    await desk.shows(words);
  });
});

function commandOf(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8");
}
