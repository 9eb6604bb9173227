import type { AgentKind, ScreenView } from "../agents/agent.ts";
import { boxed } from "../agents/encode.ts";
import { inBox } from "../agents/generic/input.ts";
import { promptAt } from "../agents/prompts.ts";
import { isShown } from "../state/landing.ts";
import { sameMark } from "./turn.ts";

/** A screen that can be typed at. */
export interface Terminal {
  /** The screen now. */
  readonly view: ScreenView;
  /** Milliseconds since the program last printed. */
  readonly quiet: number;
  /** The process has ended, or its holder is gone. */
  readonly ended: boolean;
  /** Rejects when the process has ended. */
  write(data: string): Promise<void>;
  /** Whether the test came true within so many milliseconds; it is asked again with each change. */
  until(test: () => boolean, milliseconds: number): Promise<boolean>;
}

/**
 * Outcome of typing. submitted: the program showed that it took the prompt (ending is a reaction too). stalled: typed, no reaction.
 * blocked: nothing was typed, since a dialog is open or work is under way. ended: it ended before the prompt was complete.
 */
export type Typed = "submitted" | "stalled" | "blocked" | "ended";

/** Enter is taken for a line feed up to 120 ms after a paste or a burst (measured: 50 ms gemini, 30–120 ms codex). */
export const quietBeforeEnter = 150;
const echoWithin = 2000;
const clearsWithin = 1000;
/** Milliseconds that the lines of a prompt are waited for in all; what is left is typed all the same, for whoever reads it. */
const linesWithin = 10_000;
/** Characters in one write where the terminal may be in line mode, which cuts what is above 4,096 bytes. */
const pieceOf = 500;

const endOfText = "\u0003";
const pasteStart = "\u001B[200~";
const pasteEnd = "\u001B[201~";

/** Surroundings of the typing of a prompt. */
export interface Occasion {
  /** Gets the screen with the text on it, before Enter. */
  shown?: (view: ScreenView) => void;
  /** A person has looked at the screen: dialogs and work are no reason to type nothing. */
  anyway?: boolean;
}

/**
 * Type a prompt and submit it: the text once, Enter as a write of its own, one more Enter when the first was swallowed.
 * @param text as the kind encodes it
 * @param begin is waited for right before the first byte of the text; it gets the screen as it is then
 */
export async function typePrompt(
  terminal: Terminal,
  kind: AgentKind,
  text: string,
  begin: (view: ScreenView) => Promise<void>,
  { shown, anyway = false }: Occasion = {},
): Promise<Typed> {
  if (terminal.ended) return "ended";
  if (!anyway && isBusy(kind, terminal.view)) return "blocked";
  if (!anyway && kind.composer(terminal.view) !== "") {
    // Only then: in an empty composer Ctrl-C ends codex and opencode.
    await terminal.write(endOfText);
    const free = () => kind.composer(terminal.view) === "" && !isBusy(kind, terminal.view);
    if (!(await terminal.until(() => free() && terminal.quiet >= quietBeforeEnter, clearsWithin))) return "blocked";
  }
  await begin(terminal.view);
  const { bytes, tty } = terminal.view;
  // In line mode the terminal shows it, whoever reads it. A person who has looked at the screen knows more than we do.
  const shows = kind.input && !anyway && !tty?.canonical ? () => isShown(terminal.view, text) : undefined;
  const echoed = () => terminal.view.bytes > bytes && terminal.quiet >= quietBeforeEnter && (shows?.() ?? true);
  // Whoever reads lines gets them as they are, and so does a program for a person who has looked at it.
  const typed = kind.input && inBox(terminal.view) && !anyway ? boxed(text) : text;
  return typeAndSubmit(terminal, kind, typed, { echoed, reactionOf: reaction, shows, shown });
}

/**
 * Type a prompt into an agent at work and submit it, for the agent to do with it what it does. Types nothing where something is in its
 * input line already: Ctrl-C, which would clear it, may interrupt the turn or end the agent.
 */
export async function steerPrompt(
  terminal: Terminal,
  kind: AgentKind,
  text: string,
  begin: (view: ScreenView) => Promise<void>,
): Promise<Typed> {
  // The prompt of its turn stands there for a moment when the work has begun.
  const empty = () => kind.composer(terminal.view) === "";
  await terminal.until(() => terminal.ended || empty(), clearsWithin);
  if (terminal.ended) return "ended";
  if (kind.question(terminal.view) || !empty()) return "blocked";
  await begin(terminal.view);
  const { bytes } = terminal.view;
  // A program prints all the time: silence tells nothing.
  let since: number | undefined;
  const echoed = () => {
    const shown = kind.composer(terminal.view) !== "" || (isPlain(terminal, kind) && terminal.view.bytes > bytes);
    if (shown) since ??= Date.now();
    return since !== undefined && Date.now() - since >= quietBeforeEnter;
  };
  return typeAndSubmit(terminal, kind, text, { echoed, reactionOf: swallowed });
}

