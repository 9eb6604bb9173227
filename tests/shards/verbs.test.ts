import { describe, expect, it } from "vitest";
import { kinds } from "../../src/shards/agents/registry.ts";
import { fakeKind, fakeKindWith } from "../fakes/fake-kind.ts";
import { type ShardFixture, withShard } from "./shard-fixture.ts";
import { reaches } from "./test-host.ts";

const shell = kinds["shell"]!;
const submitted = (turn: number) => ({ outcome: "submitted", turn });

describe("A steered turn", () => {
  it.concurrent(
    "has one answer with all that was said in it",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      expect(await fixture.send("SLOW 20")).toEqual(submitted(1));
      expect(await fixture.send("SAY steered ENDSAY", "steer")).toEqual(submitted(1));
      const answer = await fixture.answer(1);
      expect(answer).toMatch(/^Line 0001: [^]*Line 0020: .*\n+steered$/);
      expect(await fixture.send("SAY next ENDSAY")).toEqual(submitted(3));
      expect(await fixture.answer(2)).toBe("next");
      expect(log.of("answer", "demo")).toMatchObject([
        { turn: 1, by: "ann" },
        { turn: 3, by: "ann" },
      ]);
    }),
  );

  it.concurrent(
    "leaves what waits in the queue",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 40");
      expect(await fixture.send("SAY later ENDSAY")).toMatchObject({ outcome: "queued", position: 1 });
      expect(await fixture.send("SAY steered ENDSAY", "steer")).toEqual(submitted(1));
      expect(await host.queue({ name: "demo" })).toMatchObject([{ text: "SAY later ENDSAY" }]);
      expect(await fixture.answer(2)).toBe("later");
    }),
  );

  it.concurrent(
    "goes on when the prompt was not taken, which is told with the screen",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKindWith(["--numb"]));
      await fixture.send("SLOW 80");
      const receipt = await fixture.send("SAY unheard ENDSAY", "steer");
      expect(receipt).toMatchObject({ outcome: "stalled", screen: expect.stringContaining("SAY unheard ENDSAY") });
      expect(await fixture.answer(1)).toContain("Line 0080: ");
      expect(await fixture.send("SAY heard ENDSAY")).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(2)).toBe("heard");
      expect(log.of("receipt", "demo")).toEqual([]);
    }),
  );

  it.concurrent(
    "is not typed into where somebody has typed something: the prompt waits",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 60");
      const { text } = await host.press({ name: "demo", keys: ["m", "i", "n", "e"] });
      expect(text).toContain("❯ mine");
      expect(await fixture.send("SAY steered ENDSAY", "steer")).toMatchObject({ outcome: "queued", position: 1 });
      expect((await host.screen({ name: "demo" })).text).toContain("❯ mine\n");
      expect(await fixture.answer(2)).toBe("steered");
    }),
  );

  it.concurrent(
    "takes input for a command that a shell runs",
    withShard(async (fixture) => {
      await fixture.startShard(shell);
      await fixture.send("read -r line; echo got $line");
      await reaches(fixture.testHost.host, "demo", "working");
      expect(await fixture.send("the line", "steer")).toEqual(submitted(1));
      expect(await fixture.answer(1)).toMatch(/got the line$/);
    }),
  );
});

