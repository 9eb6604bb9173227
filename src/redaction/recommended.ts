import { rules as all } from "@secretlint/secretlint-rule-preset-recommend";
import { Literals } from "./literals.ts";
import type { Span } from "./span.ts";

/** As much of a rule of secretlint as is used: it is given a text and reports ranges in it. */
interface Rule {
  messages: Record<string, unknown>;
  meta: { id: string };
  create(context: Context, options: object): { file?(source: object): unknown };
}

interface Context {
  sharedOptions: object;
  createTranslator(): (messageId: string) => { messageId: string; message: string };
  report(found: { message: { messageId: string }; range: readonly [number, number] }): void;
  ignore(): void;
}

const prefix = "@secretlint/secretlint-rule-";

/**
 * Not used: comments by which a text would switch rules off, key files, which are no text, and addresses and keys, of which our own shapes
 * take out the secret alone.
 */
const unused = ["filter-comments", "gcp", "basicauth", "database-connection-string", "privatekey"];

/** What is in every text in which a rule finds something; a rule that is not here is always asked. */
const hints: Readonly<Record<string, readonly string[]>> = {
  aws: ["AKIA", "ASIA", "A3T", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "ECRET", "ecret"],
  npm: ["npm_", "x-oauth-basic", "_authToken"],
  openai: ["sk-"],
  anthropic: ["sk-ant-"],
  groq: ["gsk_"],
  huggingface: ["hf_"],
  linear: ["lin_api_"],
  notion: ["ntn_"],
  sendgrid: ["SG."],
  shopify: ["shp"],
  stripe: ["k_live_", "k_test_"],
  github: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  gitlab: ["glpat-"],
  grafana: ["glc_", "glsa_"],
  "1password": ["ops_"],
  "hashicorp-vault": ["hvs.", "hvb.", "hvr."],
  vercel: ["vcp_", "vci_", "vca_", "vcr_", "vck_"],
  databricks: ["dapi"],
  docker: ["dckr_pat_"],
  figma: ["figd_"],
  cloudflare: ["cfk_", "cfut_", "cfat_"],
  tailscale: ["tskey-"],
};

/** Ids of accounts are no secrets. */
const harmless = new Set(["AWSAccountID"]);

const rules = (all as unknown as Rule[])
  .map((rule) => ({ rule, id: rule.meta.id.replace(prefix, "") }))
  .filter(({ id }) => !unused.includes(id));
type Chosen = (typeof rules)[number];

const always = rules.filter(({ id }) => hints[id] === undefined);
const hinted = new Literals(
  rules.flatMap((chosen) => (hints[chosen.id] ?? []).map((hint) => [hint, chosen] as const)),
  2,
);

/** The rules that may find something in the text. */
export function rulesFor(text: string): ReadonlySet<Chosen> {
  const asked = new Set(always);
  hinted.find(text, (_index, chosen) => asked.add(chosen));
  return asked;
}

/** Where those of the recommended rules of secretlint find secrets. */
export function findRecommended(text: string, asked: ReadonlySet<Chosen>): Span[] {
  const spans: Span[] = [];
  const source = { content: text, contentType: "text", filePath: "", ext: "" };
  for (const { rule, id } of asked) {
    const context: Context = {
      sharedOptions: {},
      createTranslator: () => (messageId) => ({ messageId, message: messageId }),
      report: ({ message, range: [start, end] }) => {
        if (!harmless.has(message.messageId)) spans.push({ start, end, kind: `${id} secret` });
      },
      ignore: () => undefined,
    };
    rule.create(context, {}).file?.(source);
  }
  return spans;
}
