import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ThreadRef } from "../../src/adapters/adapter.ts";
import { receiptPost } from "../../src/bot/posts/receipts.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
let thread: ThreadRef;
beforeEach(async () => {
  stage = await new Stage().open();
  thread = await stage.shard();
});
afterEach(() => stage.dispose());

describe("somebody at the keyboard of a shard", () => {
  it("is told in its thread, each time once", async () => {
    const come = { type: "keyboard", id: "keyboard:1", by: "bob" } as const;
    await stage.host.deliver("demo", come);
    await stage.host.deliver("demo", come);
    await stage.host.deliver("demo", { type: "keyboard", id: "keyboard:2", by: "eve", was: "bob" });
    await stage.host.deliver("demo", { type: "keyboard", id: "keyboard:3", was: "eve" });
    await stage.shows(thread, "eve has left the keyboard of demo.");
    const told = stage.adapter.in(thread).map(({ post }) => textOf(post));
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
