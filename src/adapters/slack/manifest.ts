/**
 * Abilities that the app asks for, in its manifest and again at each start. No more than is used: in particular nothing that lets it
 * join channels or write into those it was not invited to.
 */
export const botScopes = [
  "app_mentions:read",
  "channels:history",
  "chat:write",
  "commands",
  "files:write",
  "groups:history",
  "im:history",
  "users:read",
] as const;

/** The app manifest to paste at "Create an app → From a manifest" (JSON, schema v2). */
export const manifest = JSON.stringify(
  {
    display_information: {
      name: "Shardbridge",
      description: "Start, prompt, read and stop coding agents from a thread.",
      background_color: "#24292f",
    },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: "Shardbridge", always_online: false },
      slash_commands: [
        {
          command: "/shard",
          description: "Work with shards: agents in worktrees of their own",
          usage_hint: "spawn | send | answer | read | list | close | resume | destroy | attach | help",
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: botScopes } },
    settings: {
      event_subscriptions: {
        bot_events: [
          "app_mention",
          "app_uninstalled",
          "message.channels",
          "message.groups",
          "message.im",
          "tokens_revoked",
        ],
      },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  },
  undefined,
  2,
);
