import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe } from "vitest";
import { askTool, callControl } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";
import { blocked } from "./attempt.ts";

/** Line breaks for JavaScript and for `readline`, and none for JSON or for who splits at LF. */
const breaks = { "a line separator": "\u2028", "a paragraph separator": "\u2029", "a next line": "\u0085" };

describe.each(Object.entries(breaks))("%s that a shard prints", (_name, character) => {
  let folder: string;
  let path: string;
  let server: Server;
  const text = `x${character}y`;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "attack-"));
    path = controlSocket(folder);
    const verbs = {
      read: async () => ({ name: "a", text, truncated: false, status: {} }),
      screen: async () => ({ name: "a", text }),
      send: async () => ({ outcome: "submitted", turn: 1 }),
    } as unknown as Verbs;
    const tool = async () => ({ text: `<shard_output>\n${text}\n</shard_output>`, failed: false });
    server = await serveControl(path, verbs, () => ({ socket: "", secret: "" }), tool);
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const breaksOff = (call: Promise<unknown>) => call.then(() => false).catch(() => true);
  blocked("breaks the answer of a tool", () => breaksOff(askTool(path, { name: "read_shard", args: {} })));
  blocked("breaks what is read", () => breaksOff(callControl(path, "read", { name: "a" })));
  blocked("breaks a screen", () => breaksOff(callControl(path, "screen", { name: "a" })));
  blocked("breaks a prompt with it", () => breaksOff(callControl(path, "send", { name: "a", text })));
  blocked("leaves a connection open, on which the command line hangs", async () => {
    const closed = new Promise<void>((resolve) =>
      server.once("connection", (socket) => socket.once("close", () => resolve())),
    );
    await breaksOff(callControl(path, "read", { name: "a" }));
    // A client that has ended its side is seen as closed at once, within a turn of the loop or two.
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 500));
    if ((await Promise.race([closed, late])) !== "late") return false;
    return (await promisify(server.getConnections.bind(server))()) > 0;
  });
});
