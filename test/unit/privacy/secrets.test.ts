/** What looks like a secret is gone, whole, from wherever it stands; what only looks a little like one stays. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashString } from "../../../schema/identity.ts";
import { SECRETS } from "../../../schema/secret-pattern.ts";
import { enrich } from "../../../workers/ingest/enrich.ts";
import { scanFor } from "../../../workers/ingest/otlp/redact-scan.ts";
import {
  bodyMayHoldSecret,
  cleanValue,
  mayHoldSecret,
  REMOVED,
  type SecretCounts,
  withoutSecrets,
} from "../../../workers/ingest/otlp/redact-secrets.ts";
import { packEvents } from "../../../workers/ingest/pack-events.ts";
import { rowPrefix } from "../../../workers/ingest/row-text.ts";
import { validateEvent } from "../../../workers/ingest/validate.ts";
import { mintApiToken } from "../../../workers/shared/api-tokens.ts";
import { KEY_JURISDICTIONS, mintKey } from "../../../workers/shared/ingest-key.ts";
import { makeEvent } from "../../support/events.ts";

const TAG_SECRET = "a-secret-of-thirty-two-characters-or-more";
const letters = (n: number): string => "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA".repeat(4).slice(0, n);
const hex = (n: number): string => "0123456789abcdef".repeat(8).slice(0, n);
const upper = (n: number): string => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".slice(0, n);
/** Put together here, so that no scanner takes this file for a leak. */
const j = (...parts: string[]): string => parts.join("");

/** One of each, by its kind: the part that must be gone. */
const EXAMPLES: readonly [kind: string, secret: string][] = [
  ...KEY_JURISDICTIONS.flatMap((jurisdiction) =>
    (["header", "path"] as const).map((keyClass): [string, string] => [
      "tenfold",
      mintKey(TAG_SECRET, jurisdiction, keyClass).key,
    ]),
  ),
  ["tenfold", mintApiToken(TAG_SECRET, "eu").token],
  ["model_provider", j("sk-", "ant-api03-", letters(60))],
  ["model_provider", j("sk-", "proj-", letters(60))],
  ["model_provider", j("sk-", letters(48))],
  ["groq", j("gsk", "_", letters(52))],
  ["xai", j("xai", "-", letters(80))],
  ["perplexity", j("pplx", "-", letters(48))],
  ["replicate", j("r8", "_", letters(37))],
  ["hugging_face", j("hf", "_", letters(34))],
  ...["ghp", "gho", "ghu", "ghs", "ghr"].map((kind): [string, string] => ["github", j(kind, "_", letters(36))]),
  ["github", j("github", "_pat_", letters(82))],
  ["gitlab", j("gl", "pat-", letters(20))],
  ["aws", j("AK", "IA", upper(16))],
  ["aws", j("AS", "IA", upper(16))],
  ["google", j("AI", "za", letters(35))],
  ["google", j("GOC", "SPX-", letters(28))],
  ["google", j("ya", "29.", letters(60))],
  ["slack", j("xo", "xb-", "123456789012-", letters(24))],
  ["slack", j("hooks.slack.com/", "services/T000/B000/", letters(24))],
  ["stripe", j("sk", "_live_", letters(24))],
  ["stripe", j("whsec", "_", letters(32))],
  ["package_registry", j("npm", "_", letters(36))],
  ["package_registry", j("pypi", "-", letters(80))],
  ["sendgrid", j("SG", ".", letters(22), ".", letters(43))],
  ["service_token", j("dop", "_v1_", hex(64))],
  ["service_token", j("shp", "at_", hex(32))],
  ["service_token", j("gl", "sa_", letters(40))],
  ["jwt", j("ey", "J", letters(30), ".ey", "J", letters(80), ".", letters(43))],
  ["private_key", j("-----BEGIN RSA ", "PRIVATE KEY-----\nMII", letters(64), "\n-----END RSA ", "PRIVATE KEY-----")],
  ["private_key", j("-----BEGIN OPENSSH ", "PRIVATE KEY-----\nb3B", letters(64))],
];

