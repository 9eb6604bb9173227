import type { AgentKind, Reading, ScreenView, Signs } from "../agents/agent.ts";
import type { Question, ShardState } from "../host.ts";
import { type Exit, viewAfter } from "../holder/protocol.ts";
import { type Evidence, judge, silence, stillness, type Verdict } from "./judge.ts";
import { isOpen, isSame, type Landing } from "./landing.ts";
import { steadyText } from "./steady.ts";
import type { JournalState } from "./journal-state.ts";
import { sameMark } from "../turns/turn.ts";

/** A dialog is painted in steps: it is what it is when it has been so for this long. One that is drawn again is gone for a moment. */
const dialogAgreement = 150;
const goneAgreement = 400;

/** A resumed agent may be at its prompt before it shows the old conversation (Gemini: 1.1 s before, measured), but never so long. */
const redrawnWithin = 10_000;

/** Facts that a look needs. */
export interface Sight {
  view: ScreenView;
  exit: Exit | undefined;
  gone: boolean;
  quiet: number;
  /** State by the agent's journal. */
  journalState: JournalState | undefined;
  tells: Evidence["tells"];
}

/** Looks at a shard's screen over time: how long a reading has held, whether the program was ever ready, what became of our prompt. */
export class Watch {
  readonly #kind: AgentKind;
  #reading: Reading | undefined;
  #readingSince = Date.now();
  #ruled = false;
  #ready: boolean;
  #proven: boolean;
  readonly #redraws: boolean;
  readonly #landings: Landing[];
  #question: Question | undefined;
  #questionSince = Date.now();
  #prompt: "none" | "typing" | "taken" | "stalled" = "none";
  /** Bytes printed when the prompt stalled, mark on the screen when it was typed. */
  #bytes = 0;
  #mark: ScreenView["mark"];
  #typedAt = 0;
  #workedAt = 0;
  /** Text above the cursor, when it changed last, and since when it has kept changing. */
  #shown = "";
  #movedAt = 0;
  #movesSince = 0;
  /** Screen of a program without rules, less its clock, and when it changed last. */
  #steady = "";
  #steadyAt = Date.now();
  /** When its turn began, as far as was seen, and when we interrupted it last. */
  #beganAt = 0;
  #stoppedAt = 0;
  #command = false;
  #signs: Signs = {};
  #troubledSince = 0;
  #evidence: Evidence | undefined;
  #verdict: Verdict | undefined;

  /**
   * @param proven whether the program has taken a prompt before
   * @param redraws whether it shows an old conversation first, after which it is quiet
   * @param landings where prompts have landed before
   */
  constructor(kind: AgentKind, proven: boolean, redraws = false, landings: readonly Landing[] = []) {
    this.#kind = kind;
    this.#ready = this.#proven = proven;
    this.#redraws = redraws;
    this.#landings = [...landings];
  }

  /** The dialog on the screen at the last look. */
  get question(): Question | undefined {
    return this.#question;
  }

  /** Evidence of the last look. */
  get evidence(): Evidence | undefined {
    return this.#evidence;
  }

  /** Nothing on the screen shows where a text would go: none is typed blindly. */
  get blind(): boolean {
    return this.#evidence?.input === "";
  }

  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** Signs on the screen besides the state at the last look. */
  get signs(): Signs {
    return this.#signs;
  }

  /** For how many milliseconds the agent has been in the trouble that its screen tells; 0 when in none. */
  get troubledFor(): number {
    return this.#signs.trouble ? Date.now() - this.#troubledSince : 0;
  }

  /** The rule by which the screen shows work, where the journal has outweighed that: those words are old. */
  get outweighed(): string | undefined {
    const old = this.#verdict?.state === "idle" && this.#reading?.state === "working";
    return old ? this.#reading?.rule : undefined;
  }

  get typing(): boolean {
    return this.#prompt === "typing";
  }

