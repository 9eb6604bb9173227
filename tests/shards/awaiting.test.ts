import { expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import { withShard } from "./shard-fixture.ts";

it(
  "a crash is told to who waits with the lines of its own turn",
  withShard(async (fixture) => {
    const { host, log } = await fixture.startShard(fakeKind);
    await fixture.send("SAY words of old ENDSAY");
    expect(await fixture.answer(1)).toBe("words of old");
    await fixture.send("CRASH 3");
    const { tail } = await log.next("exited", "demo");
    expect(tail).not.toContain("words of old");
    const wait = { name: "demo", turn: 2, seconds: 20 };
    expect(await host.wait(wait)).toEqual({ outcome: "ended", how: "crashed", tail });
  }),
);
