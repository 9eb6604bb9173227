import type { Background, Mode, Question, Trouble } from "../host.ts";

/**
 * The contract of an agent kind: pure functions on text and plain data, so that each can be tested on recorded screens.
 * A new kind is one file here and one line in the registry.
 */

/** A shard's screen at one moment, as the holder reports it. */
export interface ScreenView {
  cols: number;
  /** The visible rows from the top, right-trimmed; as many as the screen is high. */
  rows: ScreenRow[];
  /** Index of the first visible row, counted from the first row ever printed; grows as rows scroll away. Stays 0 on the alternate screen. */
  top: number;
  /** `hidden`: the program draws its own, or takes no text. */
  cursor: { row: number; col: number; hidden?: true };
  /** Window title (OSC 0 or 2), "" before the first. */
  title: string;
  alternate: boolean;
  /** The program asked for bracketed paste. */
  bracketedPaste: boolean;
  /** Facts from a shell's prompt marks. */
  mark?: Mark;
  /**
   * The way in which the terminal takes input, while its program has been quiet for a moment: of programs that no rule knows, and of what a shell with marks
   * of its own runs.
   */
  tty?: Tty;
  /** Number of changes of the terminal's size; shards keep theirs, recordings may not. */
  resized?: number;
  /** Bytes the program has printed so far. */
  bytes: number;
  /** Bytes per second that the program prints, while that is a flood: far more than any agent prints, or more than can be shown. */
  flood?: number;
  /** Last desktop notification or bell (OSC 9, 99, 777, BEL): its text and the byte count at that time. */
  notice?: { text: string; bytes: number };
}

export interface ScreenRow {
  text: string;
  /** Goes on in the next row: the terminal wrapped it. */
  wrapped: boolean;
  /** All visible characters are dim (ghost text, hints). */
  dim: boolean;
}

/** A place in the rows: the row's index since the first one ever printed, and how many characters (UTF-16) of it stand before. */
export interface Position {
  row: number;
  at: number;
}

/** The last OSC 133 mark: a shell showed its prompt, runs a command, or ended one with this exit code; with what followed from those before. */
export interface Mark {
  kind: "prompt" | "command" | "done";
  exit?: number;
  row: number;
  /** Characters of the row before it. */
  at?: number;
  /** The prompt is drawn to its end. */
  ready?: true;
  /** The mark at the prompt's end may get lost, and the line editor asks for pastes only once the prompt is made. */
  pastes?: true;
  /** The shell shows the rest of a command below its first line, with no prompt of its own: fish. */
  inline?: true;
  /** Number of prompts drawn; holders of older versions don't count, and know nothing of what follows. */
  prompts?: number;
  /** The prompt ends here by which the shell asks for the rest of a command. */
  more?: { row: number; col: number };
  /** Output of the commands typed at the last prompts, as far as it is on the present screen (normal or alternate); oldest first. */
  outputs?: Output[];
}

/** Output of commands: from right behind the echo to where they had ended, which is absent while one runs. */
export interface Output {
  /** Number of the prompt, as `Mark.prompts` counts. */
  prompt: number;
  from: Position;
  to?: Position;
  alternate?: true;
}

/** A terminal that a command has been given: how it takes what is typed (termios(3)). */
export interface Tty {
  /** Whole lines, edited by the terminal; otherwise the program gets each key. */
  canonical: boolean;
  /** The terminal shows what is typed. */
  echo: boolean;
  /** A process in the foreground waits for input of the terminal; absent where that can't be told. */
  reading?: boolean;
  /** Name of the program in the foreground. */
  program: string;
}

/** One witness's evidence, and its rule. */
export interface Reading {
  state: "starting" | "working" | "idle" | "waiting";
  /** Name of the rule, for people: "footer: esc to interrupt". */
  rule: string;
  /** The program itself says so: a mark or a prompt that it prints only then. What merely looks idle must stand still as well. */
  sure?: true;
}

/** Signs on a screen besides the state. */
export interface Signs {
  /** The permission mode in force, in the agent's own words. */
  mode?: string;
  background?: Background;
  trouble?: Trouble;
}

/** Command by which an agent starts the MCP server "shardbridge" with the orchestrator's tools, by stdio. */
export interface ToolServer {
  command: string;
  args: readonly string[];
}

export interface LaunchContext {
  shard: string;
  worktree: string;
  /** The repo's own directory: where it is trusted, its worktrees are. */
  repo: string;
  /** An absolute folder of this shard alone, for files of the kind. */
  folder: string;
  /** Id of the agent's conversation: a new UUID, for kinds that take one, or the one to go on with. */
  conversation: string;
  /** Go on with the conversation rather than begin one. */
  resume: boolean;
  /** Acts that need no question; the user's own settings hold where it is undefined. */
  mode: Mode | undefined;
  /** Where `mode` is undefined: in which one it began by those settings, in its own words (`Signs.mode`), if it was seen. */
  ownMode?: string | undefined;
  /** The agent's environment, to which `Launch.env` is added. */
  env: Readonly<Record<string, string>>;
  /** The user's login shell. */
  shell: string;
  /** Setup of an agent that `orchestrates`, with no question before each call: what needs one asks by itself. */
  tools?: ToolServer | undefined;
}

export interface Launch {
  /** The program, found on PATH, and its arguments. */
  file: string;
  args: string[];
  /** Added to the allow-listed environment. */
  env: Record<string, string>;
  /** Files to write into `folder` before the start (mode 0600), by name. */
  files: Record<string, string>;
  /** Label that the program's prompt marks carry (`aid=…`): others are none. */
  marks?: string;
}

