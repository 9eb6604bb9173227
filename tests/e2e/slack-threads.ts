import type { SlackFront } from "../fakes/slack-front.ts";

/** In which thread each post is, by its timestamp: an edit does not say it. */
export function threadsOf(front: SlackFront): ReadonlyMap<string, string> {
  const threads = new Map<string, string>();
  front.fault(async (call) => {
    if (call.method !== "chat.postMessage") return undefined;
    const answer = await front.pass(call);
    const { ts = "" } =
      typeof answer === "object" && "body" in answer ? (JSON.parse(answer.body ?? "{}") as { ts?: string }) : {};
    threads.set(ts, call.args["thread_ts"] ?? "");
    return answer;
  });
  return threads;
}
