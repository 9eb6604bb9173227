import { parseEnv } from "node:util";
import type { KnownValue } from "./known.ts";
import { isOrdinary, isPassword, isPlaceholder } from "./values.ts";

/** Fewest characters of a value that is looked for: shorter ones are in every text. */
const shortest = 8;
/** Most values of one file, and most characters of one. */
const mostValues = 500;
const longest = 8192;

const secretName = /pass|pwd|secret|token|key|credential|auth|private|salt|cookie|session|signature|dsn|jwt|pat$|pin$/i;

/** The values in the text of a `.env` file that are secrets: not settings, such as words, numbers, addresses and paths. */
export function secretsInEnv(text: string): KnownValue[] {
  // Some editors begin a file with a byte order mark.
  const variables = Object.entries(parseEnv(text.replace(/^\uFEFF/, ""))) as [string, string][];
  return variables.slice(0, mostValues).flatMap(([name, value]) => secretsIn(name, value));
}

/** What of a variable's value is secret: all of it, or the password in an address. */
function secretsIn(name: string, value: string): KnownValue[] {
  const trimmed = value.trim();
  const kind = /^[\w.-]{1,40}$/.test(name) ? name : "";
  if (trimmed.length > longest || !isSecret(name, trimmed)) return [];
  const found = [{ value: trimmed, kind }];
  const login = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(.+)@/i.exec(trimmed)?.[1];
  if (login === undefined || login.length < 4) return found;
  return [...found, { value: login, kind }, ...decoded(login).map((plain) => ({ value: plain, kind }))];
}

/** What of the program's own environment is secret: what agents are given by name, and what is called as secrets are. */
export function secretsInEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  named: readonly string[],
): KnownValue[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && (named.includes(name) || secretName.test(name)) ? secretsIn(name, value) : [],
  );
}

function isSecret(name: string, value: string): boolean {
  if (value.length < shortest || isPlaceholder(value) || /^(?:\.{0,2}|~)\/[\w./-]*$/.test(value)) return false;
  if (!isOrdinary(value)) return true;
  return secretName.test(name) && isPassword(value, true);
}

function decoded(login: string): string[] {
  try {
    const plain = decodeURIComponent(login);
    return plain === login ? [] : [plain];
  } catch {
    // A percent sign that stands for itself.
    return [];
  }
}
