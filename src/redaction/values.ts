/** What stands in the place of a secret: a variable, a placeholder, a type, a default of the documentation. */
const placeholder =
  /^(?:[<{[(«‹…]|\$[{(]|\$\{?[A-Za-z_]\w*\}?$|%[A-Za-z_]\w*%$|%\(?\w*\)?[sdv@]$|@\w+@$|:\w+$|\*+$|[xX•●*._-]{3,}$|#\{|!(?:vault|secret|ref|sub|env_var)\b|&|=)|\$[{(]|\{\{|<%|\.\.\.|…|\*\*\*|xxxx|\[redacted|process\.env|import\.meta|os\.environ|getenv|secrets\.|\benv\.|vars\.|System\.get|Deno\.env|env\(|ENV\[|config\[/i;
const standIn =
  /(?:^|[^a-z])(?:your|my|some|our|example|sample|change|changeme|change-?it|replace|insert|placeholder|dummy|fake|todo|fixme|redacted|hidden|masked|secret|password|passwd|token|here|goes|enter|optional|required|default|undefined|null|none|nil|true|false|test|foo|bar|baz|string|number|boolean|object|type)(?![a-z])/i;
const code =
  /^(?:await\s|new\s)?[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->|\(|\[)(?:[A-Za-z_$'"\])(]|$)|(?<=^[A-Za-z_$]+)[)\]}>|;,=?])/;
const algorithm =
  /^(?:sha|md|es|hs|rs|ps|utf|base|aes|argon|bcrypt|scrypt|pbkdf|oauth|x|ed|secp|http|ipv)[-_]?\d{1,5}[a-z]{0,2}\d?(?:[-_./][a-z0-9]{1,8})*$/i;

/** Whether a value is none, but says where it comes from or goes to. */
export function isPlaceholder(value: string): boolean {
  return placeholder.test(value) || isUniform(value);
}

/** "--------", "00000000", "abababab". */
function isUniform(value: string): boolean {
  return new Set(value).size < 4;
}

/** A word as people write it, by its letters alone: one case, vowels in it, no long row of consonants. */
function isWord(part: string): boolean {
  if (!/^(?:[A-Z]?[a-z]*|[A-Z]+|[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,})$/.test(part)) return false;
  if (/(.)\1\1/i.test(part)) return false;
  if (part.length <= 4) return true;
  const letters = part.toLowerCase();
  const vowels = letters.replaceAll(/[^aeiouy]/g, "").length;
  return part.length <= 40 && vowels / part.length >= 0.15 && !/[^aeiouy]{5,}/.test(letters);
}

/** Words and small numbers, put together as in names, paths, versions, addresses and dates. */
export function isOrdinary(value: string): boolean {
  if (/^[\d.,:+\-/ TZ]*$/.test(value)) return true;
  const bare = value.replace(/^[a-z][a-z0-9+.-]{0,20}:\/\/(?=[^@]*$)/i, "");
  const parts = bare.split(/[-_./:,;@#~=&?+*|\\ ()[\]]+/);
  return parts.every((part) => {
    const name = /^([A-Za-z]*)(\d{0,3})([A-Za-z]{0,3})$/.exec(part) ?? /^()(\d{0,5}|(?:19|20)\d{6})()$/.exec(part);
    return name !== null && isWord(name[1] ?? "") && (name[3] === "" || isWord(name[3] ?? ""));
  });
}

/** Whether the value of a field whose name says *password* is one: all but placeholders, code, paths and plain words. */
export function isPassword(value: string, quoted: boolean): boolean {
  if (value.length < 6 || isPlaceholder(value) || /\s/.test(value)) return false;
  if (isAddress(value) || isWord(value) || algorithm.test(value)) return false;
  // "Secret123!" is what people choose, "your-password" what documentation has.
  if (standIn.test(value) && !(/\d/.test(value) && /[!@#%^&~?+]/.test(value))) return false;
  if (!quoted && code.test(value)) return false;
  if (/^[\d.,:-]+$/.test(value)) return /^\d{8,}$/.test(value);
  if (/\d/.test(value) || /[^\w./:,-]/.test(value)) return true;
  const words = value.split(/[-_./:,]+/);
  return words.length >= 4 || !words.every(isWord);
}

/** A path, or an address in which nobody logs in. */
function isAddress(value: string): boolean {
  return (
    /^(?:https?|file|wss?):\/\/[^@]*$/.test(value) ||
    /^(?:\.{0,2}|~)(?:\/[\w./-]*|(?:\/[\w.+@~-]+){2,}\/?)$/.test(value)
  );
}

/** Whether the value of a field whose name says *token*, *secret* or *key* is one: it has to look as if a machine had made it. */
export function isMachineMade(value: string, quoted = true): boolean {
  if (value.length < 12 || isPlaceholder(value) || /\s/.test(value) || isOrdinary(value)) return false;
  if (isAddress(value) || algorithm.test(value)) return false;
  if (/[()[\]{}<>"'`]|=>|\?\.|&&|\|\|/.test(value) && !/\d/.test(value)) return false;
  if (
    !quoted &&
    (/^[A-Za-z_$]+$/.test(value) || (code.test(value) && !/^[\w.-]*\d[\w.-]*\d[\w.-]*\d[\w.-]*$/.test(value)))
  )
    return false;
  return looksRandom(value);
}

/** Digits among letters, or capitals among small letters, beyond what names have. */
export function looksRandom(text: string): boolean {
  if (!/[A-Za-z]/.test(text)) return false;
  const changes = text.replaceAll(/[^A-Za-z0-9]/g, "").match(/[a-z](?=\d)|\d(?=[A-Za-z])|[A-Z](?=\d)|[a-z](?=[A-Z])/g);
  return (changes?.length ?? 0) >= Math.max(2, Math.min(4, text.length / 12)) && !isOrdinary(text);
}
