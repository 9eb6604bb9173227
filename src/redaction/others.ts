import { byPattern, type Shape } from "./shape.ts";
import { isMachineMade, isOrdinary, isPassword, isPlaceholder, looksRandom } from "./values.ts";

const alphanumeric = /[A-Za-z0-9]/;

/** Secrets that are known by what is around or within them. Platforms are not named: their addresses are told by their form. */
export const otherShapes: Shape[] = [
  // Three parts where it is signed, five where it is encrypted.
  shape("web token", ["eyJ"], /eyJ[\w-]{8,}\.(?:eyJ[\w-]{8,}\.[\w-]*|[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})/dy, {
    after: /[\w-]/,
  }),
  // Its id, which are digits, in base64; a time; a signature.
  shape(
    "chat token",
    ["MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"],
    /[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,45}(?![\w-])/dy,
    { after: /[\w-]/ },
  ),
  shape("chat token", [":AA"], /(?<=(?<!\d)\d{8,10}):(AA[\w-]{33})(?![\w-])/dy),
  shape(
    "chat webhook",
    ["://hooks."],
    /:\/\/hooks\.[a-z.-]{3,40}\/(?:services|triggers|workflows|hooks)\/([\w/-]{16,200})/dy,
  ),
  shape("chat webhook", ["/webhooks/"], /\/webhooks\/\d{15,21}\/([\w-]{40,200})/dy),
  shape("chat webhook", ["webhookb2/"], /webhookb2\/([\w@-]{30,200}\/\w{1,40}\/\w{8,64}(?:\/[\w-]{8,80})?)/dy),
  shape("push key", [":APA91b"], /(?<=(?<![\w-])([\w-]{11})):APA91b[\w-]{80,300}/dy),
  shape(
    "cloud secret key",
    ["AKIA", "ASIA"],
    /(?:AKIA|ASIA)[A-Z0-9]{16}["']?[\s,:;|/]{0,8}["']?([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/])/dy,
  ),
  shape("cloud client secret", ["Q~"], /(?<=(?<![\w.~-])([\w.~-]{3}\d))Q~[\w.~-]{30,36}/dy),
  shape("signature", ["sig="], /(?<=[?&])sig=([A-Za-z0-9%+/=_-]{32,200})/dy),
  shape("cloud API token", [".atlasv1."], /(?<=(?<!\w)(\w{14}))\.atlasv1\.[\w=-]{40,200}/dy),
  shape("work tool token", ["pat"], /pat[A-Za-z0-9]{14}\.[a-f0-9]{64}/dy, {
    after: alphanumeric,
    before: alphanumeric,
  }),
  shape("mail API key", ["-us"], /(?<=(?<![\da-f])([\da-f]{32}))-us\d{1,2}(?!\w)/dy),
  shape("telephony secret", ["AC"], /AC[\da-f]{32}[:\s"',]{1,5}([\da-f]{32})(?![\da-f])/dy, { after: alphanumeric }),
  shape("vault token", ["s."], /s\.[A-Za-z0-9]{24}(?![\w.([])/dy, {
    after: /[\w.$]/,
    check: (token) => /\d.*\d.*\d/.test(token) && looksRandom(token.slice(2)),
  }),
  shape("private key", ['"d"'], /"d"\s?:\s?"([\w-]{40,2000})"/dy),
  shape("signing key", ["RWRTY0Iy"], /RWRTY0Iy[A-Za-z0-9+/=]{40,400}/dy),
  folded("bearer token", ["bearer"], /bearer["']?\s{1,5}["']?([\w.~+/=-]{16,512})/diy, {
    more: /[\w.~+/=-]*/y,
    check: (token) => !isOrdinary(token) && !isPlaceholder(token),
  }),
  folded("login", ["basic"], /basic\s{1,5}([A-Za-z0-9+/]{6,512}={0,2})/diy, { check: isLogin }),
  folded("login", ['"auth', "_auth"], /["_]auth\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?([A-Za-z0-9+/]{6,512}={0,2})/diy, {
    check: isLogin,
  }),
  folded(
    "authorization",
    ["authorization"],
    /authorization["']?\s{0,4}[:=]\s{0,4}["']?(?!bearer\b|basic\b)(?:[A-Za-z-]{2,20}\s)?([^\s"'`,;]{10,512})/diy,
    { check: (token) => isMachineMade(token, false) },
  ),
  folded("cookie", ["cookie"], /cookie["']?:\s{0,4}["']?([^\s=;:"']{1,100}=[^\n"']{6,2000})/diy, { check: isCookie }),
  folded(
    "seed phrase",
    ["mnemonic", "seed phrase", "recovery phrase"],
    /(?:mnemonic|(?:seed|recovery) phrase)["']?\s{0,4}[:=]\s{0,4}["']?((?:[a-z]{3,24} ){7,23}[a-z]{3,24})/diy,
  ),
  folded("password", ["login"], /login\s{1,5}\S{1,100}?\s{0,60}password\s{1,5}(\S{4,256})/diy, {
    check: (password) => isPassword(password, true),
  }),
  shape("password", [":5432:", ":3306:", ":*:"], /:(?:\d{4}|\*):[^\s:]{1,64}:[^\s:]{1,64}:(\S{4,256})/dy, {
    check: (password) => isPassword(password, true),
  }),
  shape("password", ["-u ", "--user "], /-(?:u|-user) ["']?[^\s:"']{1,64}:([^\s"']{4,256})/dy, {
    after: /[\w-]/,
    check: (password) => isPassword(password, true),
  }),
  shape("password", ["sshpass -p"], /sshpass -p ?["']?([^\s"']{4,256})/dy, {
    check: (password) => !isPlaceholder(password),
  }),
];

function shape(kind: string, hints: string[], pattern: RegExp, more?: Parameters<typeof byPattern>[1]): Shape {
  return { kind, hints, find: byPattern(pattern, more) };
}

function folded(...shaped: Parameters<typeof shape>): Shape {
  return { ...shape(...shaped), fold: true };
}

/** "name:password" in base64. */
function isLogin(encoded: string): boolean {
  return /^[\x21-\x7e]*:[\x20-\x7e]+$/.test(Buffer.from(encoded, "base64").toString("latin1"));
}

/** One of its pairs has more in it than a setting such as "theme=dark". */
function isCookie(pairs: string): boolean {
  return pairs.split(/;\s?/).some((pair) => {
    const value = pair.slice(pair.indexOf("=") + 1).trim();
    return value.length >= 8 && /\d/.test(value) && !isOrdinary(value) && !isPlaceholder(value);
  });
}
