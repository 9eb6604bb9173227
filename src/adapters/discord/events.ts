import {
  cleanContent,
  GuildMember,
  MessageType,
  type APIInteractionGuildMember,
  type Channel,
  type Message,
  type TextBasedChannel,
  type User,
} from "discord.js";
import type { ChatEvent, Person, Place } from "../adapter.ts";

/** Message of a person as an event; undefined for what bots, webhooks and Discord itself say, and for messages without text. */
export function messageEvent(message: Message): Extract<ChatEvent, { type: "message" }> | undefined {
  const { author, client, channel, content } = message;
  if (author.bot || author.system || author.id === client.user.id || message.webhookId !== null) return undefined;
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return undefined;
  const own = ownMentions(message);
  const direct = channel.isDMBased();
  const toBot = direct || message.mentions.users.has(client.user.id) || own.test(content);
  const text = namesFor(content.replace(new RegExp(`^\\s*(?:${own.source}\\s*)+`), ""), channel).trim();
  if (text === "" && !toBot) return undefined;
  return {
    type: "message",
    id: message.id,
    at: message.createdAt.toISOString(),
    place: placeOf(channel, message.id),
    by: personOf(author, message.member),
    text,
    toBot,
  };
}

/** Where something happened. Within a thread, the channel is the thread's parent; outside of one, `message` is what a thread can start from. */
export function placeOf(channel: Channel, message?: string): Place {
  if (channel.isDMBased()) return { platform: "discord", space: "", channel: channel.id, direct: true };
  const space = channel.guildId;
  if (channel.isThread())
    return { platform: "discord", space, channel: channel.parentId ?? channel.id, thread: channel.id };
  return { platform: "discord", space, channel: channel.id, ...(message === undefined ? {} : { message }) };
}

/** Person who did something. Without a member of the server it is somebody from outside. */
export function personOf(user: User, member: GuildMember | APIInteractionGuildMember | null): Person {
  const name = member instanceof GuildMember ? member.displayName : (member?.nick ?? user.displayName);
  const person: Person = { id: user.id, name, roles: rolesOf(member) };
  if (user.bot) return { ...person, outsider: "bot" };
  return member === null ? { ...person, outsider: "external" } : person;
}

/** Text with `<@id>`, `<@&id>`, `<#id>` and custom emoji by their names. */
export function namesFor(text: string, channel: TextBasedChannel): string {
  return cleanContent(text, channel);
}

/** Without the role that everybody has, whose id is the server's. */
function rolesOf(member: GuildMember | APIInteractionGuildMember | null): string[] {
  if (member === null) return [];
  if (!(member instanceof GuildMember)) return member.roles;
  return [...member.roles.cache.keys()].filter((id) => id !== member.guild.id);
}

/** The bot is mentioned as a user, or by the role that Discord made for it, which completes to the same name. */
function ownMentions(message: Message): RegExp {
  const role = message.guild?.members.me?.roles.botRole?.id;
  return new RegExp(`(?:<@!?${message.client.user.id}>${role === undefined ? "" : `|<@&${role}>`})`);
}
