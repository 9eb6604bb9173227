import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** The absolute path of a program, looked up as a shell would; undefined when it is not there or may not be run. */
export function findProgram(program: string, env: Env): string | undefined {
  const places = program.includes("/")
    ? [""]
    : (env["PATH"] ?? "").split(delimiter).filter((place) => isAbsolute(place));
  return places.map((place) => (place === "" ? program : join(place, program))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
