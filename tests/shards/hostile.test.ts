import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { corpus, type Hostile } from "../fakes/hostile.ts";
import { clear, type TestFolders, holdersOf, makeFolders, openTestHost, reaches, type TestHost } from "./test-host.ts";

const program = fileURLToPath(new URL("../fakes/hostile.ts", import.meta.url));
/** Kilobytes that a holder may have, whatever its program prints. */
const holderMemory = 400_000;

/** An agent that is no such thing. */
function hostileKind({ name }: Hostile): AgentKind {
  const launch = () => ({ file: process.execPath, args: [program, name], env: {}, files: {} });
  const screen = { state: () => undefined, question: () => undefined, composer: () => "" };
  return { ...fakeKind, ...screen, name, launch, clean: (rows) => rows.join("\n") };
}

let folders: TestFolders;
let testHost: TestHost;
let prompts = 0;
/** Of this process, which has the host in it. `npm run bench` measures it; here it is only that nothing stands still. */
const lateness = monitorEventLoopDelay({ resolution: 1 });
const stillness = 1000;

beforeAll(async () => {
  folders = makeFolders();
  const kinds = Object.fromEntries(corpus.map((hostile) => [hostile.name, hostileKind(hostile)]));
  testHost = await openTestHost(folders, { fake: fakeKind, ...kinds });
  await testHost.host.spawn({ name: "calm" });
  await reaches(testHost.host, "calm", "idle");
  lateness.enable();
});

afterAll(() => clear(testHost, folders));

/** A prompt to the calm shard, with its receipt and its whole answer. */
async function answers(prompt: string, answer: string): Promise<void> {
  expect(await testHost.host.send({ name: "calm", text: prompt, by: "ann" })).toEqual({
    outcome: "submitted",
    turn: ++prompts,
  });
  expect(await testHost.log.next("answer", "calm", prompts)).toMatchObject({
    text: answer,
    truncated: false,
    by: "ann",
  });
  await reaches(testHost.host, "calm", "idle");
}

/** That it floods, in an event and in the list; the calm one does not. */
async function isToldOf(name: string): Promise<void> {
  const { why } = await testHost.log.next("flood", name, 1, 30_000);
  expect(why).toMatch(/^floods its terminal.*: [\d.]+ (MB|kB)\/s$/);
  const shards = await testHost.host.list();
  expect(shards.find((shard) => shard.name === name)?.status.why).toMatch(/^floods its terminal/);
  expect(shards.find((shard) => shard.name === "calm")).not.toHaveProperty("flood");
}

/** Kilobytes of memory that a process has had at most; 0 where the system does not tell. */
function mostMemoryOf(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

const paragraphs = Array.from(
  { length: 45 },
  (_, index) => `Line ${String(index + 1).padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`,
).join("\n\n");

describe("a shard that prints without end", () => {
  it.each(corpus)("harms no other, is told of, seen and ended: $name", async (hostile) => {
    const { host, log } = testHost;
    const name = `hostile-${corpus.indexOf(hostile)}`;
    const before = holdersOf(folders);
    await host.spawn({ name, agent: hostile.name });
    await answers(`SAY next to ${hostile.name} ENDSAY`, `next to ${hostile.name}`);
    await answers("LONG 45", paragraphs);

    if (!hostile.slow) await isToldOf(name);
    const shown = async () => (await host.read({ name })).text;
    await expect.poll(shown).toMatch(hostile.shows ?? /^/);
    expect((await host.explain({ name })).evidence).not.toEqual([]);
    const [holder = 0] = holdersOf(folders).filter((pid) => !before.includes(pid));
    expect(mostMemoryOf(holder)).toBeLessThan(holderMemory);

    expect(await host.destroy({ name })).toEqual({ name, survivors: [] });
    expect(holdersOf(folders)).toEqual(before);
    expect(log.of("flood", name).length).toBeLessThanOrEqual(1);
    expect(lateness.percentile(99) / 1e6).toBeLessThan(stillness);
  });
});
