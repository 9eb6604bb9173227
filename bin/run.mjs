import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Run a program in our place: its output is ours, signals go on to it, and its end is ours. */
export function runInPlace(file, args, env) {
  const child = spawn(file, args, { stdio: "inherit", env });
  // Ctrl-C reaches the child by the terminal as well; a second copy of it would count as a second Ctrl-C.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`Shardbridge: ${file} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}
