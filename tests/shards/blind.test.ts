import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import { type Bench, onBench } from "./life-bench.ts";

const program = fileURLToPath(new URL("../fakes/asking-tui.ts", import.meta.url));

/** What the program has got, as it wrote it down; "" when nothing. */
const got = (bench: Bench) => (existsSync(fileOf(bench)) ? readFileSync(fileOf(bench), "utf8") : "");
const fileOf = (bench: Bench) => join(dirname(bench.ground.home), "got.txt");

async function spawn(bench: Bench, mode: string, prompt?: string): Promise<void> {
  await bench.open(fakeKind);
  await bench.host.spawn({ name: "demo", agent: `node '${program}' ${mode} '${fileOf(bench)}'`, prompt, by: "ann" });
}

const send = async (bench: Bench, text: string, anyway = false) =>
  bench.host.send({ name: "demo", text, by: "ann", anyway });
const states = (bench: Bench) => bench.log.of("state", "demo").map(({ status }) => status.state);

describe.concurrent("A program that no rule knows and that asks", () => {
  it.for([
    ["keys", "Approve tool call?"],
    ["clock", "Approve tool call?"],
    ["any-key", "Press any key to continue . . ."],
    ["bottom", "Overwrite notes.txt? y/N"],
    ["list", "Run this command?"],
  ] as const)("%s: is asked, and never typed into", async ([mode, text]) => {
    await onBench(async (bench) => {
      await spawn(bench, mode, "the first prompt says yes");
      await bench.reaches("waiting");
      expect(await send(bench, "yes, always")).toMatchObject({ outcome: "refused", question: { text } });
      expect(states(bench)).not.toContain("idle");
      expect(got(bench)).toBe("");
    })();
  });

  it.for(["silent", "buttons"])("%s: is never typed into, and shown", async (mode) => {
    await onBench(async (bench) => {
      await spawn(bench, mode, "the first prompt says yes");
      const told = await bench.log.next("receipt", "demo");
      expect(told).toMatchObject({ text: "the first prompt says yes", receipt: { outcome: "refused" } });
      await bench.reaches("unsure");
      const screen = expect.stringMatching(/Approve|Delete/);
      expect(await send(bench, "yes, always")).toMatchObject({ outcome: "refused", screen });
      expect(states(bench)).not.toContain("idle");
      expect(got(bench)).toBe("");
    })();
  });

  it(
    "is asked once, however often it draws that again",
    onBench(async (bench) => {
      await spawn(bench, "clock");
      const { question } = await bench.log.next("question", "demo");
      const before = (await bench.host.screen({ name: "demo" })).text;
      await expect
        .poll(async () => (await bench.host.screen({ name: "demo" })).text, { timeout: 5000, interval: 500 })
        .not.toBe(before);
      expect(bench.log.of("question", "demo")).toHaveLength(1);
      await bench.host.answer({ name: "demo", question: question.id, option: "n" }).catch(() => undefined);
      await expect.poll(() => got(bench)).toContain("denied");
      expect(got(bench)).not.toContain("approved");
    }),
  );

  it(
    "takes prompts in its input box, and not in the dialog that replaces that",
    onBench(async (bench) => {
      await spawn(bench, "box");
      await bench.reaches("idle");
      expect(await send(bench, "hello there")).toMatchObject({ outcome: "submitted" });
      expect(await bench.answer(1)).toBe("* Heard: hello there");
      expect(await send(bench, "please touch it")).toMatchObject({ outcome: "submitted" });
      const { question } = await bench.log.next("question", "demo");
      expect(question).toMatchObject({
        text: "Approve tool call?",
        kind: "approval",
        detail: expect.stringContaining("touch zz"),
      });
      expect(question.options).toMatchObject([
        { key: "y", label: "Approve" },
        { key: "n", label: "Deny" },
      ]);
      expect(await send(bench, "yes")).toMatchObject({ outcome: "refused", question: { id: question.id } });
      await bench.host.answer({ name: "demo", question: question.id, option: "n" });
      expect(await bench.answer(2)).toMatch(/It was denied\.$/);
      expect(await send(bench, "bye")).toMatchObject({ outcome: "submitted" });
      expect(got(bench)).not.toContain("approved");
    }),
  );

  it(
    "is typed into anyway by who has looked, and where that landed is known from then on",
    onBench(async (bench) => {
      await spawn(bench, "bar");
      await bench.reaches("unsure");
      const refused = await send(bench, "first");
      expect(refused).toMatchObject({ outcome: "refused", screen: expect.stringContaining("A place to write") });
      expect(await send(bench, "first", true)).toMatchObject({ outcome: "submitted" });
      expect(await bench.answer(1)).toMatch(/\* Heard: first$/);
      expect(await send(bench, "second")).toMatchObject({ outcome: "submitted" });
      expect(await bench.answer(2)).toMatch(/\* Heard: second$/);
      // So it is when the host comes back.
      await bench.open(fakeKind);
      await bench.reaches("idle");
      expect(await send(bench, "third")).toMatchObject({ outcome: "submitted" });
    }),
  );
});
