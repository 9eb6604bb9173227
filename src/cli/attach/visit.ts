import { constants } from "node:os";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { type ClientHandlers, HolderClient } from "../../shards/holder/client.ts";
import type { Exit } from "../../shards/holder/protocol.ts";
import { print } from "../print.ts";
import { Display } from "./display.ts";
import { type Input, InputReader } from "./input.ts";
import type { OwnKey } from "./keys.ts";
import { windowOf } from "./sight.ts";
import type { Standing } from "./status.ts";
import { Tty } from "./tty.ts";
import type { Step } from "./viewport.ts";

export interface VisitOptions {
  name: string;
  holder: { socket: string; secret: string };
  /** Name under which others see this person. */
  as: string;
  viewOnly: boolean;
  /** Give the shard the size of this terminal. */
  resize: boolean;
  detach: OwnKey;
  command: OwnKey;
}

/** A terminal on a shard: the shard's screen is drawn here, and what is typed here goes to the shard. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #tty: Tty;
  readonly #input = new InputReader((input) => this.#take(input));
  readonly #display: Display;
  readonly #over = Promise.withResolvers<{ said: string; code: number }>();
  #client: HolderClient | undefined;
  #keyboard: { by: string | undefined; yours: boolean } = { by: undefined, yours: false };
  /** The keyboard is to be had again when we go on. */
  #paused = false;
  #commanding = false;

  constructor(options: VisitOptions) {
    this.#options = options;
    this.#tty = new Tty({
      input: (chunk) => this.#input.push(chunk),
      redraw: () => this.#redraw(),
      drained: () => this.#display.draw(),
      signal: (name) => this.#over.resolve({ said: "", code: 128 + constants.signals[name] }),
      pausing: () => this.#pause(),
      resumed: () => this.#resume(),
    });
    this.#display = new Display({
      size: () => this.#tty.size,
      busy: () => this.#tty.busy,
      write: (data) => this.#tty.write(data),
      standing: () => this.#standing(),
      history: (from, count) => this.#holder.history(from, count),
      failed: (error) => this.#display.say(messageOf(error)),
    });
    // The visit may be over before anybody waits for it.
    this.#over.promise.catch(() => undefined);
  }

  /** Resolves with the exit code when it is over. Throws ShardbridgeError when the shard can't be reached, or not any more. */
  async run(): Promise<number> {
    const { name, holder, as, viewOnly, detach } = this.#options;
    const client = await HolderClient.connect({ ...holder, handlers: this.#handlers() });
    this.#client = client;
    try {
      if (client.welcome.exit) throw new ShardbridgeError("refused", `${ended(name, client.welcome.exit)} Resume it.`);
      await client.attach(as);
      print(`On ${name}: ${detach.name} detaches.`);
      this.#tty.open();
      if (!viewOnly) this.#grab(false);
      const { said, code } = await this.#over.promise;
      this.#tty.close();
      if (said !== "") print(said);
      // The answer also says that what was typed has arrived.
      if (this.#keyboard.yours) await client.keyboard(false).catch(() => undefined);
      return code;
    } finally {
      this.#display.close();
      this.#tty.close();
      client.close();
    }
  }

  get #holder(): HolderClient {
    if (!this.#client) throw new Error("There is no connection yet.");
    return this.#client;
  }

  #standing(): Omit<Standing, "screen" | "shown" | "message"> {
    const { name, viewOnly, detach, command } = this.#options;
    const own = { detach: detach.name, command: command.name, commanding: this.#commanding };
    return { name, viewOnly, ...own, ...this.#keyboard };
  }

  #handlers(): ClientHandlers {
    const { name } = this.#options;
    const lost = `The connection to ${name} is lost; shardbridge list tells how it is.`;
    return {
      view: () => undefined,
      picture: (picture) => this.#display.show(picture),
      keyboard: (by, yours) => this.#passed(by, yours),
      exit: (exit) => this.#over.resolve({ said: ended(name, exit), code: 0 }),
      closed: () => this.#over.reject(new ShardbridgeError("unavailable", lost)),
    };
  }

  /** The keyboard has changed hands, or we hear for the first time who has it. */
  #passed(by: string | undefined, yours: boolean): void {
    const { command } = this.#options;
    const lost = this.#keyboard.yours && !yours && by !== undefined;
    this.#keyboard = { by, yours };
    if (lost) this.#display.say(`${by} has taken the keyboard: you only watch now. ${command.name} t takes it back.`);
    if (yours) this.#fit();
    this.#display.draw();
  }

  #take(input: Input): void {
    const keys = this.#display.frame?.keys;
    if (input.type === "text") return this.#typed(input.data);
    if (input.type === "key") return this.#commanding ? this.#steer(input.name) : this.#send(input.data);
    if (input.type === "paste") return input.bracket && !keys?.bracketedPaste ? undefined : this.#send(input.data);
    // Motion of the hand on the way is no reason to ask for the keyboard.
    if (!this.#keyboard.yours) return undefined;
    if (input.type === "focus") return keys?.focus ? this.#send(input.data) : undefined;
    const report = this.#display.report(input);
    return report && this.#send(report);
  }

  /** Text, with our own keys in it. */
  #typed(data: Buffer): void {
    const { detach, command } = this.#options;
    for (let rest = data; rest.length > 0;) {
      const [first = 0] = rest;
      if (this.#commanding) {
        this.#command(first);
        rest = rest.subarray(1);
        continue;
      }
      const own = rest.findIndex((byte) => byte === detach.byte || byte === command.byte);
      const end = own < 0 ? rest.length : own;
      this.#send(rest.subarray(0, end));
      if (rest[own] === detach.byte) return this.#leave();
      this.#commanding = own >= 0;
      rest = rest.subarray(end + 1);
    }
    this.#display.draw();
  }

  #command(byte: number): void {
    const { detach, command, viewOnly } = this.#options;
    this.#goBack();
    if (byte === detach.byte || byte === command.byte) this.#send(Buffer.of(byte));
    const letter = String.fromCharCode(byte);
    if (letter === "d") this.#leave();
    if (letter === "t" && !viewOnly) this.#grab(true);
  }

  /** Move the window, or go back. */
  #steer(key: string): void {
    const { rows } = windowOf(this.#tty.size);
    const step = steps(rows)[key];
    if (step) this.#display.move(step);
    else this.#goBack();
  }

  #goBack(): void {
    this.#commanding = false;
    this.#display.follow();
  }

  #leave(): void {
    this.#over.resolve({ said: `Detached from ${this.#options.name}, which goes on.`, code: 0 });
  }

  #send(data: Buffer): void {
    if (data.length === 0) return;
    const { by, yours } = this.#keyboard;
    const { viewOnly, command } = this.#options;
    if (viewOnly) return this.#display.say("You only watch (--view).");
    if (!yours && by !== undefined)
      return this.#display.say(`${by} is at the keyboard: ${command.name} t takes it over.`);
    if (!yours) this.#grab(false);
    // Requests are done in their order, so that the keyboard is ours by then, or this is refused as well.
    return this.#do(this.#holder.keys(data));
  }

  #grab(over: boolean): void {
    this.#do(this.#holder.keyboard(true, over));
  }

  /** Give the shard our size, where that is wanted. */
  #fit(): void {
    if (!this.#options.resize || !this.#keyboard.yours) return;
    const { cols, rows } = windowOf(this.#tty.size);
    this.#do(this.#holder.resize(Math.min(Math.max(cols, 20), 500), Math.min(Math.max(rows, 6), 150)));
  }

  /** Say what comes of it when nothing does. */
  #do(call: Promise<void>): void {
    call.catch((error: unknown) => this.#display.say(messageOf(error)));
  }

  async #pause(): Promise<void> {
    this.#paused = this.#keyboard.yours;
    if (this.#paused) await this.#holder.keyboard(false).catch(() => undefined);
  }

  #resume(): void {
    if (this.#paused) this.#grab(false);
    this.#paused = false;
  }

  #redraw(): void {
    this.#fit();
    this.#display.redraw();
  }
}

function ended(name: string, { code, signal }: Exit): string {
  return `The agent of ${name} has ended (${signal === undefined ? `code ${code}` : `signal ${signal}`}).`;
}

function steps(page: number): Record<string, Step> {
  return {
    up: { rows: -1, cols: 0 },
    down: { rows: 1, cols: 0 },
    left: { rows: 0, cols: -8 },
    right: { rows: 0, cols: 8 },
    "page-up": { rows: -page, cols: 0 },
    "page-down": { rows: page, cols: 0 },
  };
}
