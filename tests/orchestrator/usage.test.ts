import { describe, expect, it, onTestFinished } from "vitest";
import { createOrchestrator } from "../../src/orchestrator/model-orchestrator.ts";
import { costOf, hasPrice } from "../../src/orchestrator/prices.ts";
import { Store } from "../../src/store/store.ts";
import { apiKey, ask, RecordedActions, setting } from "./recorded.ts";

const thread = "test:space:channel:1";
const usage = { input_tokens: 100_000, cache_creation_input_tokens: 20_000, cache_read_input_tokens: 300_000 };
const reply = { text: "ok", usage: { ...usage, output_tokens: 1_000 } };

describe("prices", () => {
  const tokens = { input: 1_000_000, cacheWrite: 1_000_000, cacheRead: 1_000_000, output: 1_000_000 };
  it.each([
    ["claude-sonnet-5-5", 2 + 2.5 + 0.1 + 10],
    ["claude-haiku-4-5-20251001", 1 + 1.25 + 0.1 + 5],
    ["claude-haiku-5-5", 0.5 + 0.625 + 0.05 + 2.5],
  ])("%s", (model, cost) => {
    expect(costOf(model, tokens)).toBeCloseTo(cost, 6);
  });

  it("are those of short prompts for a short prompt", () => {
    const short = { input: 60_000, cacheWrite: 0, cacheRead: 40_000, output: 1_000 };
    expect(costOf("claude-haiku-5-5", short)).toBeCloseTo(0.006 + 0.0004 + 0.0005, 9);
  });

  it.each(["claude-sonnet-5-6", "claude-haiku-4-5-turbo", "llama", "constructor"])(
    "are not guessed for %s",
    (model) => {
      expect(hasPrice(model)).toBe(false);
      expect(costOf(model, tokens)).toBeUndefined();
    },
  );
});

it("counts tokens and cost for the thread, the person, the day and all, also after a restart", async () => {
  const { api, close, folder, orchestrator } = await setting(() => reply, { model: "claude-sonnet-5-5" });
  const actions = new RecordedActions();
  await Promise.all([
    orchestrator.answer(ask("a", actions)),
    orchestrator.answer(ask("b", actions, { thread: "test:space:channel:2", by: { id: "U2", name: "Bob" } })),
  ]);
  await close();
  const store = await Store.open(folder);
  onTestFinished(() => store.close());
  const again = createOrchestrator({ apiKey, baseUrl: api.url, model: "claude-sonnet-5-5", store });
  await again.answer(ask("c", actions));
  const day = again.today();
  const one = (100_000 * 2 + 20_000 * 2.5 + 300_000 * 0.1 + 1_000 * 10) / 1e6;
  expect(again.usage({ of: "thread", thread })).toEqual({
    requests: 2,
    input: 200_000,
    cacheWrite: 40_000,
    cacheRead: 600_000,
    output: 2_000,
    cost: expect.closeTo(2 * one, 9) as number,
    unpriced: 0,
  });
  expect(again.usage({ of: "person", person: "U2", day }).cost).toBeCloseTo(one, 9);
  expect(again.usage({ of: "day", day }).requests).toBe(3);
  expect(again.usage({ of: "total" }).cost).toBeCloseTo(3 * one, 9);
  expect(again.usage({ of: "day", day: "2020-01-01" }).requests).toBe(0);
});

it("counts no cost for a model without a price", async () => {
  const { orchestrator } = await setting(() => reply);
  await orchestrator.answer(ask("a", new RecordedActions()));
  expect(orchestrator.usage({ of: "total" })).toMatchObject({ requests: 1, input: 100_000, cost: 0, unpriced: 1 });
});

it.each([
  ["thread", { thread: { tokens: 400_000 } }, /^This thread has used up the model's budget of 400,000 tokens/],
  ["person", { person: { tokens: 421_000 } }, /^You have today used up/],
  ["day", { day: { dollars: 0.2 } }, /^All have together today used up the model's budget of \$0\.20: an admin/],
] as const)("stops at the budget of a %s, and goes on when it is extended", async (of, budgets, sentence) => {
  const { api, orchestrator } = await setting(() => reply, { model: "claude-sonnet-5-5", budgets });
  const actions = new RecordedActions();
  await orchestrator.answer(ask("a", actions));
  await expect(orchestrator.answer(ask("b", actions))).rejects.toMatchObject({
    code: "over_budget",
    message: expect.stringMatching(sentence) as string,
  });
  expect(api.requests).toHaveLength(1);
  const over = orchestrator.overBudget({ thread, person: "U1" })!;
  expect(over.account.of).toBe(of);
  const extended = await Promise.allSettled([orchestrator.extend(over.account), orchestrator.extend(over.account)]);
  expect(extended).toMatchObject([{ status: "fulfilled" }, { reason: { code: "refused" } }]);
  expect(await orchestrator.answer(ask("c", actions))).toBe("ok");
});

it("stops in the middle of a turn, and keeps what has been done", async () => {
  const tools = [{ name: "list_shards", input: {} }];
  const { api, orchestrator } = await setting((_request, n) => (n === 0 ? { ...reply, tools } : { text: "Here." }), {
    budgets: { thread: { tokens: 1_000 } },
  });
  const actions = new RecordedActions();
  await expect(orchestrator.answer(ask("a", actions))).rejects.toMatchObject({ code: "over_budget" });
  expect(api.requests).toHaveLength(1);
  while (orchestrator.overBudget({ thread, person: "U1" })) await orchestrator.extend({ of: "thread", thread });
  expect(await orchestrator.answer(ask("b", actions))).toBe("Here.");
  expect(JSON.stringify(api.requests[1]!.body.messages)).toContain("list_shards");
});
