import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import { type ShardFixture, withShard } from "./life-fixture.ts";

const program = fileURLToPath(new URL("../fakes/asking-tui.ts", import.meta.url));

/** What the program has got, as it wrote it down; "" when nothing. */
const got = (fixture: ShardFixture) => (existsSync(fileOf(fixture)) ? readFileSync(fileOf(fixture), "utf8") : "");
const fileOf = (fixture: ShardFixture) => join(dirname(fixture.folders.home), "got.txt");

async function spawn(fixture: ShardFixture, mode: string, prompt?: string): Promise<void> {
  await fixture.open(fakeKind);
  await fixture.host.spawn({
    name: "demo",
    agent: `node '${program}' ${mode} '${fileOf(fixture)}'`,
    prompt,
    by: "ann",
  });
}

const send = async (fixture: ShardFixture, text: string, anyway = false) =>
  fixture.host.send({ name: "demo", text, by: "ann", anyway });
const states = (fixture: ShardFixture) => fixture.log.of("state", "demo").map(({ status }) => status.state);

describe.concurrent("A program that no rule knows and that asks", () => {
  it.for([
    ["keys", "Approve tool call?"],
    ["clock", "Approve tool call?"],
    ["any-key", "Press any key to continue . . ."],
    ["bottom", "Overwrite notes.txt? y/N"],
    ["list", "Run this command?"],
  ] as const)("%s: is asked, and never typed into", async ([mode, text]) => {
    await withShard(async (fixture) => {
      await spawn(fixture, mode, "the first prompt says yes");
      await fixture.reaches("waiting");
      expect(await send(fixture, "yes, always")).toMatchObject({ outcome: "refused", question: { text } });
      expect(states(fixture)).not.toContain("idle");
      expect(got(fixture)).toBe("");
    })();
  });

  it.for(["silent", "buttons"])("%s: is never typed into, and shown", async (mode) => {
    await withShard(async (fixture) => {
      await spawn(fixture, mode, "the first prompt says yes");
      const told = await fixture.log.next("receipt", "demo");
      expect(told).toMatchObject({ text: "the first prompt says yes", receipt: { outcome: "refused" } });
      await fixture.reaches("unsure");
      const screen = expect.stringMatching(/Approve|Delete/);
      expect(await send(fixture, "yes, always")).toMatchObject({ outcome: "refused", screen });
      expect(states(fixture)).not.toContain("idle");
      expect(got(fixture)).toBe("");
    })();
  });

  it(
    "is asked once, however often it draws that again",
    withShard(async (fixture) => {
      await spawn(fixture, "clock");
      const { question } = await fixture.log.next("question", "demo");
      const before = (await fixture.host.screen({ name: "demo" })).text;
      await expect
        .poll(async () => (await fixture.host.screen({ name: "demo" })).text, { timeout: 5000, interval: 500 })
        .not.toBe(before);
      expect(fixture.log.of("question", "demo")).toHaveLength(1);
      await fixture.host.answer({ name: "demo", question: question.id, option: "n" }).catch(() => undefined);
      await expect.poll(() => got(fixture)).toContain("denied");
      expect(got(fixture)).not.toContain("approved");
    }),
  );

  it(
    "takes prompts in its input box, and not in the dialog that replaces that",
    withShard(async (fixture) => {
      await spawn(fixture, "box");
      await fixture.reaches("idle");
      expect(await send(fixture, "hello there")).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(1)).toBe("* Heard: hello there");
      expect(await send(fixture, "please touch it")).toMatchObject({ outcome: "submitted" });
      const { question } = await fixture.log.next("question", "demo");
      expect(question).toMatchObject({
        text: "Approve tool call?",
        kind: "approval",
        detail: expect.stringContaining("touch zz"),
      });
      expect(question.options).toMatchObject([
        { key: "y", label: "Approve" },
        { key: "n", label: "Deny" },
      ]);
      expect(await send(fixture, "yes")).toMatchObject({ outcome: "refused", question: { id: question.id } });
      await fixture.host.answer({ name: "demo", question: question.id, option: "n" });
      expect(await fixture.answer(2)).toMatch(/It was denied\.$/);
      expect(await send(fixture, "bye")).toMatchObject({ outcome: "submitted" });
      expect(got(fixture)).not.toContain("approved");
    }),
  );

  it(
    "is typed into anyway by who has looked, and where that landed is known from then on",
    withShard(async (fixture) => {
      await spawn(fixture, "bar");
      await fixture.reaches("unsure");
      const refused = await send(fixture, "first");
      expect(refused).toMatchObject({ outcome: "refused", screen: expect.stringContaining("A place to write") });
      expect(await send(fixture, "first", true)).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(1)).toMatch(/\* Heard: first$/);
      expect(await send(fixture, "second")).toMatchObject({ outcome: "submitted" });
      expect(await fixture.answer(2)).toMatch(/\* Heard: second$/);
      // So it is when the host comes back.
      await fixture.open(fakeKind);
      await fixture.reaches("idle");
      expect(await send(fixture, "third")).toMatchObject({ outcome: "submitted" });
    }),
  );
});
