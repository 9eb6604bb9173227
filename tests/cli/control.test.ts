import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askAddress, callControl } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";

let folder: string;
let path: string;
let server: Server | undefined;
const asked: unknown[] = [];
const actions = {
  list: async () => [],
  send: async (request: unknown) => {
    asked.push(request);
    return { outcome: "queued", position: 2 };
  },
  read: async () => {
    throw new ShardbridgeError("not_found", "There is no shard nobody.");
  },
  destroy: async () => {
    throw new Error("a bug");
  },
  stop: async () => undefined,
} as unknown as Verbs;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "control-"));
  path = controlSocket(folder);
  server = await serveControl(path, actions, (name) => ({ socket: `/run/${name}.sock`, secret: `secret of ${name}` }));
  configureLog({ write: () => {} });
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

describe("the control socket", () => {
  it("passes a verb on and gives its result", async () => {
    expect(await callControl(path, "send", { name: "demo", text: "a\nb" })).toEqual({
      result: { outcome: "queued", position: 2 },
    });
    expect(asked).toEqual([{ name: "demo", text: "a\nb" }]);
    expect(await callControl(path, "list", {})).toEqual({ result: [] });
    expect(await callControl(path, "stop", { name: "demo" })).toEqual({ result: null });
  });

  it("gives errors with their codes, and bugs as ids", async () => {
    await expect(callControl(path, "read", { name: "nobody" })).rejects.toMatchObject({
      code: "not_found",
      message: "There is no shard nobody.",
    });
    await expect(callControl(path, "destroy", { name: "demo" })).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/bug [0-9a-f]{8}/) as string,
    });
  });

  it("tells where a shard's holder is", async () => {
    const address = { socket: "/run/demo.sock", secret: "secret of demo" };
    expect(await askAddress(path, "demo")).toEqual(address);
  });

  it("is its owner's alone", () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    "no json",
    "{}",
    '{"verb":"format","request":{}}',
    '{"verb":"send","request":{"name":1}}',
    '{"verb":"send","request":{"name":"demo","text":"x","when":"now"}}',
    '{"verb":"resume","request":{"name":"demo","mode":"everything"}}',
    '{"verb":"constructor","request":{}}',
    '{"verb":"list","request":{"extra":1}}',
  ])("refuses %s", async (line) => {
    const socket = connect(path);
    socket.write(`${line}\n`);
    for await (const answer of createInterface({ input: socket })) {
      expect(JSON.parse(answer)).toMatchObject({ ok: false, code: "usage" });
      break;
    }
    socket.destroy();
  });

  it("is not there without a bot, also when a crash left its file", async () => {
    server?.close();
    expect(await callControl(join(folder, "none.sock"), "list", {})).toBeUndefined();
    writeFileSync(join(folder, "left.sock"), "");
    expect(await callControl(join(folder, "left.sock"), "list", {})).toBeUndefined();
  });

  it("stays below the limit of a socket's path", () => {
    const deep = join(folder, "deep/".repeat(40));
    expect(Buffer.byteLength(controlSocket(deep))).toBeLessThanOrEqual(100);
    expect(controlSocket(deep)).toBe(controlSocket(deep));
  });
});
