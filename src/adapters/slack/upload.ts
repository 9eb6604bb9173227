import type { WebClient } from "@slack/web-api";
import { DeliveryError, type Post, type PostRef, type ThreadRef } from "../adapter.ts";
import { deliveryError } from "./delivery.ts";
import { isoTime } from "./origin.ts";
import { renderNote } from "./render.ts";

type File = Extract<Post, { kind: "file" }>;

/**
 * Post a file, in three steps rather than by `filesUploadV2`: whatever fails before the last one has shown nothing to anybody. Slack often
 * does not say at once which message came of it; then the file's id stands for it. Throws DeliveryError or what the client throws.
 */
export async function upload(
  web: WebClient,
  thread: ThreadRef,
  file: File,
  key: string,
  deadline: number,
): Promise<PostRef> {
  const id = await store(web, file, deadline).catch((error: unknown) => {
    const failure = deliveryError(error);
    throw failure.outcome === "unknown" ? new DeliveryError("not-sent", failure.message, { cause: error }) : failure;
  });
  const { files } = await web.files.completeUploadExternal({
    files: [{ id, title: file.name }],
    channel_id: thread.channel,
    thread_ts: thread.thread,
    blocks: [renderNote(file.note, key)],
  });
  const shared: Shares | undefined = files?.[0]?.shares;
  const ts = (shared?.public?.[thread.channel] ?? shared?.private?.[thread.channel])?.[0]?.ts;
  return { thread, id: ts ?? id, at: ts === undefined ? new Date().toISOString() : isoTime(ts) };
}

/** The client's own type knows public channels only. */
interface Shares {
  public?: Record<string, { ts?: string }[]>;
  private?: Record<string, { ts?: string }[]>;
}

/** Hand the bytes over; nobody sees them yet. Slack takes no empty file. */
async function store(web: WebClient, file: File, deadline: number): Promise<string> {
  const content = Buffer.from(file.text === "" ? "\n" : file.text, "utf8");
  const place = await web.files.getUploadURLExternal({ filename: file.name, length: content.byteLength });
  if (place.upload_url === undefined || place.file_id === undefined) {
    throw new DeliveryError("not-sent", "Slack gave no place for the file.");
  }
  const answer = await fetch(place.upload_url, {
    method: "POST",
    body: content,
    signal: AbortSignal.timeout(deadline),
  });
  if (!answer.ok) throw new DeliveryError("not-sent", `Slack did not take the file (HTTP status ${answer.status}).`);
  return place.file_id;
}
