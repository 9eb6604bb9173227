import { describe, expect, it } from "vitest";
import { closed, fitted, sent, sizeOf, type Message, type Turn } from "../../src/orchestrator/history.ts";
import { complaint } from "../fakes/messages-rules.ts";
import { random } from "../random.ts";

const texts = ["ok", 'a longer text with "signs" \\ and\nlines ', "🙂ü"];

function randomTurn(below: (n: number) => number, number: number): Turn {
  const text = (most: number) => texts[below(texts.length)]!.repeat(1 + below(most));
  const turn: Turn = [
    {
      role: "user",
      content: [
        { type: "text", text: `<context>${number}</context>` },
        { type: "text", text: text(40) },
      ],
    },
  ];
  for (let step = 0; step < below(6); step++) {
    const ids = Array.from({ length: 1 + below(4) }, (_, index) => `t_${number}_${step}_${index}`);
    const said: Message["content"] = below(2) === 0 ? [] : [{ type: "text", text: text(5) }];
    if (below(3) === 0) said.unshift({ type: "thinking", thinking: text(3), signature: "s" });
    turn.push({
      role: "assistant",
      content: [
        ...said,
        ...ids.map((id) => ({ type: "tool_use" as const, id, name: "read_shard", input: { name: "x" } })),
      ],
    });
    turn.push({
      role: "user",
      content: ids.map((id) => ({
        type: "tool_result" as const,
        tool_use_id: id,
        content: text(300),
        ...(below(5) === 0 && { is_error: true }),
      })),
    });
  }
  if (below(8) > 0) turn.push({ role: "assistant", content: [{ type: "text", text: text(20) }] });
  return turn;
}

const wrongWith = (turns: Turn[]) => complaint({ model: "m", max_tokens: 1, messages: sent(turns) });
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

describe("a conversation of any shape", () => {
  it("stays acceptable, starts with a person and gets within its budget", () => {
    for (const seed of seeds) {
      const below = random(seed);
      const turns = Array.from({ length: 1 + below(12) }, (_, number) => randomTurn(below, number));
      const last = turns.at(-1)!;
      if (last.at(-1)?.role === "assistant") last.pop();
      const history = [...turns.slice(0, -1).map(closed), last];
      const budget = 6_000 + below(40_000);
      const kept = fitted(history, budget);
      expect(wrongWith(kept), `seed ${seed}`).toBeUndefined();
      expect(sizeOf(kept), `seed ${seed}`).toBeLessThanOrEqual(budget);
      expect(kept[0]![0]!.content.map(({ type }) => type).slice(0, 2)).toEqual(["text", "text"]);
      // Whole turns: each of the kept begins with the message of a turn that was there, the last with the last.
      const asked = kept.map(([first]) => first!.content[1]);
      expect(asked).toEqual(history.slice(-kept.length).map(([first]) => first!.content[1]));
      expect(fitted(kept, budget), `seed ${seed}: what fits is left alone`).toBe(kept);
    }
  });

  it("is mended wherever a crash cut it", () => {
    for (const seed of seeds) {
      const below = random(seed);
      const turn = randomTurn(below, 0);
      for (let length = 1; length <= turn.length; length++) {
        const mended = closed(turn.slice(0, length));
        expect(wrongWith([mended, randomTurn(below, 1).slice(0, 1)]), `seed ${seed}, length ${length}`).toBeUndefined();
        expect(mended.at(-1)?.role).toBe("assistant");
        expect(closed(mended)).toEqual(mended);
      }
    }
  });
});

describe("a cut turn", () => {
  it("says of each call without a result that its effect is not known", () => {
    const mended = closed([
      { role: "user", content: [{ type: "text", text: "start two" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "s" },
          { type: "tool_use", id: "a", name: "spawn_shard", input: {} },
          { type: "tool_use", id: "b", name: "spawn_shard", input: {} },
        ],
      },
    ]);
    const content =
      "Unknown: the program was restarted while this ran, so it may have taken effect or not. Look before you repeat it.";
    expect(mended.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "spawn_shard", input: {} },
          { type: "tool_use", id: "b", name: "spawn_shard", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content, is_error: true },
          { type: "tool_result", tool_use_id: "b", content, is_error: true },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "(This turn was interrupted before an answer.)" }] },
    ]);
  });
});

describe("what is over the budget", () => {
  const turn = (result: string): Turn => [
    { role: "user", content: [{ type: "text", text: "q" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "read_shard", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: result }] },
    { role: "assistant", content: [{ type: "text", text: "answer" }] },
  ];
  const open: Turn = [{ role: "user", content: [{ type: "text", text: "now" }] }];

  it("loses the middle of old results before any turn goes", () => {
    const kept = fitted([turn("x".repeat(6_000)), turn("short"), open], 5_000);
    expect(kept).toHaveLength(3);
    expect(JSON.stringify(kept[0])).toContain("characters and more left out");
    expect(JSON.stringify(kept[1])).toContain("short");
  });

  it("then loses the oldest turns, down to half", () => {
    const turns = Array.from({ length: 20 }, (_, index) => turn(`${index} `.repeat(100)));
    const kept = fitted([...turns, open], 5_000);
    expect(kept.length).toBeGreaterThan(2);
    expect(sizeOf(kept)).toBeLessThanOrEqual(2_500);
    expect(kept.slice(0, -1)).toEqual(turns.slice(-(kept.length - 1)));
  });
});

describe("the cache breakpoints", () => {
  it("are at the end of the last two of the user's messages and not in what is saved", () => {
    const turns: Turn[] = [
      [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "assistant", content: [{ type: "text", text: "b" }] },
      ],
      [
        {
          role: "user",
          content: [
            { type: "text", text: "context" },
            { type: "text", text: "c" },
          ],
        },
      ],
    ];
    const before = structuredClone(turns);
    const marked = sent(turns).map(({ content }) => content.map((block) => "cache_control" in block));
    expect(marked).toEqual([[true], [false], [false, true]]);
    expect(turns).toEqual(before);
  });
});
