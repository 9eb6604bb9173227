import { FakeHost } from "../fakes/fake-host.ts";
import { hostContract } from "../shards/host-contract.ts";

hostContract("the fake host", async () => ({
  host: new FakeHost({ repos: ["web"], agents: ["fake"], defaultAgent: "fake" }),
  repo: "web",
  agent: "fake",
  prompts: { say: (text) => `say ${text}`, slow: "slow", ask: "ask rm -rf build" },
  stop: async () => {},
}));
