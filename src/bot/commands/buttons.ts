import type { ChatEvent, Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { ShardIdentity } from "../../shards/events.ts";
import type { Need } from "../../verbs/types.ts";
import { permit } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { ButtonAction, ShardAction } from "../delivery/button-action.ts";
import { receiptPost } from "../posts/receipts.ts";
import type { Actions } from "./actions.ts";
import { destroyShard, resumeShard } from "./commands-shards.ts";
import { pressKeys, removePrompt, sentPost } from "./commands-talk.ts";

type Press = Extract<ChatEvent, { type: "action" }>;
type Pressed<A extends ShardAction["action"]> = Extract<ShardAction, { action: A }>;

/** The right that a button needs. */
const needs: Readonly<Record<ShardAction["action"], Need>> = {
  stop: "stop",
  "destroy-force": "destroy --force",
  resume: "resume",
  answer: "answer",
  press: "press",
  unqueue: "unqueue",
  "send-now": "send",
  "approve-setup": "setup --approve",
  resend: "send",
  anyway: "send",
};

/** Do what a button under a shard's post is for. Throws ShardbridgeError, "usage" for a button of another post. */
export async function pressButton(
  event: Press,
  pressed: ButtonAction,
  asker: Asker,
  actions: Actions,
  identity?: Partial<ShardIdentity>,
): Promise<Post | undefined> {
  if (!("shard" in pressed)) throw tooOld(pressed.action);
  const { shard } = pressed;
  permit(event, needs[pressed.action], shard, asker.right, identity);
  switch (pressed.action) {
    case "stop":
      await actions.stop({ name: shard });
      return undefined;
    case "destroy-force":
      return destroyShard(shard, true, actions);
    case "resume":
      return resumeShard(shard, undefined, actions);
    case "answer":
      return answer(pressed, event, actions);
    case "press":
      return pressKeys(shard, event.text ?? pressed.keys ?? "", actions);
    case "unqueue":
      return removePrompt(shard, pressed.prompt, actions);
    case "send-now":
      return sendNow(shard, pressed.prompt, actions);
    case "approve-setup":
      return approveSetup(pressed, actions);
    case "resend":
    case "anyway":
      return resend(pressed, actions);
  }
}

async function answer(
  { shard, question, option }: Pressed<"answer">,
  { text, secret }: Press,
  actions: Actions,
): Promise<undefined> {
  const given = { name: shard, question, option, text, secret: secret === true };
  await actions.answer(given).catch((error: unknown) => {
    if (!(error instanceof ShardbridgeError) || error.code !== "refused") throw error;
    const gone = `This question is already answered, or gone: read ${shard} shows what is there now.`;
    throw new ShardbridgeError("refused", gone, { cause: error });
  });
}

async function sendNow(shard: string, id: number, actions: Actions): Promise<Post> {
  const { prompt, receipt } = await actions.sendNow({ name: shard, id });
  return receiptPost(shard, receipt, { text: prompt.text });
}

async function approveSetup({ shard, hash }: Pressed<"approve-setup">, actions: Actions): Promise<Post> {
  await actions.approveSetup({ name: shard, hash });
  return { kind: "notice", text: `Approved: ${shard} is set up now, and so is each new shard of that repo.` };
}

async function resend({ action, shard, text }: Pressed<"resend" | "anyway">, actions: Actions): Promise<Post> {
  const request = { name: shard, text };
  const receipt = await actions.send({ ...request, ...(action === "anyway" && { anyway: true }) });
  // Then the button stays good.
  if (receipt.outcome === "refused") throw new ShardbridgeError("refused", `refused: ${receipt.reason}`);
  return sentPost(request, receipt, actions);
}

/** Why a button of the orchestrator's posts can't be pressed any more, by its action. */
const over: ReadonlyMap<string, string> = new Map([
  ["step", "That was settled already, or is not wanted any more."],
  ["choose", "That was answered already."],
  ["budget", "There is nothing to extend any more."],
]);

/** Nothing is known any more of what a button stands for. */
export function tooOld(action: string): ShardbridgeError {
  const why = over.get(action);
  if (why !== undefined) return new ShardbridgeError("refused", why);
  const text = "This button is too old to be pressed: use the command instead; help shows them.";
  return new ShardbridgeError("usage", text);
}
