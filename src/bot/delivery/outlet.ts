import type { Adapter, ChatEvent, Gap, Place, Post, PostRef, Reply, ThreadRef } from "../../adapters/adapter.ts";
import type { Shown } from "../../redaction/shown.ts";

/** A reply as it may be shown. */
interface ShownReply extends Reply {
  post?: Shown<Post>;
}

export interface ShownAccepted {
  reply: Promise<ShownReply>;
}

/** An adapter as the bot uses it: whatever goes out by it has gone through the redaction, which its types ask for. */
export interface Outlet extends Omit<Adapter, "start" | "openThread" | "post" | "edit"> {
  start(onEvent: (event: ChatEvent) => Promise<ShownAccepted>, gap?: Gap): Promise<void>;
  openThread(place: Place, title: Shown<string>): Promise<ThreadRef>;
  post(thread: ThreadRef, post: Shown<Post>, key: string): Promise<PostRef>;
  edit(ref: PostRef, post: Shown<Post>): Promise<void>;
}
