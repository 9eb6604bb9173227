/**
 * The fake agent in the place of Claude Code, started as that is: it writes the transcript that the bot looks for, and goes on with a
 * conversation that it has had.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  strict: false,
  options: { "session-id": { type: "string" }, resume: { type: "string" }, settings: { type: "string" } },
});
const session = String(values.resume ?? values["session-id"]);
const folder = dirname(String(values.settings));
const history = join(folder, "fake-history.jsonl");
const transcript = join(process.env["HOME"] ?? "", ".claude", "projects", "looks", `${session}.jsonl`);
const written = ["--session", session, "--signals", join(folder, "signals.jsonl"), "--transcript", transcript];
const goesOn = values.resume !== undefined && existsSync(history);
process.argv.splice(2, Infinity, ...written, "--history", history, ...(goesOn ? ["--resume"] : []));
await import("../../tests/fakes/fake-agent.ts");
