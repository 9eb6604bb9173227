import { describe, expect, it } from "vitest";
import { choose } from "../../src/bot/commands/answering.ts";
import type { QuestionOption } from "../../src/shards/host.ts";

const permission: QuestionOption[] = [
  { key: "1", label: "Yes" },
  { key: "2", label: "Yes, and always allow npm test" },
  { key: "3", label: "No, and tell it what to do differently (esc)", takes: "reason" },
];
const colours: QuestionOption[] = [
  { key: "1", label: "Blue" },
  { key: "2", label: "Dark green" },
  { key: "3", label: "Type something.", takes: "answer" },
];

const codex: QuestionOption[] = [
  { key: "y", label: "Yes, proceed" },
  { key: "p", label: "Yes, and don't ask again" },
  { key: "esc", label: "No", takes: "reason" },
];
const numbered: QuestionOption[] = [
  { key: "2", label: "Two" },
  { key: "1", label: "One" },
];

describe("an answer", () => {
  it.each<[QuestionOption[], string, string, object]>([
    [permission, "1", "", { option: "1" }],
    [permission, "yes", "", { option: "1" }],
    [permission, "Yes,", "and always", { option: "2" }],
    [permission, "Yes, and always allow npm test", "", { option: "2" }],
    [permission, "no", "", { option: "3" }],
    [permission, "3", "use yarn, not npm", { option: "3", text: "use yarn, not npm" }],
    [permission, "3:", "use yarn", { option: "3", text: "use yarn" }],
    [permission, "no", "use yarn", { option: "3", text: "use yarn" }],
    [permission, "No,", "use yarn", { option: "3", text: "use yarn" }],
    [permission, "No,", "and tell it what to do differently (esc)", { option: "3" }],
    [permission, "No,", "and tell it what to do differently (esc) use yarn", { option: "3", text: "use yarn" }],
    [colours, "dark", "green", { option: "2" }],
    [colours, "dark", "", { option: "2" }],
    [colours, "3", "a warm\nred", { option: "3", text: "a warm\nred" }],
    [colours, "type", "red", { option: "3", text: "red" }],
    [codex, "1", "", { option: "y" }],
    [codex, "2", "", { option: "p" }],
    [codex, "y", "", { option: "y" }],
    [codex, "3", "use yarn", { option: "esc", text: "use yarn" }],
    [codex, "3.", "", { option: "esc" }],
    [codex, "esc", "", { option: "esc" }],
    [numbered, "1", "", { option: "2" }],
    [numbered, "one", "", { option: "1" }],
  ])("%# is understood: %j %s %s", (options, word, text, chosen) => {
    expect(choose(options, word, text)).toEqual(chosen);
  });

  it.each<[QuestionOption[], string, string, RegExp]>([
    [codex, "4", "", /none of the options\. They are 1 \(Yes, proceed\), 2/],
    [permission, "maybe", "", /none of the options\. They are 1 \(Yes\), 2 \(Yes, and always allow npm test\)/],
    [permission, "", "", /none of the options/],
    [permission, "ye", "", /none of the options/],
    [permission, "1", "because", /option "Yes" takes no words/],
    [permission, "yes", "please", /option "Yes" takes no words/],
    [colours, "3", "", /option "Type something\." wants words/],
    [colours, "red", "it is", /none of the options/],
  ])("%# is refused: %j %s %s", (options, word, text, message) => {
    expect(() => choose(options, word, text)).toThrow(message);
  });
});
