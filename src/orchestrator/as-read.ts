/** Named entities of HTML by which a tag can be written. */
const entities: Readonly<Record<string, string>> = { lt: "<", sol: "/", lowbar: "_", amp: "&", num: "#", semi: ";" };
const entity =
  /&(?:#0{0,20}(\d{1,7})|#x0{0,20}([0-9a-f]{1,6})|(lt|sol|lowbar|amp|num|semi));?|\\u\{?00([0-9a-f]{2})\}?|\\x([0-9a-f]{2})|%([0-9a-f]{2})/g;
/** Times that an entity is looked for in what entities have become: `&amp;amp;lt;`. */
const mostRounds = 8;

interface Reading {
  /** As a reader may see it. */
  read: string;
  /** For each code unit of it, where the text has what it comes from. */
  places: number[];
}

/**
 * A text as a model or a person may read it: compatible forms (fullwidth, small, mathematical) as what they look like, without case,
 * accents and invisible characters, and with entities and escapes as what they stand for. Takes time in proportion to its length.
 */
export function asRead(text: string): Reading {
  let reading: Reading = { read: "", places: [] };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.codePointAt(at) ?? 0;
    add(reading, folded(code), at);
    if (code > 0xffff) at += 1;
  }
  for (let round = 0; round < mostRounds; round += 1) {
    const decoded = decode(reading);
    if (decoded === reading) break;
    reading = decoded;
  }
  return reading;
}

function decode(reading: Reading): Reading {
  const { read, places } = reading;
  const out: { parts: string[]; places: number[] } = { parts: [], places: [] };
  let from = 0;
  const copy = (to: number) => {
    out.parts.push(read.slice(from, to));
    for (let at = from; at < to; at += 1) out.places.push(places[at] ?? 0);
  };
  for (const found of read.matchAll(entity)) {
    const [whole, decimal, hex, name, ...escapes] = found;
    const escape = escapes.find((digits) => digits !== undefined);
    const number = decimal === undefined ? Number.parseInt(hex ?? escape ?? "", 16) : Number(decimal);
    const stands = name === undefined ? folded(number) : (entities[name] ?? "");
    copy(found.index);
    out.parts.push(stands);
    for (let unit = 0; unit < stands.length; unit += 1) out.places.push(places[found.index] ?? 0);
    from = found.index + whole.length;
  }
  if (from === 0) return reading;
  copy(read.length);
  return { read: out.parts.join(""), places: out.places };
}

function add(reading: Reading, shown: string, at: number): void {
  reading.read += shown;
  for (let unit = 0; unit < shown.length; unit += 1) reading.places.push(at);
}

/** One code point as it is read; "" for one that is not. */
function folded(code: number): string {
  if (code < 0x80) return String.fromCharCode(code).toLowerCase();
  if (!(code <= 0x10ffff)) return "";
  return String.fromCodePoint(code)
    .normalize("NFKD")
    .replaceAll(/[\p{M}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .toLowerCase();
}
