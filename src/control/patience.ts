import { setTimeout as delay } from "node:timers/promises";
import { ShardbridgeError } from "../errors.ts";
import { Store } from "../store/store.ts";

/** How long a command waits for the state folder when no bot runs (milliseconds). */
const patience = 10_000;

/** Another command may have the folder for a moment. */
export async function openPatiently(home: string): Promise<Store> {
  for (const end = Date.now() + patience; ; await delay(100)) {
    try {
      return await Store.open(home);
    } catch (error) {
      if (!(error instanceof ShardbridgeError && error.code === "locked") || Date.now() > end) throw error;
    }
  }
}
