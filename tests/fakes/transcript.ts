import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** What a fake agent writes of itself, as Claude Code does: a line for each of its hooks, and its transcript. */
export class Transcript {
  readonly #session: string;
  readonly #signals: string;
  readonly #file: string;
  #last = "";
  #count = 0;

  /**
   * @param signals the file of what hooks tell
   * @param file the transcript; its folder is made
   */
  constructor(session: string, signals: string, file: string) {
    this.#session = session;
    this.#signals = signals;
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  started(): void {
    this.#tell("SessionStart");
  }

  prompted(prompt: string): void {
    this.#last = "";
    this.#tell("UserPromptSubmit", { prompt });
    this.#record("user", prompt);
  }

  said(text: string): void {
    this.#last = text;
    this.#record("assistant", [{ type: "text", text }]);
  }

  /** The agent uses a tool, and asks first whether it may. */
  asks(name: string, input: object): void {
    this.#record("assistant", [{ type: "tool_use", id: `tool-${this.#count}`, name, input }]);
    this.#tell("PermissionRequest", { tool_name: name, tool_input: input });
  }

  answered(result: string): void {
    this.#record("user", [{ type: "tool_result", content: result }]);
  }

  interrupted(): void {
    this.#record("user", [{ type: "text", text: "[Request interrupted by user]" }]);
  }

  done(): void {
    this.#tell("Stop", { stop_hook_active: false, last_assistant_message: this.#last });
  }

  #tell(hook_event_name: string, more: object = {}): void {
    const basis = { session_id: this.#session, transcript_path: this.#file, cwd: process.cwd() };
    appendFileSync(this.#signals, `${JSON.stringify({ ...basis, hook_event_name, ...more })}\n`);
  }

  #record(type: "user" | "assistant", content: unknown): void {
    this.#count += 1;
    const basis = { uuid: `${process.pid}-${this.#count}`, timestamp: new Date().toISOString() };
    const line = { ...basis, type, isSidechain: false, sessionId: this.#session, message: { role: type, content } };
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}
