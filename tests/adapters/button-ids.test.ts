import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { customId, readCustomId } from "../../src/adapters/discord/asking.ts";
import { actionId, readActionId } from "../../src/adapters/slack/presses.ts";

/** What a button may be, by its contract: letters and dashes; a heading without "|", which begins with no "?" for a secret. */
const action = fc.stringMatching(/^[a-zA-Z-]+$/);
const value = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "|", "?|", "??", "demo/q1/a?b|c\n#1"));
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", "#1", "Why?", "a\nb")).map(withoutBars);
const plain = fc.record({ action, value });
const asking = fc.record({ action, value, asks: text.filter((asks) => !asks.startsWith("?")) });
const secret = asking.map((button) => ({ ...button, secret: true as const }));
const button = fc.oneof(plain, asking, secret);

function withoutBars(heading: string): string {
  return heading.replaceAll("|", " ");
}

describe("the id of a button", () => {
  it("comes back as it was from a custom_id", () => {
    fc.assert(
      fc.property(button, (one) => {
        expect(readCustomId(customId(one))).toEqual(one);
      }),
    );
  });

  it("comes back as it was from an action_id, whatever its number", () => {
    fc.assert(
      fc.property(button, fc.nat(), (one, number) => {
        const { asks, secret: hidden = false } = { asks: undefined, ...one } as { asks?: string; secret?: true };
        expect(readActionId(actionId(one, number))).toEqual({ action: one.action, asks, secret: hidden });
      }),
    );
  });

  it.each([
    ["stop|demo", { action: "stop", value: "demo" }],
    ["answer?The reason|demo/q1/2", { action: "answer", value: "demo/q1/2", asks: "The reason" }],
    ["answer??Its words|demo/q1/2", { action: "answer", value: "demo/q1/2", asks: "Its words", secret: true }],
    ["ask|~MDEyMzQ1Njc4OWFiY2RlZmdoaWo", { action: "ask", value: "~MDEyMzQ1Njc4OWFiY2RlZmdoaWo" }],
  ])("is read from %j, as posts have it", (id, carried) => {
    expect(readCustomId(id)).toEqual(carried);
  });

  it.each([
    ["stop#0", { action: "stop", asks: undefined, secret: false }],
    ["answer?The reason#12", { action: "answer", asks: "The reason", secret: false }],
    ["answer??Its words#3", { action: "answer", asks: "Its words", secret: true }],
  ])("is read from %j, as posts have it", (id, carried) => {
    expect(readActionId(id)).toEqual(carried);
  });
});
