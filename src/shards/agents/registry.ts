import type { AgentKind } from "./agent.ts";
import { claude } from "./claude/claude.ts";
import { codex } from "./codex/codex.ts";
import { gemini } from "./gemini/gemini.ts";
import { opencode } from "./opencode/opencode.ts";
import { shell } from "./shell/shell.ts";

/** Every agent kind, by its name. The first one that is installed is the default. */
export const kinds: Readonly<Record<string, AgentKind>> = { claude, codex, gemini, opencode, shell };
