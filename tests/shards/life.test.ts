import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { AgentKind, LaunchContext } from "../../src/shards/agents/agent.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { fakeKind, fakeKindWith } from "../fakes/fake-kind.ts";
import { onBench } from "./life-bench.ts";
import { holdersOf, processesWith } from "./stage.ts";

const shell = kinds["shell"]!;
const patient = { timeout: 15_000, interval: 20 };

describe("close", () => {
  it.concurrent(
    "ends the agent with all processes of the shard, and the holder, and keeps the worktree",
    onBench(async (bench) => {
      await bench.start(shell);
      await bench.send("echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await bench.answer(1)}`;
      await bench.send("echo x > kept.txt; setsid sleep 300 & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      expect(await bench.close()).toEqual({ name: "demo", survivors: [] });
      expect(processesWith(marker)).toEqual([]);
      await vi.waitFor(() => expect(holdersOf(bench.ground)).toEqual([]), patient);
      expect(readdirSync((await bench.info()).worktree)).toContain("kept.txt");
      expect(readdirSync(join(bench.ground.home, "run"))).toEqual([]);
    }),
  );

  it.concurrent(
    "holds over a new start of the host, with the last lines and without telling it again",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.said("the last words", 1);
      await bench.close();
      const closed = await bench.info();
      await bench.open(fakeKind);
      expect(await bench.info()).toEqual(closed);
      expect((await bench.host.read({ name: "demo" })).text).toMatch(/the last words$/);
      expect((await bench.host.screen({ name: "demo" })).text).toContain("the last words");
      await bench.resume();
      await bench.reaches("idle");
      expect(bench.log.of("exited")).toEqual([]);
    }),
  );

  it.concurrent(
    "tells all that a full-screen agent has said, which its end takes away",
    onBench(async (bench) => {
      await bench.start(fakeKindWith(["--alternate"]));
      await bench.send("SAY first words ENDSAY");
      await bench.answer(1);
      await bench.send("SLOW 200");
      const shown = () => bench.log.of("output", "demo").some(({ tail }) => tail.includes("Line 0001"));
      await vi.waitFor(() => expect(shown()).toBe(true), patient);
      await bench.close();
      expect(await bench.answer(2)).toMatch(/^Line 0001: slow and steady wins the race\./);
      expect((await bench.log.next("exited", "demo")).tail).toMatch(/Line 0001/);
      expect((await bench.host.read({ name: "demo" })).text).toMatch(/first words[^]*Line 0001/);
    }),
  );

  it.concurrent(
    "closes the open question, and ends an agent that does not listen",
    onBench(async (bench) => {
      await bench.start(shell);
      await bench.send("trap '' HUP TERM; echo deaf");
      expect(await bench.answer(1)).toBe("deaf");
      expect(await bench.close()).toEqual({ name: "demo", survivors: [] });
      expect((await bench.log.next("exited", "demo")).exit).toMatchObject({ signal: 9 });
      await bench.host.destroy({ name: "demo" });

      await bench.open(fakeKind);
      await bench.host.spawn({ name: "demo" });
      await bench.reaches("idle");
      await bench.send("ASK");
      await bench.log.next("question", "demo");
      await bench.close();
      expect((await bench.log.next("exited", "demo")).exit).toMatchObject({ signal: expect.any(Number) });
      expect(bench.log.of("question-closed", "demo")).toHaveLength(1);
      await expect(bench.host.answer({ name: "demo", question: "q", option: "1" })).rejects.toMatchObject({
        code: "refused",
      });
    }),
  );

  it.concurrent(
    "ends what a dead holder has left",
    onBench(async (bench) => {
      await bench.start(shell);
      await bench.send("trap '' HUP TERM; echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await bench.answer(1)}`;
      await bench.send("(trap '' HUP TERM; setsid sleep 300) & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      process.kill(holdersOf(bench.ground)[0]!, "SIGKILL");
      await bench.reaches("lost");
      expect(processesWith(marker)).not.toEqual([]);
      await bench.close();
      expect(processesWith(marker)).toEqual([]);
      expect(await bench.log.next("exited", "demo")).toMatchObject({ how: "closed", exit: { code: 0 } });
      expect(await bench.info()).toMatchObject({ alive: false, status: { state: "exited", why: "closed by bob" } });
    }),
  );
});

describe("resume", () => {
  it.concurrent(
    "goes on with the conversation, and tells nothing of it again",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.said("the first thing", 1);
      const { conversation } = await bench.info();
      expect(conversation).toMatch(/^[0-9a-f-]{36}$/);
      await bench.close();
      expect(await bench.resume()).toMatchObject({ alive: true, conversation, status: { state: "starting" } });
      await bench.reaches("idle");
      expect((await bench.host.read({ name: "demo" })).text).toContain("the first thing");
      await bench.said("the second thing", 2);
      await bench.send("RECALL");
      expect(await bench.answer(3)).toBe(
        "I know these prompts:\nSAY the first thing ENDSAY\nSAY the second thing ENDSAY\nRECALL",
      );
      expect(bench.log.of("answer")).toHaveLength(3);
      const states = bench.log.of("state").map(({ status, was }) => `${was} ${status.state}`);
      const ended = states.indexOf("idle exited");
      expect(states.slice(ended, ended + 3)).toEqual(["idle exited", "exited starting", "starting idle"]);
    }),
  );

  it.concurrent(
    "waits for an agent that shows the conversation late, also with a prompt that comes at once",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.send("LONG 60");
      await bench.answer(1);
      await bench.close();
      await bench.open(fakeKindWith(["--late", "1200"]));
      await bench.resume();
      await bench.said("right after it", 1);
      expect(bench.log.of("answer")).toHaveLength(1);
    }),
  );

  it.concurrent(
    "begins a new conversation where nothing was said",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      const { conversation } = await bench.info();
      await bench.close();
      const resumed = await bench.resume();
      expect(resumed.conversation).not.toBe(conversation);
      await bench.reaches("idle");
      const [state] = bench.log.of("state").filter(({ status }) => status.state === "starting");
      expect(state?.status.why).toMatch(/afresh/);
      await bench.said("hello", 1);
    }),
  );

  it.concurrent(
    "needs to know the conversation of a kind that names it itself",
    onBench(async (bench) => {
      const told: AgentKind = { ...fakeKind, conversations: "told" };
      await bench.start(told);
      await bench.said("hello", 1);
      expect((await bench.info()).conversation).toBeUndefined();
      await bench.close();
      const refused = bench.resume();
      await expect(refused).rejects.toMatchObject({ code: "refused" });
      await expect(refused).rejects.toThrow(/has not told which conversation/);
      expect(await bench.info()).toMatchObject({ status: { state: "exited", why: "closed by bob" } });
      const { conversation } = await bench.change({ told: true });
      await bench.open(told);
      expect((await bench.info()).conversation).toBe(conversation);
      await bench.resume();
      await bench.said("hello again", 1);
    }),
  );

  it.concurrent(
    "starts a new shell in the same worktree",
    onBench(async (bench) => {
      await bench.start(shell);
      await bench.send("touch here.txt; export A=1");
      await bench.answer(1);
      await bench.send("exit 3");
      expect(await bench.log.next("exited", "demo")).toMatchObject({ how: "crashed", exit: { code: 3 } });
      expect(bench.log.of("answer")).toHaveLength(2);
      await bench.resume();
      await bench.reaches("idle");
      await bench.send("ls here.txt; echo A=$A");
      expect(await bench.answer(3)).toBe("here.txt\nA=");
      await expect(bench.host.spawn({ name: "more", mode: "ask" })).rejects.toMatchObject({ code: "usage" });
    }),
  );

  it.concurrent(
    "refuses without the worktree, and leaves the shard closed when the agent can't be started",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.said("hello", 1);
      await bench.close();
      const closed = await bench.info();
      const broken: AgentKind = { ...fakeKind, launch: () => ({ file: "/no/such", args: [], env: {}, files: {} }) };
      await bench.open(broken);
      await expect(bench.resume()).rejects.toThrow("The program /no/such is not on the agent's PATH");
      expect(await bench.info()).toEqual(closed);
      expect((await bench.host.read({ name: "demo" })).text).toMatch(/hello$/);
      await bench.open(fakeKind);
      expect(await bench.info()).toEqual(closed);
      await bench.resume();
      await bench.said("at last", 1);
      await bench.close();
      rmSync(closed.worktree, { recursive: true });
      const refused = bench.resume();
      await expect(refused).rejects.toMatchObject({ code: "refused" });
      await expect(refused).rejects.toThrow(closed.worktree);
    }),
  );

  it.concurrent(
    "goes on after the agent was killed in the middle of an answer, with what had to wait refused",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.send("SLOW 200");
      await bench.send("SAY later ENDSAY");
      await bench.log.next("output", "demo");
      process.kill(bench.agent, "SIGKILL");
      expect(await bench.log.next("exited", "demo")).toMatchObject({ how: "crashed", exit: { signal: 9 } });
      expect(await bench.log.next("receipt", "demo")).toMatchObject({ receipt: { outcome: "refused" } });
      await vi.waitFor(() => expect(holdersOf(bench.ground)).toEqual([]), patient);
      await bench.resume();
      await bench.said("on we go", 2);
      await bench.send("RECALL");
      expect(await bench.answer(3)).toContain("SLOW 200");
    }),
  );

  it.concurrent(
    "ends what a dead holder has left before it starts the agent again",
    onBench(async (bench) => {
      await bench.start(shell);
      await bench.send("echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await bench.answer(1)}`;
      await bench.send("(trap '' HUP TERM; setsid sleep 300) & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      const old = processesWith(marker);
      process.kill(holdersOf(bench.ground)[0]!, "SIGKILL");
      await bench.reaches("lost");
      await bench.resume();
      await bench.reaches("idle");
      expect(processesWith(marker).filter((pid) => old.includes(pid))).toEqual([]);
      await bench.send("echo back");
      expect(await bench.answer(3)).toBe("back");
      await bench.send("exit");
      expect(await bench.log.next("exited", "demo")).toMatchObject({ how: "left", exit: { code: 0 } });
    }),
  );

  it.concurrent(
    "keeps the mode of the spawn until another one is given",
    onBench(async (bench) => {
      const seen: Pick<LaunchContext, "resume" | "mode">[] = [];
      const kind: AgentKind = {
        ...fakeKind,
        launch: (context) => {
          seen.push({ resume: context.resume, mode: context.mode });
          return fakeKind.launch(context);
        },
      };
      await bench.open(kind);
      await bench.host.spawn({ name: "demo", mode: "edits" });
      await bench.reaches("idle");
      expect((await bench.host.screen({ name: "demo" })).text).toContain("Fake Agent v1 edits");
      await bench.said("hello", 1);
      await bench.close();
      await bench.resume();
      await bench.reaches("idle");
      await bench.close();
      await bench.host.resume({ name: "demo", mode: "all" });
      await bench.reaches("idle");
      await bench.close();
      await bench.resume();
      expect(seen).toEqual([
        { resume: false, mode: "edits" },
        { resume: true, mode: "edits" },
        { resume: true, mode: "all" },
        { resume: true, mode: "all" },
      ]);
      await bench.reaches("idle");
      expect((await bench.host.screen({ name: "demo" })).text).toContain("Fake Agent v1 all");
    }),
  );

  it.concurrent(
    "keeps the mode that its own settings gave it, whatever it is in later",
    onBench(async (bench) => {
      const seen: Pick<LaunchContext, "resume" | "mode" | "ownMode">[] = [];
      let shown = "auto";
      const kind: AgentKind = {
        ...fakeKind,
        signs: () => ({ mode: shown }),
        launch: (context) => {
          seen.push({ resume: context.resume, mode: context.mode, ownMode: context.ownMode });
          return fakeKind.launch(context);
        },
      };
      await bench.open(kind);
      await bench.host.spawn({ name: "demo" });
      await bench.reaches("idle");
      await bench.said("hello", 1);
      shown = "plan";
      await bench.said("hello", 2);
      await bench.close();
      await bench.resume();
      await bench.reaches("idle");
      expect(seen).toEqual([
        { resume: false, mode: undefined, ownMode: undefined },
        { resume: true, mode: undefined, ownMode: "auto" },
      ]);
    }),
  );

  it.concurrent(
    "is done once when it is asked for twice",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.close();
      const both = await Promise.allSettled([bench.resume(), bench.resume()]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      await vi.waitFor(() => expect(holdersOf(bench.ground)).toHaveLength(1), patient);
      const closes = await Promise.allSettled([bench.close(), bench.close()]);
      expect(closes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    }),
  );
});

