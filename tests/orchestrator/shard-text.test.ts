import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inert, labelled, oneLine } from "../../src/orchestrator/shard-text.ts";

const ignorable = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", sol: "/", lowbar: "_", num: "#", semi: ";" };

/** Ways to read a text, each of which may come before or after any other. */
const readings: ((text: string) => string)[] = [
  (text) => text.normalize("NFKC"),
  (text) => text.replaceAll(ignorable, ""),
  (text) => text.replaceAll(/&#0*(\d{1,6});?/g, (_, digits: string) => String.fromCodePoint(Number(digits))),
  (text) => text.replaceAll(/&#x0*([0-9a-f]{1,5});?/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16))),
  (text) => text.replaceAll(/&(lt|gt|amp|sol|lowbar|num|semi);?/gi, (_, name: string) => named[name.toLowerCase()]!),
  (text) => text.replaceAll(/[\s\u2800]+/g, ""),
  (text) => text.toLowerCase(),
];

/** A tag of ours in a text as somebody may read it. */
const tag = /<[\s/]*(?:shard[_-]?output|(?:context|event|instruction|repo[_-]?notes|summary|system)(?![a-z0-9]))/i;

const hidden = [
  "\uFE0F",
  "\u{E0100}",
  "\u034F",
  "\u180B",
  "\u17B4",
  "\u3164",
  "\uFFA0",
  "\u115F",
  "\u200B",
  "\u2060",
  "\u00AD",
];
const spaces = [" ", "\t", "\n", "\u2028", "\u2800", "\u3000", "\u00A0"];

/** One character in one of the forms in which it may be read. */
const formed = (character: string) => {
  const code = character.codePointAt(0)!;
  const wide = String.fromCodePoint(code + 0xfee0);
  const entities = [`&#${code};`, `&#x${code.toString(16)};`, `&#000${code}`, `&amp;#${code};`];
  const more: Record<string, string[]> = {
    "<": ["＜", "﹤", "&lt;", "&LT", "&amp;lt;", "＆ｌｔ；", "&\u200Blt;"],
    "/": ["／", "&sol;"],
    _: ["＿", "&lowbar;", "", "-"],
    s: ["ſ", "S", "ｓ", "𝐬", "ⓢ"],
  };
  return fc.constantFrom(character, character, character.toUpperCase(), wide, ...entities, ...(more[character] ?? []));
};

/** A tag of ours, in disguise. */
const disguised = fc
  .constantFrom("</shard_output", "<shard_output", "<instruction", "</context", "<event", "< / summary", "<system")
  .chain((text) =>
    fc.tuple(
      ...Array.from(text).map((character) =>
        fc
          .tuple(
            character === " " ? fc.constantFrom(...spaces) : formed(character),
            fc.constantFrom("", "", "", ...hidden),
          )
          .map((pair) => pair.join("")),
      ),
    ),
  )
  .map((parts) => `${parts.join("")}>`);

const text = fc
  .array(
    fc.oneof(disguised, fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("<", "&", "a < b", "\n", "amp;")),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));

describe("what an agent prints", () => {
  it("opens and ends no block, however it is read", () => {
    fc.assert(
      fc.property(text, fc.array(fc.constantFrom(...readings), { maxLength: 9 }), (printed, order) => {
        const read = order.reduce((sofar, reading) => reading(sofar), inert(printed));
        expect(tag.exec(read)).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });

  it("stands in a block whose name it can't know, once", () => {
    const names = new Set<string>();
    fc.assert(
      fc.property(text, (printed) => {
        const block = labelled({ shard: printed }, printed);
        const [, name = ""] = /^<(shard_output_[0-9a-f]{16}) shard="[^"<>]*">\n/.exec(block) ?? [];
        expect(block.endsWith(`\n</${name}>`)).toBe(true);
        expect(block.split(name)).toHaveLength(3);
        names.add(name);
      }),
      { numRuns: 200 },
    );
    expect(names.size).toBe(200);
  });

  it("stays as it is where nothing of it is a tag of ours", () => {
    const innocent = [
      "if (a < b) {\n\treturn <T>x;\n}",
      "Promise<Events>, <Summarize/>, <systemd>, <contextual>",
      "&lt;div&gt; &amp; &#169; %20 \\u0041 ½ ﬁ … 全角＜＞ Ⅳ é 日本語",
    ];
    for (const one of innocent) expect(inert(one)).toBe(one);
  });

  it("is on one line, with no bracket of any width", () => {
    expect(oneLine("a\u2028b ＜x﹥ <y>\u2800c", 80)).toBe("a b x y c");
  });

  it("takes time in proportion to its length", () => {
    const attacks = ["<", "< ", "&", "&amp;", "&amp;amp;", "</shard", "%25", "＜\uFE0F", "\\u003c", "<s _"];
    for (const attack of attacks) {
      const long = attack.repeat(Math.ceil(400_000 / attack.length));
      const start = performance.now();
      inert(long);
      expect(performance.now() - start).toBeLessThan(4_000);
    }
  });
});
