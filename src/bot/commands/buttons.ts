import type { ChatEvent, Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import { permit, type Need } from "../access/access.ts";
import type { Actions, Asker } from "./actions.ts";
import { textOf } from "../delivery/retry-buttons.ts";
import { pressKeys, removePrompt, sentPost } from "./commands-talk.ts";
import { destroyShard, resumeShard } from "./commands-shards.ts";
import { receiptPost } from "../posts/receipts.ts";

/** A pressed button: the shard that its value begins with, and what comes after it. */
interface Press {
  shard: string;
  rest: string;
  /** The words that it asked for. */
  text: string | undefined;
  /** They were given where nobody else sees them. */
  secret: boolean;
  actions: Actions;
}

interface Button {
  need: Need;
  run(press: Press): Promise<Post | undefined>;
}

/** What the buttons do, by their actions. */
const buttons: ReadonlyMap<string, Button> = new Map<string, Button>([
  ["stop", { need: "stop", run: stop }],
  ["destroy-force", { need: "destroy --force", run: ({ shard, actions }) => destroyShard(shard, true, actions) }],
  ["resume", { need: "resume", run: ({ shard, actions }) => resumeShard(shard, undefined, actions) }],
  ["answer", { need: "answer", run: answer }],
  ["press", { need: "press", run: ({ shard, rest, text, actions }) => pressKeys(shard, text ?? rest, actions) }],
  ["unqueue", { need: "unqueue", run: ({ shard, rest, actions }) => removePrompt(shard, Number(rest), actions) }],
  ["send-now", { need: "send", run: sendNow }],
  ["approve-setup", { need: "setup --approve", run: approveSetup }],
  ["resend", { need: "send", run: async (press) => resend(press, false) }],
  ["anyway", { need: "send", run: async (press) => resend(press, true) }],
]);

/** Do what a button of ours is for. `value` is undefined when its code has been forgotten. */
export async function pressButton(
  event: Extract<ChatEvent, { type: "action" }>,
  value: string | undefined,
  asker: Asker,
  actions: Actions,
): Promise<Post | undefined> {
  const button = buttons.get(event.action);
  const [, shard = "", rest = ""] = /^([^/]+)(?:\/([^]*))?$/.exec(value ?? "") ?? [];
  if (!button || shard === "") throw tooOld();
  permit(event, button.need, shard, asker.right);
  return button.run({ shard, rest, text: event.text, secret: event.secret === true, actions });
}

async function stop({ shard, actions }: Press): Promise<undefined> {
  await actions.stop({ name: shard });
}

async function answer({ shard, rest, text, secret, actions }: Press): Promise<undefined> {
  const [, question, option = ""] = /^([^]+)\/([^/]*)$/.exec(rest) ?? [];
  if (question === undefined) throw tooOld();
  await actions.answer({ name: shard, question, option, text, secret }).catch((error: unknown) => {
    if (!(error instanceof ShardbridgeError) || error.code !== "refused") throw error;
    const gone = `This question is already answered, or gone: read ${shard} shows what is there now.`;
    throw new ShardbridgeError("refused", gone, { cause: error });
  });
}

async function sendNow({ shard, rest, actions }: Press): Promise<Post> {
  const { prompt, receipt } = await actions.sendNow({ name: shard, id: Number(rest) });
  return receiptPost(shard, receipt, { text: prompt.text });
}

async function approveSetup({ shard, rest, actions }: Press): Promise<Post> {
  await actions.approveSetup({ name: shard, hash: rest });
  return { kind: "notice", text: `Approved: ${shard} is set up now, and so is each new shard of that repo.` };
}

async function resend({ shard, rest, actions }: Press, anyway: boolean): Promise<Post> {
  const request = { name: shard, text: textOf(rest) };
  const receipt = await actions.send({ ...request, ...(anyway && { anyway }) });
  // Then the button stays good.
  if (receipt.outcome === "refused") throw new ShardbridgeError("refused", `refused: ${receipt.reason}`);
  return sentPost(request, receipt, actions);
}

function tooOld(): ShardbridgeError {
  return new ShardbridgeError(
    "usage",
    "This button is too old to be pressed: use the command instead; help shows them.",
  );
}
