import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Question, QuestionOption } from "../../src/shards/host.ts";
import { Machine } from "./machine.ts";
import { finished } from "./script.ts";
import type { AgentName } from "./seeds.ts";

const submitted = { outcome: "submitted" };
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

/** The keys that allow a command. */
const allow: Record<AgentName, string[]> = {
  claude: ["1"],
  codex: ["y"],
  gemini: ["1"],
  opencode: ["enter"],
};

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
  });
  afterAll(() => machine?.close());
  beforeEach(() => machine.ready());

  it("runs a command that was allowed", async () => {
    const { id, options } = await asksFor("touch allowed.txt");
    const yes = options.find(({ label }) => /^(yes|allow)\b/i.test(label))!;
    await machine.host.answer({ name: machine.shard.name, question: id, option: yes.key, by: "anna" });
    expect(await machine.event("question-closed")).toMatchObject({ answer: yes.label, by: "anna" });
    expect((await machine.event("answer")).text).toBe(`I will run a command for you.\n\n${finished}`);
    expect(existsSync(join(machine.shard.worktree, "allowed.txt"))).toBe(true);
    await machine.reaches("idle");
  });

  it.runIf(name === "claude")("is asked without numbers, with the option that Enter would choose marked", async () => {
    const settings = join(machine.env["HOME"]!, ".claude/settings.json");
    writeFileSync(settings, JSON.stringify({ permissions: { defaultMode: "default" } }));
    await machine.spawn();
    const { question } = await machine.event("question");
    rmSync(settings);
    expect(question.text).toBe("Make auto mode your default permission mode?");
    expect(question.options).toMatchObject([
      { label: expect.stringMatching(/^Yes/) as string, chosen: true },
      { label: expect.stringMatching(/^No/) as string },
    ]);
    const no = question.options[1]!;
    await machine.host.answer({ name: machine.shard.name, question: question.id, option: no.key, by: "anna" });
    expect(await machine.event("question-closed")).toMatchObject({ answer: no.label, by: "anna" });
    await machine.reaches("idle");
    expect(machine.events("question")).toHaveLength(1);
    await machine.spawn({ mode: "ask" });
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

  it("has its question closed by a key, with no answer known", async () => {
    const { options } = await asksFor("touch pressed.txt");
    await machine.press(...(options[0]!.label === "No" ? ["down", "enter"] : allow[name]));
    expect(await machine.event("question-closed")).not.toHaveProperty("answer");
    expect((await machine.event("answer")).text).toContain(finished);
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
      expect((await machine.event("answer")).text).toContain(finished);
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
      expect((await machine.event("answer")).text).toContain(finished);
      expect(machine.api.requests.at(-1)?.result).toMatch(/Rather \/purple\W+n?or 2 of them/);
      expect(machine.events("question")).toHaveLength(1);
      await machine.reaches("idle");
    });

    it("two things, one after the other", async () => {
      expect(await machine.send("ASKMORE")).toMatchObject(submitted);
      const first = (await machine.event("question")).question;
      await reply(first, first.options[2]!);
      const second = (await machine.event("question", 2)).question;
      expect(second.text).toContain("How large should the button be");
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

    it.runIf(name === "claude")("two things with previews, each answered once", async () => {
      expect(await machine.send("ASKSEEN")).toMatchObject(submitted);
      const first = (await machine.event("question")).question;
      expect(first).toMatchObject({ kind: "question", text: "Which layout should the page have?" });
      expect(first.options.slice(0, 3).map(({ label }) => label)).toEqual(["Two columns", "A list", "Nothing"]);
      await reply(first, first.options[1]!);
      expect(await machine.event("question-closed")).toMatchObject({ answer: "A list", by: "bob" });
      const second = (await machine.event("question", 2)).question;
      expect(second).toMatchObject({ kind: "question", text: "How should its heading be set?" });
      expect(second.options.slice(0, 2).map(({ label }) => label)).toEqual(["Bold", "Plain"]);
      await reply(second, second.options[1]!);
      const last = (await machine.event("question", 3)).question;
      await reply(last, last.options[0]!);
      await machine.event("answer");
      expect(machine.api.requests.at(-1)?.result).toMatch(/A list[^]*Plain/);
      expect(machine.events("question")).toHaveLength(3);
      expect(machine.events("answer")).toHaveLength(1);
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

  /** The question that comes up when the model wants to run a command. */
  async function asksFor(command: string) {
    expect(await machine.send(`RUN ESCALATE ${command} ENDRUN`)).toMatchObject(submitted);
    const { question } = await machine.event("question");
    await machine.reaches("waiting");
    expect(question).toMatchObject({ kind: "approval" });
    expect(`${question.text}\n${question.detail}`).toContain(command);
    expect(await machine.send("Meanwhile")).toMatchObject({ outcome: "refused" });
    return question;
  }
});
