import { userInfo } from "node:os";
import { ShardbridgeError } from "../../errors.ts";
import { type HolderAddress, savedAddress } from "../../shards/lifecycle/holder-address.ts";
import { askAddress } from "../../control/client.ts";
import { controlSocket } from "../../control/protocol.ts";
import { readFlags, wrong } from "../flags.ts";
import { openPatiently } from "../../control/patience.ts";
import { commandKey, ownKey } from "./keys.ts";
import { Visit, type VisitOptions } from "./visit.ts";

/** `shardbridge attach`. Resolves with the exit code; throws ShardbridgeError. */
export async function runAttach(args: string[], home: string): Promise<number> {
  const wanted = parse(args);
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new ShardbridgeError("usage", "attach needs a terminal for its input and its output: run it in one.");
  return new Visit({ ...wanted, holder: await addressOf(home, wanted.name) }).run();
}

/** From the running bot; with none, from what it has saved. */
async function addressOf(home: string, name: string): Promise<HolderAddress> {
  const address = await askAddress(controlSocket(home), name);
  if (address) return address;
  const store = await openPatiently(home);
  try {
    return savedAddress(store, name);
  } finally {
    // Now: a bot that is started while we are attached needs the folder.
    await store.close();
  }
}

function parse(args: string[]): Omit<VisitOptions, "holder"> {
  const { values, words } = readArguments(args);
  const [name, ...more] = words;
  if (name === undefined) throw wrong("attach needs the name of a shard");
  if (more.length > 0) throw wrong(`attach does not take "${more.join(" ")}"`);
  if (values.view && values.resize) throw wrong("attach takes --view or --resize, not both");
  const detach = ownKey(values["detach-key"] ?? "ctrl-\\");
  return {
    name,
    as: values.as ?? userInfo().username,
    viewOnly: values.view === true,
    resize: values.resize === true,
    detach,
    command: commandKey(detach),
  };
}

function readArguments(args: string[]) {
  const options = {
    view: { type: "boolean" },
    resize: { type: "boolean" },
    as: { type: "string" },
    "detach-key": { type: "string" },
  } as const;
  return readFlags("attach", args, options);
}
