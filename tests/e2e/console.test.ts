import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startMessagesApi } from "../fakes/messages-api.ts";
import { Machine } from "./program.ts";
import { installFakeAgent, visionModel } from "./vision.ts";

describe("the console, end to end", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.dispose());

  it("brings three log lines into the thread, clean, and destroy leaves nothing", async () => {
    const program = machine.run(["start"]);
    await program.prints("Repos: repo");
    program.type("/shard spawn demo --agent shell");
    await program.prints("demo");
    program.type('/shard send demo "git log --oneline | head -3"');
    const log = machine.git("log", "--oneline", "-3").trim().split("\n");
    await program.prints(log.map((line) => `[demo] ${line}`).join("\n"));
    expect(program.out).not.toContain("\u001B");
    program.type("/shard destroy demo");
    await program.prints("gone");
    await expect.poll(() => machine.leftOvers()).toEqual({ worktrees: [], branches: [], sockets: [], processes: [] });
    program.child.stdin?.end();
    expect(await program.exit).toBe(0);
  });

  it("goes on with the same shard in the same thread after kill -9 in the middle of its output, with nothing lost and nothing twice", async () => {
    const lines = Array.from({ length: 60 }, (_, n) => `number ${n + 1} of 60`);
    const first = machine.run(["start"]);
    await first.prints("Repos: repo");
    first.type("/shard spawn demo --agent shell");
    await first.prints("Shard demo");
    first.type('/shard send demo "for n in $(seq 60); do echo number $n of 60; sleep 0.05; done"');
    await first.prints("submitted");
    await first.kill("SIGKILL");
    expect(first.out).not.toContain("number 60 of 60");

    const second = machine.run(["start"]);
    await second.prints("Running shards: demo");
    await second.prints(lines.map((line) => `[demo] ${line}`).join("\n"));
    second.type("/shard send demo 'echo still $((40+2))'");
    await second.prints("[demo] still 42");
    expect(second.out.split("number 60 of 60")).toHaveLength(2);
  });

  it("says that shards go on when it is stopped", async () => {
    const program = machine.run(["start"]);
    await program.prints("Repos: repo");
    program.type("/spawn demo --agent shell");
    await program.prints("Shard demo");
    expect(await program.kill("SIGINT")).toBe(0);
    expect(program.out).toContain("Shards go on: demo");
    const { out } = await machine.finish(["list", "--json"]);
    expect(JSON.parse(out)).toMatchObject([{ name: "demo", alive: true }]);
  });

  it("refuses a second bot on the same state folder", async () => {
    const program = machine.run(["start"]);
    await program.prints("Repos: repo");
    const second = await machine.finish(["start"]);
    expect(second.code).toBe(11);
    expect(second.err).toContain("Another Shardbridge is using this state folder");
  });

  it("brings an agent's question into the thread, and the answer back by button, once", async () => {
    installFakeAgent(machine);
    const program = machine.run(["start"]);
    await program.prints("(default claude)");
    program.type("/spawn quiz");
    await program.prints("Shard quiz");
    program.type("/send quiz ASK");
    await program.prints("quiz asks: Which colour should the button have?");
    await expect.poll(() => /\[\/(\d+)\] (?:2\. )?Blue/.exec(program.out)).not.toBeNull();
    const [, number] = /\[\/(\d+)\] (?:2\. )?Blue/.exec(program.out) ?? [];
    program.type(`/${number}`);
    await program.prints("You chose Blue.");
    program.type(`/${number}`);
    await program.prints("already answered");
  });

  it("does what the three sentences of the vision ask", async () => {
    const api = await startMessagesApi(visionModel);
    installFakeAgent(machine);
    const program = machine.run(["start"], { ANTHROPIC_BASE_URL: api.url });
    await program.prints("(default claude)");
    program.type("Start a shard for auth and one for the API refactor");
    await program.prints(/\/thread (auth|api-refactor)[^]*\/thread (auth|api-refactor)/);
    program.type("Tell auth to add JWT validation");
    await program.prints("submitted");
    await program.prints("[auth] auth says:\n[auth] JWT validation is added.");
    program.type("Tell api-refactor to count");
    await program.prints("[api-refactor] Line 0060: the quick brown fox jumps over the lazy dog.");
    program.type("What is the status of api-refactor?");
    await program.prints("Line 0060");
    expect(program.out.split("[api-refactor] Line 0031:")).toHaveLength(2);
    await api.stop();
  });
});
