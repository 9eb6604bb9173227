import { expect, it } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import type { Actions } from "../../src/bot/commands/actions.ts";
import { shardCommands } from "../../src/bot/commands/commands-shards.ts";

const spawn = async (error: ShardbridgeError, options: Record<string, string>) => {
  const spawnWithThread = async () => {
    throw error;
  };
  const actions = { spawnWithThread } as unknown as Actions;
  return shardCommands.spawn.run({ options } as Parameters<typeof shardCommands.spawn.run>[0], actions);
};
const noProgram = new ShardbridgeError("config", "git-lfs is not on the PATH of Shardbridge: install it.");

it("a spawn that the machine is not ready for keeps its prompt", async () => {
  expect(await spawn(noProgram, { name: "demo", prompt: "Fix\nthe test" })).toEqual({
    kind: "notice",
    tone: "error",
    text: "git-lfs is not on the PATH of Shardbridge: install it.\nThe prompt, to be given then:\nFix\nthe test",
  });
});

it("is refused as always where there is no prompt, or the request itself is wrong", async () => {
  await expect(spawn(noProgram, { name: "demo" })).rejects.toBe(noProgram);
  const taken = new ShardbridgeError("exists", "There is a shard demo already.");
  await expect(spawn(taken, { name: "demo", prompt: "x" })).rejects.toBe(taken);
});
