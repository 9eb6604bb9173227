import { afterEach, beforeEach, expect, it } from "vitest";
import { operator } from "./test-bot.ts";
import { TestTurns, whats } from "./test-turns.ts";

let testBot: TestTurns;
beforeEach(async () => {
  testBot = await new TestTurns().open();
});
afterEach(() => testBot.dispose());

const hash = "0123456789abcdef".repeat(4);
const setup = { copy: [".env"], setup: ["npm ci"], teardown: ["docker compose down"] };
const event = { type: "setup" as const, repo: "web", hash, setup, text: "" };

it("shows a setup file that nobody has approved, whole, with a button that is an admin's", async () => {
  const thread = await testBot.shard("demo");
  await testBot.host.deliver("demo", { ...event, id: "s1", outcome: "unapproved" });
  await testBot.shows(
    thread,
    "web has a .shardbridge.json that no admin has approved as it is, so demo starts without it. It says:\ncopy .env\nrun: npm ci\nrun before it is destroyed: docker compose down",
  );
  expect(await testBot.pressUnder("no admin has approved", "Approve", operator)).toContain("You may not do that here");
  expect(testBot.host.approved).toEqual([]);
  expect(await testBot.pressUnder("no admin has approved", "Approve")).toContain("Approved: demo is set up now");
  expect(testBot.host.approved).toEqual([{ name: "demo", hash, by: "Ann" }]);
  expect(await testBot.pressUnder("no admin has approved", "Approve")).toContain("approved already");
  await testBot.host.deliver("demo", { ...event, id: "s2", outcome: "done" });
  await testBot.shows(thread, "The worktree of demo is set up as web wants it.");
});

it("tells of a setup that failed, and wakes the orchestrator that has started the shard", async () => {
  await testBot.withShard("auth");
  const { thread } = testBot.adapter.opened.find(({ title }) => title.startsWith("auth"))!;
  await testBot.host.deliver("auth", { ...event, id: "s0", outcome: "unapproved" });
  await testBot.host.deliver("auth", {
    ...event,
    id: "s1",
    outcome: "failed",
    text: '"npm ci" ended with exit code 1',
  });
  await testBot.shows(thread, 'The worktree of auth is not set up as it should be.\n"npm ci" ended with exit code 1');
  const woken = await testBot.woken(1);
  expect(whats(woken)).toEqual(["shard auth works in a worktree whose setup failed"]);
  expect(woken.events[0]).toMatchObject({ told: "elsewhere", output: { text: '"npm ci" ended with exit code 1' } });
});
