import type { AccessLists, ChatEvent, Person, Place } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { ToolCall } from "../../orchestrator/orchestrator.ts";
import type { ShardIdentity } from "../../shards/events.ts";
import type { Raise, Right, VerbFacts } from "../../verbs/facts.ts";
import type { Need } from "../../verbs/types.ts";
import { verbFacts, verbs, type Verb } from "../../verbs/verbs.ts";

const order: readonly Right[] = ["none", "viewer", "operator", "admin"];

/** The right that each thing takes: verbs, some of them with an option, and what is no verb. */
const needs: ReadonlyMap<string, Right> = new Map<string, Right>([
  // Plain text to the orchestrator or an attached shard.
  ["prompt", "operator"],
  ["setup --approve", "admin"],
  ...verbFacts.flatMap(([verb, { as, right, raised }]): [string, Right][] => [
    ...(as === undefined ? [[verb, right] as [string, Right]] : []),
    ...(raised ? [[`${verb} --${raised.flag}`, raised.right] as [string, Right]] : []),
  ]),
]);

/** Need of a verb with these options, which can raise it. */
export function needOf(verb: Verb, options: Readonly<Record<string, unknown>>): Need {
  const { as = verb, raised }: VerbFacts = verbs[verb];
  return (raised && raises(raised, options) ? `${verb} --${raised.flag}` : as) as Need;
}

function raises({ option, is, not }: Raise, options: Readonly<Record<string, unknown>>): boolean {
  const given = option === undefined ? undefined : options[option];
  if (given === undefined) return false;
  // Flags are words in chat.
  const word = typeof given === "boolean" ? `${given}` : given;
  return (is === undefined || word === is) && word !== not;
}

/** Whether nothing is changed by it. */
export function onlyLooks(need: Need): boolean {
  return verbFacts.some(([verb, { does }]) => verb === need && does === "looks");
}

function rightFor(need: Need): Right {
  const right = needs.get(need);
  if (right === undefined) throw new Error(`nobody has said what right ${need} takes`);
  return right;
}

function may(right: Right, need: Need): boolean {
  return order.indexOf(right) >= order.indexOf(rightFor(need));
}

/** Throws ShardbridgeError "not_allowed" where `right` is not enough for `need`. */
export function demand(right: Right, need: Need): void {
  if (may(right, need)) return;
  throw new ShardbridgeError(
    "not_allowed",
    `You may not do that here: ${need} is for those with the ${rightFor(need)} right. Ask whoever runs this bot.`,
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

/** The same for a call of one of the orchestrator's tools: by whom it is called, for whom, and in which thread, if in one. */
export function auditTool(
  who: { by: string; for: Pick<Person, "id" | "name">; at?: string },
  { tool, shard, verdict }: ToolCall,
  { shardId, host }: Partial<ShardIdentity> = {},
): void {
  const { id, name } = who.for;
  const where = who.at === undefined ? {} : { where: who.at };
  const what = ["tool", tool, ...(shard === undefined ? [] : [shard])].join(" ");
  const of = shardId === undefined ? {} : { shard: { id: shardId, host } };
  log.info("audit", { by: who.by, for: { id, name }, ...where, what, verdict, ...of });
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
