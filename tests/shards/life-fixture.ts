import { join } from "node:path";
import { expect } from "vitest";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import type { ShardInfo } from "../../src/shards/host.ts";
import { openRecords, type ShardRecord } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import { clear, holdersOf, makeFolders, openTestHost, processesWith, reaches, type TestHost } from "./test-host.ts";

/** A host with a shard "demo", on a folders of its own, since tests run beside each other. */
export class ShardFixture {
  readonly folders = makeFolders();
  testHost!: TestHost;

  /** A host with a shard "demo" that is ready for a prompt; its agent is the host's only kind, or a command line. */
  async start(kind: AgentKind, commandLine?: string): Promise<void> {
    await this.open(kind);
    await this.host.spawn({ name: "demo", agent: commandLine, by: "ann" });
    await this.reaches("idle");
  }

  /** A host, after the one before has let go. */
  async open(kind: AgentKind): Promise<void> {
    await this.testHost?.close();
    this.testHost = await openTestHost(this.folders, { [kind.name]: kind });
  }

  get host(): TestHost["host"] {
    return this.testHost.host;
  }

  get log(): TestHost["log"] {
    return this.testHost.log;
  }

  async info(): Promise<ShardInfo> {
    return (await this.host.list())[0]!;
  }

  /** Change the record, with no host there; resolves with it as it was. */
  async change(part: Partial<ShardRecord>): Promise<ShardRecord> {
    await this.testHost.close();
    const store = await Store.open(this.folders.home);
    const { shards } = openRecords(store);
    const record = shards.get("demo")!;
    await shards.set("demo", { ...record, ...part });
    await store.close();
    return record;
  }

  /** Process id of the fake agent. */
  get agent(): number {
    const holders = holdersOf(this.folders);
    return processesWith(join(this.folders.home, "shards", "demo")).find((pid) => !holders.includes(pid))!;
  }

  async reaches(state: ShardInfo["status"]["state"]): Promise<void> {
    await reaches(this.host, "demo", state);
  }

  async send(text: string): Promise<void> {
    await this.host.send({ name: "demo", text, by: "ann" });
  }

  /** The text of the nth answer, from 1. */
  async answer(nth: number): Promise<string> {
    return (await this.log.next("answer", "demo", nth)).text;
  }

  async said(text: string, nth: number): Promise<void> {
    await this.send(`SAY ${text} ENDSAY`);
    expect(await this.answer(nth)).toBe(text);
  }

  close = () => this.host.close({ name: "demo", by: "bob" });
  resume = () => this.host.resume({ name: "demo", by: "bob" });
}

/** What a test does, on a fixture of its own. */
export function withShard(work: (fixture: ShardFixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const fixture = new ShardFixture();
    try {
      await work(fixture);
    } finally {
      await clear(fixture.testHost, fixture.folders);
    }
  };
}
