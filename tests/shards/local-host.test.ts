import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { fakeKind, fakeKindWith } from "../fakes/fake-kind.ts";
import { type ShardFixture, withShard } from "./shard-fixture.ts";
import { git, holdersOf, processesWith, reaches, savedKeys, socketOf } from "./test-host.ts";

const shell = kinds["shell"]!;

describe("The local host", () => {
  it.concurrent(
    "brings answers exactly: short, longer than the screen, in several lines",
    withShard(async (fixture) => {
      await fixture.startShard(fakeKind);
      await fixture.send("SAY hello, world ENDSAY");
      expect(await fixture.answer(1)).toBe("hello, world");
      await fixture.send("LONG 120");
      const numbers = Array.from({ length: 120 }, (_, index) => String(index + 1).padStart(4, "0"));
      const lines = numbers.map((number) => `Line ${number}: the quick brown fox jumps over the lazy dog.`);
      expect(await fixture.answer(2)).toBe(lines.join("\n\n"));
      const rows = ["first", "", "  indented — ünïcödé 👩‍🚀", "}"];
      await fixture.send(`SAY ${rows.join("\n")} ENDSAY`);
      expect(await fixture.answer(3)).toBe(rows.join("\n"));
      await fixture.send(`SAY ${rows.join("\n")} ENDSAY`);
      expect(await fixture.answer(4)).toBe(rows.join("\n"));
    }),
  );

  it.concurrent(
    "types a prompt of 10,000 characters whole",
    withShard(async (fixture) => {
      await fixture.startShard(fakeKind);
      const lines = Array.from({ length: 200 }, (_, index) => `${index} ${"word ".repeat(9)}end`).join("\n");
      await fixture.send(`SAY ${lines} ENDSAY`);
      expect(await fixture.answer(1)).toBe(lines);
    }),
  );

  it.concurrent(
    "serves an agent whose screen no rule knows: by silence",
    withShard(async (fixture) => {
      const none = { state: () => undefined, question: () => undefined, composer: () => "" };
      const { host, log } = await fixture.startShard({ ...fakeKind, ...none });
      expect((await host.list())[0]?.status.why).toBe("quiet for 2 s");
      expect(await fixture.send("SAY hello ENDSAY")).toEqual({ outcome: "submitted", turn: 1 });
      expect(await fixture.answer(1)).toBe("hello");
      expect(log.of("state", "demo").map(({ status }) => status.state)).toEqual(["idle", "working", "idle"]);
    }),
  );

  it.concurrent(
    "shows the last lines of a running turn now and then",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 60");
      await fixture.answer(1);
      const outputs = log.of("output", "demo");
      expect(outputs.length).toBeGreaterThan(1);
      for (const { tail } of outputs) {
        expect(tail).toMatch(/^(Line \d{4}: slow and steady wins the race\.\n?)+$/);
        expect(tail.split("\n").length).toBeLessThanOrEqual(30);
      }
      const times = outputs.map(({ at }) => Date.parse(at));
      times.slice(1).forEach((time, index) => expect(time - times[index]!).toBeGreaterThanOrEqual(690));
    }),
  );

  it.concurrent(
    "has no chrome in the answers of a full-screen agent",
    withShard(async (fixture) => {
      await fixture.startShard(fakeKindWith(["--alternate"]));
      await fixture.send("SAY one ENDSAY");
      expect(await fixture.answer(1)).toBe("one");
      await fixture.send("LONG 120");
      const lines = (await fixture.answer(2)).split("\n").filter((line) => line !== "");
      expect(lines.at(-1)).toMatch(/^Line 0120: /);
      for (const line of lines) expect(line).toMatch(/^Line \d{4}: the quick brown fox jumps over the lazy dog\.$/);
    }),
  );

  it.concurrent(
    "queues what comes before the agent is ready, which silence is not",
    withShard(async (fixture) => {
      const { host, log } = await fixture.start(fakeKindWith(["--slow-start", "2500"]));
      await host.spawn({ name: "demo" });
      expect(await fixture.send("SAY early ENDSAY")).toMatchObject({ outcome: "queued", position: 1 });
      expect(await fixture.answer(1)).toBe("early");
      expect(log.of("receipt", "demo")).toMatchObject([{ receipt: { outcome: "submitted", turn: 1 } }]);
      expect(log.of("answer", "demo")).toHaveLength(1);
    }),
  );

  it.concurrent(
    "asks about trust before anything else, and makes no turn of it",
    withShard(async (fixture) => {
      const { host, log } = await fixture.start(fakeKindWith(["--trust"]));
      await host.spawn({ name: "demo", prompt: "SAY trusted ENDSAY" });
      const { question } = await log.next("question", "demo");
      await host.answer({ name: "demo", question: question.id, option: "1", by: "ann" });
      expect(await fixture.answer(1)).toBe("trusted");
      expect(log.of("question-closed", "demo")).toMatchObject([{ answer: "Yes, I trust this folder", by: "ann" }]);
      expect(log.of("answer", "demo")).toHaveLength(1);
    }),
  );

  it.concurrent(
    "repairs an Enter that was swallowed",
    withShard(async (fixture) => {
      await fixture.startShard(fakeKindWith(["--swallow-enter"]));
      expect(await fixture.send("SAY once ENDSAY")).toEqual({ outcome: "submitted", turn: 1 });
      expect(await fixture.answer(1)).toBe("once");
    }),
  );

  it.concurrent(
    "says that the agent does not react, with its screen",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      const receipt = await fixture.send("HANG");
      expect(receipt).toMatchObject({ outcome: "stalled", screen: expect.stringContaining("HANG") });
      expect((await host.list())[0]?.status.state).toBe("stalled");
    }),
  );

  it.concurrent(
    "tells how the agent ended, after what it said",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      expect(await fixture.send("CRASH 3")).toEqual({ outcome: "submitted", turn: 1 });
      const exited = await log.next("exited", "demo");
      expect(exited.exit).toEqual({ code: 3 });
      expect(log.of("answer", "demo")).toHaveLength(1);
      expect(log.of("answer", "demo")[0]!.seq).toBeLessThan(exited.seq);
      expect(await fixture.send("SAY x ENDSAY")).toMatchObject({
        outcome: "refused",
        reason: expect.stringContaining("code 3"),
      });
      expect(await host.list()).toMatchObject([{ alive: false, status: { state: "exited", exit: { code: 3 } } }]);
    }),
  );

  it.concurrent(
    "refuses what was queued for an agent that has ended",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      await fixture.send("CRASH 1");
      const late = await fixture.send("SAY late ENDSAY");
      const outcome = late.outcome === "queued" ? (await log.next("receipt", "demo")).receipt.outcome : late.outcome;
      expect(outcome).toBe("refused");
    }),
  );

  it.concurrent(
    "types each of several prompts once, in order, when they come at once",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      const texts = ["one", "two", "three"];
      const receipts = await Promise.all(texts.map((text) => fixture.send(`SAY ${text} ENDSAY`)));
      expect(receipts).toMatchObject([
        { outcome: "submitted", turn: 1 },
        { outcome: "queued", position: 1 },
        { outcome: "queued", position: 2 },
      ]);
      await fixture.answer(3);
      expect(log.of("answer", "demo").map(({ text }) => text)).toEqual(texts);
    }),
  );

  it.concurrent(
    "says lost when the holder is gone",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 200");
      process.kill(holdersOf(fixture.folders)[0]!, "SIGKILL");
      await reaches(host, "demo", "lost");
      expect(await fixture.send("SAY x ENDSAY")).toMatchObject({
        outcome: "refused",
        reason: expect.stringContaining("lost"),
      });
      expect(await log.next("answer", "demo")).toMatchObject({ turn: 1, truncated: true });
      const states = () => log.of("state", "demo").map(({ status }) => status.state);
      await vi.waitFor(() => expect(states()).toEqual(["idle", "working", "lost"]));
    }),
  );

  it.concurrent(
    "gives agents no variable that was not listed, and no secret",
    withShard(async (fixture) => {
      const { host } = await fixture.start(shell, {
        passVariables: ["PUBLIC", "WRAPPED"],
        secrets: ["s3cret"],
        env: { PUBLIC: "public", TOKEN: "s3cret", WRAPPED: "x=s3cret" },
      });
      await host.spawn({ name: "demo" });
      await reaches(host, "demo", "idle");
      await fixture.send("env | sort");
      const variables = (await fixture.answer(1)).split("\n");
      expect(variables).toContain("PUBLIC=public");
      expect(variables.some((line) => line.startsWith("SHARDBRIDGE_SHARD="))).toBe(true);
      expect(variables.filter((line) => /s3cret|TOKEN|WRAPPED/.test(line))).toEqual([]);
    }),
  );

  describe("with a shell", () => {
    it.concurrent(
      "brings what commands print, and nothing else",
      withShard(async (fixture) => {
        await fixture.startShard(shell);
        await fixture.send("git log --oneline | head -3");
        expect(await fixture.answer(1)).toMatch(/^[0-9a-f]{7,} First$/);
        await fixture.send("seq 1 200");
        expect(await fixture.answer(2)).toBe(Array.from({ length: 200 }, (_, index) => index + 1).join("\n"));
        await fixture.send("for i in a b\ndo\n  echo $i\ndone");
        expect(await fixture.answer(3)).toBe("a\nb");
        await fixture.send("printf 'no line feed'");
        expect(await fixture.answer(4)).toBe("no line feed");
        await fixture.send("true");
        expect(await fixture.answer(5)).toBe("");
        await fixture.send("echo a; echo a; echo; echo a");
        expect(await fixture.answer(6)).toBe("a\na\n\na");
        await fixture.send("clear; echo cleared");
        expect(await fixture.answer(7)).toBe("cleared");
      }),
    );

    it.concurrent(
      "types long commands whole, with and without bracketed paste",
      withShard(async (fixture) => {
        await fixture.startShard(shell);
        await fixture.send(`echo ${"x".repeat(9000)} | wc -c`);
        expect(await fixture.answer(1)).toBe("9001");
        await fixture.send("bind 'set enable-bracketed-paste off'");
        await fixture.answer(2);
        await fixture.send(`echo 1\necho 2\necho ${"y".repeat(3000)} | wc -c`);
        expect(await fixture.answer(3)).toBe("1\n2\n3001");
      }),
    );

    it.concurrent(
      "serves a plain sh too",
      withShard(async (fixture) => {
        await fixture.startShard(shell, { env: { SHELL: "/bin/sh" } });
        await fixture.send("sleep 0.5; echo $0");
        expect(await fixture.answer(1)).toMatch(/sh$/);
        await fixture.send("sleep 0.5; echo one\nsleep 0.5\nfor word in two three\ndo echo $word\ndone");
        expect(await fixture.answer(2)).toBe("one\ntwo\nthree");
      }),
    );

    it.concurrent(
      "waits for a command that takes its time, stops it, and tells the exit code",
      withShard(async (fixture) => {
        const { host, log } = await fixture.startShard(shell);
        await fixture.send("sleep 100");
        await reaches(host, "demo", "working");
        expect(await fixture.send("echo after")).toMatchObject({ outcome: "queued", position: 1 });
        await host.stop({ name: "demo" });
        expect((await log.next("answer", "demo", 2)).text).toBe("after");
        await fixture.send("exit 7");
        expect((await log.next("exited", "demo")).exit).toEqual({ code: 7 });
      }),
    );
  });

  describe("spawn", () => {
    const leavesNothing = async (fixture: ShardFixture) => {
      expect(await fixture.testHost.host.list()).toEqual([]);
      expect(git(fixture.folders.repo, "branch", "--list", "shard/*")).toBe("");
      expect(git(fixture.folders.repo, "worktree", "list").split("\n")).toHaveLength(1);
      for (const folder of ["shards", "run", "worktrees/app"]) {
        const path = join(fixture.folders.home, folder);
        expect({ folder, has: existsSync(path) ? readdirSync(path) : [] }).toEqual({ folder, has: [] });
      }
    };

    it.concurrent(
      "leaves nothing behind when the base is unknown",
      withShard(async (fixture) => {
        const { host } = await fixture.start(fakeKind);
        await expect(host.spawn({ name: "demo", base: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
        await leavesNothing(fixture);
      }),
    );

    it.concurrent(
      "leaves nothing behind when the program does not start, and the name is free then",
      withShard(async (fixture) => {
        const broken: AgentKind = { ...fakeKind, launch: () => ({ file: "/no/such", args: [], env: {}, files: {} }) };
        const { host } = await fixture.start(broken);
        await expect(host.spawn({ name: "demo" })).rejects.toMatchObject({ code: "failed" });
        await leavesNothing(fixture);
        await expect(host.spawn({ name: "demo" })).rejects.toMatchObject({ code: "failed" });
      }),
    );

    it.concurrent(
      "leaves the branch alone that was in its way",
      withShard(async (fixture) => {
        const { host } = await fixture.start(fakeKind);
        git(fixture.folders.repo, "branch", "shard/demo");
        await expect(host.spawn({ name: "demo" })).rejects.toMatchObject({ code: "exists" });
        expect(git(fixture.folders.repo, "branch", "--list", "shard/*").trim()).toBe("shard/demo");
        expect(await host.list()).toEqual([]);
      }),
    );

    it.concurrent(
      "makes no more shards than it may",
      withShard(async (fixture) => {
        const { host } = await fixture.startShard(fakeKind, { maxShards: 1 });
        await expect(host.spawn({ name: "more" })).rejects.toMatchObject({ code: "refused" });
      }),
    );

    it.concurrent(
      "offers only the agents that are installed",
      withShard(async (fixture) => {
        const absent: AgentKind = { ...fakeKind, name: "absent", title: "Absent", program: "no-such-program" };
        const { host } = await fixture.start(fakeKind, { kinds: { fake: fakeKind, absent } });
        expect((await host.spawnOptions()).agents).toEqual(["fake"]);
        const refused = host.spawn({ name: "demo", agent: "absent" });
        await expect(refused).rejects.toThrow(
          'Absent is not installed (no "no-such-program" on PATH): use one of fake.',
        );
      }),
    );

    it.concurrent(
      "keeps its folders and files to their owner",
      withShard(async (fixture) => {
        await fixture.startShard(shell);
        const folder = join(fixture.folders.home, "shards", "demo");
        const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o77);
        expect(modes).toContain(0);
        expect(modes.filter((mode) => mode !== 0)).toEqual([]);
        expect(statSync(folder).mode & 0o77).toBe(0);
        expect(statSync(socketOf(fixture.folders)).mode & 0o77).toBe(0);
      }),
    );
  });

  describe("destroy", () => {
    it.concurrent(
      "leaves no worktree, branch, process, socket, folder or record",
      withShard(async (fixture) => {
        const { host, log } = await fixture.startShard(shell);
        const worktree = (await host.list())[0]!.worktree;
        await fixture.send("echo $SHARDBRIDGE_SHARD");
        const marker = `SHARDBRIDGE_SHARD=${await fixture.answer(1)}`;
        await fixture.send("setsid sleep 300 & sleep 300");
        await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), { timeout: 15_000 });
        expect(await host.destroy({ name: "demo" })).toEqual({ name: "demo", survivors: [] });
        await log.next("destroyed", "demo");
        expect(processesWith(marker)).toEqual([]);
        expect(existsSync(worktree)).toBe(false);
        expect(git(fixture.folders.repo, "branch", "--list", "shard/*")).toBe("");
        expect(readdirSync(join(fixture.folders.home, "run"))).toEqual([]);
        expect(readdirSync(join(fixture.folders.home, "shards"))).toEqual([]);
        await fixture.testHost.close();
        expect(savedKeys(fixture.folders.home)).toEqual([]);
      }),
    );

    it.concurrent(
      "refuses to throw work away, and says which, until it is told to",
      withShard(async (fixture) => {
        const { host } = await fixture.startShard(shell);
        const worktree = (await host.list())[0]!.worktree;
        writeFileSync(join(worktree, "new.txt"), "x");
        const refused = host.destroy({ name: "demo" });
        await expect(refused).rejects.toMatchObject({ code: "unsaved_work" });
        await expect(refused).rejects.toThrow(/1 uncommitted file \(new\.txt\).*force/);
        await fixture.send("echo still here");
        expect(await fixture.answer(1)).toBe("still here");
        await host.destroy({ name: "demo", force: true });
        expect(existsSync(worktree)).toBe(false);
      }),
    );

    it.concurrent(
      "keeps a shard that can't be removed, so that it can be tried again",
      withShard(async (fixture) => {
        const { host } = await fixture.startShard(fakeKind);
        const worktree = (await host.list())[0]!.worktree;
        git(worktree, "checkout", "--quiet", "--detach");
        git(fixture.folders.repo, "checkout", "--quiet", "shard/demo");
        await expect(host.destroy({ name: "demo" })).rejects.toMatchObject({ code: "refused" });
        expect(await host.list()).toMatchObject([{ name: "demo", alive: false, status: { state: "lost" } }]);
        git(fixture.folders.repo, "checkout", "--quiet", "main");
        await host.destroy({ name: "demo" });
        expect(await host.list()).toEqual([]);
      }),
    );
  });
});
