import { userInfo } from "node:os";
import { join } from "node:path";
import type { Platform } from "../settings.ts";
import { ConsoleAdapter } from "./console.ts";
import { Style } from "./style.ts";

/** The terminal that the bot was started in: every part of the product with no token at all. Whoever has the terminal has the machine. */
export const terminal: Platform = {
  name: "console",
  variables: [],
  manifest: undefined,
  configure: (env) => ({
    use: "on",
    access: "everything",
    secrets: [],
    create: async (commands, { folder, redact }) =>
      new ConsoleAdapter({
        input: process.stdin,
        output: process.stdout,
        user: userInfo().username,
        commands,
        style: Style.of(env),
        history: join(folder, "console-history"),
        hasSecret: (line) => redact(line) !== line,
      }),
  }),
};
