import { byPattern, type Found, type Shape } from "./shape.ts";
import { isMachineMade, isPlaceholder } from "./values.ts";

const head = /-{4,5} ?BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE ?KEY(?: ?BLOCK)?|OpenVPN Static key V1) ?-{4,5}/y;
const foot = /-{4,5} ?END [A-Za-z0-9 ]{0,60}-{4,5}/y;
/** Lines of base64, also with their line ends written out, and the headers before them. */
const body =
  /(?:\\+[nr]|[\s│┃|]|(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash):[^\n]{0,200}|[A-Za-z0-9+/=]{16,})*/y;
/** The last, shorter line. */
const short = /[A-Za-z0-9+/=]{1,15}(?=[\s\\"'│┃|]|$)/y;
const material = /[A-Za-z0-9+/=]{20}/;

/** A private key in PEM, also in one line, and also when its end is missing. */
const pem: Shape["find"] = ({ text }, from) => {
  const begin = stickyEnd(head, text, from);
  if (begin === undefined) return undefined;
  const dashes = text.indexOf("----", begin);
  const end = dashes < 0 ? undefined : stickyEnd(foot, text, dashes);
  if (end !== undefined)
    return material.test(text.slice(begin, dashes)) ? { start: from, end, whole: true } : undefined;
  const lines = stickyEnd(body, text, begin) ?? begin;
  const last = stickyEnd(short, text, lines) ?? lines;
  const found = text.slice(from, last).trimEnd();
  return material.test(found.slice(begin - from)) ? { start: from, end: from + found.length } : undefined;
};

function stickyEnd(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Private keys, which are longer than a line, and passwords in addresses. */
export const blockShapes: Shape[] = [
  { kind: "private key", hints: ["-----BEGIN", "---- BEGIN"], find: pem },
  {
    kind: "private key",
    hints: ["Private-Lines:"],
    find: byPattern(/Private-Lines: ?\d{1,2}\s?(\d?[A-Za-z0-9+/=]{40,20000}?)(?=Private-|[^A-Za-z0-9+/=]|$)/dy),
  },
  { kind: "password in an address", hints: ["://"], find: inAddress },
];

/** "://NAME:PASSWORD@HOST", also with an @ or a / in the password, and "://TOKEN@HOST". */
function inAddress({ text }: { text: string }, from: number): Found | undefined {
  const run = /^[^\s"'`<>]{1,512}/.exec(text.slice(from + 3, from + 515))?.[0] ?? "";
  const at = [...run.matchAll(/@(?=\[?[\w.-]{1,255}\]?(?:[:/?#,;)}\]|\\&.!]|$))/g)].at(-1)?.index;
  if (at === undefined) return undefined;
  const login = run.slice(0, at);
  const colon = login.indexOf(":");
  const name = colon < 0 ? login : login.slice(0, colon);
  if (/[/?#@]/.test(name)) return undefined;
  // Some take a token for the name.
  const tokenFirst = isMachineMade(name);
  const start = from + 3 + (colon < 0 || tokenFirst ? 0 : colon + 1);
  const end = from + 3 + at;
  if (colon < 0 || tokenFirst) return tokenFirst ? { start, end } : undefined;
  const password = login.slice(colon + 1);
  // A port, and a path with an @ in it.
  const isPort = /^\d{1,5}(?:$|[/?#])/.test(password);
  return password.length < 2 || isPort || isPlaceholder(password) || isStandIn(password) ? undefined : { start, end };
}

/** What documentation has in the place of a password. */
function isStandIn(password: string): boolean {
  return /^(?:pass(?:word|wd)?|user|secret|token|postgres|example|changeme|x+|\.+)$/i.test(password);
}
