import { expect, test } from "vitest";
import { withJoiners } from "../../src/shards/turns/joiners.ts";
import { random } from "../random.ts";

const bare = (text: string) => text.replaceAll(/[\u200c\u200d]/g, "");

test.for<[string, string]>([
  ["a 👩‍👩‍👧‍👦 b", "a 👩‍👩‍👧‍👦 b"],
  ["**👩‍💻** and `👩‍💻`", "👩‍💻 and 👩‍💻"],
  ["a [❤️‍🔥](https://example.com/long) and 🏳️‍🌈.", "a ❤️‍🔥 and 🏳️‍🌈."],
  ["می‌خواهم क्‍ष", "می‌خواهم क्‍ष"],
  ["# Title\n\n- 👩‍💻\n- 👩 💻\n", "Title\n- 👩‍💻\n- 👩 💻"],
])("%j has the joiners that the screen has", ([whole, shown]) => {
  expect(withJoiners(bare(whole), shown)).toBe(whole);
});

test.for<[string, string]>([
  ["two 👩💻 and one 👩‍💻", "two 👩💻 and one 👩‍💻"],
  ["👩💻 stays", "👩💻 stays"],
  ["nothing of it", "something 👩‍💻 else"],
  ["", "👩‍💻"],
  ["👩💻", ""],
  ["a", "\u200d a \u200c"],
])("%j beside %j loses and gains nothing else", ([text, shown]) => {
  expect(withJoiners(bare(text), shown)).toBe(text);
});

test("whatever the screen has, only joiners come", () => {
  const next = random(7);
  const signs = Array.from("ab 👩💻\n\u200d\u200c");
  const any = () => Array.from({ length: next(30) }, () => signs[next(signs.length)] ?? "").join("");
  for (let count = 0; count < 2000; count++) {
    const [text, shown] = [bare(any()), any()];
    expect(bare(withJoiners(text, shown))).toBe(text);
  }
});
