import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PersonTerminal } from "./person-terminal.ts";
import { Machine, type Program } from "./program.ts";

let machine: Machine;
let bot: Program;
let desk: PersonTerminal | undefined;

beforeEach(async () => {
  machine = new Machine();
  bot = machine.run(["start"]);
  await bot.prints("Repos: repo");
});
afterEach(async () => {
  desk?.pty.kill("SIGKILL");
  await desk?.exit;
  await machine.dispose();
});

const lines = ({ out }: Program) => out.trim().split("\n");
const names = (line: string) => (JSON.parse(line) as { name: string }[]).map(({ name }) => name);

describe("list --watch", () => {
  it("prints each change until the bot goes, which it says", async () => {
    const plain = machine.run(["list", "--watch"]);
    const json = machine.run(["list", "--watch", "--json"]);
    await plain.prints("No shards.");
    await json.prints("[]\n");
    await machine.finish(["spawn", "demo", "--agent", "shell"]);
    await plain.prints(/demo +idle +shell/);
    await json.prints(/"state":"idle"/);
    await machine.finish(["destroy", "demo"]);
    await plain.prints("No shards.");
    await json.prints("[]\n");
    await bot.kill("SIGKILL");
    const said = "The bot has ended. Its shards go on; shardbridge list shows them.";
    for (const program of [plain, json]) expect(await program.exit).toBe(10);
    expect(plain.err).toBe(`shardbridge: ${said}\n`);
    expect(json.err).toBe("");
    const lists = lines(json);
    expect(JSON.parse(lists.pop() ?? "")).toEqual({ error: { code: "unavailable", message: said } });
    expect(plain.out).not.toContain("\u001B");
    // One array a line, none like the one before.
    expect(names(lists[0]!)).toEqual([]);
    expect(lists.map(names)).toContainEqual(["demo"]);
    expect(lists.filter((line, at, all) => line === all[at - 1])).toEqual([]);
  });

  it("redraws a terminal, and gives it back with the last list on ctrl-c", async () => {
    const opened = new PersonTerminal(
      machine,
      ["list", "--watch"],
      { cols: 60, rows: 8 },
      'trap : INT; echo before; "$@"; echo "code=$?"',
    );
    desk = opened;
    await opened.shows(/^No shards\..*\nctrl-c ends\n/);
    await machine.finish(["spawn", "demo", "--agent", "shell"]);
    await opened.shows(/^SHARD.*\ndemo +idle.*\nctrl-c ends\n/);
    expect(opened.terminal.buffer.active.type).toBe("alternate");
    opened.resize(60, 3);
    await opened.shows(/^SHARD.*\n… and 1 more|^SHARD.*\ndemo.*\nctrl-c ends$/);
    opened.resize(60, 8);
    await opened.shows(/\ndemo +idle/);
    opened.type("\u0003");
    await opened.shows(/^before\nSHARD[^]*\ndemo +idle[^]*code=0/);
    await vi.waitFor(() => expect(opened.terminal.buffer.active.type).toBe("normal"));
    expect(opened.raw).toContain("\u001B[?25h");
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends on %s", async (signal) => {
    const program = machine.run(["list", "--watch"]);
    await program.prints("No shards.");
    expect(await program.kill(signal)).toBe(0);
    expect(program.err).toBe("");
  });

  it("ends when nobody reads any more", async () => {
    const program = machine.run(["list", "--watch"]);
    await program.prints("No shards.");
    program.child.stdout?.destroy();
    await machine.finish(["spawn", "demo", "--agent", "shell"]);
    expect(await program.exit).toBe(0);
    expect(program.err).toBe("");
  });
});

it("list --watch needs a bot", async () => {
  await bot.kill("SIGTERM");
  const result = await machine.finish(["list", "--watch"]);
  expect(result).toEqual({
    code: 10,
    out: "",
    err: "shardbridge: No bot runs here: start one, or ask for the list without --watch.\n",
  });
});
