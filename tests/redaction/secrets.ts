// Secrets of every kind, put together at run time from parts and a fixed generator, so that no scanner of repositories takes one for real.
import { random } from "../random.ts";

export interface Sample {
  name: string;
  /** A text as a terminal or a chat has it. */
  text: string;
  /** What must not be left of it. */
  secret: string;
}

/** Between the parts of what a scanner would know. */
const cut = "";
const below = random(14);
const small = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const letters = small + small.toUpperCase() + digits;

function some(count: number, of = letters): string {
  return Array.from({ length: count }, () => of[below(of.length)]).join("");
}
const hex = (count: number) => some(count, "0123456789abcdef");
const name = (count: number) => some(count, `${letters}-_`);
const base64 = (count: number) => Buffer.from(some(count)).toString("base64");
const url64 = (text: string) => Buffer.from(text).toString("base64url");
const lines = (text: string, width = 64) => text.replaceAll(new RegExp(`.{${width}}`, "g"), "$&\n");

function pem(label: string, headers = ""): string {
  const dashes = "-".repeat(5);
  return `${dashes}BEGIN ${label}${dashes}\n${headers}${lines(base64(400))}\n${dashes}END ${label}${dashes}`;
}

/** A secret by itself. */
function bare(kind: string, secret: string): Sample {
  return { name: kind, text: `here it is: ${secret} and more`, secret };
}

/** A secret with something around it. */
function within(kind: string, before: string, secret: string, after = ""): Sample {
  return { name: kind, text: `${before}${secret}${after}`, secret };
}

const jwt = `${url64('{"alg":"HS256","typ":"JWT"}')}.${url64(`{"sub":"${some(12)}"}`)}.${name(43)}`;
const jwe = `${url64('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.${name(60)}.${name(16)}.${name(40)}.${name(22)}`;

