import type { Socket } from "node:net";
import type { IPty } from "node-pty";

/** Milliseconds without a byte. The kernel tells of output a moment after it was printed. */
const quiet = 50;
/** So often at most, for a program that goes on printing after the one that was started has ended. Not by the clock: this process may stand still. */
const looks = 40;

/**
 * node-pty closes a PTY 200 ms after its program ended, read or not (DESTROY_SOCKET_TIMEOUT_MS in its unixTerminal.js): on a busy machine
 * the last output would be lost. With this it is closed when nothing more comes. Where no other program has it open, that is told by an
 * error (EIO), and it is closed at once.
 *
 * @param before is called when the end comes, so that reading goes on where it was paused. It may be paused again for a while.
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
    const look = (left: number, read: number) => {
      const dry = socket.bytesRead === read && !socket.isPaused();
      if (dry || left === 0) return void destroy();
      const { bytesRead } = socket;
      // In a round of the event loop timers come first, then whatever can be read, then this.
      setTimeout(() => setImmediate(look, left - 1, bytesRead), quiet);
    };
    setImmediate(look, looks, -1);
    return socket;
  };
}
