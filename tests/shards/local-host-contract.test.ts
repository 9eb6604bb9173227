import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { hostContract } from "./host-contract.ts";
import { hostLifeContract, type LifeFixture } from "./host-life-contract.ts";
import { hostVerbsContract, type VerbsFixture } from "./host-verbs-contract.ts";
import { makeFolders, optionsFor } from "./test-host.ts";

async function setUp(): Promise<VerbsFixture & LifeFixture> {
  const folders = makeFolders();
  const store = await Store.open(folders.home);
  const host = await openLocalHost(optionsFor(folders, store, { fake: fakeKind }, { maxShards: 50 }));
  const stop = async () => {
    await store.close();
    folders.remove();
  };
  const say = (text: string) => `SAY ${text} ENDSAY`;
  const exit = (code: number) => `CRASH ${code}`;
  const prompts = { say, slow: "SLOW 60", ask: "ASK", approve: "RUN touch x ENDRUN", own: "ASKFREE", exit };
  return { host, repo: "app", agent: "fake", prompts, command: "/notes", stop };
}

hostContract("The local host with a fake agent", setUp);
hostVerbsContract("The local host with a fake agent", setUp);
hostLifeContract("The local host with a fake agent", setUp);
