import { inert } from "../inert.ts";

// All that the command line says goes out here, whoever's words it has in it; what a terminal is told to do does not (attach, list --watch).

/** Print a text, inert, and a line feed. */
export function print(text: string): void {
  process.stdout.write(`${inert(text)}\n`);
}

/** The same to standard error, which has what is no result. */
export function printAside(text: string): void {
  process.stderr.write(`${inert(text)}\n`);
}
