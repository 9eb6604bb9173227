import { Bot } from "../../src/bot/bot.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { SpoolAdapter } from "../fakes/spool-adapter.ts";
import { optionsFor } from "../shards/test-host.ts";

/** A bot in a process of its own, to be killed: `node bot-process.ts HOME REPO SPOOL`. It tells its parent when it is connected. */
const [home = "", repo = "", spool = ""] = process.argv.slice(2);
const store = await Store.open(home);
const folders = { home, repo, remove: () => undefined };
const host = await openLocalHost(optionsFor(folders, store, { shell: kinds["shell"]!, fake: fakeKind }));
const platforms = [{ adapter: new SpoolAdapter(spool), access: "everything" as const }];
const bot = new Bot({ platforms, host, orchestrator: undefined, store, redact: (text) => text });
await bot.start();
process.send?.("ready");
