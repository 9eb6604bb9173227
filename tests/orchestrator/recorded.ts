import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createOrchestrator, type ModelOptions } from "../../src/orchestrator/model-orchestrator.ts";
import type {
  Answer,
  Ask,
  Orchestrator,
  StandingTask,
  TurnActions,
  Wake,
  WakeEvent,
} from "../../src/orchestrator/orchestrator.ts";
import type { ShardInfo, ShardState } from "../../src/shards/host.ts";
import type { RepoInstructions } from "../../src/shards/repo-says.ts";
import { Store } from "../../src/store/store.ts";
import { startMessagesApi, type ApiOptions, type MessagesApi, type Script } from "../fakes/messages-api.ts";

export const apiKey = "sk-ant-test-0123456789";

export function shardInfo(name: string, state: ShardState = "idle"): ShardInfo {
  return {
    name,
    repo: "demo",
    agent: "claude",
    branch: `shardbridge/${name}`,
    base: "main",
    worktree: `/worktrees/${name}`,
    alive: true,
    status: { state, since: "2026-11-22T10:00:00.000Z", why: "footer: ? for shortcuts" },
    queued: 0,
    createdAt: "2026-11-22T09:00:00.000Z",
    createdBy: "Ann",
  };
}

/** Actions on shards that exist only here; each call is written down as `[verb, request]`. */
export class RecordedActions implements TurnActions {
  readonly calls: [verb: string, request: unknown][] = [];
  readonly shards: ShardInfo[];

  constructor(...shards: ShardInfo[]) {
    this.shards = shards;
  }

  spawn: TurnActions["spawn"] = async (request) => {
    this.calls.push(["spawn", request]);
    const shard = shardInfo(request.name, "starting");
    this.shards.push(shard);
    return shard;
  };
  send: TurnActions["send"] = async (request) => {
    this.calls.push(["send", request]);
    return { outcome: "submitted", turn: 1 };
  };
  read: TurnActions["read"] = async (request) => {
    this.calls.push(["read", request]);
    return { name: request.name, text: "All 12 tests pass.", truncated: false, status: shardInfo(request.name).status };
  };
  list: TurnActions["list"] = async () => this.shards;
  destroy: TurnActions["destroy"] = async (request) => {
    this.calls.push(["destroy", request]);
    return { name: request.name, survivors: [] };
  };
  choices: TurnActions["choices"] = async () => ({
    repos: ["demo", "api"],
    agents: ["shell", "claude"],
    defaultAgent: "claude",
  });
  answer: TurnActions["answer"] = async (request) => {
    this.calls.push(["answer", request]);
    return { outcome: "asked_human", question: "Let auth run rm -r build?" };
  };
  stop: TurnActions["stop"] = async (request) => {
    this.calls.push(["stop", request]);
    return {};
  };
  diff: TurnActions["diff"] = async ({ name }) => ({
    name,
    base: "main",
    commit: "0123456789",
    commits: 1,
    uncommitted: 1,
    stat: " src/a.ts | 2 +-",
    patch: "-old\n+new",
    truncated: false,
  });
  overlap: TurnActions["overlap"] = async () => [
    {
      repo: "demo",
      shards: ["auth", "api"],
      files: [{ path: "src/a.ts", shards: ["auth", "api"] }],
      conflicts: [{ shards: ["auth", "api"], files: ["src/a.ts"] }],
      problems: [],
    },
  ];
  history: TurnActions["history"] = async ({ name }) => ({
    name,
    entries: [{ mark: 7, at: "2026-11-22T10:00:00.000Z", type: "answer", text: "Done.", by: "Ann" }],
    mark: 7,
    gaps: false,
  });
  askHuman: TurnActions["askHuman"] = async (request) => {
    this.calls.push(["askHuman", request]);
  };
  repoNotes: RepoInstructions[] = [];
  notes: TurnActions["notes"] = async () => this.repoNotes;
  readonly saved: StandingTask[] = [];
  tasks: TurnActions["tasks"] = async () => this.saved;
  waitFor: TurnActions["waitFor"] = async (request) => {
    this.calls.push(["waitFor", request]);
    return { task: this.#task(request.instruction) };
  };
  schedule: TurnActions["schedule"] = async (request) => {
    this.calls.push(["schedule", request]);
    return this.#task(request.instruction);
  };
  cancelTask: TurnActions["cancelTask"] = async ({ id }) => this.saved.find((task) => task.id === id)!;
  policy: TurnActions["policy"] = () => "ask";
  wakes = true;
  wait: TurnActions["wait"] = async (request) => {
    this.calls.push(["wait", request]);
    return { outcome: "done", turn: 1, text: "done", truncated: false };
  };

  #task(instruction: string): StandingTask {
    const task = { id: `t${this.saved.length + 1}`, when: "auth is done", instruction, by: "Ann" };
    this.saved.push(task);
    return task;
  }
}

export interface Setting {
  api: MessagesApi;
  /** Let go of the store, as the end of a process would. */
  close(): Promise<void>;
  folder: string;
  orchestrator: Asked;
}

/** The orchestrator, whose `answer` resolves with the text alone. */
export type Asked = Omit<Orchestrator, "answer"> & {
  answer(ask: Ask): Promise<string>;
  whole(ask: Ask): Promise<Answer>;
};

export function asked(orchestrator: Orchestrator): Asked {
  return { ...orchestrator, answer: async (ask) => (await orchestrator.answer(ask)).text, whole: orchestrator.answer };
}

/** A fake API, a store on disk and an orchestrator over both, for one test. */
export async function setting(
  script: Script,
  options: Partial<ModelOptions> = {},
  apiOptions: ApiOptions = {},
): Promise<Setting> {
  const api = await startMessagesApi(script, apiOptions);
  onTestFinished(() => api.stop());
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = await Store.open(folder);
  let open = true;
  const close = async () => {
    if (open) await store.close();
    open = false;
  };
  onTestFinished(close);
  const orchestrator = asked(createOrchestrator({ apiKey, baseUrl: api.url, model: "test-model", store, ...options }));
  return { api, close, folder, orchestrator };
}

let turns = 0;

export function ask(text: string, actions: TurnActions, rest: Partial<Ask> = {}): Ask {
  const id = `ask-${(turns += 1)}`;
  return { id, thread: "test:space:channel:1", text, by: { id: "U1", name: "Ann" }, actions, ...rest };
}

export function wake(events: WakeEvent[], actions: TurnActions, rest: Partial<Wake> = {}): Wake {
  const id = `wake-${(turns += 1)}`;
  return { id, thread: "test:space:channel:1", events, by: { id: "U1", name: "Ann" }, actions, ...rest };
}

/** A shard's answer, as it wakes. */
export function answered(shard: string, text: string, told: WakeEvent["told"] = "elsewhere"): WakeEvent {
  const at = "2026-11-22T10:00:00.000Z";
  return {
    id: `answer:${shard}`,
    at,
    what: `shard ${shard} has finished turn 1`,
    told,
    output: { shard, part: "answer", text },
  };
}
