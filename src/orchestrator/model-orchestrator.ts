import Anthropic from "@anthropic-ai/sdk";
import type { Store } from "../store/store.ts";
import { compact } from "./compaction.ts";
import { Conversations, type Conversation } from "./conversation.ts";
import { KeyedQueue } from "../serial.ts";
import { Ledger, type Budgets } from "./ledger.ts";
import { localTime } from "./local-time.ts";
import { converse } from "./loop.ts";
import { isTooLong, modelError, type Endpoint } from "./model-errors.ts";
import { freshNotes, notesInUse } from "./repo-instructions.ts";
import type { Answer, Ask, Orchestrator, Wake } from "./orchestrator.ts";
import { systemPrompt, userMessage, wakeMessage } from "./prompt.ts";
import { apiTools } from "./api-tools.ts";
import { defaultModel } from "./prices.ts";
import { tools } from "./tools.ts";

const officialUrl = "https://api.anthropic.com";

export interface ModelOptions {
  /** None is needed where `baseUrl` is an endpoint that asks for none. */
  apiKey: string | undefined;
  /** Any endpoint with Anthropic's Messages API; Anthropic's own otherwise. */
  baseUrl: string | undefined;
  model: string | undefined;
  store: Store;
  budgets?: Budgets;
  /** IANA name of the time zone that people mean: UTC by default. */
  zone?: string;
  /** Requests to the model for one answer: 20 by default. */
  maxRounds?: number;
  /** Characters of conversation sent with a request, about four to a token: 240,000 by default. */
  budget?: number;
}

/** The orchestrator over a Messages API. Throws ShardbridgeError "failed" when the saved conversations can't be read. */
export function createOrchestrator(options: ModelOptions): Orchestrator {
  const { apiKey, baseUrl = officialUrl, model = defaultModel, store, maxRounds = 20, budget = 240_000 } = options;
  const { budgets = {}, zone = "UTC" } = options;
  const endpoint: Endpoint = { host: new URL(baseUrl).host, model, apiKey };
  const client = messagesClient(apiKey, baseUrl);
  const conversations = new Conversations(store);
  const ledger = new Ledger({ store, budgets, zone, now: () => new Date() });

  const turn = async (request: Ask | Wake): Promise<Answer> => {
    const { id, thread, by, actions, signal, progress } = request;
    const conversation = conversations.open(thread);
    const known = conversation.last?.id === id ? conversation.last : undefined;
    if (known?.answer) return known.answer;
    const who = { thread, person: by.id };
    ledger.check(who);
    const [choices, shards, tasks, all] = await Promise.all([
      actions.choices(),
      actions.list(),
      actions.tasks(),
      actions.notes(),
    ]);
    const notes = notesInUse(all, choices.repos, shards);
    const calls = [...(known?.calls ?? [])];
    const onLine = (line: string) => {
      calls.push(line);
      progress?.({ text: "", calls: [...calls] });
    };
    const call = {
      client,
      model,
      system: systemPrompt(choices),
      tools: apiTools(tools, actions, onLine),
      calls,
      rounds: maxRounds,
      budget,
      woken: "events" in request,
      signal,
      progress,
      spent: async (tokens: Parameters<Ledger["add"]>[2]) => ledger.add(who, model, tokens),
      check: () => ledger.check(who),
    };
    try {
      if (known) {
        await conversation.takeUp();
      } else {
        const time = localTime(new Date(), zone);
        const message = () => {
          const around = { shards, tasks, time, notes: freshNotes(notes, conversation.turns) };
          return "events" in request ? wakeMessage(request, around) : userMessage(request, around);
        };
        await compact(conversation, message(), budget, call);
        await conversation.begin(id, message(), budget);
      }
      return await converse(call, conversation).catch(async (error: unknown) => {
        if (!isTooLong(error)) throw error;
        const smaller = Math.min(budget, conversation.size) / 2;
        await conversation.fit(smaller);
        return converse({ ...call, budget: smaller }, conversation);
      });
    } catch (error) {
      await forget(conversation, request);
      throw modelError(error, endpoint);
    }
  };

  const turns = new KeyedQueue();
  const inOrder = async (request: Ask | Wake) => turns.run(request.thread, async () => turn(request));
  return {
    answer: inOrder,
    wake: inOrder,
    begun: (thread, id) => conversations.open(thread).last?.id === id,
    usage: (account) => ledger.of(account),
    today: () => ledger.today(),
    overBudget: (who) => ledger.over(who),
    extend: async (account) => ledger.extend(account),
  };
}

/** A turn in which nothing happened is not worth keeping: the person will say it again, and events come again. */
async function forget(conversation: Conversation, { id }: Ask | Wake): Promise<void> {
  if (conversation.last?.id === id && !conversation.hasSteps) await conversation.drop();
}

function messagesClient(apiKey: string | undefined, baseURL: string): Anthropic {
  const key = apiKey ?? "none";
  return new Anthropic({
    apiKey: key,
    baseURL,
    maxRetries: 2,
    timeout: 120_000,
    // The SDK logs to the terminal, which may be somebody's console, and reads more settings from the environment than we name.
    logLevel: "off",
    // The SDK sends the key as a bearer token; some other endpoints look for it in the older header only.
    defaultHeaders: baseURL === officialUrl ? {} : { "x-api-key": key },
  });
}
