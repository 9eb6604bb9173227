import type { AgentKind } from "../../src/shards/agents/agent.ts";
import type { Receipt, SendRequest } from "../../src/shards/host.ts";
import type { LocalHostOptions } from "../../src/shards/local-host.ts";
import { clear, makeGround, openStage, reaches, type Stage } from "./stage.ts";

/** A host with the one kind that a test is about, on a ground of its own. */
export class Bench {
  readonly ground = makeGround();
  #stage: Stage | undefined;

  get stage(): Stage {
    return this.#stage!;
  }

  async start(kind: AgentKind, more: Partial<LocalHostOptions> = {}): Promise<Stage> {
    return (this.#stage = await openStage(this.ground, { [kind.name]: kind }, more));
  }

  /** The same with a shard "demo" that is ready for a prompt. */
  async startShard(kind: AgentKind, more: Partial<LocalHostOptions> = {}): Promise<Stage> {
    const stage = await this.start(kind, more);
    await stage.host.spawn({ name: "demo", by: "ann" });
    await reaches(stage.host, "demo", "idle");
    return stage;
  }

  async send(text: string, when?: SendRequest["when"]): Promise<Receipt> {
    return this.stage.host.send({ name: "demo", text, by: "ann", when });
  }

  /** The text of the nth answer, from 1. */
  async answer(nth: number): Promise<string> {
    return (await this.stage.log.next("answer", "demo", nth)).text;
  }

  async clear(): Promise<void> {
    await clear(this.stage, this.ground);
  }
}

/** What a test does, on a bench of its own, since tests run beside each other. */
export function onBench(work: (bench: Bench) => Promise<void>): () => Promise<void> {
  return async () => {
    const bench = new Bench();
    try {
      await work(bench);
    } finally {
      await bench.clear();
    }
  };
}
