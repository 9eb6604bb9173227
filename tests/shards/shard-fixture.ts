import type { AgentKind } from "../../src/shards/agents/agent.ts";
import type { Receipt, SendRequest } from "../../src/shards/host.ts";
import type { LocalHostOptions } from "../../src/shards/local-host.ts";
import { clear, makeFolders, openTestHost, reaches, type TestHost } from "./test-host.ts";

/** A host with the one kind that a test is about, on a folders of its own. */
export class ShardFixture {
  readonly folders = makeFolders();
  #testHost: TestHost | undefined;

  get testHost(): TestHost {
    return this.#testHost!;
  }

  async start(kind: AgentKind, more: Partial<LocalHostOptions> = {}): Promise<TestHost> {
    return (this.#testHost = await openTestHost(this.folders, { [kind.name]: kind }, more));
  }

  /** The same with a shard "demo" that is ready for a prompt. */
  async startShard(kind: AgentKind, more: Partial<LocalHostOptions> = {}): Promise<TestHost> {
    const testHost = await this.start(kind, more);
    await testHost.host.spawn({ name: "demo", by: "ann" });
    await reaches(testHost.host, "demo", "idle");
    return testHost;
  }

  async send(text: string, when?: SendRequest["when"]): Promise<Receipt> {
    return this.testHost.host.send({ name: "demo", text, by: "ann", when });
  }

  /** The text of the nth answer, from 1. */
  async answer(nth: number): Promise<string> {
    return (await this.testHost.log.next("answer", "demo", nth)).text;
  }

  async clear(): Promise<void> {
    await clear(this.testHost, this.folders);
  }
}

/** What a test does, on a fixture of its own, since tests run beside each other. */
export function withShard(work: (fixture: ShardFixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const fixture = new ShardFixture();
    try {
      await work(fixture);
    } finally {
      await fixture.clear();
    }
  };
}
