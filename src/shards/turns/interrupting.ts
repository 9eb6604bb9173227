import { ShardbridgeError } from "../../errors.ts";
import type { ShardState, Stopped } from "../host.ts";
import { livingLink, writeKeys } from "./keys.ts";
import type { ShardContext } from "../shard-context.ts";

/**
 * Milliseconds after which a turn that goes on is interrupted again. Claude and Gemini go on with what they have queued themselves, and
 * shells drop a ctrl-c that comes just before they start the command (measured: fish 98 times of 100 within 5 ms, zsh and bash often).
 */
const againAfter = 3400;
const times = 3;
/** Milliseconds of silence after which an interrupted agent does nothing more, and how long they are waited for. */
const calm = 700;
const calmsWithin = 2000;

/** See `ShardHost.stop`. */
export async function interrupt(shard: ShardContext): Promise<Stopped> {
  const { name, store } = shard;
  // A prompt that is being typed belongs to the turn that is to stop.
  const state = await shard.alone(async () => shard.status.state);
  livingLink(shard);
  if (state === "idle") throw new ShardbridgeError("refused", idleText(shard));
  // In a dialog, or where a prompt hangs or no rule can read the screen, nothing tells what more keys would do.
  if (state !== "working") {
    await shard.alone(() => press(shard));
    return stopped(shard);
  }
  const turn = store.running?.number;
  const over = () => store.running?.number !== turn || shard.status.state !== "working";
  if (await interruptUntil(over, shard)) return stopped(shard);
  const remedy = `\`screen ${name}\` shows it, \`press ${name} KEYS\` tries other keys, \`close ${name}\` ends the agent`;
  throw new ShardbridgeError("refused", `${name} goes on after ${times} interrupts: ${remedy}.`);
}

function stopped({ status: { background } }: ShardContext): Stopped {
  return background ? { background } : {};
}

function idleText({ name, kind, status: { background } }: ShardContext): string {
  if (!background) return `Nothing runs in ${name}: there is nothing to stop.`;
  const goesOn = `${background.shells + background.agents} of its background tasks go on`;
  return `No turn runs in ${name}, but ${goesOn}: end them in ${kind.title} (\`attach ${name}\`), or \`close ${name}\`.`;
}

/** Stop the running turn for a prompt. Whether the agent became idle, and the turn was told to its end. Nothing is pressed in a dialog. */
export async function interruptedFor(shard: ShardContext): Promise<boolean> {
  const { store, kind, link } = shard;
  if (!link) return false;
  const atWork: readonly ShardState[] = ["working", "unsure"];
  const idle = () => shard.status.state === "idle" && !store.running;
  const over = () => idle() || !["idle", ...atWork].includes(shard.status.state);
  const dialog = () => (kind.state(link.view)?.state ?? "working") !== "working";
  await interruptUntil(over, shard, dialog);
  // Claude puts the prompt back into its input line some time after it says that it is idle.
  await link.until(() => link.quiet >= calm || !idle(), calmsWithin);
  return idle();
}

async function interruptUntil(over: () => boolean, shard: ShardContext, spared = () => false): Promise<boolean> {
  const { link } = shard;
  if (!link) return true;
  for (let time = 0; time < times; time++) {
    await shard.alone(async () => {
      if (!over() && !spared()) await press(shard);
    });
    if (await link.until(over, againAfter)) return true;
  }
  return false;
}

async function press(shard: ShardContext): Promise<void> {
  const { link, kind, watch } = shard;
  if (!link || link.ended) return;
  watch.interrupted();
  await writeKeys(link, kind.keys.interrupt);
}