const count = (text: string): [string, SecretCounts] => {
  const counts: SecretCounts = {};
  return [withoutSecrets(text, counts), counts];
};

describe("a secret", () => {
  it.each(EXAMPLES)("of kind %s is found by the cheap look and removed whole", (kind, secret) => {
    for (const [before, after] of [
      ["", ""],
      ["key=", "\n"],
      ['{"a":"', '","b":1}'],
      ["said ", ". Then more"],
      ["https://t.example/i/", "/v1/logs"],
      ["ünï ", " çødé"],
    ] as const) {
      const text = before + secret + after;
      expect(mayHoldSecret(text)).toBe(true);
      expect(bodyMayHoldSecret(new TextEncoder().encode(JSON.stringify({ text })))).toBe(true);
      const [clean, counts] = count(text);
      expect(clean).not.toContain(secret.slice(0, 24));
      expect(clean).toContain(REMOVED);
      // A key cut off goes on to the end of the text; some kinds have slashes in them.
      const open = secret.startsWith("-----") || (after.startsWith("/") && /^(?:hooks|whsec)/.test(secret));
      if (!open) expect(clean).toBe(before + REMOVED + after);
      expect(Object.keys(counts)).toEqual([kind]);
    }
  });

  it("leaves what it stands in: scheme and host, the name before it", () => {
    for (const [text, clean] of [
      ["postgres://app:hunter2@db.example:5432/x", `postgres://${REMOVED}@db.example:5432/x`],
      ["redis://:p4ss@cache:6379", `redis://${REMOVED}@cache:6379`],
      ["Authorization: Bearer abcdefghijklmnop1234", `Authorization: Bearer ${REMOVED}`],
      ["Server=x;Password=hunter22;Timeout=3", `Server=x;Password=${REMOVED};Timeout=3`],
      ["OPENAI_API_KEY=abcdefgh12345678 npm test", `OPENAI_API_KEY=${REMOVED} npm test`],
      ['{"client_secret":"abcdefgh12345678"}', `{"client_secret":"${REMOVED}"}`],
      [`AccountKey=${letters(86)}==;EndpointSuffix=x`, `AccountKey=${REMOVED};EndpointSuffix=x`],
    ] as const) {
      expect(mayHoldSecret(text)).toBe(true);
      expect(count(text)[0]).toBe(clean);
    }
  });

  it("is gone by the name of its field, whatever it looks like, in nested values and lists", () => {
    const counts: SecretCounts = {};
    const value = { a: [{ password: "x" }], "api-key": "y", apiKey: ["z"], token_count: 3, note: "password" };
    expect(mayHoldSecret(JSON.stringify(value))).toBe(true);
    expect(cleanValue(value, counts)).toEqual({
      a: [{ password: REMOVED }],
      "api-key": REMOVED,
      apiKey: [REMOVED],
      token_count: 3,
      note: "password",
    });
    expect(counts).toEqual({ named_field: 3 });
  });

  it("is gone from names of fields too", () => {
    const secret = j("gh", "p_", letters(36));
    expect(cleanValue({ [secret]: 1 }, {})).toEqual({ [REMOVED]: 1 });
  });
});

describe("what is no secret", () => {
  it.each([
    "the task-list of disk-1 is in src/sk-learn/task.ts",
    "input_tokens, output_tokens and cache_read_tokens",
    "req_011CeCdEAcQLzeuREeQOeCtx toolu_01l8hbhQyK4CfYRKjqbD5tpx",
    "https://github.com/example-org/example-repo/pull/12?x=1:2",
    "faaa1c2f1ca7ad2d6cdad2ed31ff439e1c5631a71cc63f49502bca6f42e60000",
    "0199-aaaa-bbbb, session-1, 019f0000-0000-7000-8000-00000000c0de",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "git@github.com:example-org/example-repo.git",
    "keys are tf_us_… or tf_<jurisdiction>_<id>_<secret><tag>",
    "Add the password field to the login form",
    "http://localhost:8787/v1/events",
    "the secret is out",
    "a basic authentication scheme",
  ])("stays as it is: %s", (text) => {
    expect(count(text)).toEqual([text, {}]);
  });
});