/** Means of seeing what becomes of a text. */
interface Signs {
  echoed: () => boolean;
  reactionOf: typeof reaction;
  /** Whether the text stands in the input line, of a program that no rule knows: what it prints may have nothing to do with that. */
  shows?: (() => boolean) | undefined;
  shown?: Occasion["shown"];
}

async function typeAndSubmit(
  terminal: Terminal,
  kind: AgentKind,
  text: string,
  { echoed, reactionOf, shows, shown }: Signs,
): Promise<Typed> {
  const open = kind.question(terminal.view)?.id;
  try {
    await typeText(terminal, kind, text);
    await terminal.until(() => terminal.ended || echoed(), echoWithin + text.length / 20);
    if (terminal.ended) return "ended";
    shown?.(terminal.view);
    // The text is not there to be submitted: Enter would do something else.
    if (shows?.() === false) return "stalled";
    for (const _attempt of ["first", "second"]) {
      // Enter would choose an option of a dialog that opened meanwhile.
      if (isAsked(terminal, kind, open)) return "stalled";
      const taken = reactionOf(terminal, kind, shows);
      await terminal.write(kind.keys.submit);
      if (await terminal.until(taken, kind.reactsWithin)) return "submitted";
    }
    return "stalled";
  } catch (error) {
    if (terminal.ended) return "ended";
    throw error;
  }
}

/**
 * Write a text, as a paste where the program asked for those; nothing is submitted, unless line feeds do that. A line goes to a program
 * that reads lines when it is done with the one before: what is typed while it works is echoed into the midst of what it prints.
 */
export async function typeText(terminal: Terminal, kind: AgentKind, text: string): Promise<void> {
  if (terminal.view.bracketedPaste) return terminal.write(pasteStart + text + pasteEnd);
  const pieces = text.match(new RegExp(`[^\\n]{1,${pieceOf}}\\n?|\\n`, "gu")) ?? [];
  const patient = Date.now() + linesWithin;
  for (const [index, piece] of pieces.entries()) {
    const { bytes } = terminal.view;
    const row = cursorRow(terminal);
    await terminal.write(piece);
    if (index === pieces.length - 1) return;
    const sent = piece.endsWith("\n");
    const echoed = () => terminal.view.bytes > bytes && (!sent || cursorRow(terminal) > row);
    await terminal.until(() => terminal.ended || echoed(), echoWithin / 4);
    // A command goes on in the next line where a shell asks for it: "> ".
    const asks = () => kind.question(terminal.view) ?? promptAt(terminal.view);
    const done = () => kind.state(terminal.view)?.state !== "working" || asks() !== undefined;
    if (sent) await terminal.until(() => terminal.ended || done(), patient - Date.now());
  }
}

/** Counted from the first row that was ever shown. */
function cursorRow({ view }: Terminal): number {
  return view.top + view.cursor.row;
}

/** Signs that Enter was taken, against the screen right before it. */
function reaction(terminal: Terminal, kind: AgentKind, shows?: () => boolean): () => boolean {
  const before = terminal.view;
  const hadText = kind.composer(before) !== "";
  const open = kind.question(before)?.id;
  return () => {
    const { view } = terminal;
    if (terminal.ended || isAsked(terminal, kind, open)) return true;
    const reading = kind.state(view);
    if (!reading || reading.state === "waiting") return view.bytes > before.bytes && !shows?.();
    return reading.state === "working" || !sameMark(view.mark, before.mark) || (hadText && kind.composer(view) === "");
  };
}

/** Signs that an agent at work took a prompt: its input line is empty again; that it works says nothing. */
function swallowed(terminal: Terminal, kind: AgentKind): () => boolean {
  const before = terminal.view;
  const hadText = kind.composer(before) !== "";
  return () => {
    const { view } = terminal;
    if (terminal.ended || kind.question(view)) return true;
    return hadText ? kind.composer(view) === "" : isPlain(terminal, kind) && view.bytes > before.bytes;
  };
}

/** The program has no input line that a rule knows: what is typed is echoed by the terminal, or printed by an unknown program. */
function isPlain({ view }: Terminal, kind: AgentKind): boolean {
  return kind.form === "terminal" || kind.state(view) === undefined;
}

/** A question is open that was not before. */
function isAsked({ view }: Terminal, kind: AgentKind, before: string | undefined): boolean {
  const question = kind.question(view);
  return question !== undefined && question.id !== before;
}

function isBusy(kind: AgentKind, view: ScreenView): boolean {
  const state = kind.state(view)?.state ?? (kind.inputBox ? "unknown" : "idle");
  return kind.question(view) !== undefined || state !== "idle";
}
