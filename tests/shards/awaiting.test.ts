import { expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import { onBench } from "./bench.ts";

it(
  "a crash is told to who waits with the lines of its own turn",
  onBench(async (bench) => {
    const { host, log } = await bench.startShard(fakeKind);
    await bench.send("SAY words of old ENDSAY");
    expect(await bench.answer(1)).toBe("words of old");
    await bench.send("CRASH 3");
    const { tail } = await log.next("exited", "demo");
    expect(tail).not.toContain("words of old");
    const wait = { name: "demo", turn: 2, seconds: 20 };
    expect(await host.wait(wait)).toEqual({ outcome: "ended", how: "crashed", tail });
  }),
);
