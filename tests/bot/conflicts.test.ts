import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ThreadRef } from "../../src/adapters/adapter.ts";
import { TestTurns } from "./test-turns.ts";

let testBot: TestTurns;
let thread: ThreadRef;
beforeEach(async () => {
  testBot = await new TestTurns().open();
  thread = await testBot.asked(async (actions) => {
    for (const name of ["auth", "api"]) await actions.spawn({ name, repo: "web", prompt: "hang" });
  });
});
afterEach(() => testBot.dispose());

const conflict = (...files: string[]) => {
  testBot.host.overlaps = [
    {
      repo: "web",
      shards: ["auth", "api"],
      files: [],
      conflicts: files.length === 0 ? [] : [{ shards: ["auth", "api"], files }],
      problems: [],
    },
  ];
};
const told = () =>
  testBot.orchestrator.woken.flatMap(({ events, thread: key }) =>
    events.filter(({ id }) => id.startsWith("conflict/")).map(({ output }) => [key.split(":").at(-1), output?.text]),
  );
/** Each turn is known by its answer, which is told too, and conflicts are looked for with it. */
let turns = 0;
async function works(name: string): Promise<void> {
  const text = `turn ${(turns += 1)}`;
  const before = testBot.host.looked;
  testBot.host.finish(name, text);
  await vi.waitFor(() => expect(testBot.host.looked).toBeGreaterThan(before));
  const answers = () => testBot.orchestrator.woken.flatMap(({ events }) => events.map(({ output }) => output?.text));
  await vi.waitFor(() => expect(answers()).toContain(text));
  await testBot.asked(async (actions) => actions.send({ name, text: "hang" }), undefined, thread);
}

it("between two shards wakes the orchestrator once, and again when more files do", async () => {
  conflict("src/a.ts");
  await works("auth");
  await vi.waitFor(() => expect(told()).toEqual([[thread.thread, "src/a.ts"]]));
  const { events } = testBot.orchestrator.woken.find((wake) =>
    wake.events.some(({ id }) => id.startsWith("conflict/")),
  )!;
  expect(events.find(({ id }) => id.startsWith("conflict/"))).toMatchObject({
    what: "shards auth and api would conflict if they were merged as they are now",
    told: "no",
  });
  await works("api");
  await testBot.killAndStart();
  await works("auth");
  conflict("src/a.ts", "src/b.ts");
  await works("api");
  await vi.waitFor(() => expect(told().slice(1)).toEqual([[thread.thread, "src/a.ts\nsrc/b.ts"]]));
  conflict();
  await works("auth");
  conflict("src/a.ts");
  await works("auth");
  await vi.waitFor(() => expect(told().slice(2)).toEqual([[thread.thread, "src/a.ts"]]));
});

it("is looked for where the orchestrator has a part in one of the shards, and nowhere else", async () => {
  conflict("src/a.ts");
  await testBot.command("spawn one --repo api");
  const { thread: own } = testBot.adapter.opened.at(-1)!;
  await testBot.command("spawn two --repo api");
  await testBot.command("send one say hello");
  await testBot.shows(own, "hello");
  expect(testBot.host.looked).toBe(0);
  await works("auth");
  expect(testBot.host.looked).toBe(1);
});
