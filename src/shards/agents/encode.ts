import stripAnsi from "strip-ansi";
import { ShardbridgeError } from "../../errors.ts";

/** Characters that one prompt may have. */
export const maxPrompt = 100_000;

/**
 * A prompt as it is typed to an agent: cleaned, and with a first line of ours where its beginning would mean something else than
 * text. Measured: "!cmd" runs in the host's shell with no question in claude and codex, also when it is pasted. A blank follows where
 * Enter would complete the last word, or do something else than submit; agents cut it off, or leave it.
 */
export function encodePrompt(text: string, by: string | undefined): string {
  const cleaned = cut(hygienic(text), cutNote);
  const typed = special.test(cleaned.trimStart()) ? `Message from ${oneLine(by) || "chat"}:\n${cleaned}` : cleaned;
  return uncompleted(typed);
}

/** A text of which no list of completions that opens at its end takes the Enter. */
function uncompleted(text: string): string {
  return completed.test(text) ? `${text} ` : text;
}

/**
 * A text for the input box of a program that no rule knows: completed by no list, and no command of the host's shell, which some run
 * with no question (measured: pi 0.73).
 */
export function boxed(text: string): string {
  return uncompleted(/^\s*!/.test(text) ? `Message from chat: ${text}` : text);
}

/**
 * A command as it is typed to a shell: itself, cleaned, less the line feeds at its end. Throws ShardbridgeError "usage" for one
 * that is too long, since half a command is another command.
 */
export function encodeCommand(text: string): string {
  const cleaned = hygienic(text).replace(/\n+$/, "");
  if (cleaned.length <= maxPrompt) return cleaned;
  throw new ShardbridgeError("usage", `A command has at most ${maxPrompt} characters: put a longer one into a file.`);
}

/** Whether a text is a slash command: one line that begins with a slash and a name. A path is none. */
export function isSlashCommand(text: string): boolean {
  return /^\/[a-z][\w:.-]*(?:[ \t].*)?$/i.test(text);
}

/**
 * Text without anything that a terminal takes for more than text (escape sequences, so also the end of a paste; control characters
 * but line feed and tab) or that a reader can't see (text direction, zero width, tags, half characters).
 */
export function hygienic(text: string): string {
  return stripAnsi(text)
    .replaceAll(lineEnds, "\n")
    .replaceAll(controls, "")
    .replaceAll(invisible, "")
    .replaceAll(looseJoiners, "")
    .replaceAll(halves, "");
}

/**
 * Beginnings that a prompt may not have: shell, command, file, note and help characters, and the words that end an agent. Gemini trims
 * first, so leading blanks don't help. One table for all agents, since they learn from each other.
 */
const special = /^(?:[!/@#&$]|(?:exit|quit|:w?q!?)(?!\w))/i;

/**
 * A last word with a list of completions open, from which Enter takes the first, and a backslash, which makes a line feed of Enter. Measured:
 * "look at @not" arrives as "look at notes.txt" (codex, gemini) or not at all (opencode), "in $" as "in $imagegen" (codex), "nice
 * :smile" as "nice 😄" (claude); with a blank behind they all arrive as they are.
 */
const completed = /(?<!\S)\S*[@$/#:!&~+\\]\S*$/;

const cutNote = `\n[cut at ${maxPrompt} characters]`;

const lineEnds = /\r\n?|[\u2028\u2029\u0085]/g;
const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const invisible =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
/** Joiners are part of emoji and of some scripts; beside Latin letters or nothing they only hide something. */
const looseJoiners = /(?<![^\0-\u024f\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\0-\u024f\s])/gu;
const halves = /\p{Surrogate}/gu;

function cut(text: string, note: string): string {
  if (text.length <= maxPrompt) return text;
  return text.slice(0, maxPrompt - note.length).replace(/[\ud800-\udbff]$/, "") + note;
}

function oneLine(by: string | undefined): string {
  return hygienic(by ?? "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 60);
}
