import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ThreadRef } from "../../src/adapters/adapter.ts";
import { receiptPost } from "../../src/bot/posts/receipts.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { TestBot } from "./test-bot.ts";

let testBot: TestBot;
let thread: ThreadRef;
beforeEach(async () => {
  testBot = await new TestBot().open();
  thread = await testBot.shard();
});
afterEach(() => testBot.dispose());

describe("somebody at the keyboard of a shard", () => {
  it("is told in its thread, each time once", async () => {
    const come = { type: "keyboard", id: "keyboard:1", by: "bob" } as const;
    await testBot.host.deliver("demo", come);
    await testBot.host.deliver("demo", come);
    await testBot.host.deliver("demo", { type: "keyboard", id: "keyboard:2", by: "eve", was: "bob" });
    await testBot.host.deliver("demo", { type: "keyboard", id: "keyboard:3", was: "eve" });
    await testBot.shows(thread, "eve has left the keyboard of demo.");
    const told = testBot.adapter.in(thread).map(({ post }) => textOf(post));
    expect(told.filter((text) => text.includes("keyboard"))).toEqual([
      "bob is at the keyboard of demo: prompts wait.",
      "eve has taken the keyboard of demo from bob: prompts wait.",
      "eve has left the keyboard of demo.",
    ]);
  });

  it("is why a prompt waits", () => {
    const receipt = { outcome: "queued", position: 2 } as const;
    expect(textOf(receiptPost("demo", { ...receipt, keyboard: "bob" }))).toBe(
      "🟡 queued: bob is at the keyboard of demo, and 1 waits before it",
    );
    expect(textOf(receiptPost("demo", receipt))).toBe("🟡 queued: demo is busy, and 1 waits before it");
  });
});
