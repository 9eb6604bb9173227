import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdersOf } from "../shards/test-host.ts";
import { Machine } from "./machine.ts";
import { finished } from "./script.ts";
import type { AgentName } from "./seeds.ts";

const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

// Two starts in each.
describe.each(names)("%s, at its end", { timeout: 240_000 }, (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
  });
  afterAll(() => machine?.close());
  it("goes on with its conversation when it was closed, and says nothing of it again", async () => {
    await machine.spawn();
    await machine.reaches("idle");
    await say("The first words.");
    await learn();
    const { name: shard } = machine.shard;
    expect(await machine.host.close({ name: shard, by: "anna" })).toEqual({ name: shard, survivors: [] });
    expect(await machine.event("exited")).toMatchObject({ how: "closed" });
    await expect.poll(() => machine.processes()).toEqual([]);
    const { text } = await machine.host.read({ name: shard });
    expect(text).toContain("The first words.");

    const { conversation } = await machine.host.resume({ name: shard });
    expect(conversation).toMatch(/\S/);
    // Right away: it must not be typed before the old conversation is on the screen.
    expect(await machine.send("SAY The second words. ENDSAY")).toMatchObject({ outcome: "queued" });
    expect(await machine.event("receipt")).toMatchObject({ receipt: { outcome: "submitted" } });
    await said("The second words.");
    expect(machine.api.requests.at(-1)?.history).toMatch(/The first words\.[^]*The second words\./);
    expect(machine.events("answer").filter(({ text: told }) => /first[^]*second/.test(told))).toEqual([]);
  });

  it("goes on when it was killed in the middle of an answer", async () => {
    await machine.spawn();
    await machine.reaches("idle");
    await say("The first words.");
    const slow = Array.from({ length: 300 }, (_, index) => `word${index}`).join(" ");
    expect(await machine.send(`SAY ${slow} ENDSAY DELAY=100`)).toMatchObject({ outcome: "submitted" });
    // Not what it said before: Claude has not written down yet what it was asked right now.
    await expect.poll(() => machine.events("output").at(-1)?.tail).toMatch(/word\d/);
    for (const pid of agents()) process.kill(pid, "SIGKILL");
    expect(await machine.event("exited")).toMatchObject({ how: "crashed", looping: false });
    await learn();
    await machine.host.resume({ name: machine.shard.name });
    await machine.reaches("idle");
    const before = machine.events("answer").length;
    const asked = machine.api.requests.length;
    expect(await machine.send("SAY The second words. ENDSAY")).toMatchObject({ outcome: "submitted" });
    await machine.event("answer", before + 1);
    // Gemini takes the prompt that it had not answered and the new one together.
    expect(machine.api.requests.length).toBeGreaterThan(asked);
    const { history } = machine.api.requests[asked]!;
    expect(history).toMatch(/The first words\.[^]*word299[^]*The second words\./);
  });

  it("goes on when its holder was killed", async () => {
    await machine.spawn();
    await machine.reaches("idle");
    await say("The first words.");
    process.kill(holdersOf(machine.folders)[0]!, "SIGKILL");
    await machine.reaches("lost");
    await learn();
    const old = agents();
    await machine.host.resume({ name: machine.shard.name });
    await machine.reaches("idle");
    expect(agents().filter((pid) => old.includes(pid))).toEqual([]);
    await say("The second words.");
    expect(machine.api.requests.at(-1)?.history).toMatch(/The first words\.[^]*The second words\./);
  });

  it('asks for nothing in the mode "all", keeps that when it is resumed, and asks again when it is resumed in another', async () => {
    await machine.spawn({ mode: "all" });
    if (name === "claude") await accept();
    await machine.reaches("idle");
    const questions = machine.events("question").length;
    expect((await machine.ask("RUN ESCALATE touch free.txt ENDRUN")).answer.text).toContain(finished);
    // The model wants to leave codex's sandbox: where there is none, codex does not run that.
    expect(existsSync(join(machine.shard.worktree, "free.txt"))).toBe(name !== "codex");
    expect(machine.events("question")).toHaveLength(questions);
    await learn();
    await machine.host.close({ name: machine.shard.name });
    expect(await machine.host.resume({ name: machine.shard.name })).toMatchObject({ mode: "all" });
    await machine.reaches("idle");
    await machine.host.close({ name: machine.shard.name });
    await machine.host.resume({ name: machine.shard.name, mode: "ask" });
    await machine.reaches("idle");
    const before = machine.events("question").length;
    expect(await machine.send("RUN ESCALATE touch asked.txt ENDRUN")).toMatchObject({ outcome: "submitted" });
    expect((await machine.event("question", before + 1)).question).toMatchObject({ kind: "approval" });
    expect(existsSync(join(machine.shard.worktree, "asked.txt"))).toBe(false);
  });

  /** Claude warns first, and a person has to accept that. */
  async function accept(): Promise<void> {
    const { question } = await machine.event("question");
    const yes = question.options.find(({ label }) => label === "Yes, I accept");
    if (!yes || !question.text.includes("Bypass Permissions mode"))
      throw new Error(`Not the warning: ${JSON.stringify(question)}`);
    await machine.host.answer({ name: machine.shard.name, question: question.id, option: yes.key, by: "anna" });
  }

  async function say(words: string): Promise<void> {
    await machine.send(`SAY ${words} ENDSAY`);
    await said(words);
  }

  /** Exactly one answer has these words. */
  async function said(words: string): Promise<void> {
    const found = () => machine.events("answer").filter(({ text }) => text.includes(words));
    await expect.poll(() => found().length, { timeout: 60_000 }).toBe(1);
    await machine.reaches("idle");
  }

  /** The agent's processes. */
  function agents(): number[] {
    const holders = holdersOf(machine.folders);
    return machine.processes().filter((pid) => !holders.includes(pid));
  }

  /** What an agent that names its conversation itself would tell. */
  async function learn(): Promise<void> {
    const { worktree } = machine.shard;
    const conversation =
      name === "codex" ? codexSession(worktree) : name === "opencode" ? opencodeSession(worktree) : undefined;
    if (conversation !== undefined) await machine.change({ conversation, told: true });
  }

  function codexSession(worktree: string): string | undefined {
    const folder = join(machine.env["CODEX_HOME"]!, "sessions");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".jsonl"));
    const own = files.find((file) => readFileSync(join(folder, file), "utf8").split("\n", 1)[0]?.includes(worktree));
    return /([0-9a-f-]{36})\.jsonl$/.exec(own ?? "")?.[1];
  }

  function opencodeSession(worktree: string): string | undefined {
    const file = join(machine.env["HOME"]!, ".local/share/opencode/opencode.db");
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const row = db.prepare("SELECT id FROM session WHERE directory = ? AND parent_id IS NULL").get(worktree);
      return row && String(row["id"]);
    } finally {
      db.close();
    }
  }
});
