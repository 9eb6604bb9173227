import type { Socket } from "node:net";

/** Call `onLine` with each line that comes over the socket, without its line feed. A longer one than `limit` characters closes it. */
export function readLines(socket: Socket, limit: () => number, onLine: (line: string) => void): void {
  let pieces: string[] = [];
  let length = 0;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const parts = chunk.split("\n");
    for (const [index, part] of parts.entries()) {
      length += part.length;
      if (length > limit()) socket.destroy();
      if (socket.destroyed) return;
      pieces.push(part);
      if (index === parts.length - 1) return;
      const line = pieces.join("");
      pieces = [];
      length = 0;
      onLine(line);
    }
  });
}

/** The JSON object in a line; undefined when there is none. */
export function readObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
