import { ShardbridgeError } from "../../errors.ts";
import { hygienic } from "../agents/encode.ts";
import type { QueuedPrompt, Receipt, SendRequest } from "../host.ts";
import { interruptedFor } from "./interrupting.ts";
import { promptTyped, steered } from "./prompting.ts";
import { tellTurn } from "./publish.ts";
import type { TurnRecord } from "../saved/records.ts";
import { screenText } from "./answer-text.ts";
import { refusalAnyway, refusalOf } from "./refusal.ts";
import type { ShardContext } from "../shard-context.ts";

/** See `ShardHost.send`. */
export async function sendPrompt(
  shard: ShardContext,
  { text, by, when, anyway }: Omit<SendRequest, "name">,
): Promise<Receipt> {
  const refused = anyway ? refusalAnyway(shard) : refusalOf(shard);
  if (refused) return refused;
  const turn = shard.store.draft("queued", text, shard.kind.encode(text, by), by);
  if (anyway && ["unsure", "stalled", "waiting"].includes(shard.status.state)) return typedAnyway(shard, turn);
  if (shard.status.state === "working" && shard.keyboard === undefined) {
    if (when === "interrupt") return typedInstead(shard, turn);
    const receipt = when === "steer" ? await shard.alone(() => steered(shard, turn)) : undefined;
    const instead = receipt ?? refusalOf(shard);
    if (instead) return instead;
  }
  return shard.free ? shard.first(() => typedNow(shard, turn)) : enqueue(shard, turn);
}

/** See `ShardHost.command`. Throws "usage" for what is no command of the agent. */
export async function sendCommand(shard: ShardContext, text: string, by: string | undefined): Promise<Receipt> {
  const command = hygienic(text).trim();
  if (!shard.kind.isCommand(command)) throw new ShardbridgeError("usage", notACommand(shard, command));
  const refused = refusalOf(shard);
  if (refused) return refused;
  // The turn before is over, and may not be told yet.
  if (!shard.free && shard.status.state === "idle") await shard.settle();
  if (!shard.free) return refusalOf(shard) ?? notIdle(shard);
  const turn = shard.store.draft("queued", command, command, by);
  return shard.first(async () => {
    const typed = await shard.alone(() => promptTyped(shard, turn, "caller"));
    return typed ?? refusalOf(shard) ?? notIdle(shard);
  });
}

/** See `ShardHost.queue`. */
export function waitingPrompts({ store }: ShardContext): QueuedPrompt[] {
  return store.queue.map(({ number: id, text, by }, index) => {
    return { id, position: index + 1, text, ...(by !== undefined && { by }) };
  });
}

/** Take a waiting prompt away. Throws ShardbridgeError "not_found" when it does not wait any more. */
export async function takeAway(shard: ShardContext, id: number): Promise<QueuedPrompt> {
  return shard.alone(async () => {
    const prompt = waitingPrompts(shard).find((one) => one.id === id);
    const turn = shard.store.queue.find(({ number }) => number === id);
    if (!prompt || !turn) {
      throw new ShardbridgeError(
        "not_found",
        `Prompt ${id} does not wait in ${shard.name} any more: it was typed, or taken away.`,
      );
    }
    await shard.store.forget(turn);
    return prompt;
  });
}

async function typedNow(shard: ShardContext, turn: TurnRecord): Promise<Receipt> {
  const typed = await shard.alone(() => promptTyped(shard, turn, "caller"));
  return typed ?? refusalOf(shard) ?? enqueue(shard, turn);
}

/** Type it at a screen that says nothing of where it goes: a person has looked at that. What was running is over then. */
async function typedAnyway(shard: ShardContext, turn: TurnRecord): Promise<Receipt> {
  return shard.first(async () => {
    const typed = await shard.alone(async () => {
      const { running } = shard.store;
      if (running && shard.keyboard === undefined) await tellTurn(shard, running);
      return shard.store.running ? undefined : promptTyped(shard, turn, "caller", true);
    });
    return typed ?? refusalAnyway(shard) ?? enqueue(shard, turn);
  });
}

/** Stop the running turn, and type this one before any that waits. */
async function typedInstead(shard: ShardContext, turn: TurnRecord): Promise<Receipt> {
  return shard.first(async () => {
    if (await interruptedFor(shard)) return typedNow(shard, { ...turn, ahead: true });
    return refusalOf(shard) ?? { outcome: "stalled", screen: shard.link ? screenText(shard.link.view) : "" };
  });
}

async function enqueue(shard: ShardContext, turn: TurnRecord): Promise<Receipt> {
  const saved = shard.store.save(turn);
  const position = shard.store.queue.indexOf(turn) + 1;
  await saved;
  shard.wake();
  const { keyboard } = shard;
  return { outcome: "queued", position, ...(keyboard !== undefined && { keyboard }) };
}

function notIdle({ name, status, keyboard }: ShardContext): Receipt {
  if (keyboard !== undefined) {
    const reason = `${keyboard} is at the keyboard of ${name}: a command is typed only when nobody is, so try again then.`;
    return { outcome: "refused", reason };
  }
  const remedy = "a command is typed only when it is idle, so try again then";
  return { outcome: "refused", reason: `${name} is ${status.state}: ${remedy}.` };
}

function notACommand({ name, kind }: ShardContext, text: string): string {
  if (!kind.isCommand("/help")) return `${kind.title} has no commands of its own: use send for ${name}.`;
  const line = text.split("\n", 1)[0] ?? "";
  return `"${line.slice(0, 60)}" is no command of ${kind.title}: a command is one line like /help. Use send for everything else.`;
}
