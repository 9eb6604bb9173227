import { createServer, type Server } from "node:net";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { readLines, readObject } from "../../src/lines.ts";
import { protocolVersion, type Reply, type Welcome } from "../../src/shards/holder/protocol.ts";

/** A holder without a process: it speaks the protocol, and always shows the same idle shell. */
export async function lightHolder(shard: string, socket: string): Promise<Server> {
  const server = createServer((connection) => {
    let known = false;
    connection.on("error", () => connection.destroy());
    readLines(connection, {
      limit: () => 1_000_000,
      onLine: (line) => {
        const answer = known ? reply(readObject(line)) : welcome(shard);
        known = true;
        connection.write(`${JSON.stringify(answer)}\n`);
      },
    });
  });
  server.listen(socket);
  await new Promise<void>((resolve, reject) => server.once("listening", resolve).once("error", reject));
  return server;
}

function welcome(shard: string): Welcome {
  const operations = ["view", "watch", "rows", "write", "log", "quit"];
  // No process has this id.
  return { hello: protocolVersion, operations, shard, pid: 1, child: 2 ** 22, startedAt: new Date().toISOString() };
}

function reply(request: Record<string, unknown> | undefined): Reply {
  const id = Number(request?.["id"]);
  if (request?.["op"] === "view") return { id, ok: true, view };
  if (request?.["op"] === "rows") return { id, ok: true, from: 0, rows: view.rows };
  return { id, ok: true };
}

const view: ScreenView = {
  cols: 160,
  rows: Array.from({ length: 50 }, (_, row) => ({ text: row === 0 ? "$" : "", wrapped: false, dim: false })),
  top: 0,
  cursor: { row: 0, col: 2 },
  title: "",
  alternate: false,
  bracketedPaste: true,
  mark: { kind: "prompt", row: 0 },
  bytes: 100,
};
