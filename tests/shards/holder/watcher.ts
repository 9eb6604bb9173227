import { HolderClient } from "../../../src/shards/holder/client.ts";

/** A bot in a process of its own, to be killed: watches a holder and says so. */
const [socket = "", secret = ""] = process.argv.slice(2);
const ready = Promise.withResolvers<void>();
const client = await HolderClient.connect({
  socket,
  secret,
  handlers: {
    view: (view) => {
      process.stdout.write("view\n");
      if (view.rows[0]?.text === "ready") ready.resolve();
    },
    exit: () => undefined,
    closed: () => undefined,
  },
});
await client.watch();
await ready.promise;
await client.write("10\n");
process.stdout.write("written\n");
