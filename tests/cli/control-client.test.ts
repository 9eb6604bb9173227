import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callControl } from "../../src/control/client.ts";
import { maxCall } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";

let folder: string;
let path: string;
let server: Server;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "control-"));
  path = join(folder, "control.sock");
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A bot of another kind; resolves once the client has left it. */
async function bot(answer: (socket: Socket) => void): Promise<{ left: Promise<unknown> }> {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.once("data", () => answer(socket));
  }).listen(path);
  await once(server, "listening");
  return { left };
}

it.each([
  ["no JSON", "hello\n"],
  ["no object", "[1]\n"],
  ["nothing", "\n"],
  ["another object", '{"hello":1}\n'],
  ["a result without a word", '{"ok":true}\n'],
  ["an error that there is not", '{"ok":false,"code":"toString","message":"x"}\n'],
  ["an error without a sentence", '{"ok":false,"code":"failed"}\n'],
])("leaves what answers with %s, and says so", async (_name, answer) => {
  const { left } = await bot((socket) => socket.write(answer));
  await expect(callControl(path, "list", {})).rejects.toMatchObject({ code: "unavailable", name: "ShardbridgeError" });
  await left;
});

it("leaves after an error that it was told", async () => {
  const { left } = await bot((socket) => socket.write('{"ok":false,"code":"not_found","message":"None."}\n'));
  await expect(callControl(path, "list", {})).rejects.toMatchObject({ code: "not_found", message: "None." });
  await left;
});

it("leaves after an answer, whatever else comes", async () => {
  const { left } = await bot((socket) =>
    socket.write('{"ok":true,"result":"\u2028\u0085"}\n{"ok":true,"result":2}\nmore'),
  );
  expect(await callControl(path, "list", {})).toEqual({ result: "\u2028\u0085" });
  await left;
});

it.each([
  ["hangs up", (socket: Socket) => socket.end()],
  ["ends in the middle of its answer", (socket: Socket) => socket.end('{"ok":true,"result":')],
  ["breaks off", (socket: Socket) => socket.destroy()],
])("says when what answers %s", async (_name, answer) => {
  await bot(answer);
  await expect(callControl(path, "list", {})).rejects.toMatchObject({ code: "unavailable", message: /ended before/ });
});

it("tells who calls with too much, and hangs up", async () => {
  server = await serveControl(path, {} as Verbs, () => ({ socket: "", secret: "" }));
  const socket = connect(path);
  socket.on("error", () => socket.destroy());
  const said = text(socket);
  socket.write("x".repeat(maxCall + 1));
  expect(JSON.parse(await said)).toMatchObject({ ok: false, code: "usage" });
});
