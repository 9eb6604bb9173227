import { expect, it, onTestFinished } from "vitest";
import { startMessagesApi, type ApiOptions, type Script } from "./messages-api.ts";

const tool = { name: "t", input_schema: { type: "object" } };
const hi = { role: "user", content: "hi" };
const use = (id: string) => ({ role: "assistant", content: [{ type: "tool_use", id, name: "t", input: {} }] });
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "r" });
const marked = { type: "text", text: "x", cache_control: { type: "ephemeral" } };

async function started(script: Script, options?: ApiOptions) {
  const api = await startMessagesApi(script, options);
  onTestFinished(() => api.stop());
  const post = (
    body: object,
    headers: Record<string, string> = { "x-api-key": "k", "anthropic-version": "2023-06-01" },
  ) => fetch(`${api.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(body) });
  return { api, post };
}

const request = (messages: unknown[], rest: object = {}) => ({
  model: "m",
  max_tokens: 9,
  tools: [tool],
  messages,
  ...rest,
});

it.each([
  ["no max_tokens", { model: "m", messages: [hi] }, /max_tokens: Field required/],
  ["no messages", request([]), /at least one message/],
  ["an assistant first", request([{ role: "assistant", content: "a" }]), /first message/],
  ["an empty message", request([{ role: "user", content: [] }]), /non-empty content/],
  ["blank text", request([{ role: "user", content: [{ type: "text", text: " " }] }]), /non-whitespace/],
  ["a system message", request([{ role: "system", content: "s" }]), /Unexpected role/],
  ["a call without result", request([hi, use("a")]), /without `tool_result`/],
  ["a call and plain text", request([hi, use("a"), hi]), /without `tool_result`/],
  [
    "a result without call",
    request([hi, { role: "assistant", content: "x" }, { role: "user", content: [result("a")] }]),
    /unexpected `tool_use_id`/,
  ],
  [
    "a text before a result",
    request([hi, use("a"), { role: "user", content: [{ type: "text", text: "x" }, result("a")] }]),
    /must come first/,
  ],
  [
    "the same call twice",
    request([
      hi,
      use("a"),
      { role: "user", content: [result("a")] },
      use("a"),
      { role: "user", content: [result("a")] },
    ]),
    /unique/,
  ],
  ["five breakpoints", request([{ role: "user", content: [marked, marked, marked, marked, marked] }]), /maximum of 4/],
  ["a field of ours", request([{ role: "user", content: [{ type: "text", text: "x", saved: true }] }]), /Extra inputs/],
  ["an unknown parameter", request([hi], { thread: { type: "create" } }), /thread: Extra inputs/],
  ["half a character", request([{ role: "user", content: "\ud83d" }]), /low surrogate/],
])("refuses %s", async (_, body, message) => {
  const { api, post } = await started([]);
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(message);
  expect(api.requests[0]?.status).toBe(400);
});

it("refuses no key, a wrong key, a wrong path and an unknown model", async () => {
  const { api, post } = await started([], { apiKey: "k", models: ["other"] });
  const version = { "anthropic-version": "2023-06-01" };
  expect((await post(request([hi]), version)).status).toBe(401);
  expect((await post(request([hi]), { ...version, authorization: "Bearer x" })).status).toBe(401);
  expect((await post(request([hi]), { ...version, authorization: "Bearer k" })).status).toBe(404);
  expect((await fetch(`${api.url}/v1/complete`, { method: "POST", body: "{}" })).status).toBe(404);
});

it("streams text and tool input in pieces, and tells when its script is at an end", async () => {
  const { post } = await started([{ text: "Hello 🙂 there.", tools: [{ name: "t", input: { a: "b" } }] }]);
  const text = await (await post(request([hi], { stream: true }))).text();
  const events = [...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1]);
  expect(events.filter((event) => event === "content_block_delta").length).toBeGreaterThanOrEqual(6);
  expect(events.at(0)).toBe("message_start");
  expect(events.at(-1)).toBe("message_stop");
  expect(text).toContain('"stop_reason":"tool_use"');
  expect((await post(request([hi]))).status).toBe(400);
});

it("accounts for the prompt cache by prefixes", async () => {
  const { api, post } = await started(() => ({ text: "a" }), { cacheMinimum: 1 });
  const block = (text: string, at: boolean) => ({
    type: "text",
    text,
    ...(at && { cache_control: { type: "ephemeral" } }),
  });
  const user = (...content: object[]) => ({ role: "user", content });
  await post(request([user(block("one", true))]));
  await post(request([user(block("one", false), block("two", true))]));
  await post(request([user(block("ONE", false), block("two", true))]));
  const [first, second, third] = api.requests.map(({ usage }) => usage!);
  expect(first).toMatchObject({ cache_read_input_tokens: 0, input_tokens: 0 });
  expect(second?.cache_read_input_tokens).toBe(first?.cache_creation_input_tokens);
  expect(third?.cache_read_input_tokens).toBe(0);
});
