import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { corpus, type Hostile } from "../fakes/hostile.ts";
import { clear, type Ground, holdersOf, makeGround, openStage, reaches, type Stage } from "./stage.ts";

const program = fileURLToPath(new URL("../fakes/hostile.ts", import.meta.url));
/** Kilobytes that a holder may have, whatever its program prints. */
const holderMemory = 400_000;

/** An agent that is no such thing. */
function hostileKind({ name }: Hostile): AgentKind {
  const launch = () => ({ file: process.execPath, args: [program, name], env: {}, files: {} });
  const screen = { state: () => undefined, question: () => undefined, composer: () => "" };
  return { ...fakeKind, ...screen, name, launch, clean: (rows) => rows.join("\n") };
}

let ground: Ground;
let stage: Stage;
let prompts = 0;

beforeAll(async () => {
  ground = makeGround();
  const kinds = Object.fromEntries(corpus.map((hostile) => [hostile.name, hostileKind(hostile)]));
  stage = await openStage(ground, { fake: fakeKind, ...kinds });
  await stage.host.spawn({ name: "calm" });
  await reaches(stage.host, "calm", "idle");
});

afterAll(() => clear(stage, ground));

/** A prompt to the calm shard, with its receipt and its whole answer. */
async function answers(prompt: string, answer: string): Promise<void> {
  expect(await stage.host.send({ name: "calm", text: prompt, by: "ann" })).toEqual({
    outcome: "submitted",
    turn: ++prompts,
  });
  expect(await stage.log.next("answer", "calm", prompts)).toMatchObject({ text: answer, truncated: false, by: "ann" });
  await reaches(stage.host, "calm", "idle");
}

/** Kilobytes at most so far; 0 where the system does not tell. */
function memoryOf(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

const paragraphs = Array.from(
  { length: 45 },
  (_, index) => `Line ${String(index + 1).padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`,
).join("\n\n");

/** Starts it, and has the calm shard work next to it. */
async function beside(hostile: Hostile): Promise<{ name: string; before: number[] }> {
  const name = `hostile-${corpus.indexOf(hostile)}`;
  const before = holdersOf(ground);
  await stage.host.spawn({ name, agent: hostile.name });
  await answers(`SAY next to ${hostile.name} ENDSAY`, `next to ${hostile.name}`);
  await answers("LONG 45", paragraphs);
  return { name, before };
}

/** Looks at it as it prints, within its memory, and destroys it. */
async function isSeenAndEnds({ shows }: Hostile, name: string, before: number[]): Promise<void> {
  const { host, log } = stage;
  const shown = async () => (await host.read({ name })).text;
  await expect.poll(shown, { timeout: 20_000 }).toMatch(shows ?? /^/);
  expect((await host.explain({ name })).evidence).not.toEqual([]);
  const [holder = 0] = holdersOf(ground).filter((pid) => !before.includes(pid));
  expect(memoryOf(holder)).toBeLessThan(holderMemory);
  expect(await host.destroy({ name })).toEqual({ name, survivors: [] });
  expect(holdersOf(ground)).toEqual(before);
  expect(log.of("flood", name).length).toBeLessThanOrEqual(1);
}

describe("a shard that prints without end", () => {
  it.each(corpus.filter(({ slow }) => slow !== true))(
    "harms no other, is told of, seen and ended: $name",
    async (hostile) => {
      const { name, before } = await beside(hostile);
      const { why } = await stage.log.next("flood", name, 1, 30_000);
      expect(why).toMatch(/^floods its terminal.*: [\d.]+ (MB|kB)\/s$/);
      const shards = await stage.host.list();
      expect(shards.find((shard) => shard.name === name)?.status.why).toMatch(/^floods its terminal/);
      expect(shards.find((shard) => shard.name === "calm")).not.toHaveProperty("flood");
      await isSeenAndEnds(hostile, name, before);
    },
  );

  it.each(corpus.filter(({ slow }) => slow === true))("slowly harms no other either: $name", async (hostile) => {
    const { name, before } = await beside(hostile);
    await isSeenAndEnds(hostile, name, before);
    expect(stage.log.of("flood", name)).toEqual([]);
  });
});
