/**
 * Regular expressions of what must not be kept. SECRET_PATTERN finds our own ingest keys of both classes and tokens of programs:
 * documented in the README for GitHub's push protection, gitleaks and the like; a test holds it against both minters.
 * SECRETS are those and the keys of others, removed from every event at the edge (workers/ingest/otlp/redact-secrets). Data.
 */
export const SECRET_PATTERN =
  "\\b(?:tfp?_(?:us|eu|gl-us|gl-eu)|tft_(?:us|eu))_[a-z2-9]{16}_[a-z2-9]{32}[0-9a-f]{12}\\b";

/** A kind of secret. */
export interface SecretKind {
  name: string;
  /**
   * Without flags. Linear in the text: what can fail after a long run begins only where a word does, or is bounded. A group
   * named `keep`, at the start, stays.
   */
  pattern: string;
  /** A text that matches holds one of these, of three characters or more, spelt exactly so: what the cheap look is for. */
  markers: readonly string[];
}

/** Not in the middle of a word: `task-list` is no `sk-`, and a run of `eyJeyJeyJ…` is not tried at every letter. */
const START = "(?<![A-Za-z0-9])";

export const SECRETS: readonly SecretKind[] = [
  {
    // Before all others: what stands inside goes with it. A text cut off before the end is a key all the same.
    name: "private_key",
    pattern:
      "-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)",
    markers: ["-----BEGIN"],
  },
  { name: "tenfold", pattern: SECRET_PATTERN, markers: ["tf_us_", "tf_eu_", "tf_gl-", "tfp_", "tft_"] },
  // Anthropic, OpenAI, OpenRouter, DeepSeek and those who write theirs alike.
  { name: "model_provider", pattern: `${START}sk-[A-Za-z0-9_-]{20,}`, markers: ["sk-"] },
  { name: "groq", pattern: `${START}gsk_[A-Za-z0-9]{20,}`, markers: ["gsk_"] },
  { name: "xai", pattern: `${START}xai-[A-Za-z0-9]{20,}`, markers: ["xai-"] },
  { name: "perplexity", pattern: `${START}pplx-[A-Za-z0-9]{20,}`, markers: ["pplx-"] },
  { name: "replicate", pattern: `${START}r8_[A-Za-z0-9]{30,}`, markers: ["r8_"] },
  { name: "hugging_face", pattern: `${START}hf_[A-Za-z0-9]{30,}`, markers: ["hf_"] },
  {
    name: "github",
    pattern: `${START}(?:gh[pousr]_[A-Za-z0-9_]{30,}|github_pat_[A-Za-z0-9_]{22,})`,
    markers: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  },
  {
    name: "gitlab",
    pattern: `${START}gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[A-Za-z0-9_-]{20,}`,
    markers: ["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-"],
  },
  {
    name: "aws",
    pattern: `${START}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
    markers: ["AKIA", "ASIA", "ABIA", "ACCA"],
  },
  {
    name: "google",
    pattern: `${START}(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\\.[A-Za-z0-9_-]{20,})`,
    markers: ["AIza", "GOCSPX-", "ya29."],
  },
  {
    name: "azure",
    pattern: "(?<keep>(?:AccountKey|SharedAccessKey|sig)=)[A-Za-z0-9+/%]{30,}={0,2}",
    markers: ["AccountKey=", "SharedAccessKey=", "sig="],
  },
  {
    name: "slack",
    pattern: `${START}(?:xox[abceoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})|hooks\\.slack\\.com/services/[A-Za-z0-9/]{20,}`,
    markers: ["xox", "xapp-", "hooks.slack.com/"],
  },
  {
    name: "stripe",
    pattern: `${START}(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})`,
    markers: ["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"],
  },
  {
    name: "package_registry",
    pattern: `${START}(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[a-f0-9]{40,}|dckr_pat_[A-Za-z0-9_-]{20,})`,
    markers: ["npm_", "pypi-", "rubygems_", "dckr_pat_"],
  },
  { name: "sendgrid", pattern: `${START}SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}`, markers: ["SG."] },
  {
    name: "service_token",
    pattern: `${START}(?:do[oprt]_v1_[a-f0-9]{40,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|lin_api_[A-Za-z0-9]{30,}|ntn_[A-Za-z0-9]{40,}|glsa_[A-Za-z0-9_]{32,}|sntry[su]_[A-Za-z0-9+/=_]{30,}|figd_[A-Za-z0-9_-]{30,}|dapi[a-f0-9]{32}|hvs\\.[A-Za-z0-9_-]{24,}|phx_[A-Za-z0-9]{30,})`,
    markers: [
      "dop_v1_",
      "doo_v1_",
      "dor_v1_",
      "dot_v1_",
      "shpat_",
      "shpca_",
      "shppa_",
      "shpss_",
      "lin_api_",
      "ntn_",
      "glsa_",
      "sntrys_",
      "sntryu_",
      "figd_",
      "dapi",
      "hvs.",
      "phx_",
    ],
  },
  {
    name: "jwt",
    pattern: `${START}eyJ[A-Za-z0-9_-]{8,1500}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{0,4000}`,
    markers: ["eyJ"],
  },
  // The user's name goes with the password; the scheme and the host stay.
  {
    name: "url_password",
    pattern: "(?<keep>[A-Za-z][A-Za-z0-9+.-]{1,20}://)[^\\s/:@\"'<>]{0,100}:[^\\s/@\"'<>]{1,200}(?=@)",
    markers: ["://"],
  },
  {
    name: "authorization",
    pattern: "(?<keep>\\b[Bb](?:earer|EARER|asic|ASIC)\\s{1,4})[A-Za-z0-9._~+/=-]{16,}",
    markers: ["earer ", "EARER ", "Basic ", "basic ", "BASIC "],
  },
  {
    name: "password",
    pattern:
      "(?<keep>(?<![A-Za-z0-9])(?:[Pp]assword|[Pp]asswd|PASSWORD|PASSWD|PWD|[Pp]wd)[\"']?\\s{0,4}[=:]\\s{0,4}[\"']?)[^\\s\"',;&\\\\]{4,200}",
    markers: ["ssword", "sswd", "SSWORD", "SSWD", "pwd", "Pwd", "PWD"],
  },
  {
    name: "assigned",
    pattern:
      "(?<keep>(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{0,40}(?:API_?KEY|api[_-]?key|apiKey|ApiKey|SECRET|client_secret|SECRET_ACCESS_KEY|secret_access_key|ACCESS_TOKEN|AUTH_TOKEN|access_token|auth_token|refresh_token|PASSWORD|PASSWD)[A-Z0-9_]{0,20}[\"']?\\s{0,4}[=:]\\s{0,4}[\"']?)[^\\s\"',;&\\\\]{8,400}",
    markers: [
      "API_KEY",
      "APIKEY",
      "api_key",
      "api-key",
      "apikey",
      "apiKey",
      "ApiKey",
      "SECRET",
      "_secret",
      "secret_",
      "_TOKEN",
      "ccess_token",
      "auth_token",
      "refresh_token",
      "SSWORD",
      "SSWD",
    ],
  },
];

/** Names of fields whose text is a secret whatever it looks like. Compared without case, `-` and `_`. */
export const SECRET_FIELDS: readonly string[] = [
  "password",
  "passwd",
  "secret",
  "apikey",
  "accesstoken",
  "refreshtoken",
  "authtoken",
  "clientsecret",
  "privatekey",
  "secretkey",
  "secretaccesskey",
  "authorization",
];
