import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { AgentKind, LaunchContext } from "../../src/shards/agents/agent.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { fakeKind, fakeKindWith } from "../fakes/fake-kind.ts";
import { withShard } from "./life-fixture.ts";
import { holdersOf, processesWith } from "./test-host.ts";

const shell = kinds["shell"]!;
const patient = { timeout: 15_000, interval: 20 };

describe("close", () => {
  it.concurrent(
    "ends the agent with all processes of the shard, and the holder, and keeps the worktree",
    withShard(async (fixture) => {
      await fixture.start(shell);
      await fixture.send("echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await fixture.answer(1)}`;
      await fixture.send("echo x > kept.txt; setsid sleep 300 & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      expect(await fixture.close()).toEqual({ name: "demo", survivors: [] });
      expect(processesWith(marker)).toEqual([]);
      await vi.waitFor(() => expect(holdersOf(fixture.folders)).toEqual([]), patient);
      expect(readdirSync((await fixture.info()).worktree)).toContain("kept.txt");
      expect(readdirSync(join(fixture.folders.home, "run"))).toEqual([]);
    }),
  );

  it.concurrent(
    "holds over a new start of the host, with the last lines and without telling it again",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.said("the last words", 1);
      await fixture.close();
      const closed = await fixture.info();
      await fixture.open(fakeKind);
      expect(await fixture.info()).toEqual(closed);
      expect((await fixture.host.read({ name: "demo" })).text).toMatch(/the last words$/);
      expect((await fixture.host.screen({ name: "demo" })).text).toContain("the last words");
      await fixture.resume();
      await fixture.reaches("idle");
      expect(fixture.log.of("exited")).toEqual([]);
    }),
  );

  it.concurrent(
    "tells all that a full-screen agent has said, which its end takes away",
    withShard(async (fixture) => {
      await fixture.start(fakeKindWith(["--alternate"]));
      await fixture.send("SAY first words ENDSAY");
      await fixture.answer(1);
      await fixture.send("SLOW 200");
      const shown = () => fixture.log.of("output", "demo").some(({ tail }) => tail.includes("Line 0001"));
      await vi.waitFor(() => expect(shown()).toBe(true), patient);
      await fixture.close();
      expect(await fixture.answer(2)).toMatch(/^Line 0001: slow and steady wins the race\./);
      expect((await fixture.log.next("exited", "demo")).tail).toMatch(/Line 0001/);
      expect((await fixture.host.read({ name: "demo" })).text).toMatch(/first words[^]*Line 0001/);
    }),
  );

  it.concurrent(
    "closes the open question, and ends an agent that does not listen",
    withShard(async (fixture) => {
      await fixture.start(shell);
      await fixture.send("trap '' HUP TERM; echo deaf");
      expect(await fixture.answer(1)).toBe("deaf");
      expect(await fixture.close()).toEqual({ name: "demo", survivors: [] });
      expect((await fixture.log.next("exited", "demo")).exit).toMatchObject({ signal: 9 });
      await fixture.host.destroy({ name: "demo" });

      await fixture.open(fakeKind);
      await fixture.host.spawn({ name: "demo" });
      await fixture.reaches("idle");
      await fixture.send("ASK");
      await fixture.log.next("question", "demo");
      await fixture.close();
      expect((await fixture.log.next("exited", "demo")).exit).toMatchObject({ signal: expect.any(Number) });
      expect(fixture.log.of("question-closed", "demo")).toHaveLength(1);
      await expect(fixture.host.answer({ name: "demo", question: "q", option: "1" })).rejects.toMatchObject({
        code: "refused",
      });
    }),
  );

  it.concurrent(
    "ends what a dead holder has left",
    withShard(async (fixture) => {
      await fixture.start(shell);
      await fixture.send("trap '' HUP TERM; echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await fixture.answer(1)}`;
      await fixture.send("(trap '' HUP TERM; setsid sleep 300) & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      process.kill(holdersOf(fixture.folders)[0]!, "SIGKILL");
      await fixture.reaches("lost");
      expect(processesWith(marker)).not.toEqual([]);
      await fixture.close();
      expect(processesWith(marker)).toEqual([]);
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "closed", exit: { code: 0 } });
      expect(await fixture.info()).toMatchObject({ alive: false, status: { state: "exited", why: "closed by bob" } });
    }),
  );
});

