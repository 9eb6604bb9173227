import { terminal } from "./console/platform.ts";
import { discord } from "./discord/platform.ts";
import type { Platform } from "./settings.ts";
import { slack } from "./slack/platform.ts";

/** The chat platforms that are used when they are configured. */
export const platforms: readonly Platform[] = [slack, discord];

/** The platform that is used when no other is configured, or beside them when asked for. */
export const localPlatform: Platform = terminal;