describe("an agent that has ended by itself", () => {
  it.concurrent(
    "has no holder any more, and is what it was after a new start of the host",
    onBench(async (bench) => {
      await bench.start(fakeKind);
      await bench.send("SAY famous last words ENDSAY");
      await bench.answer(1);
      await bench.send("/exit");
      // Typed as text: the fake kind puts a head line before it.
      await bench.answer(2);
      await bench.send("CRASH 4");
      await bench.log.next("exited", "demo");
      await vi.waitFor(() => expect(holdersOf(bench.ground)).toEqual([]), patient);
      const ended = await bench.info();
      expect(ended).toMatchObject({ alive: false, status: { state: "exited", why: "exit code 4", exit: { code: 4 } } });
      await bench.open(fakeKind);
      expect(await bench.info()).toEqual(ended);
      expect((await bench.host.read({ name: "demo" })).text).toContain("famous last words");
      await expect(bench.close()).rejects.toMatchObject({ code: "refused" });
      expect(existsSync(ended.worktree)).toBe(true);
    }),
  );

  it.concurrent(
    "crashes again and again, also when it is resumed: that is told, and then waited out",
    onBench(async (bench) => {
      await bench.open(fakeKindWith(["--crash", "9"]));
      await bench.host.spawn({ name: "demo" });
      for (const nth of [1, 2, 3]) {
        const exited = await bench.log.next("exited", "demo", nth);
        expect(exited).toMatchObject({ how: "crashed", looping: nth === 3, exit: { code: 9 } });
        if (nth < 3) await bench.resume();
      }
      await expect(bench.resume()).rejects.toThrow(/exit code 9.*try again in \d+ s.*read demo/);
      const { crashes } = await bench.change({});
      await bench.change({ crashes: crashes!.map((at) => new Date(Date.parse(at) - 120_000).toISOString()) });
      await bench.open(fakeKind);
      await bench.resume();
      await bench.reaches("idle");
    }),
  );
});
