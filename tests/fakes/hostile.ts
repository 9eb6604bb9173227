import { writeSync } from "node:fs";

/**
 * Programs that print what harms a terminal: each stream was seen to stall or to blow up an emulator that is not made for it. In a PTY,
 * `node tests/fakes/hostile.ts NAME` prints one of them for ever, as fast as it is taken.
 */
export interface Hostile {
  name: string;
  /** Printed once, before the rest. */
  start?: string;
  /** Printed again and again; `turn` counts from 0. */
  again(turn: number): string | Buffer;
  /** Bytes of one write; 65,536 where it is left out. */
  piece?: number;
  /** It is too slow to be called a flood. */
  slow?: true;
  /** What a reader sees of it. */
  shows?: RegExp;
}

const bomb = 2 ** 31 - 1;
const [esc, csi, bel] = ["\u001B", "\u001B[", "\u0007"];

export const corpus: readonly Hostile[] = [
  { name: "yes", again: () => "y\n".repeat(30_000), shows: /^y\ny$/m },
  { name: "count bombs", again: () => "SLMT@PXILZb".replaceAll(/./g, (final) => `a${csi}${bomb}${final}`).repeat(500) },
  // As much as a sequence may do: the whole screen is moved by each.
  { name: "the dearest that is allowed", again: () => `${csi}49S${csi}49T${csi}49L${csi}49M`.repeat(500) },
  { name: "an endless OSC", start: `${esc}]0;`, again: () => "x".repeat(60_000) },
  { name: "an endless DCS", start: `${esc}P$q`, again: () => "x".repeat(60_000) },
  { name: "a pile of combining characters", start: "e", again: () => "\u0301\u0300\u0302".repeat(10_000) },
  { name: "lines of 16 MB", again: (turn) => (turn % 256 === 255 ? "\n" : "l".repeat(65_536)), shows: /^l{50,}$/m },
  { name: "invalid UTF-8", again: (turn) => Buffer.from(noise(60_000, turn).map((byte) => byte | 0x80)) },
  {
    name: "bytes one at a time",
    again: () => `grüße 漢字 😀 ${csi}1mbold${csi}0m\n`,
    piece: 1,
    slow: true,
    shows: /^grüße 漢字 😀 bold$/m,
  },
  {
    name: "links",
    again: (turn) =>
      Array.from(
        { length: 20 },
        (_, n) => `${esc}]8;id=${turn}-${n};http://x/${"u".repeat(2000)}${bel}l${n}${esc}]8;;${bel}`,
      ).join(""),
  },
  { name: "titles, notices and marks", again: (turn) => storm(turn) },
  { name: "resets and screens", again: () => `${esc}c${csi}?1049hx${csi}?1049l${csi}3J`.repeat(500) },
  { name: "queries", again: () => `${csi}6n${csi}c${csi}5n${csi}?6n`.repeat(1000) },
  { name: "half a frame", start: `${csi}?2026h`, again: () => `${csi}Hhtext\n`.repeat(5000) },
  { name: "noise", again: (turn) => sequences(turn) },
];

function storm(turn: number): string {
  const one = (n: number) =>
    `${esc}]0;title ${turn}.${n}${bel}${esc}]9;notice ${n}${bel}${esc}]133;A${bel}$ ${esc}]133;C${bel}${esc}]133;D;${n}${bel}${bel}`;
  return Array.from({ length: 200 }, (_, n) => one(n)).join("");
}

/** The same bytes for the same seed. */
function noise(length: number, seed: number): number[] {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (state >> 8) & 0xff;
  });
}

/** Control characters, sequences that make no sense, and text. */
function sequences(seed: number): Buffer {
  const bytes = noise(40_000, seed);
  return Buffer.from(bytes.flatMap((byte, index) => (index % 9 === 0 ? [0x1b, byte & 1 ? 0x5b : 0x5d] : [byte])));
}

if (process.argv[1] === import.meta.filename) {
  const hostile = corpus.find(({ name }) => name === process.argv[2]);
  if (!hostile) throw new Error(`There is no hostile program ${process.argv[2]}.`);
  print(Buffer.from(hostile.start ?? ""), hostile);
  for (let turn = 0; ; turn++) print(Buffer.from(hostile.again(turn)), hostile);
}

function print(bytes: Buffer, { piece = 65_536 }: Hostile): void {
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at, Math.min(piece, bytes.length - at));
}
