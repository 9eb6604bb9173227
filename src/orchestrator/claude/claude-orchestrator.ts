import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Store } from "../../store/store.ts";
import { Ledger, type Budgets } from "../ledger.ts";
import { localTime } from "../local-time.ts";
import { isSilence } from "../loop.ts";
import type { Answer, Ask, Orchestrator, Wake } from "../orchestrator.ts";
import { freshNotes, notesInUse } from "../repo-instructions.ts";
import { systemPrompt, userMessage, wakeMessage } from "../prompt.ts";
import { KeyedQueue } from "../../serial.ts";
import { endLeftovers } from "./process.ts";
import { runTurn, type ClaudeResult, type ClaudeSetup } from "./turn.ts";

const schema = z.object({
  /** Claude Code's conversation of the thread. */
  session: z.string(),
  /** Repo instructions as the conversation had them last. */
  notes: z.exactOptional(z.array(z.string())),
  /** The last turn that has begun, and what came of it. */
  last: z.exactOptional(z.object({ id: z.string(), answer: z.exactOptional(z.custom<Answer>()) })),
});

/** Message to a conversation in whose last turn the bot was killed. */
const goOn =
  "The program was restarted in the middle of this turn. Go on with it where you were. What has no result may have taken effect or not: look before you repeat it.";

interface ClaudeOptions extends ClaudeSetup {
  store: Store;
  budgets?: Budgets;
  /** IANA name of the time zone that people mean: UTC by default. */
  zone?: string;
}

/**
 * The orchestrator that is the person's own Claude Code, run without a terminal for each turn: it needs no key of the API. Its
 * conversations are Claude Code's, which compacts them itself. Throws ShardbridgeError "failed" when the saved records can't be read.
 */
export function createClaudeOrchestrator(options: ClaudeOptions): Orchestrator {
  const { store, budgets = {}, zone = "UTC" } = options;
  const threads = store.collection("claude-conversation", schema);
  const ledger = new Ledger({ store, budgets, zone, now: () => new Date() });
  endLeftovers(options.home);

  const turn = async (request: Ask | Wake): Promise<Answer> => {
    const { id, thread, by, actions, signal, progress } = request;
    const record = threads.get(thread);
    const known = record?.last?.id === id ? record.last : undefined;
    if (known?.answer) return known.answer;
    const who = { thread, person: by.id };
    ledger.check(who);
    const [choices, shards, tasks, all] = await Promise.all([
      actions.choices(),
      actions.list(),
      actions.tasks(),
      actions.notes(),
    ]);
    const notes = freshNotes(notesInUse(all, choices.repos, shards), []);
    const woken = !("text" in request);
    const messageWith = (fresh: string[]) => {
      const around = { shards, tasks, time: localTime(new Date(), zone), notes: fresh };
      return textsOf((woken ? wakeMessage(request, around) : userMessage(request, around)).content);
    };
    const system = textsOf(systemPrompt(choices));
    let session = record?.session;
    const begun = async (told: string) => {
      session = told;
      await threads.set(thread, { session, notes, last: { id } });
    };
    const run = async (again: string | undefined, said: string): Promise<ClaudeResult> => {
      const conversation = { id: again ?? randomUUID(), known: again !== undefined };
      const result = await runTurn(options, {
        system,
        message: said,
        session: conversation,
        actions,
        signal,
        progress,
        begun,
      });
      for (const { model, tokens, told } of result.spent) await ledger.add(who, model, tokens, told);
      return result;
    };
    const fresh = notes.filter((one) => !record?.notes?.includes(one));
    const first = await run(session, known ? goOn : messageWith(fresh));
    // Somebody has removed it, or it was another user's: what is left to do is to begin a new one.
    const { outcome, calls, silent } = first.outcome === "unknown" ? await run(undefined, messageWith(notes)) : first;
    if (outcome === "unknown") throw new Error("a new conversation is not known");
    if ("error" in outcome) {
      // A turn in which nothing happened is not worth keeping: the person will say it again, and events come again.
      if (calls.length === 0 && session !== undefined) await threads.set(thread, { session, notes });
      throw outcome.error;
    }
    const text = outcome.answer.trim();
    const quiet = woken && (silent || text === "" || isSilence(text));
    const answer = {
      text: quiet ? "" : text === "" ? "*(The model gave no text.)*" : text,
      calls: calls.filter((line) => !line.startsWith("stayed silent")),
    };
    if (session !== undefined) await threads.set(thread, { session, notes, last: { id, answer } });
    return answer;
  };

  const turns = new KeyedQueue();
  const inOrder = async (request: Ask | Wake) => turns.run(request.thread, async () => turn(request));
  return {
    answer: inOrder,
    wake: inOrder,
    begun: (thread, id) => threads.get(thread)?.last?.id === id,
    usage: (account) => ledger.of(account),
    today: () => ledger.today(),
    overBudget: (who) => ledger.over(who),
    extend: async (account) => ledger.extend(account),
  };
}

function textsOf(blocks: readonly { type: string; text?: unknown }[]): string {
  return blocks.flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n\n");
}
