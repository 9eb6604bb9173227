import { assert, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Button, Post } from "../../src/adapters/adapter.ts";
import { readStamp, stamped } from "../../src/bot/delivery/shard-stamp.ts";

const identity = { shardId: "0f6c1d9a-1111-4222-8333-444455556666", host: "local" };
const name = stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);

function noticeWith(...buttons: Button[]): Post {
  return { kind: "notice", text: "t", buttons };
}

function valueOf(post: Post): string | undefined {
  return "buttons" in post ? post.buttons?.[0]?.value : undefined;
}

describe("a shard's stamp on its buttons", () => {
  it.each([
    ["stop", "demo", `demo@local:${identity.shardId}`],
    ["answer", "demo/q1/2", `demo@local:${identity.shardId}/q1/2`],
    ["resend", "demo/\nsay @x:y/z", `demo@local:${identity.shardId}/\nsay @x:y/z`],
  ])("%s: %j becomes %j and is read again", (action, value, shown) => {
    const post = stamped(noticeWith({ label: "B", action, value }), () => identity);
    expect(valueOf(post)).toBe(shown);
    expect(readStamp(action, shown)).toEqual({ value, name: "demo", identity });
    expect(stamped(post, () => ({ shardId: "another", host: "local" }))).toEqual(post);
  });

  it.each([
    ["choose", "demo/1"],
    ["go-on", "breaker"],
    ["ask", "\ndemo"],
    ["stop", "~code"],
  ])("%s with %j has none", (action, value) => {
    const post = noticeWith({ label: "B", action, value });
    expect(stamped(post, () => identity)).toEqual(post);
    expect(readStamp(action, value)).toBeUndefined();
  });

  it("is left out where a shard is not known, and an old button is good by name", () => {
    const post = noticeWith({ label: "B", action: "resume", value: "demo" });
    expect(stamped(post, () => ({}))).toEqual(post);
    expect(readStamp("resume", "demo")).toEqual({ value: "demo", name: "demo", identity: {} });
  });

  it("never changes what a button stands for, whatever follows the name", () => {
    assert(
      property(name, string({ unit: "grapheme" }), (shard, rest) => {
        const value = rest === "" ? shard : `${shard}/${rest}`;
        const shown = valueOf(stamped(noticeWith({ label: "B", action: "answer", value }), () => identity)) ?? "";
        expect(readStamp("answer", shown)).toEqual({ value, name: shard, identity });
        expect(readStamp("answer", value)).toEqual({ value, name: shard, identity: {} });
      }),
    );
  });
});