  /** Milliseconds until the dialog on the screen, or that there is none, counts; 0 when it does. */
  get unsettled(): number {
    const needed = this.#question || this.#evidence?.exit ? dialogAgreement : goneAgreement;
    return Math.max(0, needed - (Date.now() - this.#questionSince));
  }

  /** The keys that interrupt a turn were pressed since the last prompt was typed. */
  get stopped(): boolean {
    return this.#stoppedAt > this.#typedAt;
  }

  /** When the screen last showed work (`Date.now()`). */
  get workedAt(): number {
    return this.#workedAt;
  }

  look(sight: Sight, was: ShardState): Verdict {
    const now = Date.now();
    this.#see(sight, now);
    const agreed = now - this.#readingSince;
    const redraws = this.#redraws && !this.#ready && sight.quiet < silence && agreed < redrawnWithin;
    this.#evidence = {
      exit: sight.exit,
      gone: sight.gone,
      reading: redraws && this.#reading?.state === "idle" ? undefined : this.#reading,
      ruled: this.#ruled,
      boxed: this.#kind.inputBox ?? false,
      question: this.#question,
      journalState: sight.journalState,
      tells: sight.tells,
      heard: sight.journalState !== undefined && sight.journalState.at >= Math.max(this.#typedAt, this.#beganAt),
      worked:
        sight.journalState !== undefined &&
        (sight.journalState.spoke === true || this.#workedAt >= sight.journalState.at),
      toldAgo: sight.journalState ? Math.max(0, now - sight.journalState.at) : 0,
      input: this.#inputIn(sight.view),
      // A shell's prompt may be nothing at all.
      painted: sight.view.mark !== undefined || sight.view.rows.some(({ text }) => text !== ""),
      ready: this.#ready,
      proven: this.#proven,
      quiet: this.#kind.input ? Math.max(sight.quiet, now - this.#steadyAt) : sight.quiet,
      agreed,
      still: now - this.#movedAt,
      moving: now - this.#movedAt < stillness ? now - this.#movesSince : 0,
      stopped: sight.journalState !== undefined && this.#stoppedAt > sight.journalState.at,
      was,
      prompt: this.#prompt,
      command: this.#command,
      reactsWithin: this.#kind.reactsWithin,
    };
    const verdict = judge(this.#evidence);
    this.#verdict = verdict;
    if (verdict.state === "working" && was !== "working" && was !== "waiting") this.#beganAt = now;
    if (verdict.state === "idle") {
      this.#ready = true;
      if (this.#prompt === "taken") this.#prompt = "none";
    }
    return verdict;
  }

  /** A prompt was typed and taken: whether the place where it landed is a new one. */
  landed(landing: Landing): boolean {
    if (this.#landings.some((known) => isSame(known, landing))) return false;
    this.#landings.push(landing);
    return true;
  }

  /** A prompt, or a command of the agent's own, is about to be typed at this screen. */
  typed(view: ScreenView, command = false): void {
    this.#prompt = "typing";
    this.#command = command;
    this.#typedAt = Date.now();
    this.#mark = view.mark;
  }

  /** The keys that interrupt a turn are about to be pressed. */
  interrupted(): void {
    this.#stoppedAt = Date.now();
  }

  /** Outcome of the typing: "none" when nothing was typed. From now on the screen must say anew that it is idle. */
  became(outcome: "none" | "taken" | "stalled", view: ScreenView): void {
    this.#prompt = outcome;
    this.#proven ||= outcome === "taken";
    this.#ready ||= outcome === "taken";
    this.#bytes = view.bytes;
    this.#readingSince = Date.now();
  }

  #see({ view, exit, gone, journalState }: Sight, now: number): void {
    this.#move(view, now);
    this.#settle(view, now);
    const reading = this.#kind.state(view);
    // The look came late, to see whether more is printed: it has been so for as long.
    if (reading?.state !== this.#reading?.state) this.#readingSince = now - viewAfter;
    this.#reading = reading;
    this.#sign(view, journalState, now);
    this.#ruled ||= reading !== undefined;
    if (reading?.state === "working") this.#workedAt = now;
    const question = exit || gone ? undefined : this.#kind.question(view);
    if (question?.id !== this.#question?.id) this.#questionSince = now;
    // Its pointer may have moved, and what it shows with that.
    this.#question = question;
    // Its journal may tell what the dialog is about a little later than it is drawn.
    if (this.#question && journalState?.state === "waiting")
      this.#question = detailed(this.#question, journalState.detail);
    this.#reaction(view, now, journalState);
  }

  #sign(view: ScreenView, journalState: JournalState | undefined, now: number): void {
    const signs = this.#kind.signs?.(view) ?? {};
    if (signs.trouble?.kind !== this.#signs.trouble?.kind) this.#troubledSince = now;
    const background = signs.background ?? (journalState?.state === "idle" ? journalState.background : undefined);
    this.#signs = { ...signs, ...(background && { background }) };
  }

  /** See `Evidence.input`. A place where a prompt landed is known again. */
  #inputIn(view: ScreenView): string | undefined {
    if (!this.#kind.input) return undefined;
    if (this.#question || this.#reading?.state === "waiting") return "";
    const known = this.#landings.some((landing) => isOpen(landing, view));
    return this.#kind.input(view) ?? (known ? "the cursor is where a prompt landed before" : "");
  }

  /** The part above the cursor moves while an agent works; the input line, and what stands below it, may change at any time. */
  #move({ title, rows, cursor }: ScreenView, now: number): void {
    const shown = [title, ...rows.slice(0, cursor.row).map(({ text }) => text)].join("\n");
    if (shown === this.#shown) return;
    if (now - this.#movedAt >= stillness) this.#movesSince = now;
    this.#shown = shown;
    this.#movedAt = now;
  }

  #settle(view: ScreenView, now: number): void {
    const steady = this.#kind.input ? steadyText(view, new Date(now)) : "";
    if (steady === this.#steady) return;
    this.#steady = steady;
    this.#steadyAt = now;
  }

  /** Once work of our prompt, or anything after a stall, was seen, the screen is judged by itself again. */
  #reaction(view: ScreenView, now: number, journalState: JournalState | undefined): void {
    // A short turn may be over when its beginning is read.
    const wrote = journalState?.began !== undefined && journalState.began >= this.#typedAt;
    const works = this.#question !== undefined || this.#reading?.state === "working" || wrote;
    if (this.#prompt === "stalled" && (works || view.bytes > this.#bytes)) this.#prompt = "none";
    if (this.#prompt !== "taken") return;
    const marked = !sameMark(view.mark, this.#mark);
    if (!works && !marked) return;
    this.#prompt = "none";
    this.#readingSince = now - viewAfter;
  }
}

/**
 * What a dialog is about by its screen and by its agent's journal. The screen may show less of a command or an edit; the journal is a file that
 * the agent can write, and so never stands in the screen's place: where they differ both are told.
 */
function detailed(question: Question, told: string | undefined): Question {
  const { text, detail } = question;
  if (told === undefined || told.trim() === "" || within(told, `${text}\n${detail}`)) return question;
  if (detail.trim() === "") return { ...question, detail: told };
  return { ...question, detail: `On its screen:\n${detail}\n\nBy its journal:\n${told}` };
}

/** Whether a text has all of another in it, but for how a terminal lays that out. */
function within(part: string, whole: string): boolean {
  const bare = (text: string) => text.replaceAll(/[\s│┃]+/g, "");
  return bare(whole).includes(bare(part));
}
