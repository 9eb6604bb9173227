import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished, vi } from "vitest";
import { createOrchestrator } from "../../src/orchestrator/model-orchestrator.ts";
import { Store } from "../../src/store/store.ts";
import { lastSaid, type ApiRequest, type Script } from "../fakes/messages-api.ts";
import { apiKey, ask, asked as asking, RecordedActions, setting, shardInfo } from "./recorded.ts";

const texts = (request: ApiRequest) =>
  request.body.messages.flatMap(({ content }) => content.map(({ text, content: result }) => text ?? result ?? ""));

/** The same folder as a new process would find it. */
async function reopened(folder: string, url: string, budget?: number) {
  const store = await Store.open(folder);
  onTestFinished(() => store.close());
  return asking(
    createOrchestrator({
      apiKey,
      baseUrl: url,
      model: "test-model",
      store,
      ...(budget !== undefined && { budget }),
    }),
  );
}

it("goes on after a restart with all that was said and done", async () => {
  const { api, close, folder, orchestrator } = await setting([
    { text: "On it.", tools: [{ name: "spawn_shard", input: { name: "auth" } }] },
    { text: "Started `auth`." },
    { text: "You asked for auth." },
    { text: "Nothing." },
  ]);
  const actions = new RecordedActions();
  await orchestrator.answer(ask("start auth", actions));
  await close();
  const again = await reopened(folder, api.url);
  expect(await again.answer(ask("what did I ask?", actions))).toBe("You asked for auth.");
  const [, second, third] = api.requests;
  const unmarked = (request: ApiRequest) =>
    JSON.parse(
      JSON.stringify(request.body.messages, (name, value: unknown) => (name === "cache_control" ? undefined : value)),
    ) as unknown[];
  expect(unmarked(third!).slice(0, 3)).toEqual(unmarked(second!));
  expect(texts(third!)).toContain("Started `auth`.");
  await again.answer(ask("other", actions, { thread: "test:space:channel:2" }));
  expect(texts(api.requests[3]!)).not.toContain("start auth");
});

/** An orchestrator in a process of its own that asks for a shard; spawn prints a line and never ends when `stuck`. */
function asker(folder: string, url: string, stuck: boolean) {
  const module = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const code = `
    const { Store } = await import(${module("store/store.ts")});
    const { createOrchestrator } = await import(${module("orchestrator/model-orchestrator.ts")});
    const store = await Store.open(${JSON.stringify(folder)});
    const orchestrator = createOrchestrator({ apiKey: "k", baseUrl: ${JSON.stringify(url)}, model: "test-model", store });
    const shard = { ...${JSON.stringify(shardInfo("auth"))}, name: "auth" };
    const spawn = async () => { console.log("spawning"); if (${stuck}) await new Promise(() => setInterval(() => {}, 1e6)); return shard; };
    const choices = async () => ({ repos: ["demo", "api"], agents: ["shell", "claude"], defaultAgent: "claude" });
    const actions = { spawn, choices, list: async () => [], tasks: async () => [], notes: async () => [], policy: () => "ask" };
    await orchestrator.answer({ id: "first", thread: "test:space:channel:1", text: "start auth", by: { id: "U1", name: "Ann" }, actions });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

it.each([
  { when: "while a tool runs", stuck: true, asked: 1, result: /Unknown: the program was restarted/, failed: true },
  {
    when: "after the tool ran, before the model's next word",
    stuck: false,
    asked: 2,
    result: /"name":"auth"/,
    failed: undefined,
  },
])("goes on after kill -9 $when", async ({ stuck, asked, result, failed }) => {
  const script: Script = (request) => {
    if (lastSaid(request) !== "start auth") return { text: "I see." };
    const answered = request.body.messages.at(-1)?.content[0]?.type === "tool_result";
    return answered ? { broken: "hang" } : { tools: [{ name: "spawn_shard", input: { name: "auth" } }] };
  };
  const { api, close, folder } = await setting(script);
  await close();
  const child = asker(folder, api.url, stuck);
  const ended = once(child, "exit");
  await once(createInterface(child.stdout), "line");
  await vi.waitFor(() => expect(api.requests).toHaveLength(asked));
  child.kill("SIGKILL");
  await ended;

  const again = await reopened(folder, api.url);
  expect(await again.answer(ask("and now?", new RecordedActions()))).toBe("I see.");
  const { messages, system, tools } = api.requests.at(-1)!.body;
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
  expect(messages[2]?.content[0]).toMatchObject({
    type: "tool_result",
    content: expect.stringMatching(result) as string,
  });
  expect(messages[2]?.content[0]?.is_error).toBe(failed);
  expect(messages[3]?.content[0]?.text).toContain("interrupted");
  // Two processes, the same bytes in front: what one has cached the other reads.
  expect(JSON.stringify({ tools, system })).toBe(
    JSON.stringify({ tools: api.requests[0]!.body.tools, system: api.requests[0]!.body.system }),
  );
});

it("keeps a long conversation within its budget on disk too, and goes on", async () => {
  const { api, close, folder, orchestrator } = await setting(
    (request) => ({ text: `re ${lastSaid(request).slice(0, 4)}` }),
    { budget: 8_000 },
  );
  const actions = new RecordedActions();
  for (let turn = 10; turn < 40; turn++) await orchestrator.answer(ask(`t-${turn} ${"x".repeat(500)}`, actions));
  const sizes = api.requests.map(({ body }) => JSON.stringify(body.messages).length);
  expect(Math.max(...sizes)).toBeLessThan(9_000);
  await close();
  const again = await reopened(folder, api.url, 8_000);
  await again.answer(ask("last", actions));
  const said = texts(api.requests.at(-1)!);
  expect(said).toContain("re t-39");
  expect(said).not.toContain("re t-10");
});

it("sends less and tries again when the API finds a request too long", async () => {
  const { api, orchestrator } = await setting(
    (request) => ({ text: `re ${lastSaid(request).slice(0, 3)}` }),
    {},
    { contextLimit: 52_000 },
  );
  const actions = new RecordedActions();
  for (let turn = 0; turn < 4; turn++) await orchestrator.answer(ask(`t${turn} ${"x".repeat(9_000)}`, actions));
  expect(api.requests.map(({ status }) => status)).toEqual([200, 200, 200, 400, 200]);
  const said = texts(api.requests.at(-1)!);
  expect(said.some((text) => text.startsWith("t3 "))).toBe(true);
  expect(said.some((text) => text.startsWith("t0 "))).toBe(false);
});
