import type { AccessLists, ChatEvent, CommandCall, Person, Place } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { ShardIdentity } from "../../shards/events.ts";

/** Rights of a person; each includes those before it. */
export type Right = "none" | "viewer" | "operator" | "admin";

const order: readonly Right[] = ["none", "viewer", "operator", "admin"];

/** The right that each thing takes: command verbs, some of them with an option, and `prompt` (plain text to the orchestrator or an attached shard). */
const needs = {
  help: "viewer",
  list: "viewer",
  read: "viewer",
  screen: "viewer",
  explain: "viewer",
  queue: "viewer",
  prompt: "operator",
  spawn: "operator",
  "spawn --mode all": "admin",
  send: "operator",
  cmd: "operator",
  unqueue: "operator",
  answer: "operator",
  press: "operator",
  stop: "operator",
  close: "operator",
  resume: "operator",
  "resume --mode all": "admin",
  destroy: "operator",
  "destroy --force": "admin",
  attach: "admin",
  detach: "admin",
  tasks: "viewer",
  "tasks --change": "operator",
  usage: "viewer",
  "usage --extend": "admin",
  policy: "viewer",
  "policy --set": "admin",
  "setup --approve": "admin",
} as const satisfies Record<string, Right>;

export type Need = keyof typeof needs;

/** The verbs that are asked for in chat. */
export type ChatVerb = Exclude<Need, "prompt" | `${string} --${string}`>;

/** Need of a command, which its options can raise. */
export function needOf(verb: ChatVerb, options: CommandCall["options"]): Need {
  if (verb === "destroy" && options["force"] === "true") return "destroy --force";
  if (verb === "tasks" && options["do"] !== undefined && options["do"] !== "list") return "tasks --change";
  if (verb === "policy" && options["set"] !== undefined) return "policy --set";
  return (verb === "spawn" || verb === "resume") && options["mode"] === "all" ? `${verb} --mode all` : verb;
}

/** Whether nothing is changed by it. */
export function onlyLooks(need: Need): boolean {
  return needs[need] === "viewer";
}

function may(right: Right, need: Need): boolean {
  return order.indexOf(right) >= order.indexOf(needs[need]);
}

/** Throws ShardbridgeError "not_allowed" where `right` is not enough for `need`. */
export function demand(right: Right, need: Need): void {
  if (may(right, need)) return;
  throw new ShardbridgeError(
    "not_allowed",
    `You may not do that here: ${need} is for those with the ${needs[need]} right. Ask whoever runs this bot.`,
  );
}

/** The same, written down: what was to be done, with which shard ("" for none; `identity` tells it from others of its name), never a text. */
export function permit(
  event: ChatEvent,
  need: Need,
  shard: string,
  right: Right,
  identity: Partial<ShardIdentity> = {},
): void {
  const [verb, ...flags] = need.split(" ");
  const what = [verb, shard, ...flags].filter((word) => word !== "").join(" ");
  try {
    demand(right, need);
  } catch (error) {
    audit(event, what, "denied", identity);
    throw error;
  }
  audit(event, what, "allowed", identity);
}

/**
 * The right of a person at a place, by the platform's lists. `silent`: not even a refusal is said there (a channel that is not
 * listed, a direct message, a bot).
 */
export function rightAt(
  lists: AccessLists | "everything",
  place: Place,
  by: Person,
): { right: Right; silent: boolean } {
  if (lists === "everything") return { right: by.outsider ? "none" : "admin", silent: by.outsider === "bot" };
  if (place.direct === true || !lists.channels.includes(place.channel) || by.outsider === "bot") {
    return { right: "none", silent: true };
  }
  return { right: by.outsider ? "none" : rightIn(lists, by), silent: false };
}

/** One line for every denied event and every command: who, where, what, verdict; never the text itself. */
export function audit(
  event: ChatEvent,
  what: string,
  verdict: "allowed" | "denied",
  { shardId, host }: Partial<ShardIdentity> = {},
): void {
  const { platform, space, channel, thread } = event.place;
  const { id, name, outsider } = event.by;
  const of = { who: { id, name, outsider }, where: { platform, space, channel, thread }, what, verdict };
  log.info("audit", { ...of, ...(shardId !== undefined && { shard: { id: shardId, host } }) });
}

/** Says who was told lately that they may not, so that nobody is told again and again. */
export class Refusals {
  readonly #told = new Map<string, number>();

  /** True at most once per person and hour. */
  first(platform: string, person: string): boolean {
    const now = Date.now();
    for (const [key, at] of this.#told) if (now - at >= 3_600_000) this.#told.delete(key);
    const key = `${platform}:${person}`;
    if (this.#told.has(key)) return false;
    this.#told.set(key, now);
    return true;
  }
}

function rightIn(lists: AccessLists, by: Person): Right {
  const ids = [by.id, ...by.roles];
  const listed = (list: readonly string[]) => ids.some((id) => list.includes(id));
  if (listed(lists.admins)) return "admin";
  if (listed(lists.operators)) return "operator";
  return listed(lists.viewers) ? "viewer" : "none";
}
