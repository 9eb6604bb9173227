import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseButton, wireOf as encodeButton, type ButtonAction } from "../../src/bot/delivery/button-action.ts";

const shard = "demo";
const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** A button as posts carried it before there was a type for it, and what it stands for: a post stays where it is over an upgrade. */
const carried: [action: string, value: string, means: ButtonAction][] = [
  ["stop", "demo", { action: "stop", shard }],
  ["resume", "demo", { action: "resume", shard }],
  ["destroy-force", "demo", { action: "destroy-force", shard }],
  ["answer", "demo/q1/2", { action: "answer", shard, question: "q1", option: "2" }],
  ["answer", "demo/a/b/button 1", { action: "answer", shard, question: "a/b", option: "button 1" }],
  ["answer", "demo/q1/", { action: "answer", shard, question: "q1", option: "" }],
  ["press", "demo/enter", { action: "press", shard, keys: "enter" }],
  ["press", "demo", { action: "press", shard }],
  ["unqueue", "demo/12", { action: "unqueue", shard, prompt: 12 }],
  ["send-now", "demo/12", { action: "send-now", shard, prompt: 12 }],
  ["approve-setup", `demo/${hash}`, { action: "approve-setup", shard, hash }],
  ["resend", "demo/\nsay a/b\nagain", { action: "resend", shard, text: "say a/b\nagain" }],
  ["anyway", "demo/\n", { action: "anyway", shard, text: "" }],
  ["ask", "\n\nwhat now?", { action: "ask", text: "\nwhat now?" }],
  ["step", "1a2b3c4d/yes", { action: "step", approval: "1a2b3c4d", answer: "yes" }],
  ["step", "1a2b3c4d/no", { action: "step", approval: "1a2b3c4d", answer: "no" }],
  ["choose", "1a2b3c4d/0", { action: "choose", choice: "1a2b3c4d", option: 0 }],
  ["go-on", "breaker", { action: "go-on", held: "breaker" }],
  ["go-on", "cap", { action: "go-on", held: "cap" }],
  [
    "budget",
    '{"of":"thread","thread":"chat:a/b"}',
    { action: "budget", account: { of: "thread", thread: "chat:a/b" } },
  ],
  [
    "budget",
    '{"of":"person","person":"U1","day":"2026-12-24"}',
    { action: "budget", account: { of: "person", person: "U1", day: "2026-12-24" } },
  ],
  ["budget", '{"of":"day","day":"2026-12-24"}', { action: "budget", account: { of: "day", day: "2026-12-24" } }],
  ["budget", '{"of":"total"}', { action: "budget", account: { of: "total" } }],
];

const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);
const of = fc.record({ shard: name, id: fc.stringMatching(/^[^/]+$/) }, { requiredKeys: ["shard"] });
/** Also what a separator is made of. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom("/", "@", "%", "%2F", "%252F", "~", "\n", "a")).map((parts) => parts.join("")),
);
const some = text.filter((one) => one !== "");
const id = fc.stringMatching(/^[^/]*$/);
const count = fc.nat();
const only = <A extends string>(...actions: A[]) => fc.constantFrom(...actions);
const ofShard = <T extends object>(fields: fc.Arbitrary<T>) => fc.tuple(of, fields).map(([a, b]) => ({ ...a, ...b }));

const anyButton: fc.Arbitrary<ButtonAction> = fc.oneof(
  ofShard(fc.record({ action: only("stop", "resume", "destroy-force") })),
  ofShard(fc.record({ action: only("answer"), question: some, option: text })),
  ofShard(fc.record({ action: only("press"), keys: text }, { requiredKeys: ["action"] })),
  ofShard(fc.record({ action: only("unqueue", "send-now"), prompt: count })),
  ofShard(fc.record({ action: only("approve-setup"), hash: text })),
  ofShard(fc.record({ action: only("resend", "anyway"), text })),
  fc.record({ action: only("ask"), text }),
  fc.record({ action: only("step"), approval: id, answer: only("yes", "no") }),
  fc.record({ action: only("choose"), choice: id, option: count }),
  fc.record({ action: only("go-on"), held: only("breaker", "cap") }),
  fc.record({
    action: only("budget"),
    account: fc.oneof(
      fc.record({ of: only("thread"), thread: text }),
      fc.record({ of: only("person"), person: text, day: text }),
      fc.record({ of: only("day"), day: text }),
      fc.record({ of: only("total") }),
    ),
  }),
);

describe("what a button stands for", () => {
  it.each(carried)("%s with %j is read, and written as before", (action, value, means) => {
    expect(parseButton({ action, value })).toEqual(means);
    expect(encodeButton(means)).toEqual({ action, value });
  });

  it("has the shard's id behind its name, where it is known", () => {
    const button = { action: "answer", shard, id: "x7", question: "q1", option: "2" } as const;
    expect(encodeButton(button)).toEqual({ action: "answer", value: "demo@x7/q1/2" });
    expect(parseButton({ action: "stop", value: "demo@x7" })).toEqual({ action: "stop", shard, id: "x7" });
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(anyButton, (button) => {
        expect(parseButton(encodeButton(button))).toEqual(button);
      }),
    );
  });

  it("begins a text with a line break, by which it is kept on this side", () => {
    const texts = fc
      .constantFrom("resend", "anyway")
      .chain((action) => fc.record({ action: fc.constant(action), text }));
    fc.assert(
      fc.property(texts, ({ action, text: said }) => {
        expect(encodeButton({ action, shard, text: said }).value).toBe(`demo/\n${said}`);
      }),
    );
  });

  it.each([
    ["stop", ""],
    ["stop", "/demo"],
    ["stop", "@x7"],
    ["answer", "demo"],
    ["answer", "demo/q1"],
    ["unqueue", "demo"],
    ["unqueue", "demo/one"],
    ["send-now", "demo/-1"],
    ["send-now", `demo/${"9".repeat(30)}`],
    ["resend", "demo"],
    ["step", "1a2b3c4d"],
    ["step", "1a2b3c4d/maybe"],
    ["choose", "1a2b3c4d/x"],
    ["go-on", "elsewhere"],
    ["budget", "{"],
    ["budget", '{"of":"all"}'],
    ["budget", '{"of":"day","day":1}'],
    ["budget", "null"],
    ["budget", '"total"'],
    ["constructor", "demo"],
    ["unknown", "demo/1"],
  ])("is nothing for %s with %j", (action, value) => {
    expect(parseButton({ action, value })).toBeUndefined();
  });

  it("is read from whatever comes without a throw", () => {
    const actions = fc.oneof(fc.constantFrom(...carried.map(([action]) => action)), fc.string());
    fc.assert(
      fc.property(actions, text, (action, value) => {
        const button = parseButton({ action, value });
        expect(button && parseButton(encodeButton(button))).toEqual(button);
      }),
    );
  });
});
