import { statSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lastSaid, startMessagesApi, type MessagesApi } from "../fakes/messages-api.ts";
import { Machine, type TerminalProgram } from "./program.ts";

const story = Array.from({ length: 240 }, (_, n) => `word${n + 1}${(n + 1) % 11 === 0 ? "\n" : " "}`).join("");
const printed = (name: string) => Array.from({ length: 40 }, (_, n) => `${name} prints ${n + 1} of 40`);
const loop = (name: string) => `for n in $(seq 40); do echo ${name} prints $n of 40; sleep 0.04; done`;
const draft =
  "a draft that is typed while everything else prints, and is longer than any terminal here is wide, ".repeat(2) +
  "so that it wraps";
const pasted = "first pasted\nsecond pasted\nthird pasted";

/** How often each of these rows is there, whatever stands before it. */
function counts(text: string, rows: readonly string[]): number[] {
  const lines = text.split("\n").map((line) => line.replace(/^\[[a-z0-9-]+\] /, "").trimEnd());
  return rows.map((row) => lines.filter((line) => line === row).length);
}

describe.each([80, 160])("an hour at the console, %i columns wide,", (columns) => {
  let machine: Machine;
  let api: MessagesApi;
  let console: TerminalProgram;

  beforeEach(async () => {
    machine = new Machine();
    api = await startMessagesApi((request) => {
      const said = lastSaid(request);
      if (said.includes("Woken by events")) return { tools: [{ name: "stay_silent", input: {} }] };
      return said.includes("story") ? { text: story, pace: 100 } : { text: `You said ${said.length} characters.` };
    });
  });
  afterEach(async () => {
    await api.stop();
    await machine.dispose();
  });

  const start = async () => {
    console = await machine.runInTerminal(["start"], columns, { ANTHROPIC_BASE_URL: api.url });
    await console.shows("main ›");
  };

  it("loses no line and shows each event once", async () => {
    await start();
    for (const name of ["one", "two", "three"]) {
      // Tab completes the command, the option and the agent.
      console.keys(`/spaw\t${name} --ag\tshel\t\r`);
      await console.shows(`[${name}] Shard ${name}: shell in repo`);
    }
    for (const name of ["one", "two", "three"]) {
      console.keys(`/send ${name} "echo ready $((${name.length}))"\r`);
      await console.shows(`[${name}] ready ${name.length}`);
    }

    console.keys("Tell me a story\r");
    await console.shows("word30 ");
    for (const name of ["one", "two", "three"]) console.keys(`/send ${name} '${loop(name)}'\r`);
    console.keys("/list\r");
    console.keys(draft);
    for (const name of ["one", "two", "three"]) await console.shows(`[${name}] ${name} prints 40 of 40`);
    await console.shows("word240");
    const among = await console.shows(/word1 word2 word3[^]*word240/);
    expect(among.split("word240")).toHaveLength(2);
    // The draft has outlived it all, and is one message.
    console.keys("\r");
    await expect.poll(() => api.requests.map(lastSaid)).toContain(draft);

    console.keys("\u001B[200~first pasted\nsecond pasted\r\nthird pasted\u001B[201~");
    console.keys("\r");
    await expect.poll(() => api.requests.map(lastSaid)).toContain(pasted);
    await console.shows(`You said ${pasted.length} characters.`);

    const before = api.requests.length;
    console.keys("/spwan four\r");
    await console.shows('There is no command "spwan": did you mean spawn?');
    console.keys("/thread nowhere\r");
    await console.shows("There is no thread nowhere. Threads: main,");
    expect(api.requests).toHaveLength(before);

    console.keys("/send two 'exit 3'\r");
    await console.shows("The agent of two crashed with exit code 3");
    console.keys("/close three\r");
    await console.shows("The agent of three was closed");
    console.keys("/destroy one\r");
    await console.shows("Shard one is destroyed");
    console.keys("/thread\r");
    await console.shows(/Threads: main, (two, three|three, two)\./);

    const all = await console.text();
    const words = all.match(/\bword\d+\b/g) ?? [];
    expect(words).toEqual(Array.from({ length: 240 }, (_, n) => `word${n + 1}`));
    for (const name of ["one", "two", "three"]) expect(counts(all, printed(name))).toEqual(printed(name).map(() => 1));
    expect(all).not.toContain("said nothing");
    const events = ["crashed with", "was closed", "Closed three", "is destroyed", "Destroyed one"];
    expect(events.map((event) => all.split(event).length - 1)).toEqual([1, 1, 0, 1, 0]);
    expect(all).not.toMatch(/"level":|mark: prompt/);

    console.keys("\u0003");
    expect(await console.exit).toBe(0);
    await start();
    console.keys("\u001B[A\r");
    await console.shows(/› \/thread\n[^]*Threads: main, (two, three|three, two)\./);
    const history = join(machine.state, "console-history");
    expect(statSync(history).mode & 0o777).toBe(0o600);
    expect(readFileSync(history, "utf8")).toContain("third pasted");
  }, 120_000);
});