/** Something that an agent tells of itself besides its screen, by a hook or in its transcript; `at` is when, in ISO 8601. */
export type Entry = { at?: string } &
  /** Its conversation has this id, and `file` is where it is written down. */
  (
    | { type: "conversation"; id: string; file?: string }
    /** A turn begins. */
    | { type: "prompt"; text: string }
    /** A whole message in Markdown. One with the `id` of another replaces it. */
    | { type: "said"; text: string; id?: string }
    /** A tool call in one line. One with the `id` of another replaces it. */
    | { type: "tool"; text: string; id?: string }
    /** A dialog is about to open: `detail` is the full command or edit that it is about. */
    | { type: "asking"; detail: string }
    /** The open dialog was answered. */
    | { type: "answered" }
    /** The turn has ended; `text` says why it failed, `last` is the last message, which may be written a little later. */
    | { type: "end"; how: "done" | "interrupted" | "failed"; text?: string; last?: string; background?: Background }
  );

/** Where an agent's journal may be: a file at most `depth` folders below `folder`, whose first line is the shard's own. */
export interface JournalPlace {
  folder: string;
  depth: number;
  file: RegExp;
  owns(first: unknown): boolean;
}

export interface JournalContext {
  /** The agent's environment. */
  env: Readonly<Record<string, string>>;
  /** As in `LaunchContext`. */
  folder: string;
  worktree: string;
  conversation: string;
  /** The conversation is known to be the agent's: it was told, or given to it. */
  known: boolean;
  /** When the agent was started (ISO 8601). */
  launchedAt: string;
}

/** An agent's own account, one JSON value a line: its transcript, and what its hooks report. */
export interface Journal {
  /** Reliable part: that it tells where each turn begins and ends, or only where it begins. */
  readonly tells: "turns" | "begins";
  /** Emoji and scripts lose their joiners (U+200C, U+200D) in it, which the screen still has. */
  readonly losesJoiners?: true;
  /** Each is looked for by itself. */
  places(context: JournalContext): JournalPlace[];
  /** Entries in a line of any of its files. */
  read(line: unknown): Entry[];
}

export interface AgentKind {
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** Program looked up on PATH to see whether the kind is installed. */
  readonly program: string;
  /** Names of environment variables that this kind may have from the bot's environment; `*` at the end stands for any rest. */
  readonly env: readonly string[];
  /** Size of its PTY for life. */
  readonly size: { cols: number; rows: number };
  /** Whether its answers are shown as Markdown or literally. */
  readonly form: "markdown" | "terminal";
  /** The agent takes prompts in an input box that its rules know: a screen without one takes none, and is not idle. */
  readonly inputBox?: true;
  readonly keys: {
    submit: string;
    /** Interrupts a turn; written one after the other. */
    interrupt: readonly string[];
  };
  /** Milliseconds within which a submitted prompt shows a reaction. */
  readonly reactsWithin: number;

  /** Whether it can be started again in its worktree after its process ended. */
  readonly resumes: boolean;
  /** The one who names its conversation: we, at its start, or the agent, which tells us ("told"); "none" for kinds that have no conversation. */
  readonly conversations: "given" | "told" | "none";
  /** The modes that it can be started in. */
  readonly modes: readonly Mode[];
  /** The kind can be given the orchestrator's tools. */
  readonly orchestrates?: boolean;
  /** Its journal; undefined for kinds whose screen is all that there is. */
  readonly journal: Journal | undefined;

  launch(context: LaunchContext): Launch;
  /** A person's text as it is typed: cleaned of control characters and made harmless (no host shell, no slash command by accident). */
  encode(text: string, by: string | undefined): string;
  /** State by the screen, title and marks; undefined where no rule matches. */
  state(view: ScreenView): Reading | undefined;
  /** Signs on the screen besides the state; nothing where a kind has no rule for it. */
  signs?(view: ScreenView): Signs;
  /** The dialog on the screen. */
  question(view: ScreenView): Question | undefined;
  /**
   * Keys that choose an option; the second write only if the same dialog is still open 400 ms later. For an option that takes an answer:
   * the keys that lead to its field, all of them, after which the answer and `keys.submit` are typed. `view` is the screen with the
   * dialog, which tells where its pointer is; as it opens when left out. Arrows come first, and what they lead to is chosen only when an
   * option of the dialog is marked as `chosen`, and is the one: see `chooseOption`.
   */
  answerKeys(question: Question, option: string, view?: ScreenView): string[];
  /** Whether a text is one of the agent's own commands, as `ShardHost.command` takes it; "/help" is one of every kind that has any. */
  isCommand(text: string): boolean;
  /**
   * For a kind without rules of its own: by what the screen shows where a text goes that is typed now, in a few words; undefined where
   * nothing does, and then no prompt is typed.
   */
  input?(view: ScreenView): string | undefined;
  /** Text that is left in the input line, "" when empty or not known. */
  composer(view: ScreenView): string;
  /**
   * The agent's words, from the rows that a turn added (wrapped rows already joined). `sent` is the typed text, whose echo is dropped.
   * Rows of chrome (boxes, spinners, status lines, banners) are dropped, paragraphs kept. `cols` is the width of the screen that
   * the rows come from, the kind's own when left out: agents break lines themselves, and it tells where.
   */
  clean(rows: readonly string[], sent: string, cols?: number): string;
  /** The tool calls in the rows that a turn added, one line each. */
  tools(rows: readonly string[]): string[];
}
