import type { Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";
import { findProgram } from "../../src/shards/process/find-program.ts";
import { privateFolder } from "../../src/shards/process/places.ts";
import { PersonTerminal } from "./person-terminal.ts";
import { Machine } from "./program.ts";

/** Each with no settings of its own, and the script read. */
const shells: Record<string, string> = {
  bash: "bash --norc --noprofile -i",
  zsh: "zsh -f -i",
  fish: "fish --no-config -i",
};

let machine: Machine;
let bot: Server;
let desk: PersonTerminal | undefined;

beforeEach(async () => {
  machine = new Machine();
  const shards = [{ name: "alpha" }, { name: "beta-one" }];
  privateFolder(machine.state);
  bot = await serveControl(controlSocket(machine.state), { list: async () => shards } as unknown as Verbs, () =>
    expect.fail("nothing is attached to"),
  );
});
afterEach(async () => {
  desk?.pty.kill("SIGKILL");
  await desk?.exit;
  bot.close();
  await machine.dispose();
});

describe.each(Object.entries(shells))("completion in %s", (shell, start) => {
  const missing = findProgram(shell, process.env) === undefined;

  it.skipIf(missing)(
    `has verbs, options and the shards of the bot${missing ? `: ${shell} is not installed` : ""}`,
    async () => {
      const script = `"$@" > completion || exit; exec ${start}`;
      const opened = new PersonTerminal(machine, ["completion", shell], { cols: 120, rows: 24 }, script);
      desk = opened;
      const shows = async (line: RegExp) => vi.waitFor(() => expect(opened.line.trimEnd()).toMatch(line), patience);
      await shows(/[$%#>]$/);
      opened.type("source ./completion; echo is read\r");
      await opened.shows(/^is read/m);
      opened.type("shardbridge exp\t");
      await shows(/shardbridge explain$/);
      opened.type("al\t");
      await shows(/shardbridge explain alpha$/);
      opened.type("\u0015shardbridge send beta-one --st\t");
      await shows(/shardbridge send beta-one --steer$/);
      opened.type("\u0015shardbridge resume --mode=ed\t");
      await shows(/shardbridge resume --mode=edits$/);
      bot.close();
      opened.type("\u0015shardbridge read be\t");
      // What is typed after it comes after it.
      opened.type("!");
      await shows(/shardbridge read be!$/);
      expect(opened.rows.join("\n")).not.toMatch(/[Ee]rror|ENOENT|No bot/);
    },
  );
});

const patience = { timeout: 25_000, interval: 20 };
