import { setTimeout as sleep } from "node:timers/promises";
import { Bot } from "../../src/bot/bot.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { idleAgreement } from "../../src/shards/judge.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { FakeAdapter, textOf } from "../../tests/fakes/fake-adapter.ts";
import { makeGround, optionsFor } from "../../tests/shards/stage.ts";
import { below, median, quantile, type Row } from "./table.ts";

const thread = { platform: "chat", space: "team", channel: "C1", thread: "T1" };

/** What a shard takes from the request to its first prompt, and an answer from its last byte to the call of the chat platform. */
export async function shards(quick: boolean): Promise<Row[]> {
  const ground = makeGround();
  const { shell } = kinds;
  const store = await Store.open(ground.home);
  const host = await openLocalHost(optionsFor(ground, store, shell ? { shell } : {}));
  const adapter = new FakeAdapter();
  const redact = (text: string) => text;
  const bot = new Bot({ platforms: [{ adapter, access: "everything" }], host, orchestrator: undefined, store, redact });
  const becomes = async (name: string, state: string) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(2)) {
      if ((await host.list()).find((shard) => shard.name === name)?.status.state === state) return;
    }
    throw new Error(`${name} never became ${state}.`);
  };
  try {
    await bot.start();
    const starts: number[] = [];
    for (let n = 0; n < (quick ? 2 : 5); n++) {
      const at = performance.now();
      await host.spawn({ name: `s${n}` });
      await becomes(`s${n}`, "idle");
      starts.push(performance.now() - at);
    }
    await adapter.emit({ type: "command", command: "attach s0" }, { place: thread });
    const delays: number[] = [];
    for (let n = 0; n < (quick ? 3 : 15); n++) {
      await adapter.emit({ type: "command", command: "send s0 date +%s%3N" }, { place: thread });
      delays.push(await nextDelay(adapter, n));
      await becomes("s0", "idle");
    }
    const beyond = delays.map((delay) => delay - idleAgreement);
    const late = median(beyond);
    const settle = `settle time ${idleAgreement} ms; p99 ${quantile(beyond, 0.99)?.toFixed(0)} ms`;
    return [
      {
        name: "a new shard, until it is ready",
        unit: "ms",
        ours: median(starts),
        note: "worktree, holder, shell, 300 ms of agreement",
      },
      {
        name: "an answer's last byte to the chat call, beyond the settle time",
        unit: "ms",
        ours: late,
        bar: below(50, "ms", late),
        note: settle,
      },
    ];
  } finally {
    for (const { name } of await host.list()) await host.destroy({ name, force: true });
    await bot.stop();
    await host.release();
    await store.close();
    ground.remove();
  }
}

/** The agent's answer is the time when it was printed. */
async function nextDelay(adapter: FakeAdapter, before: number): Promise<number> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(1)) {
    const answers = adapter.shown.flatMap(({ ref, post }) => {
      const printed = post.kind === "terminal" ? /\d{13}/.exec(textOf(post))?.[0] : undefined;
      return printed === undefined ? [] : [Date.parse(ref.at) - Number(printed)];
    });
    const delay = answers[before];
    if (delay !== undefined) return delay;
  }
  throw new Error("The answer was never posted.");
}
