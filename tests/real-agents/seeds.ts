import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The kinds of agent that are tested with their real program. */
export type AgentName = "claude" | "codex" | "gemini" | "opencode";

export interface Place {
  /** The agent's HOME. */
  home: string;
  repo: string;
  /** Where the model API is. */
  url: string;
  /** Whether the agent has been used here before: it trusts the repo and knows its key. */
  known: boolean;
}

/** What an agent finds when it starts: configured, signed in, and with the repo trusted. */
export interface Seed {
  env: Record<string, string>;
  /** Undoes what is not in HOME. */
  remove?: () => void;
}

/** Claude knows an approved key by its last 20 characters. */
const key = "sk-test-12345678901234567890123456";

const modules = join(import.meta.dirname, "node_modules");

/** Where npm puts the CLIs. */
export const programs = join(modules, ".bin");

/** The package of each. */
export const packages: Record<AgentName, string> = {
  claude: "@anthropic-ai/claude-code",
  codex: "@openai/codex",
  gemini: "@google/gemini-cli",
  opencode: "opencode-ai",
};

export const seeds: Record<AgentName, (place: Place) => Seed> = {
  claude: ({ home, repo, url, known }) => {
    const answers = {
      customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
      projects: { [repo]: { hasTrustDialogAccepted: true } },
    };
    // Without these two it wants to reach its maker first.
    write(join(home, ".claude.json"), { hasCompletedOnboarding: true, theme: "dark", ...(known && answers) });
    const env = { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
    // Root may leave permissions aside in a sandbox only.
    return { env: { ...env, IS_SANDBOX: "1" } };
  },

  codex: ({ repo, url, known }) => {
    // Below /tmp codex has no sandbox, and then no command runs.
    const cache = join(modules, ".cache");
    mkdirSync(cache, { recursive: true });
    const home = mkdtempSync(join(cache, "codex-"));
    const lines = [
      'model = "gpt-5-codex"',
      'model_provider = "fake"',
      "check_for_update_on_startup = false",
      "[model_providers.fake]",
      'name = "Fake"',
      `base_url = "${url}/v1"`,
      'wire_api = "responses"',
      'env_key = "OPENAI_API_KEY"',
      "request_max_retries = 3",
      "stream_max_retries = 0",
      "supports_websockets = false",
      ...(known ? [`[projects."${repo}"]`, 'trust_level = "trusted"'] : []),
    ];
    writeFileSync(join(home, "config.toml"), lines.join("\n"));
    const remove = () => rmSync(home, { recursive: true, force: true });
    return { env: { CODEX_HOME: home, OPENAI_API_KEY: key }, remove };
  },

  gemini: ({ home, url, known }) => {
    write(join(home, ".gemini", "settings.json"), {
      security: { auth: { selectedType: "gemini-api-key" }, folderTrust: { enabled: !known } },
      general: { enableAutoUpdate: false },
      telemetry: { enabled: false },
      privacy: { usageStatisticsEnabled: false },
    });
    // With a model named, it does not ask another one which to take.
    return { env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key, GEMINI_MODEL: "gemini-2.5-flash" } };
  },

  opencode: ({ home, url }) => {
    write(join(home, ".config", "opencode", "opencode.json"), {
      autoupdate: false,
      model: "fake/m",
      small_model: "fake/m",
      enabled_providers: ["fake"],
      permission: { bash: "ask", edit: "ask" },
      provider: {
        fake: {
          npm: "@ai-sdk/openai-compatible",
          name: "Fake",
          options: { baseURL: `${url}/v1`, apiKey: key },
          models: { m: { name: "Fake Model", limit: { context: 100_000, output: 8000 } } },
        },
      },
    });
    // Its first start runs an npm install in the background, which it can do without.
    return { env: { npm_config_registry: "http://127.0.0.1:9/", npm_config_offline: "true" } };
  },
};

function write(path: string, settings: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(settings));
}
