import { accessVariables, read, readAccess, type Platform } from "../settings.ts";

/** Ids of Discord: numbers of 17 to 20 digits ("snowflakes"). */
const id = /^\d{17,20}$/;

/** Discord, by discord.js over the gateway; or a server compatible with it, at `DISCORD_API_URL`. */
export const discord: Platform = {
  name: "discord",
  variables: ["DISCORD_TOKEN", "DISCORD_API_URL", ...accessVariables("DISCORD")],
  manifest: undefined,
  configure: (env) => {
    const token = read(env, "DISCORD_TOKEN");
    if (token === undefined) return { use: "off" };
    const problems: string[] = [];
    if (/\s/.test(token)) {
      problems.push("DISCORD_TOKEN: this is no token, for it has blanks in it; copy the bot's token alone.");
    }
    const api = read(env, "DISCORD_API_URL");
    if (api !== undefined && !/^https?:$/.test(URL.parse(api)?.protocol ?? "")) {
      problems.push("DISCORD_API_URL: this is no web address; use one such as https://discord.com/api.");
    }
    const access = readAccess("DISCORD", env, id, "123456789012345678", problems);
    if (problems.length > 0) return { use: "wrong", problems };
    const { channels } = access;
    return {
      use: "on",
      access,
      secrets: [token],
      create: async (commands) => {
        const { DiscordAdapter } = await import("./adapter.ts");
        return new DiscordAdapter({ token, apiUrl: api, channels, commands });
      },
    };
  },
};
