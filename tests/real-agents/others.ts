import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Place, Seed } from "./seeds.ts";

/** Agents that no rule knows, as any program is: tests/other-agents has them. */
export type OtherName = "cline" | "pi" | "qwen";

/** Where npm puts them. */
export const otherPrograms = join(import.meta.dirname, "../other-agents/node_modules/.bin");

interface Other {
  /** How it is started. */
  command: string;
  /** Its package. */
  from: string;
  seed(place: Place): Seed;
}

const key = "sk-test-12345678901234567890123456";

export const others: Record<OtherName, Other> = {
  cline: {
    command: "cline --tui --auto-approve false",
    from: "cline",
    seed: ({ home, url }) => {
      const settings = { provider: "openai-compatible", apiKey: key, model: "m", baseUrl: `${url}/v1` };
      const provider = { settings, updatedAt: "2026-01-01T00:00:00.000Z", tokenSource: "manual" };
      write(join(home, ".cline/data/settings/providers.json"), {
        version: 1,
        lastUsedProvider: "openai-compatible",
        modes: {},
        providers: { "openai-compatible": provider },
      });
      // Else it begins with an offer of its maker's.
      return { env: { CLINE_DISABLE_CLINE_PASS_NOTICE: "1" } };
    },
  },

  pi: {
    command: "pi --provider fake --model m --offline",
    from: "@mariozechner/pi-coding-agent",
    seed: ({ home, url }) => {
      const fake = { baseUrl: `${url}/v1`, api: "openai-completions", apiKey: key, models: [{ id: "m" }] };
      write(join(home, ".pi/agent/models.json"), { providers: { fake } });
      return { env: {} };
    },
  },

  qwen: {
    command: "qwen",
    from: "@qwen-code/qwen-code",
    seed: ({ home, url }) => {
      write(join(home, ".qwen/settings.json"), {
        security: { auth: { selectedType: "openai" } },
        general: { enableAutoUpdate: false },
        telemetry: { enabled: false },
        privacy: { usageStatisticsEnabled: false },
      });
      return { env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: "m" } };
    },
  },
};

function write(path: string, settings: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(settings));
}
