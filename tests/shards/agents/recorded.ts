import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asking, type Known, type KnownTurn } from "../../real-agents/known.ts";
import { answersTo, type Tool } from "../../real-agents/script.ts";
import { type Cast, readCast, typedIn } from "./replay.ts";

/** A recording of a real agent, and what is known of it. */
export interface Recorded {
  name: string;
  kind: string;
  mode: string;
  scenario: string;
  cast: Cast;
  turns: KnownTurn[];
  /** When it was in which state; undefined where only the screen can tell. */
  states: Known["states"] | undefined;
}

/** The recordings of a folder: each a folder of its own with what is known beside it, or a file whose name and prompts tell it. */
export function recordingsIn(folder: string): Recorded[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith(".cast")) return [fromFile(path, entry.name.replace(/\.cast$/, ""))];
    return existsSync(join(path, "recording.cast")) ? [fromFolder(path, entry.name)] : [];
  });
}

function fromFolder(path: string, name: string): Recorded {
  const cast = readCast(join(path, "recording.cast"));
  const known = join(path, "said.json");
  if (!existsSync(known)) return fromFile(join(path, "recording.cast"), name);
  const { agent, mode, scenario, turns, states } = JSON.parse(readFileSync(known, "utf8")) as Known;
  return { name, kind: agent, mode, scenario, cast, turns, states };
}

function fromFile(path: string, name: string): Recorded {
  const cast = readCast(path);
  const { kind, mode, scenario } = named(name);
  return { name, kind, mode, scenario, cast, turns: turnsOf(cast, kind), states: undefined };
}

function named(name: string): { name: string; kind: string; mode: string; scenario: string } {
  const [, kind = "", mode = "", scenario = ""] = /^([a-z]+)-(?:(ax|inline|fullscreen|mini)-)?(.*)$/.exec(name) ?? [];
  return { name, kind, mode, scenario };
}

/** What the fake model says to the prompts in a recording, and what became of them by the keys that were pressed. */
function turnsOf(cast: Cast, kind: string): KnownTurn[] {
  const typed = typedIn(cast);
  return typed.map(({ text, pasted, meanwhile }, index) => {
    const end = typed[index + 1]?.pasted ?? Infinity;
    const own = cast.events.filter(({ at }) => at >= pasted && at < end);
    const escaped = own.some(({ code, data }) => code === "i" && data === "\u001B");
    const answers = answersTo(text);
    const chosen = own.find(({ code, data }) => code === "i" && /^[a-z0-9]$/.test(data))?.data ?? "";
    const tool = answers[0]?.tool;
    // A recording may end while a question is open, or with the key that answered it.
    const open = tool?.name === "ask" && !own.some(({ code, data }) => code === "o" && data.includes("finished"));
    const told = (escaped || open) && tool ? answers.slice(0, 1) : answers;
    const said = told.map(({ says }) => says).filter((words) => words !== "");
    const left = text.startsWith("/");
    const failed = answers.some(({ status }) => status !== undefined);
    const ends = open ? "open" : left ? "left" : escaped ? "interrupted" : failed ? "failed" : "done";
    const dialogs = tool && !open ? [{ ...asked(tool, kind), chosen }] : [];
    return { typed: text, ...(meanwhile && { meanwhile }), said: left ? "" : said.join("\n\n"), ends, dialogs };
  });
}

/** As the recordings' README has it: a file is named without its folder here, and only claude was given a third colour. */
function asked(tool: Tool, kind: string): { text: string; options?: string[] } {
  const { text, options } = asking(tool);
  return {
    text: text.replace(/^.*\/(?=[\w.]+$)/, ""),
    ...(options && { options: options.slice(0, kind === "claude" ? 3 : 2) }),
  };
}
