import { type Answer, answersTo, ended, type Tool } from "./script.ts";

/** Something that is known to have happened, at so many seconds since the start. */
export interface Happening {
  at: number;
  what:
    | "pasted"
    | "submitted"
    /** The model was asked; it has answered, or the agent hung up. */
    | "asked"
    | "answered"
    /** The model could not answer, and is to be asked again. */
    | "refused"
    | "left"
    | "chose"
    | "esc"
    | "key"
    | "exit";
  prompt?: string;
  /** The answer has a call of a tool in it, or is an error that the agent tries again after. */
  calls?: true;
  retried?: true;
  option?: string;
  /** Nobody has prompted it: a command in the background has ended. */
  woken?: true;
  /** It was pasted while the agent was busy. */
  meanwhile?: true;
}

/** A prompt with everything that came of it. */
export interface KnownTurn {
  typed: string;
  /** It was typed while the turn before was running. */
  meanwhile?: true;
  /** What the model said, in Markdown; where the turn was interrupted the agent may have got the beginning only. */
  said: string;
  ends: "done" | "interrupted" | "failed" | "left" | "open";
  /** What its dialogs are about: a question with the labels of its options, or the command or file that is asked about. */
  dialogs: { text: string; options?: string[]; chosen: string }[];
}

/** What is known of a recording: the said.json of its folder. */
export interface Known {
  agent: string;
  mode: string;
  scenario: string;
  version: string;
  turns: KnownTurn[];
  /** From so many seconds on it is in this state, as far as the model and the keyboard know; the screen may tell a moment later. */
  states: [at: number, state: KnownState][];
}

export type KnownState = "idle" | "working" | "waiting";

/** The states of what happened. */
export function statesOf(happened: readonly Happening[]): Known["states"] {
  const states: Known["states"] = [];
  for (const [index, { at, what, calls, retried, meanwhile, woken }] of happened.entries()) {
    const later = happened.slice(index + 1);
    const event = later.find((one) => ["asked", "chose", "esc", "exit"].includes(one.what) || isPrompt(one));
    const next = event?.what;
    const goesOn = next === "asked" && !event?.woken;
    if ((what === "submitted" && !meanwhile) || woken) states.push([at, "working"]);
    else if (what === "answered" && calls)
      states.push([at, next === "chose" || next === "esc" ? "waiting" : "working"]);
    else if (what === "answered" && !retried) states.push([at, goesOn ? "working" : "idle"]);
    else if (what === "chose") states.push([at, next === "chose" ? "waiting" : goesOn ? "working" : "idle"]);
    else if (what === "esc") states.push([at, goesOn ? "working" : "idle"]);
    else if (what === "exit") break;
  }
  return states.filter(([, state], index) => state !== states[index - 1]?.[1]);
}

function isPrompt({ what, meanwhile }: Happening): boolean {
  return what === "submitted" && !meanwhile;
}

/** The turns of what happened. */
export function turnsOf(happened: readonly Happening[]): KnownTurn[] {
  const pastes = happened.filter(({ what }) => what === "pasted");
  return pastes.map((paste, index) => {
    const from = happened.indexOf(paste);
    const end = index + 1 < pastes.length ? happened.indexOf(pastes[index + 1] ?? paste) : happened.length;
    const typed = paste.prompt ?? "";
    return turnOf(typed, happened.slice(from, end), happened);
  });
}

function turnOf(typed: string, own: readonly Happening[], all: readonly Happening[]): KnownTurn {
  const asked = all.filter(({ what, prompt }) => what === "asked" && prompt?.includes(typed)).length;
  const answers = answersTo(typed).slice(0, asked);
  const said = answers.map(({ says }) => says).filter((text) => text !== "");
  if (own.some(({ woken }) => woken)) said.push(ended);
  const stopped = own.some(({ what }) => what === "esc");
  const failed = answers.some(({ status }) => status !== undefined);
  const left = own.some(({ what }) => what === "exit");
  const ends = left ? "left" : stopped ? "interrupted" : failed ? "failed" : "done";
  return {
    ...(own[0]?.meanwhile && { meanwhile: true as const }),
    typed,
    said: said.join("\n\n"),
    ends,
    dialogs: dialogsIn(own, answers),
  };
}

/** A dialog for each choice that was made between two answers of the model; a tool may ask more than one question. */
function dialogsIn(own: readonly Happening[], answers: readonly Answer[]): KnownTurn["dialogs"] {
  const dialogs: KnownTurn["dialogs"] = [];
  let [answered, asked] = [0, 0];
  for (const { what, option = "" } of own) {
    if (what === "answered") [answered, asked] = [answered + 1, 0];
    const { tool } = answers[answered - 1] ?? {};
    if (!tool || (what !== "chose" && what !== "esc")) continue;
    dialogs.push({ ...asking(tool, asked++), chosen: option });
  }
  return dialogs;
}

/** What a dialog of a tool is about, where it has several: the one with this place. */
export function asking(tool: Tool, place = 0): { text: string; options?: string[] } {
  if (tool.name === "run") return { text: tool.command };
  if (tool.name === "task") return { text: tool.prompt };
  if (tool.name === "own") return { text: tool.called };
  if (tool.name !== "ask") return { text: tool.file };
  const { question = "", options = [] } = tool.questions[place] ?? {};
  return { text: question, options: options.map(({ label }) => label) };
}
