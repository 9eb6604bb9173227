import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callControl } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { localActor } from "../../src/control/local.ts";
import { serveControl } from "../../src/control/server.ts";
import { configureLog } from "../../src/log.ts";
import { callTool } from "../../src/orchestrator/tools.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { TestBot } from "./test-bot.ts";

let testBot: TestBot;
beforeEach(async () => {
  testBot = await new TestBot().open();
  configureLog({ level: "debug" });
});
afterEach(async () => {
  await testBot.dispose();
  configureLog({ level: "info" });
});

interface Line {
  level: string;
  message: string;
}

const debugLines = () => testBot.log.map((line) => JSON.parse(line) as Line).filter(({ level }) => level === "debug");
const told = (message: string) => debugLines().filter((line) => line.message === message);

it("tells of events, posts, tool calls and control calls, and of nothing that was said in them", async () => {
  const thread = await testBot.shard();
  const words = "lemon marzipan";
  await testBot.adapter.emit(
    { type: "message", text: `!send demo say ${words}`, toBot: true },
    { place: thread, by: ann },
  );
  await testBot.shows(thread, words);
  const { text } = await callTool(
    "send_to_shard",
    { name: "demo", text: `say ${words}` },
    testBot.bot.toolsFor(localActor()),
  );
  expect(text).toContain("submitted");
  await callTool("send_to_shard", { words }, testBot.bot.toolsFor(localActor()));
  const home = mkdtempSync(join(tmpdir(), "debug-"));
  const path = controlSocket(home);
  const server = await serveControl(path, testBot.bot.actionsFor(localActor()), () =>
    expect.fail("no address is asked for"),
  );
  await callControl(path, "send", { name: "demo", text: `say ${words}` });
  server.close();
  rmSync(home, { recursive: true });

  expect(told("an event is taken")).toMatchObject([
    { type: "command", where: { channel: channel.channel }, right: "admin" },
    { type: "message", where: { channel: thread.channel }, right: "admin" },
  ]);
  expect(told("a post is sent").length).toBeGreaterThan(1);
  expect(told("a post is sent")[0]).toMatchObject({ kind: "notice", thread });
  expect(told("a tool is called")).toMatchObject([
    { tool: "send_to_shard", understood: true },
    { tool: "send_to_shard", understood: false },
  ]);
  expect(told("a control call is taken")).toMatchObject([{ verb: "send" }]);
  expect(JSON.stringify(debugLines())).not.toMatch(/lemon|marzipan/);
});

it("tells of none of it at info", async () => {
  configureLog({ level: "info" });
  await testBot.shard();
  expect(debugLines()).toEqual([]);
});
