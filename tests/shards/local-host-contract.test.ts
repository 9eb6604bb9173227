import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { hostContract } from "./host-contract.ts";
import { hostLifeContract, type LifeStage } from "./host-life-contract.ts";
import { hostVerbsContract, type VerbsStage } from "./host-verbs-contract.ts";
import { makeGround, optionsFor } from "./stage.ts";

async function setUp(): Promise<VerbsStage & LifeStage> {
  const ground = makeGround();
  const store = await Store.open(ground.home);
  const host = await openLocalHost(optionsFor(ground, store, { fake: fakeKind }, { maxShards: 50 }));
  const stop = async () => {
    await store.close();
    ground.remove();
  };
  const say = (text: string) => `SAY ${text} ENDSAY`;
  const exit = (code: number) => `CRASH ${code}`;
  const prompts = { say, slow: "SLOW 60", ask: "ASK", approve: "RUN touch x ENDRUN", own: "ASKFREE", exit };
  return { host, repo: "app", agent: "fake", prompts, command: "/notes", stop };
}

hostContract("The local host with a fake agent", setUp);
hostVerbsContract("The local host with a fake agent", setUp);
hostLifeContract("The local host with a fake agent", setUp);
