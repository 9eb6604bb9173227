import type { Shape } from "./shape.ts";
import { isMachineMade, isPassword } from "./values.ts";

/** What stands between a field's name and its value: in settings, YAML, JSON (also within a string), code, XML and on command lines. */
const separator = String.raw`(?<separator>\\{0,3}["'\`]?\]?[ \t]{0,8}(?:=>|:=|={1,3}|:|>)[ \t]{0,8}|(?<=--[\w-]{1,40})[ \t]{1,4})`;
/** In quotes up to the same quotes; otherwise up to a blank or what ends a value. */
const value = String.raw`(?:(?<quote>\\{0,3}["'\`])(?<quoted>(?:(?!\k<quote>)[^\n]){4,160})(?<closed>\k<quote>)?|(?<bare>[^\s"'\`]{4,160}))`;

/** As much of a value as is looked at. */
const most = 160;
/** The rest of a longer one. */
const longer = /[^\s"'`]*/y;

/** A name that a field's value is told apart by; what may follow it, to the end of the name. */
const rest = String.raw`(?<rest>[\w-]{0,40}?)`;

const passwordNames = ["password", "passwd", "passwort", "passphrase", "passcode", "pwd", "_pass", "pass=", "pass:"];
const keyNames = [
  "secret",
  "token",
  "apikey",
  "api_key",
  "api-key",
  "accesskey",
  "access_key",
  "access-key",
  "privatekey",
  "private_key",
  "private-key",
  "authkey",
  "auth_key",
  "auth-key",
  "accountkey",
  "account_key",
  "account-key",
  "signingkey",
  "signing_key",
  "signing-key",
  "encryptionkey",
  "encryption_key",
  "encryption-key",
  "encryption.key",
  "masterkey",
  "master_key",
  "master-key",
  "servicekey",
  "service_key",
  "service-key",
  "sharedaccesskey",
  "appkey",
  "app_key",
  "credential",
  "client-key-data",
  "session_id",
  "sessionid",
  "session-id",
  "sessid",
  "jwt",
];

/** Names in which "token" and its like mean something else. */
const innocent =
  /(?:max|min|num|total|prompt|completion|input|output|cached?|next|page|continuation|sync|cursor|cancel|cancellation|design|eos|bos|pad|unk|sep|cls|mask|special|stop|syntax|lexer|public|primary|foreign|partition|sort|idempotency)[_.-]?(?:token|key|secret)s?$/i;
const aboutIt =
  /(?:type|name|names|url|urls|uri|path|file|dir|length|len|size|count|limit|limits|ttl|expiry|expires?|expiresin|expiresat|expires_in|expires_at|policy|hint|label|placeholder|reset|min|max|regex|pattern|rules?|required|ids?|refs?|version|provider|manager|service|store|prefix|suffix|header|algorithm|alg|env|var|issuer|audience|scopes?|format|kind|class|index|usage|budget|field|input|izer|ize|ized|ization|bytes|digest|sha|hash|fingerprint|checksum|arn|sync|at)$/i;

export const fieldShapes: Shape[] = [
  field("password", passwordNames, isPassword),
  field("secret value", keyNames, isMachineMade),
];

function field(kind: string, hints: string[], isOne: (value: string, quoted: boolean) => boolean): Shape {
  const names = [...new Set(hints.map((hint) => RegExp.escape(hint.replace(/[=:]$/, ""))))];
  const pattern = new RegExp(`(?:${names.join("|")})${rest}${separator}${value}`, "diy");
  const find: Shape["find"] = ({ text, joinAt }, from) => {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    const { rest: behind = "", separator: between = "", quoted, closed } = match?.groups ?? {};
    const at = match?.indices?.groups?.[quoted === undefined ? "bare" : "quoted"];
    if (!match || !at) return undefined;
    const name = text.slice(nameStart(text, joinAt, from), from) + match[0].slice(0, match[0].indexOf(between));
    if (innocent.test(name) || aboutIt.test(behind)) return undefined;
    const start = at[0];
    // A shell's own variables, in what `env` prints: a folder.
    if (/^(?:OLD)?PWD$/.test(name) && /[/~]/.test(text.charAt(start))) return undefined;
    // What is at the beginning of the next line belongs to another field.
    const join = joinAt.get(start);
    if (join && !join.full && quoted === undefined) return undefined;
    const end = quoted === undefined ? bareEnd(text, start, lineEnd(text, joinAt, start, at[1]), name, between) : at[1];
    if (!isOne(text.slice(start, end), quoted !== undefined)) return undefined;
    if (closed !== undefined) return { start, end, whole: true };
    if (end - start < most) return { start, end };
    longer.lastIndex = end;
    return { start, end: end + (longer.exec(text)?.[0].length ?? 0) };
  };
  return { kind, hints, fold: true, find };
}

/** Where the name begins that has the hint in it: in the same line, and at most 40 characters before. */
function nameStart(text: string, joinAt: ReadonlyMap<number, unknown>, from: number): number {
  let start = from;
  while (from - start < 40 && !joinAt.has(start) && /[\w.-]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}

/** A value does not go on in the next line behind what ends an argument or an expression. */
function lineEnd(text: string, joinAt: ReadonlyMap<number, unknown>, start: number, end: number): number {
  for (let index = start + 1; index < end; index += 1) {
    if (joinAt.has(index) && /[,;(){}[\]]/.test(text.charAt(index - 1))) return index;
  }
  return end;
}

/** In settings a value goes to the next blank; elsewhere it ends at what ends an expression, an argument or a tag. */
function bareEnd(text: string, start: number, end: number, name: string, between: string): number {
  const found = text.slice(start, end);
  const whole = (between === "=" && /^[A-Z0-9_.-]+$/.test(name)) || /\s$/.test(between) || name.startsWith("--");
  const cut = whole ? /[,;)}\]>]+$/.exec(found)?.index : /[,;<>&|)}\]#]/.exec(found)?.index;
  return cut === undefined ? end : start + cut;
}
