import {
  ApplicationFlags,
  DiscordAPIError,
  DiscordjsError,
  DiscordjsErrorCodes,
  HTTPError,
  Routes,
  type REST,
} from "discord.js";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { networkCode } from "./delivery.ts";

const portal = "https://discord.com/developers/applications";
const badToken = `Discord has refused DISCORD_TOKEN: copy the token anew from ${portal} (your application, Bot, Reset Token).`;
const noContent = 'The bot may not read what people write: switch on "Message Content Intent"';

/**
 * Why a gateway connection can't come back, by the code with which Discord closed it (its documentation: "Gateway Close Event
 * Codes"; the client itself falls silent on them).
 */
export const fatalCloses: Readonly<Record<number, string>> = {
  4004: badToken,
  4010: "Discord has refused the gateway connection as numbered wrongly (4010): this is a bug, please report it.",
  4011: "The bot is in too many servers for one gateway connection (4011): take it out of those that don't need it.",
  4012: "Discord no longer takes this version of its interface (4012): update Shardbridge.",
  4013: "Discord does not know the intents that the bot asked for (4013): update Shardbridge.",
  4014: `${noContent} at ${portal} (your application, Bot, Privileged Gateway Intents), then start again.`,
};

/** The reason to end when the token stops being good while the bot runs. */
export function refusedToken(): ShardbridgeError {
  return new ShardbridgeError("config", badToken);
}

/** Check the token and whether messages may be read. Throws a ShardbridgeError, or what the client throws. */
export async function checkApplication(rest: REST): Promise<void> {
  const application = await rest.get(Routes.currentApplication());
  if (typeof application !== "object" || application === null || !("id" in application)) {
    throw new ShardbridgeError("config", "What answers at DISCORD_API_URL is not Discord: check that address.");
  }
  const { GatewayMessageContent, GatewayMessageContentLimited } = ApplicationFlags;
  const flags = "flags" in application ? Number(application.flags) : 0;
  if ((flags & (GatewayMessageContent | GatewayMessageContentLimited)) === 0) {
    throw new ShardbridgeError("config", `${noContent} at ${portal}/${String(application.id)}/bot, then start again.`);
  }
}

/** One plain sentence for what was thrown at start. */
export function startFailure(error: unknown, api: string): ShardbridgeError {
  if (error instanceof ShardbridgeError) return error;
  const fail = (code: "config" | "unavailable", sentence: string) =>
    new ShardbridgeError(code, sentence, { cause: error });
  const refused = error instanceof DiscordAPIError && error.status === 401;
  if (refused || (error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid))
    return fail("config", badToken);
  if (error instanceof DiscordAPIError && error.status === 404) {
    return fail("config", `${api} does not answer as Discord does (404): check DISCORD_API_URL.`);
  }
  if (error instanceof DiscordAPIError || error instanceof HTTPError) {
    return fail(
      "unavailable",
      `Discord at ${api} answered ${error.status}: look at https://discordstatus.com and start again later.`,
    );
  }
  const reason = networkCode(error) ?? messageOf(error);
  return fail(
    "unavailable",
    `Discord at ${api} can't be reached (${reason}): check the network, and DISCORD_API_URL if you have set it.`,
  );
}
