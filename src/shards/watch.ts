import type { AgentKind, Reading, ScreenView } from "./agents/agent.ts";
import type { Question, ShardState } from "./host.ts";
import type { Exit } from "./holder/protocol.ts";
import { judge, silence, type Verdict } from "./judge.ts";

/** A dialog is painted in steps: it is what it is when it has been so for this long. */
const dialogAgreement = 150;

/** A resumed agent may be at its prompt before it shows the old conversation (Gemini: 1.1 s before, measured), but never so long. */
const redrawnWithin = 10_000;

/** What a look needs to know. */
export interface Sight {
  view: ScreenView;
  exit: Exit | undefined;
  gone: boolean;
  quiet: number;
}

/** Looks at a shard's screen over time: how long a reading has held, whether the program was ever ready, what became of our prompt. */
export class Watch {
  readonly #kind: AgentKind;
  #reading: Reading | undefined;
  #readingSince = Date.now();
  #ruled = false;
  #ready: boolean;
  readonly #redraws: boolean;
  #question: Question | undefined;
  #questionSince = Date.now();
  #prompt: "none" | "typing" | "taken" | "stalled" = "none";
  /** Bytes printed when the prompt stalled, mark on the screen when it was typed. */
  #bytes = 0;
  #mark: string | undefined;

  /**
   * @param ready whether the program was ready for input before
   * @param redraws whether it shows an old conversation first, after which it is quiet
   */
  constructor(kind: AgentKind, ready: boolean, redraws = false) {
    this.#kind = kind;
    this.#ready = ready;
    this.#redraws = redraws;
  }

  /** The dialog on the screen at the last look. */
  get question(): Question | undefined {
    return this.#question;
  }

  get typing(): boolean {
    return this.#prompt === "typing";
  }

  /** Milliseconds until the dialog on the screen, or that there is none, counts; 0 when it does. */
  get unsettled(): number {
    return Math.max(0, dialogAgreement - (Date.now() - this.#questionSince));
  }

  look(sight: Sight, was: ShardState): Verdict {
    const now = Date.now();
    this.#see(sight, now);
    const agreed = now - this.#readingSince;
    const redraws = this.#redraws && !this.#ready && sight.quiet < silence && agreed < redrawnWithin;
    const verdict = judge({
      exit: sight.exit,
      gone: sight.gone,
      reading: redraws && this.#reading?.state === "idle" ? undefined : this.#reading,
      ruled: this.#ruled,
      question: this.#question,
      painted: sight.view.rows.some(({ text }) => text !== ""),
      ready: this.#ready,
      quiet: sight.quiet,
      agreed,
      was,
      prompt: this.#prompt,
      reactsWithin: this.#kind.reactsWithin,
    });
    if (verdict.state === "idle") {
      this.#ready = true;
      if (this.#prompt === "taken") this.#prompt = "none";
    }
    return verdict;
  }

  /** A prompt is about to be typed at this screen. */
  typed(view: ScreenView): void {
    this.#prompt = "typing";
    this.#mark = JSON.stringify(view.mark);
  }

  /** What became of it: "none" when nothing was typed. From now on the screen must say anew that it is idle. */
  became(outcome: "none" | "taken" | "stalled", view: ScreenView): void {
    this.#prompt = outcome;
    this.#bytes = view.bytes;
    this.#readingSince = Date.now();
  }

  #see({ view, exit, gone }: Sight, now: number): void {
    const reading = this.#kind.state(view);
    if (reading?.state !== this.#reading?.state) this.#readingSince = now;
    this.#reading = reading;
    this.#ruled ||= reading !== undefined;
    const question = exit || gone ? undefined : this.#kind.question(view);
    if (question?.id !== this.#question?.id) this.#questionSince = now;
    this.#question = question;
    this.#reaction(view, now);
  }

  /** Once work of our prompt, or anything after a stall, was seen, the screen is judged by itself again. */
  #reaction(view: ScreenView, now: number): void {
    const works = this.#question !== undefined || this.#reading?.state === "working";
    if (this.#prompt === "stalled" && (works || view.bytes > this.#bytes)) this.#prompt = "none";
    if (this.#prompt !== "taken") return;
    const marked = JSON.stringify(view.mark) !== this.#mark;
    if (!works && !marked) return;
    this.#prompt = "none";
    this.#readingSince = now;
  }
}
