import { mock } from "node:test";
import type { AgentKind, ScreenView } from "../../../src/shards/agents/agent.ts";
import type { ShardState } from "../../../src/shards/host.ts";
import { stillness } from "../../../src/shards/state/judge.ts";
import { Watch } from "../../../src/shards/state/watch.ts";
import type { Known, KnownState } from "../../real-agents/known.ts";
import { plainLines } from "./plain.ts";
import type { Recorded } from "./recorded.ts";
import { Player, typedIn } from "./replay.ts";

/** Seconds between two looks at a recording. */
const step = 0.05;
/** Seconds after which a turn has begun for sure. */
const beginning = 0.3;
/** Seconds for which the screen must have stood still before it is idle. */
const settles = stillness / 1000;

export interface Look {
  at: number;
  view: ScreenView;
  /** What the host would say. */
  state: string;
}

export interface Comparison {
  looks: number;
  right: number;
  /** Seconds for which a wrong state was held at most, and where. */
  longest: number;
  where: string;
}

/** What the host is shown of what the recording shows. */
type Seen = (view: ScreenView) => ScreenView;

/** What the host says of a recording at any time, by its own watch and judge, with nothing to go by but the screen. */
export function looksAt({ cast }: Recorded, kind: AgentKind, seen: Seen = (view) => view): Look[] {
  // Not by vitest: `npm run record -- --report` looks at recordings, too.
  mock.timers.enable({ apis: ["Date"] });
  try {
    return watched(cast, kind, seen);
  } finally {
    mock.timers.reset();
  }
}

function watched(cast: Recorded["cast"], kind: AgentKind, seen: Seen): Look[] {
  const player = new Player(cast);
  const watch = new Watch(kind, false);
  const typed = typedIn(cast);
  const looks: Look[] = [];
  let state: ShardState = "starting";
  let printed = 0;
  const look = (at: number) => {
    mock.timers.setTime(Math.round(at * 1000));
    const view = seen(player.view);
    if (typed.some(({ submitted }) => submitted > at - step && submitted <= at)) {
      watch.typed(view);
      watch.became("taken", view);
      state = "working";
    }
    const quiet = (at - printed) * 1000;
    const sight = { view, exit: undefined, gone: false, quiet, journalState: undefined, tells: "nothing" as const };
    const verdict = watch.look(sight, state);
    // A dialog that is still being painted is not told.
    if (watch.question === undefined || watch.unsettled === 0) ({ state } = verdict);
    looks.push({ at, view, state });
  };
  let at = 0;
  for (const event of cast.events) {
    for (; at < event.at; at += step) look(at);
    player.play(event);
    if (event.code === "o") printed = event.at;
  }
  return looks;
}

/**
 * Compare what the host would have said with what is known: by the model and the keyboard, where they were written down, and by signs on
 * the screen. Where the agent is late, either may be right.
 */
export function compare(recorded: Recorded, looks: readonly Look[]): Comparison {
  if (typedIn(recorded.cast).length === 0) return compareDialogs(recorded, looks);
  const signs = statesBySigns(recorded, looks);
  const known = recorded.states ?? signs;
  const start = (typedIn(recorded.cast)[0]?.pasted ?? known[0]?.[0] ?? Infinity) - 0.2;
  const exit = typedIn(recorded.cast).find(({ text }) => text.startsWith("/"))?.submitted ?? Infinity;
  const found: Comparison = { looks: 0, right: 0, longest: 0, where: "" };
  for (const { at, state } of looks) {
    if (at < start || at >= exit) continue;
    const expected = stateAt(known, at);
    const late = expected === "idle" ? [stateAt(known, at - settles)] : [];
    const right = [expected, stateAt(signs, at), ...late];
    // A dialog of a mode that no shard is in need not be read: a person is asked to look.
    const said = state === "unsure" ? "waiting" : state;
    count(found, at, right.some((one) => one === said) ? "" : `${state}, not ${expected}`);
  }
  return found;
}

