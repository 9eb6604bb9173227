import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { git } from "../shards/test-host.ts";
import { Machine } from "./machine.ts";
import { paragraphs } from "./script.ts";
import type { AgentName } from "./seeds.ts";
import { asTaken } from "./shapes.ts";

const submitted = { outcome: "submitted" };
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

/** Commands that do no harm, and what they print. */
const commands: Record<AgentName, { text: string; prints: RegExp }> = {
  claude: { text: "/compact", prints: /compact/i },
  codex: { text: "/compact", prints: /compacted/ },
  gemini: { text: "/about", prints: /CLI Version +\d/ },
  opencode: { text: "/compact", prints: /Some topic/ },
};

/** Commands that open a panel. */
const panels: Record<AgentName, string> = {
  claude: "/help",
  codex: "/statusline",
  gemini: "/settings",
  opencode: "/help",
};

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
  });
  afterAll(() => machine?.close());
  beforeEach(() => machine.ready());

  it("gets ready", async () => {
    expect(machine.shard).toMatchObject({ agent: name, alive: true });
    await machine.reaches("idle");
  });

  it("answers a first and a second prompt, each exactly", async () => {
    for (const [index, text] of ["Hello there, this is the first one.", "And this is the second."].entries()) {
      const { receipt, answer } = await machine.ask(`SAY ${text} ENDSAY`);
      expect(receipt).toMatchObject(submitted);
      expect(answer).toMatchObject({ text, truncated: false });
      expect(machine.events("answer")).toHaveLength(index + 1);
    }
  });

  it.each([
    ["several lines", "# A heading\n\n/tmp/x 'single' \"double\" `tick` $HOME\n!ls ünï 👩‍👩‍👧 end\n", "Got the lines."],
    ["10 KB", "abcdefghijklmnopqrstuvwxyz 0123456789 äöü\n".repeat(230), "Got all of it."],
  ])("takes a prompt of %s as it is", async (_what, lines, said) => {
    const text = `${lines}SAY ${said} ENDSAY`;
    const { receipt, answer } = await machine.ask(text);
    expect(receipt).toMatchObject(submitted);
    // Opencode puts a blank behind what is pasted.
    expect(asTaken(machine.api.requests.at(-1)?.prompt ?? "")).toBe(asTaken(machine.kind.encode(text, "anna")));
    expect(answer.text).toBe(said);
  });

  it("gives a long answer whole", async () => {
    const { answer } = await machine.ask("LONG 60");
    expect(answer).toMatchObject({ text: paragraphs(60), truncated: false });
    expect(machine.events("answer")).toHaveLength(1);
  });

  it("keeps a prompt while it is busy, and then takes it", async () => {
    const slow = words(20);
    expect(await machine.send(`SAY ${slow} ENDSAY DELAY=300`)).toMatchObject(submitted);
    expect(await machine.send("SAY The second answer. ENDSAY")).toMatchObject({ outcome: "queued", position: 1 });
    expect((await machine.event("answer", 1)).text).toBe(slow);
    expect((await machine.event("receipt")).receipt).toMatchObject(submitted);
    expect((await machine.event("answer", 2)).text).toBe("The second answer.");
  });

  it("stops in the middle of an answer, and then goes on", async () => {
    const endless = words(500);
    expect(await machine.send(`SAY ${endless} ENDSAY DELAY=100`)).toMatchObject(submitted);
    // Claude shows whole rows only.
    await machine.event("output");
    await machine.host.stop({ name: machine.shard.name, by: "anna" });
    await machine.reaches("idle");
    await expect.poll(() => machine.api.requests.at(-1)?.left).toBe(true);
    expect((await machine.event("answer")).text).not.toBe(endless);
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
  });

  it("takes a prompt into its turn when it is steered", async () => {
    const slow = words(30);
    const running = await machine.send(`SAY ${slow} ENDSAY DELAY=300`);
    expect(running).toMatchObject(submitted);
    await expect.poll(() => machine.api.requests.at(-1)?.prompt, { timeout: 60_000 }).toContain(slow);
    expect(await machine.send("And SAY something else. ENDSAY", "steer")).toEqual(running);
    const answer = await machine.event("answer");
    expect(answer).toMatchObject({ turn: running.outcome === "submitted" && running.turn, by: "anna" });
    // Codex drops what it was saying.
    expect(answer.text.replace(slow, "").trim()).toBe("something else.");
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
    expect(machine.events("answer")).toHaveLength(2);
    expect(machine.events("receipt")).toEqual([]);
  });

  it("is interrupted for a prompt, at once and while it speaks", async () => {
    for (const speaks of [false, true]) {
      expect(await machine.send(`SAY ${words(500)} ENDSAY DELAY=100`)).toMatchObject(submitted);
      if (speaks) await machine.event("output");
      const before = machine.events("answer").length;
      expect(await machine.send("SAY Stopped for this. ENDSAY", "interrupt")).toMatchObject(submitted);
      expect((await machine.event("answer", before + 2)).text).toBe("Stopped for this.");
      expect(machine.api.requests.at(-1)?.prompt.trimEnd()).toBe("SAY Stopped for this. ENDSAY");
      await machine.reaches("idle");
    }
    expect(machine.events("answer")).toHaveLength(4);
  });

  it("runs a command of its own, and brings what that prints", async () => {
    const { text, prints } = commands[name];
    const before = machine.api.requests.length;
    const receipt = await machine.host.command({ name: machine.shard.name, text, by: "anna" });
    expect(receipt).toMatchObject(submitted);
    expect(await machine.event("answer")).toMatchObject({ text: expect.stringMatching(prints), by: "anna" });
    expect(machine.api.requests.slice(before).filter(({ prompt }) => prompt.includes(text))).toEqual([]);
    await machine.reaches("idle");
  });

  it("waits in a panel that a command opens, until Esc closes it", async () => {
    const text = panels[name];
    expect(await machine.host.command({ name: machine.shard.name, text })).toMatchObject(submitted);
    await machine.reaches("unsure");
    expect(await machine.send("SAY Later. ENDSAY")).toMatchObject({ outcome: "queued" });
    await machine.press("esc");
    expect((await machine.event("receipt")).receipt).toMatchObject(submitted);
    expect((await machine.event("answer", 2)).text).toBe("Later.");
    await machine.reaches("idle");
  });

  it.each(["exit", "/exit", "!touch pwned.txt"])("takes %s for text", async (text) => {
    const { answer } = await machine.ask(text);
    expect(answer.text).toBe("A plain answer.");
    expect(asTaken(machine.api.requests.at(-1)?.prompt ?? "")).toBe(asTaken(machine.kind.encode(text, "anna")));
    expect(await machine.host.list()).toMatchObject([{ alive: true }]);
    expect(existsSync(join(machine.shard.worktree, "pwned.txt"))).toBe(false);
  });

  it("leaves nothing behind when it is destroyed", async () => {
    const { name: shard, worktree } = machine.shard;
    expect(machine.processes()).not.toEqual([]);
    expect(await machine.host.destroy({ name: shard, force: true })).toEqual({ name: shard, survivors: [] });
    // The holder is told to go, and takes a moment.
    await expect.poll(() => machine.processes()).toEqual([]);
    const { home, repo } = machine.folders;
    expect(existsSync(worktree)).toBe(false);
    expect(git(repo, "worktree", "list").split("\n")).toHaveLength(1);
    expect(git(repo, "branch", "--format=%(refname:short)")).toBe("main");
    expect(["run", "shards"].flatMap((folder) => readdirSync(join(home, folder)))).toEqual([]);
  });
});

/** Words that differ: Gemini stops a model that repeats itself. */
function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
}