describe("An interrupt", () => {
  it.concurrent(
    "clears the prompt that the agent gives back",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKindWith(["--restore"]));
      await fixture.send("SLOW 200");
      await log.next("output", "demo");
      expect(await fixture.send("SAY instead ENDSAY", "interrupt")).toEqual(submitted(2));
      expect(await fixture.answer(2)).toBe("instead");
      expect((await log.next("answer", "demo")).text).toMatch(/^Line 0001/);
      expect(log.of("answer", "demo")).toHaveLength(2);
    }),
  );

  it.concurrent(
    "types nothing when the turn does not stop, and says so with the screen",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKindWith(["--deaf"]));
      await fixture.send("SLOW 600");
      const receipt = await fixture.send("SAY never ENDSAY", "interrupt");
      expect(receipt).toMatchObject({ outcome: "stalled", screen: expect.stringContaining("slow and steady") });
      expect(await host.queue({ name: "demo" })).toEqual([]);
      expect((await host.screen({ name: "demo" })).text).not.toContain("never");
    }),
  );

  it.concurrent(
    "does not say that it stopped what goes on",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKindWith(["--deaf"]));
      await fixture.send("SLOW 1000");
      const stopped = host.stop({ name: "demo" });
      await expect(stopped).rejects.toMatchObject({
        code: "refused",
        message: expect.stringMatching(/goes on after 3/),
      });
    }),
  );

  it.concurrent(
    "presses again where a shell has dropped the key",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(shell);
      // As shells do between their mark and the command's start, but for longer.
      await fixture.send("sh -c 'trap : INT; sleep 2; trap - INT; sleep 100'");
      await reaches(host, "demo", "working");
      await host.stop({ name: "demo" });
      expect((await host.list())[0]?.status.state).toBe("idle");
      expect(await log.next("answer", "demo")).toMatchObject({ stopped: true });
      await fixture.send("echo on");
      expect(await log.next("answer", "demo", 2)).not.toHaveProperty("stopped");
    }),
  );

  it.concurrent(
    "stops what was still being typed when it was asked to",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(shell, { env: { SHELL: "/bin/sh" } });
      const sent = fixture.send("sleep 2\nsleep 100");
      await expect.poll(async () => (await host.screen({ name: "demo" })).text).toContain("sleep 2");
      await host.stop({ name: "demo" });
      expect(await sent).toMatchObject({ outcome: "submitted" });
      expect((await host.list())[0]?.status.state).toBe("idle");
    }),
  );

  it.concurrent(
    "stops what the agent has queued itself too",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 400");
      expect(await fixture.send("SLOW 401", "steer")).toEqual(submitted(1));
      expect(await fixture.send("SAY at last ENDSAY", "interrupt")).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(2)).toBe("at last");
      expect(log.of("answer", "demo")).toHaveLength(2);
    }),
  );

  it.concurrent(
    "of several at once is typed once each, with one receipt each",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(fakeKind);
      await fixture.send("SLOW 400");
      const texts = ["one", "two", "three"];
      const receipts = await Promise.all(texts.map((text) => fixture.send(`SAY ${text} ENDSAY`, "interrupt")));
      expect(
        receipts.map(({ outcome }) => outcome).filter((outcome) => outcome === "submitted").length,
      ).toBeGreaterThan(0);
      const queued = receipts.filter(({ outcome }) => outcome === "queued").length;
      await fixture.answer(4);
      const said = log.of("answer", "demo").slice(1);
      expect(said.map(({ text }) => text).sort()).toEqual([...texts].sort());
      expect(log.of("receipt", "demo")).toHaveLength(queued);
      const lines = (await fixture.testHost.host.read({ name: "demo", lines: 500 })).text.split("\n");
      for (const text of texts) expect(lines.filter((line) => line === text)).toHaveLength(1);
    }),
  );
});

describe("A command", () => {
  it.concurrent(
    "brings what it prints as its answer",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      expect(await host.command({ name: "demo", text: " /notes\n", by: "ann" })).toEqual(submitted(1));
      expect(await fixture.testHost.log.next("answer", "demo")).toMatchObject({
        text: "There are no notes.",
        by: "ann",
      });
    }),
  );

  it.concurrent(
    "waits for the turn before to be told, where that is over",
    withShard(async (fixture) => {
      // It is told once nothing more is written for a while.
      const journal = { tells: "turns" as const, places: () => [], read: () => [] };
      const { host, log } = await fixture.startShard({ ...fakeKind, journal });
      await fixture.send("SAY one ENDSAY");
      await reaches(host, "demo", "idle");
      expect(log.of("answer", "demo")).toEqual([]);
      expect(await host.command({ name: "demo", text: "/notes" })).toEqual(submitted(2));
      expect(await fixture.answer(1)).toBe("one");
      expect(await fixture.answer(2)).toBe("There are no notes.");
    }),
  );

  it.concurrent(
    "that opens a panel leaves the shard waiting, until Esc closes it",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      expect(await host.command({ name: "demo", text: "/panel" })).toMatchObject({ outcome: "submitted" });
      await reaches(host, "demo", "unsure");
      expect(await fixture.send("SAY hello ENDSAY")).toMatchObject({ outcome: "queued", position: 1 });
      expect(await host.command({ name: "demo", text: "/notes" })).toMatchObject({ outcome: "refused" });
      expect((await host.press({ name: "demo", keys: ["ESC"] })).text).not.toContain("Settings");
      expect((await fixture.testHost.log.next("receipt", "demo")).receipt).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(2)).toBe("hello");
    }),
  );

  it.concurrent(
    "may end the agent",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      expect(await host.command({ name: "demo", text: "/exit" })).toMatchObject({ outcome: "submitted" });
      expect(await log.next("exited", "demo")).toMatchObject({ exit: { code: 0 } });
      expect(await host.command({ name: "demo", text: "/notes" })).toMatchObject({ outcome: "refused" });
    }),
  );

  it.concurrent(
    "is none for a shell, which is said with what to use",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(shell);
      const refused = host.command({ name: "demo", text: "/help" });
      await expect(refused).rejects.toMatchObject({ code: "usage" });
      await expect(refused).rejects.toThrow("Shell has no commands of its own: use send for demo.");
    }),
  );
});

