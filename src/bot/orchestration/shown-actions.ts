import type { Answer, Ask, Orchestrator, TurnActions, Wake, WakeEvent } from "../../orchestrator/orchestrator.ts";
import { shownData, shownError, type Redact, type Shown } from "../../redaction/shown.ts";

type ShownResult<F> = F extends (...args: infer A) => Promise<infer R>
  ? (...args: A) => Promise<[R] extends [void] ? void : Shown<R>>
  : F;

/** Actions of the orchestrator's tools whose results have gone through the redaction. */
export type ShownActions = { [Verb in keyof TurnActions]: ShownResult<TurnActions[Verb]> };

/** The orchestrator as the bot uses it: whatever a model is told has gone through the redaction, which its types ask for. */
export interface ToldOrchestrator extends Omit<Orchestrator, "answer" | "wake"> {
  answer(ask: Ask & { text: Shown<string>; actions: ShownActions }): Promise<Answer>;
  wake(wake: Wake & { events: Shown<WakeEvent[]>; actions: ShownActions }): Promise<Answer>;
}

/** The same actions; what comes of them, errors too, is redacted. */
export function shownActions(actions: TurnActions, redact: Redact): ShownActions {
  const shown = Object.entries(actions).map(([verb, act]: [string, unknown]) => [
    verb,
    typeof act === "function" ? (...args: unknown[]) => result(act as Act, args, redact) : act,
  ]);
  return Object.fromEntries(shown) as ShownActions;
}

type Act = (...args: unknown[]) => unknown;

function result(act: Act, args: unknown[], redact: Redact): unknown {
  const given = act(...args);
  if (!(given instanceof Promise)) return given;
  return given.then(
    (value: unknown) => shownData(value, redact),
    (error: unknown) => {
      throw shownError(error, redact);
    },
  );
}
