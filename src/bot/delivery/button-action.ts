import type { Button } from "../../adapters/adapter.ts";
import type { Account } from "../../orchestrator/orchestrator.ts";

/** The shard that a button is about. `id` (no slash in it) tells it from a later one of the same name, where the button knows it. */
interface OfShard {
  shard: string;
  id?: string;
}

/** All that a button of ours can stand for, by its `action`. */
export type ButtonAction = PlainAction | DecidingAction;

type ActionName = AnyAction["action"];

/** Whether a button lets something run: a text, a command, an answer, keys. Whoever presses one has to see all of that. */
const deciding = {
  ask: true,
  step: true,
  choose: true,
  "go-on": false,
  budget: false,
  stop: false,
  resume: false,
  "destroy-force": true,
  answer: true,
  press: true,
  unqueue: false,
  // It would be typed all the same.
  "send-now": false,
  "approve-setup": true,
  "approve-instructions": true,
  resend: true,
  anyway: true,
} as const satisfies Record<ActionName, boolean>;

type DecidingName = { [Name in ActionName]: (typeof deciding)[Name] extends true ? Name : never }[ActionName];

/** What lets something run: its buttons are made by `decide` alone. */
export type DecidingAction = Extract<AnyAction, { action: DecidingName }>;
/** What any post may have a button for. */
export type PlainAction = Exclude<AnyAction, { action: DecidingName }>;

type AnyAction =
  | ShardAction
  /** The orchestrator is asked the same once more. */
  | { action: "ask"; text: string }
  /** A step of the orchestrator's that waits for a person; `approval` is its id. */
  | { action: "step"; approval: string; answer: "yes" | "no" }
  /** An answer to a question of the orchestrator's, counted from 0. */
  | { action: "choose"; choice: string; option: number }
  /** The orchestrator goes on; `held` says by what it was. */
  | { action: "go-on"; held: "breaker" | "cap" }
  /** A repo's instructions, by their hash. */
  | { action: "approve-instructions"; repo: string; hash: string }
  /** An account has its budget once more. */
  | { action: "budget"; account: Account };

/** All that a button can do to one shard. */
export type ShardAction = OfShard &
  (
    | { action: "stop" | "resume" }
    | { action: "destroy-force" }
    | { action: "answer"; question: string; option: string }
    /** Without keys the button asks for them. */
    | { action: "press"; keys?: string }
    | { action: "unqueue" | "send-now"; prompt: number }
    | { action: "approve-setup"; hash: string }
    | { action: "resend" | "anyway"; text: string }
  );

/** The fields of a button that carry its action. */
export type Wire = Pick<Button, "action" | "value">;

/** Whether a button of ours lets something run. */
export function decides({ action }: Pick<Button, "action">): boolean {
  return Object.entries(deciding).some(([name, does]) => does && name === action);
}

/** Write the action of a button that lets nothing run, as a platform carries it. */
export function encodeButton(button: PlainAction): Wire {
  return wireOf(button);
}

/**
 * Write any button's action as a platform carries it. A shard is `name` or `name@id`, and what follows it comes after a slash; a text
 * begins with a line break, by which it is known for no id and kept on this side (see `ButtonValues`).
 */
export function wireOf(button: ButtonAction): Wire {
  const { action } = button;
  switch (action) {
    case "stop":
    case "resume":
    case "destroy-force":
      return { action, value: shardText(button) };
    case "answer":
      return { action, value: `${shardText(button)}/${button.question}/${escaped(button.option)}` };
    case "press":
      return { action, value: shardText(button) + (button.keys === undefined ? "" : `/${button.keys}`) };
    case "unqueue":
    case "send-now":
      return { action, value: `${shardText(button)}/${button.prompt}` };
    case "approve-setup":
      return { action, value: `${shardText(button)}/${button.hash}` };
    case "resend":
    case "anyway":
      return { action, value: `${shardText(button)}/\n${button.text}` };
    case "ask":
      return { action, value: `\n${button.text}` };
    case "step":
      return { action, value: `${button.approval}/${button.answer}` };
    case "choose":
      return { action, value: `${button.choice}/${button.option}` };
    case "go-on":
      return { action, value: button.held };
    case "approve-instructions":
      return { action, value: `${button.hash}/${button.repo}` };
    case "budget":
      return { action, value: JSON.stringify(button.account) };
  }
}

/** Read a button's action back; undefined for what no button of ours has ever carried. */
export function parseButton({ action, value }: Wire): ButtonAction | undefined {
  const [, first = "", rest] = /^([^/]*)(?:\/([^]*))?$/.exec(value) ?? [];
  switch (action) {
    case "ask":
      return { action, text: textIn(value) };
    case "step":
      return rest === "yes" || rest === "no" ? { action, approval: first, answer: rest } : undefined;
    case "choose": {
      const option = countIn(rest);
      return option === undefined ? undefined : { action, choice: first, option };
    }
    case "go-on":
      return value === "breaker" || value === "cap" ? { action, held: value } : undefined;
    case "approve-instructions":
      return rest === undefined ? undefined : { action, hash: first, repo: rest };
    case "budget": {
      const account = accountIn(value);
      return account && { action, account };
    }
    default:
      return parseOfShard(action, shardIn(first), rest);
  }
}

function parseOfShard(action: string, of: OfShard | undefined, rest: string | undefined): ShardAction | undefined {
  if (!of) return undefined;
  switch (action) {
    case "stop":
    case "resume":
    case "destroy-force":
      return { action, ...of };
    case "answer": {
      const [, question, option = ""] = /^([^]+)\/([^/]*)$/.exec(rest ?? "") ?? [];
      return question === undefined ? undefined : { action, ...of, question, option: unescaped(option) };
    }
    case "press":
      return { action, ...of, ...(rest !== undefined && { keys: rest }) };
    case "unqueue":
    case "send-now": {
      const prompt = countIn(rest);
      return prompt === undefined ? undefined : { action, ...of, prompt };
    }
    case "approve-setup":
      return rest === undefined ? undefined : { action, ...of, hash: rest };
    case "resend":
    case "anyway":
      return rest === undefined ? undefined : { action, ...of, text: textIn(rest) };
    default:
      return undefined;
  }
}

function shardText({ shard, id }: OfShard): string {
  return id === undefined ? shard : `${shard}@${id}`;
}

/** No name of a shard has an "@" in it. */
function shardIn(text: string): OfShard | undefined {
  const [, shard, id] = /^([^@]+)(?:@([^]+))?$/.exec(text) ?? [];
  if (shard === undefined) return undefined;
  return { shard, ...(id !== undefined && { id }) };
}

function textIn(value: string): string {
  return value.replace(/^\n/, "");
}

function countIn(value: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(value ?? "") ? Number(value) : undefined;
}

/** The last slash of an answer is the one before its option. */
function escaped(option: string): string {
  return option.replaceAll("%", "%25").replaceAll("/", "%2F");
}

function unescaped(option: string): string {
  return option.replaceAll("%2F", "/").replaceAll("%25", "%");
}

/** Read by hand: the command line has this file and loads no package for what it prints. */
function accountIn(value: string): Account | undefined {
  const { of, thread, person, day } = fieldsIn(value);
  if (of === "thread" && typeof thread === "string") return { of, thread };
  if (of === "person" && typeof person === "string" && typeof day === "string") return { of, person, day };
  if (of === "day" && typeof day === "string") return { of, day };
  return of === "total" ? { of } : undefined;
}

/** The fields of an object in JSON; none for anything else. */
function fieldsIn(value: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(value) as object | null) };
  } catch {
    return {};
  }
}