describe("the cheap look", () => {
  const markers = [...SECRETS.flatMap((kind) => kind.markers)];

  it("finds every marker at every place of a body, whatever is around it", () => {
    const scan = scanFor(markers);
    const filler = fc.string({ maxLength: 40, unit: "grapheme" });
    fc.assert(
      fc.property(fc.constantFrom(...markers), filler, filler, fc.integer({ min: 0, max: 3 }), (marker, a, b, skip) => {
        const text = a + marker + b;
        expect(scan.text(text)).toBe(true);
        // A body may begin anywhere in the buffer that holds it, and what is around it is no part of it.
        const bytes = new TextEncoder().encode(text);
        const placed = new Uint8Array(bytes.length + skip + 1);
        placed.set(bytes, skip);
        expect(scan.bytes(placed.subarray(skip, skip + bytes.length))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it("finds nothing where there is no marker", () => {
    const scan = scanFor(markers);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const holds = markers.some((marker) => text.includes(marker));
        expect(scan.text(text)).toBe(holds);
        expect(scan.bytes(new TextEncoder().encode(text))).toBe(holds);
      }),
    );
  });

  it("looks again at a body that hides a character behind an escape", () => {
    const secret = j("gh", "p_", letters(36));
    for (const body of [
      `{"a":"\\u0067\\u0068p_${letters(36)}"}`,
      `{"a":"postgres:\\/\\/app:hunter2@db"}`,
      `{"a":"${secret}"}`,
    ]) {
      expect(bodyMayHoldSecret(new TextEncoder().encode(body))).toBe(true);
    }
  });

  it("and the removal are linear: hostile texts of 64 KB take no time", () => {
    const hostile = [
      "eyJ",
      "sk-",
      "-----BEGIN PRIVATE KEY-----",
      "://a:",
      "SG.aaaaaaaaaaaaaaaaaaaa.",
      "API_KEY=",
      "password=",
      "Bearer ",
      "a-",
      "_",
      "A",
    ];
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(64_000 / part.length));
      const started = performance.now();
      count(text);
      cleanValue({ [part]: text }, {});
      expect([part, performance.now() - started < 250]).toEqual([part, true]);
    }
  });
});

describe("every event", () => {
  const NOW = Date.now();
  const add = { org: hashString("org_a"), row: rowPrefix("org_a", "fra", NOW), teamOfUser: new Map<string, string>() };
  const secret = j("gh", "p_", letters(36));
  const made = (event: Record<string, unknown>) => {
    const checked = validateEvent(makeEvent(event, NOW), NOW);
    if (!("envelope" in checked)) throw new Error(checked.message);
    return enrich(checked, crypto.randomUUID(), 0, add);
  };

  it("of /v1/events loses secrets in its row, its live frame and its notice, and counts them", () => {
    const event = made({
      event_type: "error",
      user_id: `dev-${secret}`,
      repo: `https://x-access-token:${secret}@github.com/o/r`,
      unknown_field: secret,
      metadata: { message: `401 for ${secret}`, code: "x", nested: [{ env: `API_KEY=${secret}` }] },
    });
    expect(JSON.stringify(event)).not.toContain(secret);
    expect(event.redacted).toEqual({ dropped: 0, hashed: 0, secrets: 5 });
    const [pack] = packEvents([event, made({ event_type: "custom.a", metadata: { a: 1 } })], {
      orgId: "org_a",
      org: add.org,
      region: "us",
      residency: "us",
      receivedAt: NOW,
    });
    expect(pack?.header.redacted).toEqual({ dropped: 0, hashed: 0, secrets: 5 });
    expect(Buffer.from(pack?.bytes ?? []).includes(secret)).toBe(false);
  });

  it("without a secret is the same as if nobody had looked", () => {
    const event = made({ event_type: "error", metadata: { message: "disk-full task-7", code: "x" } });
    expect(event.redacted).toBeUndefined();
    expect(event.line).toContain("disk-full task-7");
  });
});
