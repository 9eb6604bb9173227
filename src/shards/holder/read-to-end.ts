import type { Socket } from "node:net";
import type { IPty } from "node-pty";

/** Milliseconds for a program that goes on printing after the one that was started has ended. */
const patience = 2000;

/**
 * node-pty closes a PTY 200 ms after its program ended, read or not (DESTROY_SOCKET_TIMEOUT_MS in its unixTerminal.js): on a busy machine
 * the last output would be lost. With this it is closed when a round of the event loop finds nothing more to read.
 *
 * @param before is called when the end comes, so that reading goes on where it was paused.
 */
export function readToEnd(pty: IPty, before: () => void): void {
  const { _socket: socket } = pty as unknown as { _socket: Socket };
  const destroy = socket.destroy.bind(socket);
  let closing = false;
  socket.destroy = (error) => {
    if (error || socket.destroyed) return destroy(error);
    if (closing) return socket;
    closing = true;
    before();
    const deadline = performance.now() + patience;
    const look = (read: number) => {
      if (socket.bytesRead === read || performance.now() > deadline) return void destroy();
      // Whatever can be read is, before this is called.
      setImmediate(look, socket.bytesRead);
    };
    setImmediate(look, -1);
    return socket;
  };
}
