import Anthropic from "@anthropic-ai/sdk";
import type { Store } from "../store/store.ts";
import { Conversations } from "./conversation.ts";
import { converse } from "./loop.ts";
import { isTooLong, modelError, type Endpoint } from "./model-errors.ts";
import type { Ask, Orchestrator } from "./orchestrator.ts";
import { systemPrompt, userMessage } from "./prompt.ts";
import { shardTools } from "./tools.ts";

/** The model where ORCHESTRATOR_MODEL names none: the newest Sonnet in the SDK's `Model`. */
export const defaultModel = "claude-sonnet-5-5";

const officialUrl = "https://api.anthropic.com";

export interface ModelOptions {
  /** None is needed where `baseUrl` is an endpoint that asks for none. */
  apiKey: string | undefined;
  /** Any endpoint with Anthropic's Messages API; Anthropic's own otherwise. */
  baseUrl: string | undefined;
  model: string | undefined;
  store: Store;
  /** Requests to the model for one answer: 20 by default. */
  maxRounds?: number;
  /** Characters of conversation sent with a request, about four to a token: 240,000 by default. */
  budget?: number;
}

/** The orchestrator over a Messages API. Throws ShardbridgeError "failed" when the saved conversations can't be read. */
export function createOrchestrator(options: ModelOptions): Orchestrator {
  const { apiKey, baseUrl = officialUrl, model = defaultModel, store, maxRounds = 20, budget = 240_000 } = options;
  const endpoint: Endpoint = { host: new URL(baseUrl).host, model, apiKey };
  const client = messagesClient(apiKey, baseUrl);
  const conversations = new Conversations(store);
  const underWay = new Map<string, Promise<unknown>>();

  const answer = async (ask: Ask): Promise<string> => {
    const { actions, signal } = ask;
    const [choices, shards] = await Promise.all([actions.choices(), actions.list()]);
    const call = {
      client,
      model,
      system: systemPrompt(choices),
      tools: shardTools(actions),
      rounds: maxRounds,
      budget,
      signal,
    };
    const conversation = conversations.open(ask.thread);
    await conversation.begin(userMessage(ask, shards, new Date()), budget);
    try {
      return await converse(call, conversation).catch(async (error: unknown) => {
        if (!isTooLong(error)) throw error;
        const smaller = Math.min(budget, conversation.size) / 2;
        await conversation.fit(smaller);
        return converse({ ...call, budget: smaller }, conversation);
      });
    } catch (error) {
      // A turn in which nothing happened is not worth keeping: the person will say it again.
      if (!conversation.hasSteps) await conversation.drop();
      throw modelError(error, endpoint);
    }
  };

  return {
    async answer(ask) {
      const before = underWay.get(ask.thread);
      const run = Promise.resolve(before).then(
        () => answer(ask),
        () => answer(ask),
      );
      underWay.set(ask.thread, run);
      try {
        return await run;
      } finally {
        if (underWay.get(ask.thread) === run) underWay.delete(ask.thread);
      }
    },
  };
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
