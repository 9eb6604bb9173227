import { userInfo } from "node:os";
import type { Platform } from "../settings.ts";
import { ConsoleAdapter } from "./console.ts";

/** The terminal that the bot was started in: every part of the product with no token at all. Whoever has the terminal has the machine. */
export const terminal: Platform = {
  name: "console",
  variables: [],
  manifest: undefined,
  configure: () => ({
    use: "on",
    access: "everything",
    secrets: [],
    create: async (commands) =>
      new ConsoleAdapter({
        input: process.stdin,
        output: process.stdout,
        user: userInfo().username,
        verbs: commands.map((command) => command.verb),
      }),
  }),
};
