import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runAttach } from "../../../src/cli/attach/attach.ts";
import { ownKey } from "../../../src/cli/attach/keys.ts";
import { Visit } from "../../../src/cli/attach/visit.ts";

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attach-"));
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

describe("the words of attach", () => {
  it.each([
    [[], "attach needs the name of a shard"],
    [["a", "b"], 'attach does not take "b"'],
    [["a", "--view", "--resize"], "not both"],
    [["a", "--detach-key", "x"], "not x"],
    [["a", "--bogus"], "--bogus"],
    [["a"], "attach needs a terminal"],
  ])("%j is refused: %s", async (args, words) => {
    const refused = { code: "usage", message: expect.stringContaining(words) as string };
    await expect(runAttach(args, folder)).rejects.toMatchObject(refused);
  });
});

describe("a holder of another time", () => {
  /** A holder that says this first and nothing else. */
  async function visitTo(welcome: object): Promise<number> {
    const socket = join(folder, "socket");
    server = createServer((client) => {
      client.on("error", () => undefined);
      client.once("data", () => client.write(`${JSON.stringify(welcome)}\n`));
    });
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    const keys = { detach: ownKey("ctrl-\\"), command: ownKey("ctrl-]") };
    const holder = { socket, secret: "secret" };
    return new Visit({ name: "demo", holder, as: "ann", viewOnly: false, resize: false, ...keys }).run();
  }

  const welcome = { hello: 1, shard: "demo", pid: 1, child: 2, startedAt: "2026-01-01T00:00:00Z" };

  it("is too old, and what to do is said", async () => {
    const operations = ["view", "watch", "rows", "write", "log", "quit"];
    await expect(visitTo({ ...welcome, operations })).rejects.toMatchObject({
      code: "unavailable",
      message: "The holder of demo is older than attach: close the shard and resume it, then attach.",
    });
  });

  it("has an agent that has ended", async () => {
    await expect(visitTo({ ...welcome, operations: ["attach"], exit: { code: 0, signal: 9 } })).rejects.toMatchObject({
      code: "refused",
      message: "The agent of demo has ended (signal 9). Resume it.",
    });
  });
});
