#!/usr/bin/env node
// The command `shardbridge`: the program of a clone, or of a package that npm has installed.
import { existsSync } from "node:fs";

if (existsSync(new URL("../src", import.meta.url))) {
  const { runClone } = await import("./clone.mjs");
  await runClone();
} else {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    process.stderr.write(`Shardbridge: this is Node ${process.versions.node}, and 22.18 or newer is needed.\n`);
    process.exit(1);
  }
  // Node 22 says of its SQLite, in every run, that it is an experiment.
  const { emitWarning } = process;
  process.emitWarning = (warning, ...about) => {
    if (about[0] !== "ExperimentalWarning" || !String(warning).startsWith("SQLite")) emitWarning(warning, ...about);
  };
  await import("../dist/main.js");
}
