import { afterEach, beforeEach, expect, it } from "vitest";
import { operator } from "./stage.ts";
import { TurnsStage, whats } from "./turns-stage.ts";

let stage: TurnsStage;
beforeEach(async () => {
  stage = await new TurnsStage().open();
});
afterEach(() => stage.dispose());

const hash = "0123456789abcdef".repeat(4);
const setup = { copy: [".env"], setup: ["npm ci"], teardown: ["docker compose down"] };
const event = { type: "setup" as const, repo: "web", hash, setup, text: "" };

it("shows a setup file that nobody has approved, whole, with a button that is an admin's", async () => {
  const thread = await stage.shard("demo");
  await stage.host.deliver("demo", { ...event, id: "s1", outcome: "unapproved" });
  await stage.shows(
    thread,
    "web has a .shardbridge.json that no admin has approved as it is, so demo starts without it. It says:\ncopy .env\nrun: npm ci\nrun before it is destroyed: docker compose down",
  );
  expect(await stage.pressUnder("no admin has approved", "Approve", operator)).toContain("You may not do that here");
  expect(stage.host.approved).toEqual([]);
  expect(await stage.pressUnder("no admin has approved", "Approve")).toContain("Approved: demo is set up now");
  expect(stage.host.approved).toEqual([{ name: "demo", hash, by: "Ann" }]);
  expect(await stage.pressUnder("no admin has approved", "Approve")).toContain("approved already");
  await stage.host.deliver("demo", { ...event, id: "s2", outcome: "done" });
  await stage.shows(thread, "The worktree of demo is set up as web wants it.");
});

it("tells of a setup that failed, and wakes the orchestrator that has started the shard", async () => {
  await stage.withShard("auth");
  const { thread } = stage.adapter.opened.find(({ title }) => title.startsWith("auth"))!;
  await stage.host.deliver("auth", { ...event, id: "s0", outcome: "unapproved" });
  await stage.host.deliver("auth", { ...event, id: "s1", outcome: "failed", text: '"npm ci" ended with exit code 1' });
  await stage.shows(thread, 'The worktree of auth is not set up as it should be.\n"npm ci" ended with exit code 1');
  const woken = await stage.woken(1);
  expect(whats(woken)).toEqual(["shard auth works in a worktree whose setup failed"]);
  expect(woken.events[0]).toMatchObject({ told: "elsewhere", output: { text: '"npm ci" ended with exit code 1' } });
});