describe("Keys", () => {
  it.concurrent(
    "are written one after the other, and the screen after them is given",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(fakeKind);
      const keys = ["h", "i", "!", "backspace", "Enter"];
      expect((await host.press({ name: "demo", keys })).text).toMatch(/❯ hi\n/);
      expect(await fixture.answer(1)).toMatch(/^Done: hi$/m);
      expect(fixture.testHost.log.of("answer", "demo")[0]).not.toHaveProperty("by");
    }),
  );

  it.concurrent(
    "reach a program as a terminal sends them",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(shell);
      await fixture.send("cat -v");
      await reaches(host, "demo", "working");
      const keys = ["esc", "up", "right", "page-down", "home", "shift-tab", "tab", "space", "ctrl-l", "a", "enter"];
      await host.press({ name: "demo", keys });
      await host.press({ name: "demo", keys: ["ctrl-d"] });
      expect((await fixture.answer(1)).split("\n").at(-1)).toMatch(/^\^\[\^\[\[A\^\[\[C\^\[\[6~\^\[\[H\^\[\[Z\s+\^La$/);
    }),
  );

  it.concurrent(
    "are refused where the agent has ended, whose last screen stays",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      await fixture.send("CRASH 3");
      await log.next("exited", "demo");
      await expect(host.press({ name: "demo", keys: ["enter"] })).rejects.toMatchObject({ code: "refused" });
      expect((await host.screen({ name: "demo" })).text).toContain("CRASH 3");
    }),
  );
});

describe("Words with an answer", () => {
  const runs = "RUN touch x ENDRUN";

  async function asked(fixture: ShardFixture, options: string[], prompt: string) {
    const { host, log } = await fixture.startShard(fakeKindWith(options));
    await fixture.send(prompt);
    const { question } = await log.next("question", "demo");
    const answer = (option: string, text?: string) =>
      host.answer({ name: "demo", question: question.id, option, text, by: "bob" });
    return { host, log, answer };
  }

  it.concurrent(
    "go into the field that the agent opens for a reason",
    withShard(async (fixture) => {
      const { answer, log } = await asked(fixture, ["--why"], runs);
      await answer("2", "it is dear\u0007");
      expect(await fixture.answer(1)).toBe("I did not run the command: it is dear.");
      expect(log.of("question", "demo")).toHaveLength(1);
      expect(log.of("question-closed", "demo")).toMatchObject([{ answer: "No", by: "bob" }]);
      expect(log.of("receipt", "demo")).toEqual([]);
    }),
  );

  it.concurrent(
    "may be left out there",
    withShard(async (fixture) => {
      const { answer, log } = await asked(fixture, ["--why"], runs);
      await answer("2");
      expect(await fixture.answer(1)).toBe("I did not run the command.");
      expect(log.of("question", "demo")).toHaveLength(1);
    }),
  );

  it.concurrent(
    "that are a reason go before what waits",
    withShard(async (fixture) => {
      const { answer, host, log } = await asked(fixture, [], runs);
      // What was queued before the question came up: there is no other way to a queue behind a dialog.
      await host.press({ name: "demo", keys: ["esc"] });
      await reaches(host, "demo", "idle");
      await fixture.send("SLOW 20");
      await fixture.send(runs);
      await fixture.send("SAY last ENDSAY");
      const { question } = await log.next("question", "demo", 2);
      await host.answer({ name: "demo", question: question.id, option: "2", text: "SAY because ENDSAY", by: "bob" });
      await expect(answer("2")).rejects.toMatchObject({ code: "refused" });
      expect(await host.queue({ name: "demo" })).toMatchObject([
        { text: "SAY because ENDSAY", by: "bob" },
        { by: "ann" },
      ]);
      expect(await fixture.answer(4)).toBe("because");
      expect(await fixture.answer(5)).toBe("last");
    }),
  );

  it.concurrent(
    "of one's own keep their lines together",
    withShard(async (fixture) => {
      const { answer, log } = await asked(fixture, [], "ASKFREE");
      await answer("4", "2. Purple");
      expect(await fixture.answer(1)).toBe("You chose 2. Purple.");
      expect(log.of("question", "demo")).toHaveLength(1);
      expect(log.of("question-closed", "demo")).toMatchObject([{ answer: "2. Purple", by: "bob" }]);
    }),
  );
});
