import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Entry, Journal } from "../../src/shards/agents/agent.ts";
import { JournalReader } from "../../src/shards/state/journal.ts";
import { JournalFollower } from "../../src/shards/state/journal-follower.ts";
import { fakeKind } from "../fakes/fake-kind.ts";

let folder: string;
let launchedAt: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  launchedAt = new Date(Date.now() - 1000).toISOString();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const journal: Journal = {
  tells: "turns",
  places: ({ conversation, known }) => [
    { folder, depth: 0, file: /^signals\.jsonl$/, owns: () => true },
    {
      folder: join(folder, "days"),
      depth: 1,
      file: /^log-.*\.jsonl$/,
      owns: (first) => !known || (first as { id?: string }).id === conversation,
    },
  ],
  read: (line) => ((line as Entry).type ? [line as Entry] : []),
};

const context = () => ({ env: {}, folder, worktree: "/w", conversation: "c1", known: true, launchedAt });
const say = (path: string, ...texts: string[]) =>
  appendFileSync(join(folder, path), texts.map((text) => `${JSON.stringify({ type: "said", text })}\n`).join(""));
const texts = (entries: Entry[]) => entries.map((entry) => (entry.type === "said" ? entry.text : entry.type));

it("reads what is written after the first look, once", async () => {
  say("signals.jsonl", "old");
  const reader = new JournalReader(journal, context, undefined);
  expect(await reader.read(true)).toEqual([]);
  say("signals.jsonl", "a", "b");
  expect(texts(await reader.read(true))).toEqual(["a", "b"]);
  expect(await reader.read(true)).toEqual([]);
});

it("finds a file that comes later, in a folder of the day, by its first line", async () => {
  const reader = new JournalReader(journal, context, undefined);
  expect(await reader.read(true)).toEqual([]);
  mkdirSync(join(folder, "days", "24"), { recursive: true });
  writeFileSync(join(folder, "days", "24", "log-2.jsonl"), '{"id":"other"}\n');
  writeFileSync(join(folder, "days", "24", "log-1.jsonl"), '{"id":"c1"}\n');
  say("days/24/log-2.jsonl", "not ours");
  say("days/24/log-1.jsonl", "ours");
  expect(texts(await reader.read(true))).toEqual(["ours"]);
});

it("leaves out files that are older than the agent", async () => {
  mkdirSync(join(folder, "days"));
  writeFileSync(join(folder, "days", "log-1.jsonl"), '{"id":"c1"}\n');
  utimesSync(join(folder, "days", "log-1.jsonl"), 1, 1);
  const reader = new JournalReader(journal, context, {});
  expect(await reader.read(true)).toEqual([]);
  expect(reader.positions).toEqual({});
});

it("goes on where an earlier reader was, also in the middle of a line", async () => {
  const first = new JournalReader(journal, context, {});
  say("signals.jsonl", "a");
  appendFileSync(join(folder, "signals.jsonl"), '{"type":"said",');
  expect(texts(await first.read(true))).toEqual(["a"]);
  appendFileSync(join(folder, "signals.jsonl"), '"text":"b"}\n');
  const second = new JournalReader(journal, context, first.positions);
  expect(texts(await second.read(true))).toEqual(["b"]);
  expect(texts(await first.read(true))).toEqual(["b"]);
});

it("passes over what is no JSON, and characters that were cut in two", async () => {
  const reader = new JournalReader(journal, context, {});
  await reader.read(true);
  const line = Buffer.from(`broken {\n${JSON.stringify({ type: "said", text: "日本🎉" })}\n`);
  appendFileSync(join(folder, "signals.jsonl"), line.subarray(0, 40));
  expect(await reader.read(true)).toEqual([]);
  appendFileSync(join(folder, "signals.jsonl"), line.subarray(40));
  expect(texts(await reader.read(true))).toEqual(["日本🎉"]);
});

it("follows the file that the agent names", async () => {
  const reader = new JournalReader(journal, context, undefined);
  await reader.read(true);
  const file = join(folder, "elsewhere.jsonl");
  appendFileSync(join(folder, "signals.jsonl"), `${JSON.stringify({ type: "conversation", id: "c2", file })}\n`);
  await reader.read(true);
  say("elsewhere.jsonl", "a");
  expect(texts(await reader.read(true))).toEqual(["a"]);
});

it("waits until the last message that the end names is written", async () => {
  const heard: string[] = [];
  const follower = new JournalFollower({ ...fakeKind, journal }, context, {}, (entries) =>
    heard.push(...texts([...entries])),
  );
  appendFileSync(
    join(folder, "signals.jsonl"),
    `${JSON.stringify({ type: "prompt", text: "x" })}\n${JSON.stringify({ type: "end", how: "done", last: "late" })}\n`,
  );
  const whole = follower.whole();
  await vi.waitFor(() => expect(heard).toContain("end"));
  say("signals.jsonl", "late");
  await whole;
  expect(follower.written).toMatchObject({ text: "late", whole: true, end: { how: "done" } });
  follower.forget();
  expect(follower.written.text).toBe("");
  follower.close();
});

it("looks again and again while the agent is at work", async () => {
  const heard: string[] = [];
  const follower = new JournalFollower({ ...fakeKind, journal }, context, {}, (entries) =>
    heard.push(...texts([...entries])),
  );
  follower.poke(true);
  say("signals.jsonl", "a");
  await vi.waitFor(() => expect(heard).toEqual(["a"]));
  say("signals.jsonl", "b");
  await vi.waitFor(() => expect(heard).toEqual(["a", "b"]));
  follower.close();
});
