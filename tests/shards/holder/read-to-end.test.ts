import { execFileSync } from "node:child_process";
import type { Socket } from "node:net";
import { spawn } from "node-pty";
import { expect, it, vi } from "vitest";
import { readToEnd } from "../../../src/shards/holder/read-to-end.ts";

/** A program whose output nobody has had the time to read when its PTY is to be closed. */
function late(script: string) {
  const pty = spawn("sh", ["-c", script], {});
  const { _socket: socket } = pty as unknown as { _socket: Socket };
  let text = "";
  pty.onData((chunk) => (text += chunk));
  const lines = Array.from({ length: 2000 }, (_, index) => String(index + 1)).join("\r\n");
  // No event is handled meanwhile.
  execFileSync("sleep", ["0.3"]);
  return { pty, socket, lines, text: () => text };
}

const closed = async (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

it("reads what is left in a PTY before it is closed", async () => {
  const { pty, socket, lines, text } = late("seq 1 2000; exec sleep 1000");
  let told = 0;
  readToEnd(pty, () => told++);
  socket.destroy();
  socket.destroy();
  await closed(socket);
  expect(text()).toBe(`${lines}\r\n`);
  expect(told).toBe(1);
  pty.kill("SIGKILL");
});

it("reads on where this process stands still between two reads", async () => {
  const { pty, socket, lines, text } = late("seq 1 2000; exec sleep 1000");
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 10_000));
  readToEnd(pty, () => undefined);
  socket.destroy();
  await closed(socket);
  expect(text()).toBe(`${lines}\r\n`);
  pty.kill("SIGKILL");
});

it("reads on where reading is paused meanwhile, for as long as what was read is worked on", async () => {
  const { pty, socket, lines, text } = late("seq 1 2000; exec sleep 1000");
  let pauses = 0;
  pty.onData(() => {
    pauses++;
    pty.pause();
    setTimeout(() => pty.resume(), 120);
  });
  pty.pause();
  readToEnd(pty, () => pty.resume());
  socket.destroy();
  await closed(socket);
  expect(text()).toBe(`${lines}\r\n`);
  expect(pauses).toBeGreaterThan(1);
  pty.kill("SIGKILL");
});

it("closes a PTY at once that has failed, and one with a program that prints for ever", async () => {
  const failed = late("seq 1 2000; exec sleep 1000");
  readToEnd(failed.pty, () => undefined);
  failed.socket.destroy(Object.assign(new Error("read EIO"), { code: "EIO" }));
  await closed(failed.socket);
  expect(failed.text()).toBe("");
  failed.pty.kill("SIGKILL");

  const endless = late("exec yes");
  readToEnd(endless.pty, () => undefined);
  endless.socket.destroy();
  await closed(endless.socket);
  expect(endless.text()).toMatch(/^(y\r\n){100}/);
  endless.pty.kill("SIGKILL");
});
