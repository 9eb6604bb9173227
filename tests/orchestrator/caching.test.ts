import { expect, it } from "vitest";
import { tools } from "../../src/orchestrator/tools.ts";
import { ask, RecordedActions, setting } from "./recorded.ts";

it("reads from the cache what earlier requests have sent: tools, system prompt and history", async () => {
  const { api, orchestrator } = await setting([
    { tools: [{ name: "spawn_shard", input: { name: "auth" } }] },
    { text: "Started." },
    { text: "It is fine." },
    { text: "Elsewhere." },
  ]);
  const actions = new RecordedActions();
  await orchestrator.answer(ask("start auth", actions));
  await orchestrator.answer(ask("how is it?", actions, { by: { id: "U2", name: "Bob" } }));
  await orchestrator.answer(ask("hi", actions, { thread: "test:space:channel:2" }));
  const [first, second, third, elsewhere] = api.requests.map(({ usage }) => usage!);
  expect(first?.cache_read_input_tokens).toBe(0);
  expect(first?.cache_creation_input_tokens).toBeGreaterThan(1024);
  expect(second?.cache_read_input_tokens).toBe(first?.cache_creation_input_tokens);
  expect(third?.cache_read_input_tokens).toBe(second!.cache_read_input_tokens + second!.cache_creation_input_tokens);
  for (const usage of [first, second, third]) expect(usage?.input_tokens).toBe(0);
  expect(elsewhere?.cache_read_input_tokens).toBeGreaterThan(1024);
});

it("still finds the history in the cache after a turn with more blocks than the cache looks back", async () => {
  const many = Array.from({ length: 15 }, () => ({ name: "list_shards", input: {} }));
  const { api, orchestrator } = await setting([{ tools: many }, { tools: many }, { text: "Done." }]);
  await orchestrator.answer(ask("look hard", new RecordedActions()));
  const [, second, third] = api.requests.map(({ usage }) => usage!);
  expect(third?.cache_read_input_tokens).toBe(second!.cache_read_input_tokens + second!.cache_creation_input_tokens);
});

it("has the same bytes in front whoever asks, whatever shards there are", async () => {
  const { api, orchestrator } = await setting(() => ({ text: "ok" }));
  await orchestrator.answer(ask("a", new RecordedActions()));
  const other = new RecordedActions();
  await other.spawn({ name: "auth" });
  await orchestrator.answer(ask("b", other, { thread: "t2", by: { id: "U2", name: "Bob" } }));
  const fronts = api.requests.map(({ body: { tools, system, model } }) => JSON.stringify({ tools, system, model }));
  expect(new Set(fronts).size).toBe(1);
  expect(api.requests[0]?.body.tools?.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  expect(/"force":|\$ref/.exec(fronts[0]!)?.[0]).toBeUndefined();
});