export const samples: Sample[] = [
  bare("AWS access key id", `AKI${cut}A${some(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`),
  within("AWS secret in the environment", "AWS_SECRET_ACCESS_KEY=", some(40)),
  within(
    "AWS secret in a credentials file",
    "[default]\naws_secret_access_key = ",
    some(40),
    "\nregion = eu-central-1",
  ),
  within("AWS secret in JSON", '{"SecretAccessKey": "', `${some(20)}/${some(19)}`, '"}'),
  within("AWS session token", "AWS_SESSION_TOKEN=", `IQoJb3Jp${cut}Z2lu${base64(200)}`),
  bare("AWS session token by itself", `FwoGZXI${cut}vYXdz${base64(150)}`),
  bare("Google API key", `AI${cut}za${name(35)}`),
  bare("Google OAuth client secret", `GOC${cut}SPX-${name(28)}`),
  bare("Google OAuth token", `ya${cut}29.${name(120)}`),
  bare("Google refresh token", `1/${cut}/0${name(60)}`),
  bare("JSON web token", jwt),
  bare("JSON web encryption", jwe),
  within("RSA key", "", pem(`RSA PRIVATE ${cut}KEY`)),
  within(
    "encrypted RSA key",
    "",
    pem(`RSA PRIVATE ${cut}KEY`, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n"),
  ),
  within("OpenSSH key", "$ cat id\n", pem(`OPENSSH PRIVATE ${cut}KEY`)),
  within("PGP key", "", pem(`PGP PRIVATE ${cut}KEY BLOCK`, "Version: GnuPG v2\n\n")),
  within("EC key in JSON", '{"key":"', JSON.stringify(pem(`EC PRIVATE ${cut}KEY`)).slice(1, -1), '"}'),
  within(
    "PuTTY key",
    `PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: me\nPublic-Lines: 2\n${lines(base64(72))}Private-Lines: 4\n`,
    lines(base64(180)).trim(),
    `\nPrivate-MAC: ${hex(64)}`,
  ),
  bare("age key", `AGE-SECRET-${cut}KEY-1${some(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}`),
  within("WireGuard key", "[Interface]\nPrivateKey = ", `${some(43)}=`, "\nAddress = 10.0.0.1/24"),
  within("password in the environment", "PASSWORD=", "hunter2hunter2"),
  within("password with signs", "DB_PASSWORD=", "p@ss;w&rd)x,9"),
  within("password in YAML", "db:\n  user: app\n  password: ", "s3cr3t-Pa55word!", "\n  host: db\n"),
  within("password in JSON", '{"user":"app","password":"', "Tr0ub4dor&3", '"}'),
  within("password in JSON in JSON", String.raw`{"body":"{\"password\":\"`, "Tr0ub4dor-and-3", String.raw`\"}"}`),
  within("password in XML", "<user>app</user><password>", "hunter2hunter2", "</password>"),
  within("password in code", 'const password = "', "x7Gh!92kk", '";'),
  within("password in a connection string", "Server=db;User Id=app;Password=", "Qw9!zxcv7", ";Encrypt=true"),
  within("password on a command line", "mysqladmin --password=", "Qw9!zxcv7", " status"),
  within("password as an argument", "tool --password ", "Qw9!zxcv7", " run"),
  within("a weak password", "password: ", "Secret123!", "\n"),
  within("password in TOML", 'password = "', "a-Long-Passw0rd", '"'),
  within("passphrase of words", "WALLET_PASSPHRASE=", "violet-kestrel-harbor-lantern"),
  within("password in an address", "postgres://app:", "hunter2hunter2", "@db.example.org:5432/app"),
  within("password with an @", "postgres://app:", "p@ssw0rd9", "@db.example.org/app"),
  within("password with a /", "https://app:", "pa/ssw0rd/9", "@git.example.org/repo.git"),
  within("password with no name", "redis://:", "s3cretpw", "@cache:6379/0"),
  within("password in a query", "https://example.org/login?user=a&password=", "hunter2hunter2", "&next=1"),
  within("token in a query", "https://example.org/feed?access_token=", some(32), "&page=2"),
  within("git address with only a token", "git clone https://", some(40), "@git.example.org/a/b.git"),
  within("git address with a token for the name", "https://", some(40), ":x-oauth-basic@git.example.org/a/b.git"),
  within(
    "Azure storage key",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=",
    base64(64),
    ";EndpointSuffix=x",
  ),
  within(
    "Azure shared access signature",
    "https://a.blob.core.windows.net/c?sv=2024-01-01&sp=r&sig=",
    `${some(43)}%3D`,
  ),
  bare("Azure client secret", `${some(3)}8${cut}Q~${name(34)}`),
  within("Azure service bus", "Endpoint=sb://a/;SharedAccessKeyName=b;SharedAccessKey=", `${some(43)}=`),
  bare("Stripe live key", `sk_${cut}live_${some(24)}`),
  bare("Stripe test key", `sk_${cut}test_${some(99)}`),
  bare("Stripe webhook secret", `whsec${cut}_${some(32)}`),
  within("Slack webhook", "https://hooks.slack.com/services/", `T${some(8)}/B${some(8)}/${some(24)}`),
  within("Discord webhook", "https://discord.com/api/webhooks/123456789012345678/", name(68)),
  within(
    "Teams webhook",
    `https://a.webhook.office.com/webhookb2/${hex(8)}-${hex(27)}@${hex(32)}/IncomingWebhook/`,
    `${hex(32)}/${hex(36)}`,
  ),
  bare("Slack bot token", `xox${cut}b-${some(12, digits)}-${some(12, digits)}-${some(24)}`),
  bare("Slack app token", `xap${cut}p-1-A${some(10)}-${some(13, digits)}-${hex(64)}`),
  bare("Slack browser token", `xox${cut}c-${some(12, digits)}-${some(12, digits)}-${hex(64)}`),
  bare("Discord bot token", `MT${some(24)}.G${some(5)}.${name(38)}`),
  within("Telegram bot token", "https://api.telegram.org/bot123456789:", `AA${name(33)}`, "/getMe"),
  bare("SendGrid key", `SG.${name(22)}.${name(43)}`),
  bare("Twilio key", `SK${hex(32)}`),
  within("Twilio token", `curl -u AC${hex(32)}:`, hex(32), " https://api.example.org"),
  within("Twilio token in the environment", "TWILIO_AUTH_TOKEN=", hex(32)),
  bare("Mailgun key", `key-${hex(32)}`),
  bare("Mailchimp key", `${hex(32)}-us12`),
  bare("Hugging Face token", `hf_${some(34)}`),
  bare("Anthropic key", `sk-ant-api03-${name(93)}AA`),
  bare("OpenAI key", `sk-proj-${name(74)}T3Blbk${cut}FJ${name(74)}`),
  bare("older OpenAI key", `sk-${some(20)}T3Blbk${cut}FJ${some(20)}`),
  bare("OpenRouter key", `sk-or-v1-${hex(64)}`),
  bare("Groq key", `gsk_${some(52)}`),
  bare("xAI key", `xai-${some(80)}`),
  bare("Replicate token", `r8_${some(37)}`),
  bare("Vault token", `hvs.${name(95)}`),
  bare("older Vault token", `s.${some(8)}1${some(7)}2${some(6)}3`),
  bare("DigitalOcean token", `dop_v1_${hex(64)}`),
  bare("PyPI token", `pypi-AgEIcHlwaS5vcmc${name(120)}`),
  bare("npm token", `npm_${some(36)}`),
  within("npmrc", "//registry.example.org/:_authToken=", `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`),
  within("npmrc with a login", "//registry.example.org/:_auth=", Buffer.from(`ci:${some(16)}`).toString("base64")),
  bare("GitHub token", `gh${cut}p_${some(36)}`),
  bare("GitHub fine-grained token", `github_${cut}pat_${some(22)}_${some(59)}`),
  bare("GitLab token", `glpat-${name(20)}`),
  bare("Docker token", `dckr_pat_${name(27)}`),
  within("Basic header", "Authorization: Basic ", Buffer.from(`me:${some(14)}`).toString("base64")),
  within("Bearer header", "Authorization: Bearer ", some(40)),
  within("Authorization with another scheme", "Authorization: ApiKey ", some(40)),
  within("header with a key", "X-Api-Key: ", some(32)),
  within("cookie", "Cookie: theme=dark; sid=", `s%3A${some(32)}`, "; lang=en"),
  within("cookie that is set", "Set-Cookie: session=", some(40), "; Path=/; HttpOnly"),
  within("netrc", "machine api.example.org\n  login me\n  password ", "xk3-kk29a", "\n"),
  within("netrc in one line", "machine api.example.org login me password ", "xk3-kk29a", "\n"),
  within(
    "Docker login",
    '{"auths":{"r.example.org":{"auth":"',
    Buffer.from(`me:${some(14)}`).toString("base64"),
    '"}}}',
  ),
  within("kubeconfig key", "    client-key-data: ", base64(300), "\n"),
  within("kubeconfig token", "  user:\n    token: ", `${some(6)}9.${some(16)}a1B2`, "\n"),
  within("Kubernetes variable", "- name: DB_PASSWORD\n  value: ", "hunter2x9!", "\n"),
  within("pgpass", "db.example.org:5432:app:me:", "xk3-kk29a"),
  bare("Shopify token", `shpat_${hex(32)}`),
  bare("Linear key", `lin_api_${some(40)}`),
  bare("Notion token", `ntn_${some(11, digits)}${some(35)}`),
  bare("older Notion token", `secret_${some(43)}`),
  bare("Figma token", `figd_${name(43)}`),
  bare("Airtable token", `pat${some(14)}.${hex(64)}`),
  bare("Atlassian token", `ATATT3x${some(180)}`),
  bare("Databricks token", `dapi${hex(32)}`),
  bare("Grafana token", `glsa_${some(32)}_${hex(8)}`),
  bare("New Relic key", `NRAK-${some(27, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")}`),
  bare("Sentry token", `sntrys_${base64(80)}`),
  bare("Sonar token", `sqp_${hex(40)}`),
  bare("Supabase key", `sb_secret_${name(31)}`),
  bare("PlanetScale token", `pscale_tkn_${name(43)}`),
  bare("Doppler token", `dp.pt.${some(43)}`),
  bare("Tailscale key", `tskey-auth-${some(16)}-${some(32)}`),
  bare("Vercel token", `vcp_${some(40)}`),
  bare("Terraform token", `${some(14)}.atlasv1.${name(67)}`),
  bare("Postman key", `PMAK-${hex(24)}-${hex(34)}`),
  bare("1Password token", `ops_ey${base64(200)}`),
  bare("RubyGems key", `rubygems_${hex(48)}`),
  bare("Fly token", `fm2_${base64(120)}`),
  bare("Pulumi token", `pul-${hex(40)}`),
  bare("Square token", `sq0csp-${name(43)}`),
  bare("Firebase push key", `${name(10)}x:APA91b${name(134)}`),
  within("seed phrase", "mnemonic: ", "legal winner thank year wave sausage worth useful legal winner thank yellow"),
  within("login on a command line", "curl -u me:", "xk3kk29a!", " https://example.org"),
  within("TOTP secret", "otpauth://totp/a?secret=", some(26, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
  within("client secret in YAML", "client_secret: ", some(40)),
  within("Django key", "SECRET_KEY = '", `django-insecure-${some(50)}`, "'"),
  within("session id", "PHPSESSID=", some(26)),
];
