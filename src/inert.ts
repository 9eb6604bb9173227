/** Scripts whose letters need joiners between them. */
const joining =
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}" +
  "\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}";

/** Parts of characters that are seen: 👩‍💻, ❤️, 1️⃣, 葛󠄀, می‌خواهم. */
const seen = [
  "(?<=[\\p{Emoji}\\p{Script=Han}\\p{Script=Mongolian}])[\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}]",
  "(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]\\uFE0F?)\\u200D(?=\\p{Extended_Pictographic})",
  `(?<=[${joining}]\\p{M}*)[\\u200C\\u200D](?=[${joining}])`,
].join("|");

const hidden = new RegExp(`(${seen})|(?![\\n\\t])[\\p{Cc}\\p{Default_Ignorable_Code_Point}\\uFFF9-\\uFFFB]`, "gu");

/**
 * Text in which a terminal finds nothing to act on, and a reader nothing that can't be seen: control characters but line feed and tab, those
 * that reverse its direction, those of no width. Each is shown as `<U+001B>`. What is inert already comes back as it is.
 */
export function inert(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(hidden, (character: string, part: string | undefined) => part ?? `<U+${codeOf(character)}>`);
}

/** A value as JSON in one line. Such characters are escaped in it, so that it can be printed, and means the same. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\uFFF9-\uFFFB]/gu,
    (character) => Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at))}`).join(""),
  );
}

function codeOf(character: string): string {
  return hex(character.codePointAt(0) ?? 0).toUpperCase();
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}
