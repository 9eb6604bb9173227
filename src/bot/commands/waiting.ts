import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { QueuedPrompt, Receipt, ShardHost } from "../../shards/host.ts";
import { excerpt } from "../posts/split.ts";

/** The id of a prompt that was just queued. It may be typed, or moved up, at any moment, so it is found by its text. */
export async function waitingId(
  host: Pick<ShardHost, "queue">,
  { name, text }: { name: string; text: string },
  receipt: Receipt,
): Promise<number | undefined> {
  if (receipt.outcome !== "queued") return undefined;
  try {
    const same = (await host.queue({ name })).filter((prompt) => prompt.text.trim() === text.trim());
    return (same.find(({ position }) => position === receipt.position) ?? same.at(-1))?.id;
  } catch (error) {
    // The prompt is queued all the same; it has no buttons then.
    log.warn("a queue could not be looked at", { shard: name, why: messageOf(error) });
    return undefined;
  }
}

/** A receipt with what people are told of a prompt that waits: its id, and whether it waits for the agent's start. */
export async function withPlace(
  host: Pick<ShardHost, "queue" | "list">,
  request: { name: string; text: string },
  receipt: Receipt,
): Promise<Receipt> {
  if (receipt.outcome !== "queued") return receipt;
  const [id, shards] = await Promise.all([waitingId(host, request, receipt), host.list()]);
  const starting = shards.find(({ name }) => name === request.name)?.status.state === "starting";
  return { ...receipt, ...(id !== undefined && { id }), ...(starting && { starting: true as const }) };
}

/** Take a prompt out of the queue and send it in the place of the running turn, in the name of who wrote it. */
export async function sendNow(
  host: Pick<ShardHost, "unqueue" | "send">,
  name: string,
  id: number,
  by: string,
): Promise<{ prompt: QueuedPrompt; receipt: Receipt }> {
  const prompt = await host.unqueue({ name, id, by });
  const lost = (why: string) => `${why} It waits no longer, so send it again: ${excerpt(prompt.text, 1000)}`;
  try {
    const receipt = await host.send({ name, text: prompt.text, by: prompt.by ?? by, when: "interrupt" });
    if (receipt.outcome === "refused") throw new ShardbridgeError("refused", receipt.reason);
    return { prompt, receipt };
  } catch (error) {
    if (!(error instanceof ShardbridgeError)) throw error;
    throw new ShardbridgeError(error.code, lost(error.message), { cause: error });
  }
}
