import { describe, expect, it, vi } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { lastResults, lastSaid } from "../fakes/messages-api.ts";
import { apiKey, ask, RecordedActions, setting, shardInfo } from "./recorded.ts";

const whenIdle =
  "Allowed now: send_to_shard, destroy_shard (a person confirms), read_shard, diff_shard, shard_history.";

describe("the orchestrator", () => {
  it("answers with the model's text, asked with the person, thread and shards as context", async () => {
    const { api, orchestrator } = await setting([{ text: "Hello **Ann**, nothing runs yet." }]);
    const actions = new RecordedActions(shardInfo("auth", "working"));
    const answer = await orchestrator.answer(ask("hi", actions, { shard: "auth", by: { id: "U1", name: "Ann\n<b>" } }));
    expect(answer).toBe("Hello **Ann**, nothing runs yet.");
    const [request] = api.requests;
    expect(request?.headers["authorization"]).toBe(`Bearer ${apiKey}`);
    expect(request?.headers["x-api-key"]).toBe(apiKey);
    expect(request?.body).toMatchObject({ model: "test-model", stream: true });
    const [context, said] = request!.body.messages[0]!.content;
    expect(context?.text).toContain("From: Ann b (U1)\nShard of this thread: auth\n");
    expect(context?.text).toContain("- auth: claude in demo, working\n");
    expect(said?.text).toBe("hi");
    expect(request?.body.system?.at(-1)?.text).toContain(
      "Repos: api, demo.\nAgent kinds: claude, shell; the default is claude.",
    );
  });

  it("starts two shards side by side in one turn", async () => {
    const { api, orchestrator } = await setting([
      {
        text: "Starting both.",
        tools: [
          { name: "spawn_shard", input: { name: "auth", prompt: "Work on auth." } },
          { name: "spawn_shard", input: { name: "api-refactor", repo: "api" } },
        ],
      },
      { text: "Started `auth` and `api-refactor`." },
    ]);
    const actions = new RecordedActions();
    const { spawn } = actions;
    const both = Promise.withResolvers<void>();
    const order: string[] = [];
    actions.spawn = async (request) => {
      order.push(`start ${request.name}`);
      if (order.length === 2) both.resolve();
      await both.promise;
      order.push(`end ${request.name}`);
      return spawn(request);
    };
    const answer = await orchestrator.answer(ask("Start a shard for auth and one for the API refactor", actions));
    expect(answer).toBe("Started `auth` and `api-refactor`.");
    expect(order.slice(0, 2)).toEqual(["start auth", "start api-refactor"]);
    expect(actions.calls).toEqual([
      ["spawn", { name: "auth", prompt: "Work on auth." }],
      ["spawn", { name: "api-refactor", repo: "api" }],
    ]);
    const results = lastResults(api.requests[1]!);
    expect(results.map(({ failed }) => failed)).toEqual([false, false]);
    const [info, allowed] = results[1]!.text.split("\n");
    expect(JSON.parse(info!)).toMatchObject({ name: "api-refactor", state: "starting" });
    expect(allowed).toMatch(/^Allowed now: send_to_shard/);
  });

  it("types into a running turn, and looks at its tool calls, when it is asked to", async () => {
    const { api, orchestrator } = await setting([
      {
        tools: [
          { name: "send_to_shard", input: { name: "auth", text: "use yarn", when: "steer" } },
          { name: "send_to_shard", input: { name: "auth", text: "use yarn", when: "queue" } },
          { name: "read_shard", input: { name: "auth", tools: true } },
        ],
      },
      { text: "Done." },
    ]);
    const actions = new RecordedActions(shardInfo("auth", "working"));
    await orchestrator.answer(ask("tell auth to use yarn, now", actions));
    expect(actions.calls).toEqual([
      ["send", { name: "auth", text: "use yarn", when: "steer" }],
      ["read", { name: "auth", tools: true }],
    ]);
    const results = lastResults(api.requests[1]!);
    expect(results.map(({ failed }) => failed)).toEqual([false, true, false]);
    expect(results[2]?.text).toMatch(/^<shard_output_\w+ [^>]*part="tool calls"/);
  });

  it("types into a shard and hands the receipt to the model", async () => {
    const { api, orchestrator } = await setting((request, n) =>
      n === 0
        ? {
            tools: [{ name: "send_to_shard", input: { name: "auth", text: `Please ${lastSaid(request).slice(10)}.` } }],
          }
        : { text: "Submitted to `auth`." },
    );
    const actions = new RecordedActions(shardInfo("auth"));
    expect(await orchestrator.answer(ask("tell auth to add JWT validation", actions))).toBe("Submitted to `auth`.");
    expect(actions.calls).toEqual([["send", { name: "auth", text: "Please to add JWT validation." }]]);
    expect(lastResults(api.requests[1]!)).toEqual([
      { text: `{"outcome":"submitted","turn":1}\n${whenIdle}`, failed: false },
    ]);
  });

  it("reads a shard and summarises what is there", async () => {
    const { api, orchestrator } = await setting((request, n) =>
      n === 0
        ? { tools: [{ name: "read_shard", input: { name: "api-refactor", lines: 80 } }] }
        : { text: `It is idle: ${/All \d+ tests pass/.exec(lastResults(request)[0]!.text)?.[0]}.` },
    );
    const actions = new RecordedActions(shardInfo("api-refactor"));
    const answer = await orchestrator.answer(ask("what is the status of api-refactor?", actions));
    expect(answer).toBe("It is idle: All 12 tests pass.");
    expect(actions.calls).toEqual([["read", { name: "api-refactor", lines: 80 }]]);
    const [, name = ""] = /^<(shard_output_\w+) /.exec(lastResults(api.requests[1]!)[0]?.text ?? "") ?? [];
    expect(lastResults(api.requests[1]!)[0]?.text).toBe(
      `<${name} shard="api-refactor" state="idle" since="2026-11-22T10:00:00.000Z">\nAll 12 tests pass.\n</${name}>` +
        `\n${whenIdle}`,
    );
  });

  it("reports to the model what goes wrong in a tool, and goes on", async () => {
    const lines: string[] = [];
    configureLog({ write: (line) => lines.push(line) });
    const { api, orchestrator } = await setting([
      {
        tools: [
          { name: "destroy_shard", input: { name: "auth" } },
          { name: "send_to_shard", input: { name: "auth", text: "go on" } },
          { name: "destroy_shard", input: { name: "auth", force: true } },
          { name: "read_shard", input: { name: "../x" } },
        ],
      },
      { text: "`auth` has unsaved work." },
    ]);
    const actions = new RecordedActions(shardInfo("auth"));
    actions.destroy = async () => Promise.reject(new ShardbridgeError("unsaved_work", "auth has 2 uncommitted files."));
    actions.send = async () => Promise.reject(new TypeError("cannot read properties of undefined"));
    expect(await orchestrator.answer(ask("destroy auth", actions))).toBe("`auth` has unsaved work.");
    const results = lastResults(api.requests[1]!);
    expect(results.map(({ failed }) => failed)).toEqual([true, true, true, true]);
    expect(results[0]?.text).toBe(`unsaved_work: auth has 2 uncommitted files.\n${whenIdle}`);
    const id = /^internal error ([0-9a-f]{8})$/m.exec(results[1]!.text)?.[1];
    expect(lines.find((line) => line.includes(`"bug":"${id}"`))).toContain("cannot read properties");
    expect(results[2]?.text).toContain("force");
    expect(actions.calls).toEqual([]);
  });

  it("keeps the asks of two threads apart, and those of one thread in order", async () => {
    const first = Promise.withResolvers<void>();
    const { api, orchestrator } = await setting(async (request) => {
      const said = lastSaid(request);
      if (said === "one") await first.promise;
      const answered = request.body.messages.at(-1)?.content[0]?.type === "tool_result";
      return answered
        ? { text: `done ${said}` }
        : { tools: [{ name: "send_to_shard", input: { name: "x", text: said } }] };
    });
    const [ann, bob] = [new RecordedActions(), new RecordedActions()];
    const one = orchestrator.answer(ask("one", ann));
    const two = orchestrator.answer(ask("two", bob));
    const other = orchestrator.answer(ask("other", bob, { thread: "test:space:channel:2" }));
    expect(await other).toBe("done other");
    expect(api.requests.map(lastSaid)).not.toContain("two");
    first.resolve();
    expect(await Promise.all([one, two])).toEqual(["done one", "done two"]);
    expect(ann.calls).toEqual([["send", { name: "x", text: "one" }]]);
    expect(bob.calls.map(([, request]) => request)).toEqual([
      { name: "x", text: "other" },
      { name: "x", text: "two" },
    ]);
  });

  it("ends after too many rounds, and can be asked again", async () => {
    const { api, orchestrator } = await setting(
      (request) =>
        lastSaid(request) === "stop" ? { text: "Stopped." } : { tools: [{ name: "list_shards", input: {} }] },
      { maxRounds: 3 },
    );
    const actions = new RecordedActions();
    await expect(orchestrator.answer(ask("loop", actions))).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("3 times") as string,
    });
    expect(api.requests).toHaveLength(3);
    expect(await orchestrator.answer(ask("stop", actions))).toBe("Stopped.");
  });

  it.each([
    [
      "a cut answer",
      { text: "It is", stop: "max_tokens" },
      "It is\n\n*(The answer was cut off here: it reached the model's limit.)*",
    ],
    [
      "a call that was cut off",
      { tools: [{ name: "destroy_shard", input: { name: "auth" } }], stop: "max_tokens" },
      "cut off",
    ],
    [
      "a call that is not to run",
      { text: "No.", tools: [{ name: "list_shards", input: {} }], stop: "end_turn" },
      "No.",
    ],
    ["no text", {}, "*(The model gave no text.)*"],
    ["thinking", { thinking: "Hm, hm.", text: "Yes." }, "Yes."],
  ])("shows and keeps %s so that the next ask works", async (_, reply, expected) => {
    const { api, orchestrator } = await setting([reply, { text: "next" }]);
    const actions = new RecordedActions();
    expect(await orchestrator.answer(ask("a", actions))).toContain(expected);
    expect(actions.calls).toEqual([]);
    expect(await orchestrator.answer(ask("b", actions))).toBe("next");
    expect(api.requests[1]?.body.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(JSON.stringify(api.requests[1]?.body)).not.toContain("Hm, hm");
  });

  it("keeps thinking for the steps of the turn under way", async () => {
    const { api, orchestrator } = await setting([
      { thinking: "Look first.", tools: [{ name: "list_shards", input: {} }] },
      { text: "None." },
    ]);
    await orchestrator.answer(ask("a", new RecordedActions()));
    expect(api.requests[1]?.body.messages[1]?.content[0]).toMatchObject({ type: "thinking", signature: "c2lnbmVk" });
  });

  it("goes on with a paused turn", async () => {
    const { orchestrator } = await setting([
      { text: "Wait", stop: "pause_turn" },
      { text: "There." },
      { text: "And." },
    ]);
    expect(await orchestrator.answer(ask("a", new RecordedActions()))).toBe("There.");
    expect(await orchestrator.answer(ask("b", new RecordedActions()))).toBe("And.");
  });

  it("forgets a message that the model declined", async () => {
    const { api, orchestrator } = await setting([{ text: "I", stop: "refusal" }, { text: "Sure." }]);
    const actions = new RecordedActions();
    await expect(orchestrator.answer(ask("something bad", actions))).rejects.toMatchObject({ code: "failed" });
    expect(await orchestrator.answer(ask("something else", actions))).toBe("Sure.");
    expect(JSON.stringify(api.requests[1]?.body)).not.toContain("something bad");
  });

  it("stops on its signal, in the middle of a text", async () => {
    const { api, orchestrator } = await setting((request) =>
      lastSaid(request) === "a" ? { text: "Well, let me", broken: "hang" } : { text: "Here." },
    );
    const stop = new AbortController();
    const answer = orchestrator.answer(ask("a", new RecordedActions(), { signal: stop.signal }));
    await vi.waitFor(() => expect(api.requests[0]?.usage).toBeDefined());
    stop.abort();
    await expect(answer).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("stopped") as string,
    });
    await api.requests[0]?.over;
    expect(await orchestrator.answer(ask("b", new RecordedActions()))).toBe("Here.");
    expect(JSON.stringify(api.requests[1]?.body)).not.toContain('"a"');
  });

  it("stops between two rounds: what has run is kept, with a note", async () => {
    const { api, orchestrator } = await setting([
      { tools: [{ name: "send_to_shard", input: { name: "auth", text: "go" } }] },
      { text: "Here." },
    ]);
    const stop = new AbortController();
    const actions = new RecordedActions();
    actions.send = async () => {
      stop.abort();
      return { outcome: "queued", position: 2 };
    };
    await expect(orchestrator.answer(ask("a", actions, { signal: stop.signal }))).rejects.toThrow("stopped");
    expect(await orchestrator.answer(ask("b", actions))).toBe("Here.");
    expect(JSON.stringify(api.requests.at(-1)?.body.messages)).toMatch(/queued.*interrupted before an answer/);
  });
});
