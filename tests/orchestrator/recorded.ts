import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createOrchestrator, type ModelOptions } from "../../src/orchestrator/model-orchestrator.ts";
import type { Ask, Orchestrator, ShardActions } from "../../src/orchestrator/orchestrator.ts";
import type { ShardInfo, ShardState } from "../../src/shards/host.ts";
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
export class RecordedActions implements ShardActions {
  readonly calls: [verb: string, request: unknown][] = [];
  readonly shards: ShardInfo[];

  constructor(...shards: ShardInfo[]) {
    this.shards = shards;
  }

  spawn: ShardActions["spawn"] = async (request) => {
    this.calls.push(["spawn", request]);
    const shard = shardInfo(request.name, "starting");
    this.shards.push(shard);
    return shard;
  };
  send: ShardActions["send"] = async (request) => {
    this.calls.push(["send", request]);
    return { outcome: "submitted", turn: 1 };
  };
  read: ShardActions["read"] = async (request) => {
    this.calls.push(["read", request]);
    return { name: request.name, text: "All 12 tests pass.", truncated: false, status: shardInfo(request.name).status };
  };
  list: ShardActions["list"] = async () => this.shards;
  destroy: ShardActions["destroy"] = async (request) => {
    this.calls.push(["destroy", request]);
    return { name: request.name, survivors: [] };
  };
  choices: ShardActions["choices"] = async () => ({
    repos: ["demo", "api"],
    agents: ["shell", "claude"],
    defaultAgent: "claude",
  });
}

export interface Setting {
  api: MessagesApi;
  /** Let go of the store, as the end of a process would. */
  close(): Promise<void>;
  folder: string;
  orchestrator: Orchestrator;
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
  const orchestrator = createOrchestrator({ apiKey, baseUrl: api.url, model: "test-model", store, ...options });
  return { api, close, folder, orchestrator };
}

export function ask(text: string, actions: ShardActions, rest: Partial<Ask> = {}): Ask {
  return { thread: "test:space:channel:1", text, by: { id: "U1", name: "Ann" }, actions, ...rest };
}
