import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { opencodePlugin } from "../../../src/shards/agents/opencode/opencode-journal.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

interface Plugin {
  Shardbridge(): Promise<{ event(of: { event: object }): Promise<void> }>;
}

const event = (type: string, properties: object) => ({ event: { type, properties } });
const created = event("session.created", { info: { id: "s1" } });
const busy = event("session.status", { sessionID: "s1", status: { type: "busy" } });
const idle = event("session.idle", { sessionID: "s1" });
const message = (id: string, role: string) => event("message.updated", { info: { id, role, sessionID: "s1" } });
const text = (id: string, of: string, words: string, more: object = {}) =>
  event("message.part.updated", { part: { id, messageID: of, sessionID: "s1", type: "text", text: words, ...more } });

/** What the plugin writes of these events. */
async function written(events: readonly { event: object }[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  try {
    const file = join(folder, "plugin.mjs");
    writeFileSync(file, opencodePlugin(folder));
    const { Shardbridge } = (await import(file)) as Plugin;
    const { event: hear } = await Shardbridge();
    for (const one of events) await hear(one);
    const lines = readFileSync(join(folder, "signals.jsonl"), "utf8").trim().split("\n");
    const entries = lines.flatMap((line) => kinds["opencode"]!.journal!.read(JSON.parse(line)));
    return entries.map((entry) => `${entry.type} ${"text" in entry ? entry.text : ""}`.trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const turn = [message("m1", "user"), text("p1", "m1", "look at it "), text("p1", "m1", "look at it ")];

test("The plugin tells what opencode was given, once, without what it adds of itself", async () => {
  const added = text("p2", "m1", "Called the Read tool with …", { synthetic: true });
  const answer = [message("m2", "assistant"), text("p3", "m2", "Well.", { time: { end: 1 } })];
  expect(await written([created, ...turn, added, busy, ...answer, idle])).toEqual([
    "conversation",
    "prompt look at it",
    "prompt",
    "said Well.",
    "end",
  ]);
});

test("The plugin tells what a resumed opencode was given before it was known to be its conversation", async () => {
  expect(await written([...turn, busy, idle])).toEqual(["conversation", "prompt look at it", "end"]);
});