describe("resume", () => {
  it.concurrent(
    "goes on with the conversation, and tells nothing of it again",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.said("the first thing", 1);
      const { conversation } = await fixture.info();
      expect(conversation).toMatch(/^[0-9a-f-]{36}$/);
      await fixture.close();
      expect(await fixture.resume()).toMatchObject({ alive: true, conversation, status: { state: "starting" } });
      await fixture.reaches("idle");
      expect((await fixture.host.read({ name: "demo" })).text).toContain("the first thing");
      await fixture.said("the second thing", 2);
      await fixture.send("RECALL");
      expect(await fixture.answer(3)).toBe(
        "I know these prompts:\nSAY the first thing ENDSAY\nSAY the second thing ENDSAY\nRECALL",
      );
      expect(fixture.log.of("answer")).toHaveLength(3);
      const states = fixture.log.of("state").map(({ status, was }) => `${was} ${status.state}`);
      const ended = states.indexOf("idle exited");
      expect(states.slice(ended, ended + 3)).toEqual(["idle exited", "exited starting", "starting idle"]);
    }),
  );

  it.concurrent(
    "waits for an agent that shows the conversation late, also with a prompt that comes at once",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.send("LONG 60");
      await fixture.answer(1);
      await fixture.close();
      await fixture.open(fakeKindWith(["--late", "1200"]));
      await fixture.resume();
      await fixture.said("right after it", 1);
      expect(fixture.log.of("answer")).toHaveLength(1);
    }),
  );

  it.concurrent(
    "begins a new conversation where nothing was said",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      const { conversation } = await fixture.info();
      await fixture.close();
      const resumed = await fixture.resume();
      expect(resumed.conversation).not.toBe(conversation);
      await fixture.reaches("idle");
      const [state] = fixture.log.of("state").filter(({ status }) => status.state === "starting");
      expect(state?.status.why).toMatch(/afresh/);
      await fixture.said("hello", 1);
    }),
  );

  it.concurrent(
    "needs to know the conversation of a kind that names it itself",
    withShard(async (fixture) => {
      const told: AgentKind = { ...fakeKind, conversations: "told" };
      await fixture.start(told);
      await fixture.said("hello", 1);
      expect((await fixture.info()).conversation).toBeUndefined();
      await fixture.close();
      const refused = fixture.resume();
      await expect(refused).rejects.toMatchObject({ code: "refused" });
      await expect(refused).rejects.toThrow(/has not told which conversation/);
      expect(await fixture.info()).toMatchObject({ status: { state: "exited", why: "closed by bob" } });
      const { conversation } = await fixture.change({ told: true });
      await fixture.open(told);
      expect((await fixture.info()).conversation).toBe(conversation);
      await fixture.resume();
      await fixture.said("hello again", 1);
    }),
  );

  it.concurrent(
    "starts a new shell in the same worktree",
    withShard(async (fixture) => {
      await fixture.start(shell);
      await fixture.send("touch here.txt; export A=1");
      await fixture.answer(1);
      await fixture.send("exit 3");
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "crashed", exit: { code: 3 } });
      expect(fixture.log.of("answer")).toHaveLength(2);
      await fixture.resume();
      await fixture.reaches("idle");
      await fixture.send("ls here.txt; echo A=$A");
      expect(await fixture.answer(3)).toBe("here.txt\nA=");
      await expect(fixture.host.spawn({ name: "more", mode: "ask" })).rejects.toMatchObject({ code: "usage" });
    }),
  );

  it.concurrent(
    "refuses without the worktree, and leaves the shard closed when the agent can't be started",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.said("hello", 1);
      await fixture.close();
      const closed = await fixture.info();
      const broken: AgentKind = { ...fakeKind, launch: () => ({ file: "/no/such", args: [], env: {}, files: {} }) };
      await fixture.open(broken);
      await expect(fixture.resume()).rejects.toThrow("The program /no/such is not on the agent's PATH");
      expect(await fixture.info()).toEqual(closed);
      expect((await fixture.host.read({ name: "demo" })).text).toMatch(/hello$/);
      await fixture.open(fakeKind);
      expect(await fixture.info()).toEqual(closed);
      await fixture.resume();
      await fixture.said("at last", 1);
      await fixture.close();
      rmSync(closed.worktree, { recursive: true });
      const refused = fixture.resume();
      await expect(refused).rejects.toMatchObject({ code: "refused" });
      await expect(refused).rejects.toThrow(closed.worktree);
    }),
  );

  it.concurrent(
    "goes on after the agent was killed in the middle of an answer, with what had to wait refused",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.send("SLOW 200");
      await fixture.send("SAY later ENDSAY");
      await fixture.log.next("output", "demo");
      process.kill(fixture.agent, "SIGKILL");
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "crashed", exit: { signal: 9 } });
      expect(await fixture.log.next("receipt", "demo")).toMatchObject({ receipt: { outcome: "refused" } });
      await vi.waitFor(() => expect(holdersOf(fixture.folders)).toEqual([]), patient);
      await fixture.resume();
      await fixture.said("on we go", 2);
      await fixture.send("RECALL");
      expect(await fixture.answer(3)).toContain("SLOW 200");
    }),
  );

  it.concurrent(
    "ends what a dead holder has left before it starts the agent again",
    withShard(async (fixture) => {
      await fixture.start(shell);
      await fixture.send("echo $SHARDBRIDGE_SHARD");
      const marker = `SHARDBRIDGE_SHARD=${await fixture.answer(1)}`;
      await fixture.send("(trap '' HUP TERM; setsid sleep 300) & sleep 300");
      await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThan(2), patient);
      const old = processesWith(marker);
      process.kill(holdersOf(fixture.folders)[0]!, "SIGKILL");
      await fixture.reaches("lost");
      await fixture.resume();
      await fixture.reaches("idle");
      expect(processesWith(marker).filter((pid) => old.includes(pid))).toEqual([]);
      await fixture.send("echo back");
      expect(await fixture.answer(3)).toBe("back");
      await fixture.send("exit");
      expect(await fixture.log.next("exited", "demo")).toMatchObject({ how: "left", exit: { code: 0 } });
    }),
  );

  it.concurrent(
    "keeps the mode of the spawn until another one is given",
    withShard(async (fixture) => {
      const seen: Pick<LaunchContext, "resume" | "mode">[] = [];
      const kind: AgentKind = {
        ...fakeKind,
        launch: (context) => {
          seen.push({ resume: context.resume, mode: context.mode });
          return fakeKind.launch(context);
        },
      };
      await fixture.open(kind);
      await fixture.host.spawn({ name: "demo", mode: "edits" });
      await fixture.reaches("idle");
      expect((await fixture.host.screen({ name: "demo" })).text).toContain("Fake Agent v1 edits");
      await fixture.said("hello", 1);
      await fixture.close();
      await fixture.resume();
      await fixture.reaches("idle");
      await fixture.close();
      await fixture.host.resume({ name: "demo", mode: "all" });
      await fixture.reaches("idle");
      await fixture.close();
      await fixture.resume();
      expect(seen).toEqual([
        { resume: false, mode: "edits" },
        { resume: true, mode: "edits" },
        { resume: true, mode: "all" },
        { resume: true, mode: "all" },
      ]);
      await fixture.reaches("idle");
      expect((await fixture.host.screen({ name: "demo" })).text).toContain("Fake Agent v1 all");
    }),
  );

  it.concurrent(
    "keeps the mode that its own settings gave it, whatever it is in later",
    withShard(async (fixture) => {
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
      await fixture.open(kind);
      await fixture.host.spawn({ name: "demo" });
      await fixture.reaches("idle");
      await fixture.said("hello", 1);
      shown = "plan";
      await fixture.said("hello", 2);
      await fixture.close();
      await fixture.resume();
      await fixture.reaches("idle");
      expect(seen).toEqual([
        { resume: false, mode: undefined, ownMode: undefined },
        { resume: true, mode: undefined, ownMode: "auto" },
      ]);
    }),
  );

  it.concurrent(
    "is done once when it is asked for twice",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.close();
      const both = await Promise.allSettled([fixture.resume(), fixture.resume()]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      await vi.waitFor(() => expect(holdersOf(fixture.folders)).toHaveLength(1), patient);
      const closes = await Promise.allSettled([fixture.close(), fixture.close()]);
      expect(closes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    }),
  );
});

