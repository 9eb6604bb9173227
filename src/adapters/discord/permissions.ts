import { OAuth2Scopes, PermissionFlagsBits, type Client, type PermissionsBitField } from "discord.js";

/** Permissions that the bot needs, by the names in Discord's settings. */
const permissions = {
  "View Channels": PermissionFlagsBits.ViewChannel,
  "Send Messages": PermissionFlagsBits.SendMessages,
  "Send Messages in Threads": PermissionFlagsBits.SendMessagesInThreads,
  "Create Public Threads": PermissionFlagsBits.CreatePublicThreads,
  "Attach Files": PermissionFlagsBits.AttachFiles,
  "Read Message History": PermissionFlagsBits.ReadMessageHistory,
} as const;

export type Permission = keyof typeof permissions;

/** Needed permissions that the bot is without in a channel; all of them, if the channel can't be seen at all. */
export function lackingIn(client: Client, channelId: string, needed: readonly Permission[]): string[] {
  const held = heldIn(client, channelId);
  const lacking = needed.filter((name) => held?.has(permissions[name]) !== true);
  const named = lacking.length > 0 ? lacking : needed;
  return named.map((name) => `"${name}"`);
}

/** The address at which the bot is invited to a server with all that it needs. */
export function invitation(client: Client): string {
  return client.generateInvite({
    scopes: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands],
    permissions: Object.values(permissions),
  });
}

/** The name of a channel for a person, its id where it isn't known. */
export function nameOf(client: Client, channelId: string): string {
  const channel = client.channels.cache.get(channelId);
  return channel !== undefined && "name" in channel && channel.name !== null
    ? `#${channel.name}`
    : `channel ${channelId}`;
}

function heldIn(client: Client, channelId: string): Readonly<PermissionsBitField> | undefined {
  const channel = client.channels.cache.get(channelId);
  if (channel === undefined || channel.isDMBased() || client.user === null) return undefined;
  return channel.permissionsFor(client.user) ?? undefined;
}
