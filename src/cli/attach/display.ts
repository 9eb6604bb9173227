import type { Picture, Span } from "../../shards/holder/protocol.ts";
import { Canvas, type Frame } from "./canvas.ts";
import { type MouseReport, reportFor } from "./mouse.ts";
import { sightOf, windowOf } from "./sight.ts";
import type { Standing } from "./status.ts";
import { type Size, type Step, Viewport } from "./viewport.ts";
import { Window } from "./window.ts";

/** Surface of a display, and whom it asks. */
export interface Surroundings {
  size(): Size;
  /** The terminal can't take more just now; `draw` has to be called when it can. */
  busy(): boolean;
  write(data: string): void;
  standing(): Omit<Standing, "screen" | "shown" | "message">;
  /** Rows above the screen. */
  history(from: number, count: number): Promise<{ from: number; spans: Span[][] }>;
  /** The history could not be had. */
  failed(error: unknown): void;
}

/** A shard's screen in a local terminal, of which it shows the part that there is room for, and a status line. */
export class Display {
  readonly #around: Surroundings;
  readonly #canvas = new Canvas();
  readonly #viewport = new Viewport();
  readonly #window = new Window();
  #message: string | undefined;
  #silence: NodeJS.Timeout | undefined;
  #due = false;
  #fetching = false;
  #place = { top: 0, left: 0 };

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** State of the shard's screen; undefined until there is a picture. */
  get frame(): Frame | undefined {
    return this.#canvas.frame;
  }

  show(picture: Picture): void {
    this.#canvas.apply(picture);
    this.draw();
  }

  /** Say it in the status line, for a while. */
  say(message: string): void {
    clearTimeout(this.#silence);
    this.#message = message;
    this.#silence = setTimeout(() => {
      this.#message = undefined;
      this.draw();
    }, forReading);
    this.draw();
  }

  /** Show another part of the screen, or the rows above it. */
  move(step: Step): void {
    this.#viewport.move(step);
    this.draw();
  }

  /** Show the part that the cursor is in. */
  follow(): void {
    this.#viewport.follow();
    this.draw();
  }

  /** Bytes for the program for this report of the local mouse; see `reportFor`. */
  report(mouse: MouseReport): Buffer | undefined {
    const { frame } = this;
    if (!frame) return undefined;
    const offset = { row: this.#place.top - frame.top, col: this.#place.left };
    return reportFor(mouse, frame.mouse, offset, frame, windowOf(this.#around.size()));
  }

  /** Draw everything anew. */
  redraw(): void {
    this.#window.forget();
    this.draw();
  }

  /** Draw, soon and once, what is new; a terminal that is slow gets the newest when it can take it. */
  draw(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      if (!this.#around.busy()) this.#drawNow();
    });
  }

  close(): void {
    clearTimeout(this.#silence);
  }

  #drawNow(): void {
    const { frame } = this;
    if (!frame) return;
    const size = this.#around.size();
    const window = windowOf(size);
    this.#place = this.#viewport.place(frame, this.#canvas.point, window, this.#canvas.oldest);
    const standing = { ...this.#around.standing(), message: this.#message };
    const data = this.#window.draw(sightOf(this.#canvas, frame, this.#place, size, standing));
    if (data !== "") this.#around.write(data);
    this.#fetch(this.#canvas.unknown(this.#place.top, window.rows));
  }

  /** Rows above the screen are asked for when they are looked at. */
  #fetch(wanted: { from: number; count: number } | undefined): void {
    if (!wanted || this.#fetching) return;
    this.#fetching = true;
    this.#around.history(wanted.from, wanted.count).then(
      ({ from, spans }) => {
        this.#canvas.remember(wanted.from, from, spans);
        this.#fetching = false;
        this.draw();
      },
      (error: unknown) => this.#around.failed(error),
    );
  }
}

/** Milliseconds. */
const forReading = 6000;
