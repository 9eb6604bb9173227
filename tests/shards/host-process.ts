import { Store } from "../../src/store/store.ts";
import type { ShardHost } from "../../src/shards/host.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { type TestFolders, optionsFor } from "./test-host.ts";

/*
 * A host in a process of its own, to be killed. Its parent sends `{ call, verb, request }` and gets `{ call, result | error }`; every event
 * goes to the parent too. The listener never resolves for events of the type that is the third argument.
 */

export type Verb = "spawn" | "send" | "list" | "close" | "resume";

const [home = "", repo = "", stuckOn] = process.argv.slice(2);
const folders: TestFolders = { home, repo, remove: () => undefined };
const store = await Store.open(home);
const host: ShardHost = await openLocalHost(optionsFor(folders, store, { fake: fakeKind }));
host.subscribe(async (event) => {
  process.send?.({ event });
  if (event.type === stuckOn) await new Promise(() => undefined);
});
process.on("message", (message: { call: number; verb: Verb; request: never }) => {
  const { call, verb, request } = message;
  void host[verb](request).then(
    (result) => process.send?.({ call, result }),
    (error: unknown) => process.send?.({ call, error: String(error) }),
  );
});
process.send?.({ ready: true });
