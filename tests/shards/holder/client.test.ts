import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HolderClient } from "../../../src/shards/holder/client.ts";

describe("a client of a holder", () => {
  let folder: string;
  let path: string;
  let server: Server | undefined;
  let peers: Socket[];
  const handlers = { view: vi.fn<() => void>(), exit: vi.fn<() => void>(), closed: vi.fn<() => void>() };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "client-"));
    path = join(folder, "socket");
    peers = [];
    server = undefined;
    vi.clearAllMocks();
  });
  afterEach(async () => {
    for (const peer of peers) peer.destroy();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    rmSync(folder, { recursive: true });
  });

  /** A holder of any kind: each line that it hears is answered by what `answer` returns. */
  async function serve(answer: (line: string, socket: Socket) => unknown) {
    server = createServer((socket) => {
      peers.push(socket);
      socket.setEncoding("utf8").on("error", () => undefined);
      socket.on("data", (chunk: string) => {
        for (const line of chunk.trim().split("\n")) {
          const reply = answer(line, socket);
          if (reply !== undefined) socket.write(typeof reply === "string" ? reply : `${JSON.stringify(reply)}\n`);
        }
      });
    }).listen(path);
    await new Promise((resolve) => server?.once("listening", resolve));
  }

  const connect = (timeout = 200) => HolderClient.connect({ socket: path, secret: "k", handlers, timeout });
  const welcome = { hello: 1, operations: ["view"], shard: "s", pid: 1, child: 2, startedAt: "2026-01-01T00:00:00Z" };
  const silent = (line: string) => (line.includes("hello") ? welcome : undefined);

  it("says who it is, and takes the welcome", async () => {
    const heard: string[] = [];
    await serve((line) => (heard.push(line), welcome));
    const client = await connect();
    expect(client.welcome).toEqual(welcome);
    expect(heard).toEqual(['{"hello":1,"secret":"k"}']);
    client.close();
    expect(handlers.closed).not.toHaveBeenCalled();
  });

  it.each<[string, (line: string, socket: Socket) => unknown, RegExp]>([
    ["speaks a newer protocol", () => ({ ...welcome, hello: 2 }), /version 2/],
    ["refuses the secret", () => ({ error: "The secret is wrong." }), /The secret is wrong\.$/],
    ["is something else", () => "SSH-2.0-OpenSSH\n", /no holder/],
    ["hangs up", (_, socket) => void socket.destroy(), /closed the connection/],
    ["says nothing", () => undefined, /does not answer/],
    ["never ends its line", () => "x".repeat(8_100_000), /closed the connection/],
  ])("is refused when the other side %s", async (_, answer, message) => {
    await serve(answer);
    await expect(connect(2000)).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(message) });
  });

  it("is refused when nobody listens", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "unavailable", message: expect.stringMatching(/ENOENT/) });
  });

  it("gives up on a call that is not answered, and goes on with the next", async () => {
    let calls = 0;
    await serve((line) => {
      if (line.includes("hello")) return welcome;
      const { id } = JSON.parse(line) as { id: number };
      return ++calls === 1 ? undefined : { id, ok: true, from: 3, rows: [] };
    });
    const client = await connect();
    await expect(client.view()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/within 200 ms/),
    });
    expect(await client.rows(0)).toEqual({ from: 3, rows: [] });
    client.close();
  });

  it("rejects everything that is open when the connection closes", async () => {
    await serve(silent);
    const client = await connect(5000);
    const calls = [client.view(), client.rows(0), client.write("x")].map((call) =>
      call.catch((error: unknown) => error),
    );
    peers[0]?.destroy();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "unavailable" });
    expect(handlers.closed).toHaveBeenCalledTimes(1);
    await expect(client.view()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("pairs answers with calls in any order, and hands events on in between", async () => {
    const ids: number[] = [];
    await serve((line, socket) => {
      if (line.includes("hello")) return welcome;
      ids.push((JSON.parse(line) as { id: number }).id);
      if (ids.length < 2) return undefined;
      const [first, second] = ids;
      socket.write(`${JSON.stringify({ id: second, ok: false, error: "No." })}\n{"event":"exit","exit":{"code":3}}\n`);
      return { id: first, ok: true, offset: 1, data: "aGk=", end: 3 };
    });
    const client = await connect();
    const log = client.log(0, 10);
    await expect(client.write("x")).rejects.toMatchObject({ code: "failed", message: "No." });
    expect(await log).toEqual({ offset: 1, data: Buffer.from("hi"), end: 3 });
    expect(handlers.exit).toHaveBeenCalledExactlyOnceWith({ code: 3 });
    client.close();
  });

  it("closes on a line that is no message", async () => {
    await serve((line) => (line.includes("hello") ? welcome : "garbage\n"));
    const client = await connect(5000);
    await expect(client.view()).rejects.toMatchObject({ code: "unavailable" });
  });
});
