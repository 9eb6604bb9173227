import { byPattern, type Shape } from "./shape.ts";
import { isOrdinary } from "./values.ts";

const letters = "A-Za-z0-9";
const capitals = "A-Z0-9";
const hex = "a-f0-9";
const base64 = "A-Za-z0-9+/=";
/** Names are made of these too, so that what looks like one is left alone. */
const name = "A-Za-z0-9_-";
const dotted = "A-Za-z0-9._-";

type Row = [kind: string, beginnings: string[], rest: string, least: number, most?: number];

/**
 * Tokens that say by their first characters whose they are: what the rest is made of, and how much of that there is at least, and at most
 * where all are of one length. From what their issuers say of them, and from the rules of public scanners.
 */
const rows: Row[] = [
  // Code hosts and registries.
  ["code host token", ["ghp_", "gho_", "ghu_", "ghr_"], letters, 20],
  ["code host token", ["ghs_", "github_pat_"], dotted, 20],
  ["code host token", ["glpat-", "gldt-", "glrt-", "glrtr-", "glptt-", "glft-", "glsoat-"], dotted, 18],
  ["code host token", ["glcbt-", "glimt-", "glagent-", "gloas-", "glffct-", "glwt-", "GR1348941"], dotted, 18],
  ["code host token", ["ATBB"], letters, 28, 36],
  ["code host token", ["sgp_"], name, 40],
  ["package registry token", ["npm_"], letters, 36],
  ["package registry token", ["pypi-AgE", "pypi-AgN"], name, 40],
  ["package registry token", ["rubygems_"], hex, 48],
  ["package registry token", ["dckr_pat_", "dckr_oat_"], name, 20],
  ["package registry token", ["AKCp"], letters, 60],
  ["package registry token", ["oy2"], "a-z0-9", 43, 43],
  // Models.
  ["model API key", ["sk-ant-"], name, 10],
  ["model API key", ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-lf-", "sk-"], name, 20],
  ["model API key", ["hf_", "api_org_"], letters, 30],
  ["model API key", ["gsk_", "r8_", "tgp_v1_", "pcsk_", "jina_"], name, 24],
  ["model API key", ["xai-", "pplx-", "csk-", "nvapi-", "tvly-", "lsv2_pt_", "lsv2_sk_", "voyage-"], name, 24],
  ["model API key", ["ABSK", "bedrock-api-key-"], base64, 60],
  // Clouds.
  ["cloud key id", ["AKIA", "ASIA", "ABIA", "ACCA"], capitals, 16, 16],
  ["cloud session token", ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"], base64, 60],
  ["cloud API key", ["AIza"], name, 35],
  ["cloud API key", ["LTAI"], letters, 16, 26],
  ["OAuth client secret", ["GOCSPX-"], name, 20],
  ["OAuth token", ["ya29."], dotted, 20],
  ["OAuth token", ["1//0"], name, 30],
  ["OAuth token", ["4/0A"], name, 30],
  ["cloud API token", ["dop_v1_", "doo_v1_", "dor_v1_"], hex, 40],
  ["cloud API token", ["HRKU-"], name, 30],
  ["cloud API token", ["fo1_", "fm1r_", "fm2_"], base64, 30],
  ["cloud API token", ["nfp_", "nfc_", "nfo_", "nfu_"], letters, 36],
  ["cloud API token", ["vcp_", "vci_", "vca_", "vcr_", "vck_", "rnd_"], letters, 20],
  ["cloud API token", ["cfk_", "cfut_", "cfat_"], letters, 40],
  ["cloud API token", ["dapi", "dkea", "dose"], hex, 32, 32],
  ["cloud API token", ["tskey-"], name, 20],
  ["cloud API token", ["pul-"], hex, 40, 40],
  ["cloud API token", ["sbp_", "sb_secret_"], name, 20],
  ["cloud API token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], dotted, 30],
  ["cloud API token", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], dotted, 30],
  ["vault token", ["hvs.", "hvb.", "hvr."], name, 24],
  ["vault token", ["ops_ey"], base64, 60],
  // Payment, shops, post, telephony.
  ["payment API key", ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_"], letters, 16],
  ["payment API key", ["sq0atp-", "sq0csp-", "EAAAE", "EAAAl"], name, 22],
  ["payment API key", ["access_token$production$", "access_token$sandbox$"], "a-z0-9$", 20],
  ["payment API key", ["EZAK", "EZTK"], letters, 54],
  ["payment API key", ["duffel_live_", "duffel_test_", "FLWSECK-", "FLWSECK_TEST-", "rzp_live_"], name, 14],
  ["webhook secret", ["whsec_"], base64, 24],
  ["shop token", ["shpat_", "shpca_", "shppa_", "shpss_"], letters, 32],
  ["shop token", ["Atza|", "Atzr|"], name, 40],
  ["mail API key", ["SG."], dotted, 40],
  ["mail API key", ["xkeysib-", "xsmtpsib-"], name, 60],
  ["mail API key", ["mlsn."], hex, 60],
  ["mail API key", ["key-"], hex, 32, 32],
  ["telephony API key", ["SK"], hex, 32, 32],
  // Chat, work, social networks.
  [
    "chat token",
    ["xoxb-", "xoxp-", "xoxa-", "xoxo-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xwfp-"],
    "A-Za-z0-9%/+._-",
    8,
  ],
  ["chat token", ["xoxe-", "xoxe.xox", "xapp-"], dotted, 8],
  ["work tool token", ["lin_api_", "lin_oauth_", "ntn_", "figd_", "dt0c01.", "rdme_", "tfp_", "CFPAT-"], dotted, 30],
  ["work tool token", ["PMAK-", "pnu_", "phx_", "aio_", "sl.u.", "sl.B"], name, 28],
  ["work tool token", ["ATATT3x", "ATCTT3x"], "A-Za-z0-9_=-", 40],
  ["work tool token", ["secret_"], letters, 43, 43],
  ["social network token", ["EAAG", "EAAC", "EAAB", "EAAD"], letters, 60],
  ["social network token", ["IGQV"], name, 60],
  // Watching.
  ["monitoring token", ["glc_"], base64, 32],
  ["monitoring token", ["glsa_"], name, 32],
  ["monitoring token", ["NRAK-", "NRII-", "NRIQ-"], letters, 18],
  ["monitoring token", ["sntrys_", "sntryu_"], "A-Za-z0-9+/=_", 40],
  ["monitoring token", ["sqp_", "squ_", "sqa_"], hex, 40],
  ["monitoring token", ["dt0s01.", "dt0s02.", "hlxt-"], dotted, 24],
  // Keys.
  ["age key", ["AGE-SECRET-KEY-1"], capitals, 40],
  ["wallet key", ["xprv", "yprv", "zprv", "tprv"], letters, 107, 108],
  ["wallet key", ["nsec1"], letters, 58, 58],
];

/** By how many more characters it is judged whether a long one is a name. */
const looked = 40;

export const tokenShapes: Shape[] = rows.map(([kind, beginnings, rest, least, most]) => {
  const begin = beginnings.map((one) => RegExp.escape(one)).join("|");
  const pattern = new RegExp(`(?:${begin})[${rest}]{${least},${most ?? least + looked}}`, "dy");
  return {
    kind,
    hints: beginnings,
    find: byPattern(pattern, {
      after: /[A-Za-z0-9]/,
      ...(most === undefined ? { more: new RegExp(`[${rest}]*`, "y") } : { before: /[A-Za-z0-9]/ }),
      check: [name, dotted].includes(rest) ? isNoName : (token) => !/0{16}$/.test(token),
    }),
  };
});

/** "sk-learn-style-of-names" and "SG.internal.module.path" are names. */
function isNoName(token: string): boolean {
  return !isOrdinary(token.slice(token.search(/[-_.]/) + 1));
}
