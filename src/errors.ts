/**
 * The one error class for what a person may do wrong or must know. Its message is the sentence that the person reads: what is
 * the matter and what to do. Anything else that is thrown is a bug, and is shown in chat as an id only.
 */
export class ShardbridgeError extends Error {
  readonly code: ErrorCode;

  /** @param message one plain sentence that says what to do. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ShardbridgeError";
    this.code = code;
  }
}

/** The disk takes nothing: it is full, broken or read-only. What was saved before is still there, and trying again later may do. */
export class NotSavedError extends ShardbridgeError {
  /** @param why in the system's own words. */
  constructor(why: string, options?: ErrorOptions) {
    const sentence = `Nothing can be saved (${why}): look at the disk that has the state folder, SHARDBRIDGE_HOME.`;
    super("failed", sentence, options);
    this.name = "NotSavedError";
  }
}

/** Every code, with the exit code that the command line gives for it (0 and 1 are "fine" and "a bug"). */
export const exitCodes = {
  usage: 2,
  config: 3,
  not_allowed: 4,
  not_found: 5,
  exists: 6,
  unsaved_work: 7,
  refused: 8,
  stalled: 9,
  unavailable: 10,
  locked: 11,
  failed: 12,
  over_budget: 13,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** The sentence of whatever was thrown; for a bug, its message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