/** When the host would have said "idle" in the middle of a turn: seconds since the start. Empty where it never does. */
export function earlyIdle(recorded: Recorded, looks: readonly Look[]): string[] {
  const signs = statesBySigns(recorded, looks);
  const known = recorded.states ?? signs;
  const works = (at: number) => [known, signs].every((states) => stateAt(states, at) === "working");
  // A first Enter may have been swallowed, so that the turn begins with the next one.
  const inTurn = (at: number) => works(at) && works(at - beginning);
  return looks.filter(({ at, state }) => state === "idle" && inTurn(at)).map(({ at }) => `idle at ${at.toFixed(2)} s`);
}

/** Where nothing was typed: it waits from when a dialog is there until a key is pressed, and then does not. */
function compareDialogs({ cast }: Recorded, looks: readonly Look[]): Comparison {
  const keys = cast.events.filter((event) => event.code === "i" && /^(?:[\r\u001B]|[a-z0-9])$/.test(event.data));
  const found: Comparison = { looks: 0, right: 0, longest: 0, where: "" };
  let asked: { sign: string; since: number } | undefined;
  for (const { at, view, state } of looks) {
    const sign = firstSign.exec(view.rows.map(({ text }) => text).join("\n"))?.[0];
    if (sign !== asked?.sign) asked = sign === undefined ? undefined : { sign, since: at };
    const open = asked && !keys.some((key) => key.at > asked!.since && key.at <= at);
    count(found, at, (state === "waiting") === Boolean(open) ? "" : `${state} with ${open ? "a" : "no"} dialog open`);
  }
  return found;
}

let wrongSince: number | undefined;

/** Take one look into account, and what is wrong with it. */
function count(found: Comparison, at: number, wrong: string): void {
  found.looks++;
  if (wrong === "") {
    found.right++;
    wrongSince = undefined;
    return;
  }
  if (found.looks === 1) wrongSince = undefined;
  wrongSince ??= at;
  if (at - wrongSince + step <= found.longest) return;
  found.longest = at - wrongSince + step;
  found.where = `${wrongSince.toFixed(2)} s to ${at.toFixed(2)} s: ${wrong}`;
}

function stateAt(states: Known["states"], at: number): KnownState {
  return states.findLast(([since]) => since <= at)?.[1] ?? "idle";
}

const firstSign =
  /one you trust\?|Do you want to use this API key\?|Trust this folder\?|Do you trust the files|would you like to authenticate/;
const dialogSign =
  /Do you want to (?:proceed|create|make this edit)|Which colour should|How large should|Would you like to|Allow execution of|Apply this change|Permission required/;
const stopSign = /Interrupted|interrupted|cancelled|Ran 1 shell/;
const errorSign = /401 Unauthorized|\[API Error/;

/** The states of a recording whose model did not say when it had answered: by the words of its dialogs and by how its answers end. */
function statesBySigns({ cast, kind, turns }: Recorded, looks: readonly Look[]): Known["states"] {
  const keys = cast.events.filter((event) => event.code === "i" && /^(?:[\r\t\u001B]|[a-z0-9])$/.test(event.data));
  const typed = typedIn(cast);
  const states: Known["states"] = [];
  const enter = (at: number, state: KnownState) => states.push([at, state]);
  let turn = -1;
  for (const { at, view } of looks) {
    const [since, state] = states.at(-1) ?? [0, "idle"];
    const rows = view.rows.map(({ text }) => text).join("\n");
    const next = typed[turn + 1];
    if (next && at >= next.submitted) {
      turn++;
      if (state !== "working") enter(next.submitted, "working");
      continue;
    }
    const key = keys.find((pressed) => pressed.at > since && pressed.at <= at);
    if (state === "working" && dialogSign.test(rows) && !key) enter(at, "waiting");
    else if (state === "waiting" && key) enter(key.at, "working");
    else if (state === "working" && turns[turn] && endOf(turns[turn]!, kind).test(rows)) enter(at, "idle");
  }
  return states;
}

/** What the screen shows when a turn is over. Claude and opencode try again for as long as the recording goes on. */
function endOf({ said, ends }: Recorded["turns"][number], kind: string): RegExp {
  if (ends === "open") return /(?!)/;
  if (ends === "interrupted") return stopSign;
  if (ends === "failed") return kind === "claude" || kind === "opencode" ? /(?!)/ : errorSign;
  const last = plainLines(said).at(-1)?.slice(-60) ?? "";
  const tail = last.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!SAY.*)${tail}\s*$`, "m");
}
