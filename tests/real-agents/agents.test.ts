import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { git } from "../shards/stage.ts";
import { Machine } from "./machine.ts";
import { paragraphs, refusal } from "./model-api.ts";
import type { AgentName } from "./seeds.ts";

const submitted = { outcome: "submitted" };
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

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
    expect(machine.api.requests.at(-1)?.prompt.trimEnd()).toBe(machine.kind.encode(text, "anna"));
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

  it("runs a command that was allowed", async () => {
    const { id, options } = await asksFor("touch allowed.txt");
    const yes = options[0]!;
    await machine.host.answer({ name: machine.shard.name, question: id, option: yes.key, by: "anna" });
    expect(await machine.event("question-closed")).toMatchObject({ answer: yes.label, by: "anna" });
    expect((await machine.event("answer")).text).toBe("I will run a command.\n\nAll done now.");
    expect(existsSync(join(machine.shard.worktree, "allowed.txt"))).toBe(true);
    await machine.reaches("idle");
  });

  it("does not run a command that was denied", async () => {
    const { id, options } = await asksFor("touch denied.txt");
    const no = options.find(({ label }) => /^(no|reject|deny)\b/i.test(label))!;
    await machine.host.answer({ name: machine.shard.name, question: id, option: no.key, by: "anna" });
    expect(await machine.event("question-closed")).toMatchObject({ answer: no.label, by: "anna" });
    await machine.event("answer");
    await machine.reaches("idle");
    expect(existsSync(join(machine.shard.worktree, "denied.txt"))).toBe(false);
  });

  it("stops in the middle of an answer, and then goes on", async () => {
    const endless = words(500);
    expect(await machine.send(`SAY ${endless} ENDSAY DELAY=100`)).toMatchObject(submitted);
    // Claude shows whole rows only.
    await machine.event("output");
    await machine.host.stop({ name: machine.shard.name, by: "anna" });
    await machine.reaches("idle");
    await expect.poll(() => machine.api.requests.at(-1)?.left, { timeout: 10_000 }).toBe(true);
    expect((await machine.event("answer")).text).not.toBe(endless);
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
  });

  it("tells of an API error, and then goes on", async () => {
    const { receipt, answer } = await machine.ask("ERR400");
    expect(receipt).toMatchObject(submitted);
    expect(answer.text).toContain(refusal);
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
  });

  it.each(["exit", "/exit", "!touch pwned.txt"])("takes %s for text", async (text) => {
    const { answer } = await machine.ask(text);
    expect(answer.text).toBe("A plain answer.");
    expect(machine.api.requests.at(-1)?.prompt.trimEnd()).toBe(machine.kind.encode(text, "anna"));
    expect(await machine.host.list()).toMatchObject([{ alive: true }]);
    expect(existsSync(join(machine.shard.worktree, "pwned.txt"))).toBe(false);
  });

  it("leaves nothing behind when it is destroyed", async () => {
    const { name: shard, worktree } = machine.shard;
    expect(machine.processes()).not.toEqual([]);
    expect(await machine.host.destroy({ name: shard, force: true })).toEqual({ name: shard, survivors: [] });
    // The holder is told to go, and takes a moment.
    await expect.poll(() => machine.processes(), { timeout: 10_000 }).toEqual([]);
    const { home, repo } = machine.ground;
    expect(existsSync(worktree)).toBe(false);
    expect(git(repo, "worktree", "list").split("\n")).toHaveLength(1);
    expect(git(repo, "branch", "--format=%(refname:short)")).toBe("main");
    expect(["run", "shards"].flatMap((folder) => readdirSync(join(home, folder)))).toEqual([]);
  });

  /** The question that comes up when the model wants to run a command. */
  async function asksFor(command: string) {
    expect(await machine.send(`RUN ${command} ENDRUN`)).toMatchObject(submitted);
    const { question } = await machine.event("question");
    await machine.reaches("waiting");
    expect(question).toMatchObject({ kind: "approval" });
    expect(`${question.text}\n${question.detail}`).toContain(command);
    expect(await machine.send("Meanwhile")).toMatchObject({ outcome: "refused" });
    return question;
  }
});

/** Words that differ: Gemini stops a model that repeats itself. */
function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
}