describe("an agent that has ended by itself", () => {
  it.concurrent(
    "has no holder any more, and is what it was after a new start of the host",
    withShard(async (fixture) => {
      await fixture.start(fakeKind);
      await fixture.send("SAY famous last words ENDSAY");
      await fixture.answer(1);
      await fixture.send("/exit");
      // Typed as text: the fake kind puts a head line before it.
      await fixture.answer(2);
      await fixture.send("CRASH 4");
      await fixture.log.next("exited", "demo");
      await vi.waitFor(() => expect(holdersOf(fixture.folders)).toEqual([]), patient);
      const ended = await fixture.info();
      expect(ended).toMatchObject({ alive: false, status: { state: "exited", why: "exit code 4", exit: { code: 4 } } });
      await fixture.open(fakeKind);
      expect(await fixture.info()).toEqual(ended);
      expect((await fixture.host.read({ name: "demo" })).text).toContain("famous last words");
      await expect(fixture.close()).rejects.toMatchObject({ code: "refused" });
      expect(existsSync(ended.worktree)).toBe(true);
    }),
  );

  it.concurrent(
    "crashes again and again, also when it is resumed: that is told, and then waited out",
    withShard(async (fixture) => {
      await fixture.open(fakeKindWith(["--crash", "9"]));
      await fixture.host.spawn({ name: "demo" });
      for (const nth of [1, 2, 3]) {
        const exited = await fixture.log.next("exited", "demo", nth);
        expect(exited).toMatchObject({ how: "crashed", looping: nth === 3, exit: { code: 9 } });
        if (nth < 3) await fixture.resume();
      }
      await expect(fixture.resume()).rejects.toThrow(/exit code 9.*try again in \d+ s.*read demo/);
      const { crashes } = await fixture.change({});
      await fixture.change({ crashes: crashes!.map((at) => new Date(Date.parse(at) - 120_000).toISOString()) });
      await fixture.open(fakeKind);
      await fixture.resume();
      await fixture.reaches("idle");
    }),
  );
});
