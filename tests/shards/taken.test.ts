import { describe, expect, test } from "vitest";
import { takenInstead } from "../../src/shards/turns/taken.ts";
import { random } from "../random.ts";

/** Texts of these characters, a thousand of them. */
function texts(characters: string): string[] {
  const next = random(11);
  const all = Array.from(characters);
  return Array.from({ length: 1000 }, () =>
    Array.from({ length: next(20) }, () => all[next(all.length)] ?? "").join(""),
  );
}

describe("the same, whatever an agent does to any text", () => {
  test.for<[string, string]>([
    ["a", "a"],
    ["fix @READ ", "fix @READ"],
    ["fix @READ", "fix @READ "],
    ["a\tb", "a    b"],
    ["e\u0301", "\u00e9"],
    ["a  \nb\n\n", "a\nb"],
    ["\n\na", "a"],
    ["a\r\nb", "a\nb"],
    ["one\ntwo\nthree", "[Pasted text #1 +2 lines]"],
    ["one\ntwo\nthree", "[Pasted Text: 3 lines]"],
    ["one\ntwo\nthree", "[Pasted ~3 lines] "],
    ["x".repeat(2000), "[Pasted Content 2000 chars]"],
    ["before\none\ntwo\nafter", "before\n[Pasted text #1 +1 lines]\nafter"],
    ["one\ntwo", '<pasted_content file="a">\none\ntwo\n</pasted_content>'],
  ])("%j as %j", ([sent, took]) => {
    expect(takenInstead(sent, took)).toBeUndefined();
  });

  test("with any blanks around", () => {
    for (const text of texts("ab @[]\\\t\n日é")) {
      for (const blanks of ["", " ", "\n", " \n "])
        expect(takenInstead(text, `${blanks}${text}${blanks}`)).toBeUndefined();
    }
  });
});

describe("something else", () => {
  test.for<[string, string]>([
    ["fix @READ", "fix @README.md"],
    ["look at @not", "look at notes.txt"],
    ["in $", "in $imagegen"],
    ["nice :smile", "nice 😄"],
    ["ends with \\", "ends with"],
    ["tell \\@anna", "tell @anna"],
    ["a b", "a  b"],
    ["a\nb", "a b"],
    ["a", ""],
    ["a", "a a"],
    ["Yes", "yes"],
    ["before\none", "other [Pasted text #1 +1 lines]"],
    ["one\nafter", "[Pasted text #1 +1 lines] other"],
    ["say [Pasted text #1 +1 lines]", "say [Pasted text #2 +1 lines]"],
  ])("%j as %j", ([sent, took]) => {
    expect(takenInstead(sent, took)).toBe(took);
  });

  test("where a letter was put in or left out", () => {
    for (const text of texts("ab @[]\\\n日é")) {
      const [less, more] = [`a${text}c`, `a${text}xc`];
      expect(takenInstead(less, more)).toBe(more);
      expect(takenInstead(more, less)).toBe(less);
    }
  });
});
