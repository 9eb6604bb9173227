import { ShardbridgeError } from "../../../errors.ts";

/**
 * The words of a command line, as a shell splits it, with nothing expanded: 'as it is', "with \" and \\ inside", a\ blank. Throws
 * ShardbridgeError "usage" for quotes that are not closed, control characters, and no words at all.
 */
export function wordsOf(line: string): string[] {
  if (/\p{Cc}/u.test(line)) throw wrong("A command line is one line, with no control characters", line);
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== "") {
    const word = wordAt.exec(rest)?.[0] ?? "";
    // The rest is then an open quote, or a backslash before nothing.
    if (word === "") throw wrong("Close the quotes", line);
    words.push(word.replaceAll(part, unquoted));
    const after = rest.slice(word.length);
    rest = after.trimStart();
    if (rest !== "" && rest === after) throw wrong("Close the quotes", line);
  }
  if (words.length === 0) throw new ShardbridgeError("usage", "Say which program to run.");
  return words;
}

const single = /'[^']*'/.source;
const double = /"(?:[^"\\]|\\.)*"/.source;
const plain = /[^\s'"\\]+|\\./.source;
const wordAt = new RegExp(`^(?:${single}|${double}|${plain})+`);
const part = new RegExp(`${single}|${double}|${plain}`, "g");

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  if (text.startsWith('"')) return text.slice(1, -1).replaceAll(/\\(["\\$`])/g, "$1");
  return text.replace(/^\\/, "");
}

function wrong(remedy: string, line: string): ShardbridgeError {
  const shown = line.replaceAll(/\p{Cc}/gu, "?").slice(0, 100);
  return new ShardbridgeError("usage", `"${shown}" can't be a command line. ${remedy}.`);
}
