import { expect, it } from "vitest";
import { explain } from "../../src/shards/state/explain.ts";
import type { Verdict } from "../../src/shards/state/judge.ts";

it.each<[Verdict, string]>([
  [{ state: "waiting", waitingFor: "question", why: "dialog: Sure?", by: "dialog" }, "dialog: Sure?"],
  [{ state: "idle", why: "dialog: none", by: "screen" }, "screen: dialog: none"],
  [{ state: "idle", why: "an input box", by: "screen" }, "screen: an input box"],
])("names the witness that decided once: %j", (verdict, decided) => {
  const status = { state: verdict.state, since: "2026-01-01T00:00:00.000Z", why: verdict.why };
  expect(explain("demo", status, undefined, verdict).decided).toBe(decided);
});
