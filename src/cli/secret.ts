import { text } from "node:stream/consumers";
import { ShardbridgeError } from "../errors.ts";
import { inert } from "../inert.ts";

/**
 * A line that is typed at this terminal, and shown nowhere; or what stands on standard input where that is no terminal. Throws
 * ShardbridgeError "usage" when it is given up with Ctrl-C or Ctrl-D.
 */
export async function readSecret(asked: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, "");
  stderr.write(`${inert(asked)}\n(what you type is not shown) `);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  try {
    return await lineOf(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** The keys up to Enter, with Backspace and Ctrl-U as a terminal takes them. */
async function lineOf(keys: AsyncIterable<string | Buffer>): Promise<string> {
  let line: string[] = [];
  for await (const chunk of keys) {
    for (const key of String(chunk)) {
      if (key === "\r" || key === "\n") return line.join("");
      if (key === "\u0003" || key === "\u0004") throw new ShardbridgeError("usage", "Nothing was entered.");
      if (key === "\u0015") line = [];
      else if (key === "\u007F" || key === "\b") line.pop();
      else line.push(key);
    }
  }
  return line.join("");
}
