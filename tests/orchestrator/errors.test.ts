import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { defaultModel } from "../../src/orchestrator/prices.ts";
import type { Reply } from "../fakes/messages-api.ts";
import { apiKey, ask, RecordedActions, setting } from "./recorded.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  configureLog({ write: (line) => lines.push(line) });
});

const failing = (status: number, type: string, message: string): Reply => ({
  error: { status, type, message: `${message} ${apiKey}`, retryAfter: 0.001 },
});

/** Whatever is thrown has one sentence and no trace of the key, in itself or in the log. */
async function thrownBy(answer: Promise<string>): Promise<ShardbridgeError> {
  const error = await answer.then(
    (text) => expect.unreachable(text),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ShardbridgeError);
  const shown = error as ShardbridgeError;
  expect(shown.message).toMatch(/^[^\n]+\.$/);
  expect(`${shown.message} ${shown.stack} ${JSON.stringify(shown.cause ?? null)} ${lines.join("")}`).not.toContain(
    apiKey,
  );
  return shown;
}

describe("an error of the API", () => {
  it.each([
    [
      401,
      "authentication_error",
      "invalid x-api-key",
      1,
      "unavailable",
      /^ANTHROPIC_API_KEY is not accepted by 127\.0\.0\.1:\d+/,
    ],
    [403, "permission_error", "no access", 1, "unavailable", /^ANTHROPIC_API_KEY is not accepted/],
    [
      404,
      "not_found_error",
      "model: test-model",
      1,
      "unavailable",
      /has no model "test-model": set ORCHESTRATOR_MODEL/,
    ],
    [402, "billing_error", "pay", 1, "unavailable", /billing/],
    [400, "invalid_request_error", "Your credit balance is too low", 1, "unavailable", /no credit left/],
    [
      400,
      "invalid_request_error",
      "tools: not supported here",
      1,
      "failed",
      /refused the request \(400: tools: not supported here …\)/,
    ],
    [400, "invalid_request_error", "prompt is too long: 250000 tokens", 2, "failed", /too long for the model/],
    [413, "request_too_large", "Request exceeds the maximum size", 2, "failed", /too long for the model/],
    [429, "rate_limit_error", "slow down", 3, "unavailable", /too many requests/],
    [529, "overloaded_error", "Overloaded", 3, "unavailable", /is overloaded/],
    [500, "api_error", "Internal server error", 3, "unavailable", /fault of its own/],
  ])("%i %s (%s) is tried %i times and becomes a sentence", async (status, type, message, tries, code, sentence) => {
    const { api, orchestrator } = await setting(() => failing(status, type, message));
    const error = await thrownBy(orchestrator.answer(ask("hi", new RecordedActions())));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(api.requests).toHaveLength(tries);
  });

  it("that passes is not seen at all", async () => {
    const { orchestrator } = await setting([failing(529, "overloaded_error", "Overloaded"), { text: "Here." }]);
    expect(await orchestrator.answer(ask("hi", new RecordedActions()))).toBe("Here.");
  });

  it.each([
    ["error", /is overloaded/],
    ["drop", /broke off/],
  ] as const)("in the middle of a stream (%s) leaves a history that works", async (broken, sentence) => {
    const { api, orchestrator } = await setting([
      { tools: [{ name: "list_shards", input: {} }] },
      { text: "There are", broken },
      { text: "None." },
    ]);
    const actions = new RecordedActions();
    const error = await thrownBy(orchestrator.answer(ask("list", actions)));
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringMatching(sentence) as string });
    expect(await orchestrator.answer(ask("again", actions))).toBe("None.");
    expect(api.requests.at(-1)?.body.messages).toHaveLength(5);
  });
});

it("an address where nobody listens becomes a sentence", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  const { orchestrator } = await setting([], { baseUrl: `http://user:secret@127.0.0.1:${port}` });
  const error = await thrownBy(orchestrator.answer(ask("hi", new RecordedActions())));
  expect(error.code).toBe("unavailable");
  expect(error.message).not.toContain("secret");
});

it("without a key it works where none is asked for, and says so where one is", async () => {
  const open = await setting([{ text: "Hi." }], { apiKey: undefined, model: undefined });
  expect(await open.orchestrator.answer(ask("hi", new RecordedActions()))).toBe("Hi.");
  expect(open.api.requests[0]?.body.model).toBe(defaultModel);
  const shut = await setting([], { apiKey: undefined }, { apiKey });
  const error = await thrownBy(shut.orchestrator.answer(ask("hi", new RecordedActions())));
  expect(error.message).toContain("wants a key: set ANTHROPIC_API_KEY");
});

it("what the asker may not do is thrown with its sentence, and a bug as it is", async () => {
  const { api, orchestrator } = await setting([]);
  const actions = new RecordedActions();
  const refused = new ShardbridgeError("not_allowed", "You may not list shards.");
  actions.list = async () => Promise.reject(refused);
  await expect(orchestrator.answer(ask("hi", actions))).rejects.toBe(refused);
  const bug = new TypeError("x is undefined");
  actions.list = async () => Promise.reject(bug);
  await expect(orchestrator.answer(ask("hi", actions))).rejects.toBe(bug);
  expect(api.requests).toEqual([]);
});
