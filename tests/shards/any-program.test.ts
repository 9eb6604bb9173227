import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../src/shards/process/find-program.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { type ShardFixture, withShard } from "./life-fixture.ts";

/** As in a testHost. */
const path = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
const has = (program: string) => findProgram(program, { PATH: path }) !== undefined;

/** The whole answers to these prompts, one after the other. */
async function turns(fixture: ShardFixture, ...prompts: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const text of prompts) {
    const { outcome } = await fixture.host.send({ name: "demo", text, by: "ann" });
    texts.push(outcome === "submitted" ? await fixture.answer(texts.length + 1) : outcome);
  }
  return texts;
}

describe.concurrent("Any program", () => {
  it.runIf(has("python3"))(
    "python3 -i",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "python3 -i");
      expect(await fixture.info()).toMatchObject({ agent: "python3 -i", alive: true });
      expect(
        await turns(
          fixture,
          "1+1",
          "x = 5\ny = 6\nprint(x * y)",
          "for i in range(3):\n  print(i)",
          "def f(n):\n  return n\n\nprint(f(4))",
          "import time; time.sleep(3); print('after a while')",
          "print('a\\n\\n  b')",
          "1/0",
          "x = 7",
        ),
      ).toEqual([
        "2",
        "30",
        "0\n1\n2",
        "4",
        "after a while",
        "a\n\n  b",
        expect.stringMatching(/^Traceback[^]*ZeroDivisionError: division by zero$/),
        "",
      ]);
      await fixture.host.close({ name: "demo" });
      await fixture.open(fakeKind);
      await fixture.resume();
      await fixture.reaches("idle");
      await fixture.send("x");
      expect(await fixture.answer(1)).toMatch(/NameError/);
    }),
  );

  it.runIf(has("python3"))(
    "takes the next line of a prompt when it is done with the one before",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "python3 -i");
      expect(
        await turns(
          fixture,
          "import time; time.sleep(1.5)\nprint(1)\nprint(2)",
          "time.sleep(0.3)\nprint(3)\ntime.sleep(0.3)\nprint(4)",
          "for i in range(2):\n  time.sleep(1)\n  print(i)\n\nprint('e')\nprint('f')",
        ),
      ).toEqual(["1\n2", "3\n4", "0\n1\ne\nf"]);
    }),
  );

  it.runIf(has("python3"))(
    "interrupts one, and queues what comes meanwhile",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "python3 -i");
      await fixture.send("import time; time.sleep(300)");
      await fixture.reaches("working");
      expect(await fixture.host.send({ name: "demo", text: "6*7" })).toMatchObject({ outcome: "queued" });
      await fixture.host.stop({ name: "demo" });
      expect(await fixture.answer(1)).toMatch(/KeyboardInterrupt/);
      expect(await fixture.answer(2)).toBe("42");
      await fixture.send("exit()");
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "left" });
    }),
  );

  it(
    "node",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "node");
      expect(
        await turns(
          fixture,
          "1+1",
          "function f() {\n  return 3\n}\nf()",
          "for (const a of [1, 2]) {\n  console.log(a) }",
          "'quoted'",
        ),
      ).toEqual(["2", "undefined\n3", "1\n2\nundefined", "'quoted'"]);
    }),
  );

  it(
    "bash --norc, which asks",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "bash --norc");
      expect(await turns(fixture, "echo hi", "for i in 1 2; do\n  echo $i\ndone", "sleep 3; echo late")).toEqual([
        "hi",
        "1\n2",
        "late",
      ]);
      await fixture.send("read -p 'Go on? [y/N] ' x; echo got $x");
      const { question } = await fixture.log.next("question", "demo");
      expect(question).toMatchObject({ text: "Go on? [y/N]", kind: "approval", options: [{ key: "y" }, { key: "n" }] });
      expect(await fixture.host.send({ name: "demo", text: "y" })).toMatchObject({ outcome: "refused" });
      await fixture.host.answer({ name: "demo", question: question.id, option: "y", by: "ann" });
      expect(await fixture.answer(4)).toMatch(/got y$/);
      await fixture.send("read -s -p 'Password: ' x; echo ${#x}");
      const asked = (await fixture.log.next("question", "demo", 2)).question;
      expect(asked).toMatchObject({ text: "Password:", options: [{ key: "secret", takes: "secret" }] });
      expect(await fixture.host.send({ name: "demo", text: "s3cret" })).toMatchObject({ outcome: "refused" });
      const secret = { name: "demo", question: asked.id, option: "secret", text: "s3cret" };
      await expect(fixture.host.answer(secret)).rejects.toMatchObject({ code: "usage" });
      await fixture.host.answer({ ...secret, secret: true });
      expect(await fixture.answer(5)).toMatch(/6$/);
    }),
  );

  it.runIf(has("sqlite3"))(
    "sqlite3",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "sqlite3");
      expect(
        await turns(fixture, "create table t (a, b); insert into t values (1, 'x');", "select\n  a, b\nfrom t;"),
      ).toEqual(["", "1|x"]);
    }),
  );

  it.runIf(has("bc"))(
    "bc, which has no prompt: by the line that it reads",
    withShard(async (fixture) => {
      await fixture.start(fakeKind, "bc -q");
      expect(await turns(fixture, "1+1", "6*7")).toEqual(["2", "42"]);
    }),
  );

  it(
    "a program that works in silence: nothing is typed before it reads",
    withShard(async (fixture) => {
      await fixture.open(fakeKind);
      await fixture.host.spawn({
        name: "demo",
        agent: "bash -c 'echo begun; sleep 4; echo done; cat'",
        prompt: "early",
      });
      await fixture.log.next("state", "demo");
      expect(await fixture.answer(1)).toBe("early");
      const rows = (await fixture.host.read({ name: "demo" })).text;
      expect(rows).toMatch(/^begun\ndone\nearly\nearly$/);
      expect(fixture.log.of("state", "demo").map(({ status }) => status.state)).not.toContain("unsure");
    }),
  );

  it.runIf(has("less"))(
    "less",
    withShard(async (fixture) => {
      await fixture.open(fakeKind);
      await fixture.host.spawn({ name: "demo", agent: "less README.md" });
      await fixture.reaches("unsure");
      expect(await fixture.host.send({ name: "demo", text: "q" })).toMatchObject({
        outcome: "refused",
        screen: expect.stringContaining("# App"),
      });
      // It goes before Enter is pressed.
      await fixture.host.send({ name: "demo", text: "q", anyway: true });
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "left" });
    }),
  );

  it(
    "a full-screen program with a menu",
    withShard(async (fixture) => {
      const program = fileURLToPath(new URL("../fakes/menu-tui.ts", import.meta.url));
      await fixture.open(fakeKind);
      await fixture.host.spawn({ name: "demo", agent: `node '${program}'` });
      const { question } = await fixture.log.next("question", "demo");
      expect(question).toMatchObject({ text: "Which table should be shown?", detail: "" });
      expect(question.options.map(({ label }) => label)).toEqual(["people", "places", "things"]);
      await fixture.host.answer({ name: "demo", question: question.id, option: "2" });
      await fixture.reaches("idle");
      expect((await fixture.host.screen({ name: "demo" })).text).toContain("3 rows of places");
      await fixture.send("abc");
      expect(await fixture.answer(1)).toMatch(/Filtered by abc\./);
      await fixture.send("menu");
      const again = (await fixture.log.next("question", "demo", 2)).question;
      expect(again.options.map(({ label }) => label)).toEqual(["people", "places", "things"]);
    }),
  );

  it(
    "is named by its line, as a shell splits it",
    withShard(async (fixture) => {
      await fixture.open(fakeKind);
      const spawn = (agent: string) => fixture.host.spawn({ name: "demo", agent });
      await expect(spawn("no-such-program --now")).rejects.toMatchObject({ code: "not_found" });
      await expect(spawn("nobody")).rejects.toThrow(
        'There is no agent "nobody": use one of fake, or any program on PATH.',
      );
      await expect(spawn("./run.sh")).rejects.toMatchObject({ code: "not_found" });
      await expect(spawn("node 'a")).rejects.toMatchObject({ code: "usage" });
      const mode = fixture.host.spawn({ name: "demo", agent: "node", mode: "all" });
      await expect(mode).rejects.toMatchObject({ code: "usage" });
      expect(await fixture.host.list()).toEqual([]);

      const script = join(dirname(fixture.folders.home), "two words.js");
      writeFileSync(script, "console.log(JSON.stringify(process.argv.slice(2)))");
      const line = `${process.execPath} "${script}" one\\ two 'th"ree' ""`;
      await spawn(line);
      expect(await fixture.log.next("exited", "demo")).toMatchObject({
        how: "left",
        tail: '["one two","th\\"ree",""]',
      });
      expect((await fixture.info()).agent).toBe(line);
    }),
  );
});
