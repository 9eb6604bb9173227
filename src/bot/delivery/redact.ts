const hidden = "[redacted]";

/** Characters that a terminal puts between those of a long text: line ends, padding, the border of a box. */
const gap = "[\\s│┃]{0,200}";

/**
 * The shapes of well-known secrets. Each is bounded, or begins where nothing of its own kind comes before it, so that the time is linear in
 * the text.
 */
const shapes: readonly [pattern: RegExp, instead: string][] = [
  // A private key in PEM, also with "\n" written out, and also when its end is missing.
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:\s{0,4}(?:Proc-Type|DEK-Info):[^\n]{0,200})*(?:(?:[\s│┃]|\\n)*[A-Za-z0-9+/=]{20,})*(?:(?:[\s│┃]|\\n)*[A-Za-z0-9+/=]{1,19}(?=[\s│┃\\]))?(?:(?:[\s│┃]|\\n)*-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    hidden,
  ],
  // Chat platforms: xoxb-…, xoxe.xoxp-…, xapp-…, and three dotted parts of which the first is an id in base64.
  [/(?<![A-Za-z0-9])(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]{8,}/g, hidden],
  [/(?<![\w-])[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,45}(?![\w-])/g, hidden],
  // Models: sk-ant-…, sk-proj-…, AIza….
  [/(?<![A-Za-z0-9])sk-(?:ant-[\w-]{10,}|(?=[\w-]{0,60}\d)[\w-]{20,})/g, hidden],
  [/(?<![\w-])AIza[\w-]{35}/g, hidden],
  // Code hosts and clouds.
  [/(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36})/g, hidden],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])/g, hidden],
  // A JSON web token.
  [/(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, hidden],
  [/\b(Bearer\s{1,5})[\w.~+/=-]{16,}/gi, `$1${hidden}`],
  // A password in an address.
  [/(:\/\/[^\s/:@]{1,64}:)[^\s/@]{3,256}@/g, `$1${hidden}@`],
];

/**
 * A function that takes known secrets, and what looks like one, out of a text. Known ones of 16 characters and more are found also where a
 * terminal wrapped them. Best effort: an encoded secret goes through.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.map((secret) => secret.trim()))]
    .filter((secret) => secret.length >= 4)
    .sort((a, b) => b.length - a.length)
    .map(patternOf);
  const exact = known.length > 0 ? new RegExp(known.join("|"), "g") : undefined;
  return (text) => {
    let clean = exact ? text.replace(exact, hidden) : text;
    for (const [pattern, instead] of shapes) clean = clean.replace(pattern, instead);
    return clean;
  };
}

function patternOf(secret: string): string {
  const characters = Array.from(secret, (character) => character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`));
  return characters.join(secret.length >= 16 ? gap : "");
}
