import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One request of the bot to a platform, or what a person was shown apart from that. */
interface Captured {
  /** Milliseconds since the hour began. */
  at: number;
  /** What the person had done last. */
  step: string;
  /** Method of the platform, such as `chat.postMessage` or `POST /channels/1/messages`. */
  request: string;
  body: unknown;
}

/** Keeps what a bot sends in an hour of chat, for what draws it. */
export class Recorder {
  readonly captured: Captured[] = [];
  step = "start";
  readonly #platform: string;
  readonly #begun = Date.now();

  constructor(platform: string) {
    this.#platform = platform;
  }

  /** @param at when it was asked, in milliseconds since the epoch */
  add(request: string, body: unknown, at = Date.now()): void {
    this.captured.push({ at: at - this.#begun, step: this.step, request, body });
  }

  /** Write `PLATFORM.json` beside this file, or where LOOKS says; resolves with the path. */
  save(): string {
    const folder = process.env["LOOKS"] ?? join(import.meta.dirname, "captured");
    const file = join(folder, `${this.#platform}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ platform: this.#platform, captured: this.captured }, undefined, 1)}\n`);
    return file;
  }
}
