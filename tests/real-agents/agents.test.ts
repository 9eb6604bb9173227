import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Question, QuestionOption } from "../../src/shards/host.ts";
import { git } from "../shards/stage.ts";
import { Machine } from "./machine.ts";
import { paragraphs, refusal } from "./model-api.ts";
import type { AgentName } from "./seeds.ts";

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

/** The key that allows a command. */
const allow: Record<AgentName, string> = { claude: "1", codex: "y", gemini: "1", opencode: "enter" };

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

  it("has its question closed by a key, with no answer known", async () => {
    await asksFor("touch pressed.txt");
    await machine.press(allow[name]);
    expect(await machine.event("question-closed")).not.toHaveProperty("answer");
    expect((await machine.event("answer")).text).toContain("All done now.");
    expect(existsSync(join(machine.shard.worktree, "pressed.txt"))).toBe(true);
    await machine.reaches("idle");
  });

  it("hears why a command was denied", async () => {
    const { id, options } = await asksFor("touch denied-too.txt");
    const no = options.find(({ takes }) => takes === "reason")!;
    expect(no.label).toMatch(/^(no|reject)\b/i);
    const text = "It is dear. SAY I see. ENDSAY";
    await machine.host.answer({ name: machine.shard.name, question: id, option: no.key, text, by: "bob" });
    expect(await machine.event("question-closed")).toMatchObject({ answer: no.label, by: "bob" });
    expect(await machine.event("receipt")).toMatchObject({ text, by: "bob", receipt: submitted });
    expect(await machine.event("answer", 2)).toMatchObject({ text: "I see.", by: "bob" });
    expect(machine.api.requests.at(-1)?.prompt.trimEnd()).toBe(text);
    await machine.reaches("idle");
    expect(existsSync(join(machine.shard.worktree, "denied-too.txt"))).toBe(false);
  });

  it.runIf(name === "opencode")("hears why a command of its sub-agent was denied", async () => {
    expect(await machine.send("TASK RUN touch denied-sub.txt ENDRUN ENDTASK")).toMatchObject(submitted);
    const { question } = await machine.event("question");
    const answer = { name: machine.shard.name, question: question.id, option: "reject", by: "bob" };
    await machine.host.answer({ ...answer, text: "It is dear." });
    await machine.event("answer");
    expect(machine.api.requests.some(({ result }) => result?.includes("It is dear."))).toBe(true);
    expect(machine.events("question")).toHaveLength(1);
    expect(machine.events("receipt")).toEqual([]);
    await machine.reaches("idle");
  });

  describe("asks", () => {
    // Codex asks in its plan mode only.
    beforeEach(async () => void (name === "codex" && (await machine.press("shift-tab"))));
    afterEach(async () => void (name === "codex" && (await machine.press("shift-tab"))));

    const reply = async (question: Question, option: QuestionOption, text?: string) =>
      machine.host.answer({ name: machine.shard.name, question: question.id, option: option.key, text, by: "bob" });

    it("and is answered with an option", async () => {
      expect(await machine.send("ASKME")).toMatchObject(submitted);
      const { question } = await machine.event("question");
      expect(question).toMatchObject({ kind: "question", text: "Which colour should the button have?" });
      expect(question.options.slice(0, 3).map(({ label }) => label)).toEqual(["Red", "Blue", "Green"]);
      await reply(question, question.options[1]!);
      expect(await machine.event("question-closed")).toMatchObject({ answer: "Blue", by: "bob" });
      expect((await machine.event("answer")).text).toContain("All done now.");
      expect(machine.api.requests.at(-1)?.result).toContain("Blue");
      await machine.reaches("idle");
    });

    it("and is answered in own words", async () => {
      expect(await machine.send("ASKME")).toMatchObject(submitted);
      const { question } = await machine.event("question");
      const own = question.options.find(({ takes }) => takes === "answer")!;
      await expect(reply(question, own)).rejects.toMatchObject({ code: "usage" });
      await reply(question, own, "Rather /purple\nor 2 of them");
      expect(await machine.event("question-closed")).toMatchObject({
        answer: "Rather /purple\nor 2 of them",
        by: "bob",
      });
      expect((await machine.event("answer")).text).toContain("All done now.");
      expect(machine.api.requests.at(-1)?.result).toMatch(/Rather \/purple\W+n?or 2 of them/);
      expect(machine.events("question")).toHaveLength(1);
      await machine.reaches("idle");
    });

    it("two things, one after the other", async () => {
      expect(await machine.send("ASKTWICE")).toMatchObject(submitted);
      const first = (await machine.event("question")).question;
      await reply(first, first.options[2]!);
      const second = (await machine.event("question", 2)).question;
      expect(second.text).toBe("And which one the text?");
      await reply(
        second,
        second.options.find(({ takes }) => takes === "answer")!,
        "Mauve",
      );
      // Codex does not ask whether that is all.
      if (name !== "codex") {
        const last = (await machine.event("question", 3)).question;
        await reply(last, last.options[0]!);
      }
      await machine.event("answer");
      const { result } = machine.api.requests.at(-1)!;
      for (const word of ["Green", "Mauve"]) expect(result).toContain(word);
      await machine.reaches("idle");
    });

    it.runIf(name === "claude" || name === "opencode")("for several options, which are submitted then", async () => {
      expect(await machine.send("ASKMANY")).toMatchObject(submitted);
      const asked = async (nth: number) => (await machine.event("question", nth)).question;
      for (const [nth, label] of ["[ ] Red", "[ ] Green", "Submit"].entries()) {
        const question = await asked(nth + 1);
        await reply(
          question,
          question.options.find((option) => option.label === label)!,
        );
      }
      const last = await asked(4);
      await reply(last, last.options[0]!);
      await machine.event("answer");
      expect(machine.api.requests.at(-1)?.result).toMatch(/Red.*Green/);
      expect(machine.api.requests.at(-1)?.result).not.toContain("Blue");
      await machine.reaches("idle");
    });
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
    await expect.poll(() => machine.processes()).toEqual([]);
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
