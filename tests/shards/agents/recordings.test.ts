import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { toldIn, unread } from "./checks.ts";
import { type Recorded, recordingsIn } from "./recorded.ts";
import { compare, looksAt } from "./states.ts";

/*
 * Recordings of the real agents against a fake model, with what that said: our own, and those of ../shared/recordings (see its README).
 * Each folder or file there is a test; `npm run record` makes one.
 */
const own = recordingsIn(join(import.meta.dirname, "../../fixtures/recordings"));
const shared = recordingsIn(join(import.meta.dirname, "../../../../shared/recordings"));
if (shared.length === 0) console.log("skipped: ../shared/recordings (there are none)");

/** Seconds for which a wrong state may be held: the program draws late, and the host wants it to be agreed on. */
const longest = 2;

test.each([["our own", own], ...(shared.length > 0 ? [["shared", shared] as const] : [])] as [string, Recorded[]][])(
  "every agent is in the recordings that are %s",
  (_, recordings) => {
    const recorded = new Set(recordings.map(({ kind }) => kind));
    expect([...recorded].sort()).toEqual(["claude", "codex", "gemini", "opencode"]);
  },
);

describe.each([...own, ...shared])("$name", (recorded) => {
  const kind = kinds[recorded.kind]!;

  test("says what the model said", () => {
    const told = toldIn(recorded, kind);
    expect(told.map(({ found }) => found)).toEqual(told.map(({ expected }) => expected));
  });

  test("is in the right state, and its dialogs are read", () => {
    const looks = looksAt(recorded, kind);
    const found = compare(recorded, looks);
    expect(found.longest > longest ? found.where : "").toBe("");
    expect(found.looks).toBeGreaterThan(5);
    expect(unread(recorded, kind, looks)).toEqual([]);
  });
});
