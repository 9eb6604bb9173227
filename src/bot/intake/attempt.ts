import { DeliveryError, type Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import { logBug } from "../../log.ts";

/** Outcome of some work, or the sentence for what went wrong. */
export async function attempt(work: () => Promise<Post | undefined>): Promise<Post | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ShardbridgeError) return { kind: "notice", tone: "error", text: error.message };
    if (!(error instanceof DeliveryError)) return bugPost(error);
    return { kind: "notice", tone: "error", text: `That could not be posted: ${error.message}.` };
  }
}

/** Text for a bug: its id, under which the log has more. */
export function bugPost(error: unknown): Post {
  const id = logBug(error, "an event could not be handled");
  return { kind: "notice", tone: "error", text: `Something went wrong here (bug ${id}); the log has more.` };
}
