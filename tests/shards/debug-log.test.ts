import { afterAll, expect, it } from "vitest";
import { configureLog } from "../../src/log.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { withShard } from "./shard-fixture.ts";

afterAll(() => configureLog({ write: () => {}, level: "info" }));

it(
  "tells at debug of each change of a shard's state, with the rule and never with the words of a screen",
  withShard(async (fixture) => {
    const lines: string[] = [];
    configureLog({ write: (line) => void lines.push(line), level: "debug" });
    const { log } = await fixture.startShard(fakeKind);
    await fixture.send("ASK");
    await log.next("question", "demo", 1);
    const changes = lines
      .map((line) => JSON.parse(line) as { message: string; to: string; by: string; rule: string })
      .filter(({ message }) => message === "a shard's state has changed");
    expect(changes.map(({ to }) => to)).toEqual(expect.arrayContaining(["idle", "waiting"]));
    expect(changes.at(-1)).toMatchObject({ shard: "demo", to: "waiting", by: "dialog", rule: "dialog" });
    expect(lines.join("")).not.toMatch(/colour|Green/);
  }),
);
