import { describe, expect, it } from "vitest";
import { SECRET_PATTERN } from "../../../schema/secret-pattern.ts";
import { mintApiToken } from "../../../workers/shared/api-tokens.ts";
import { KEY_JURISDICTIONS, mintKey } from "../../../workers/shared/ingest-key.ts";

const TAG_SECRET = "a-secret-of-thirty-two-characters-or-more";
const found = (text: string): string[] => [...text.matchAll(new RegExp(SECRET_PATTERN, "g"))].map(([match]) => match);

describe("the pattern for secret scanners", () => {
  it("finds every kind of key and token in what people commit, whole and nothing around it", () => {
    const secrets = [
      ...KEY_JURISDICTIONS.flatMap((jurisdiction) =>
        (["header", "path"] as const).map((keyClass) => mintKey(TAG_SECRET, jurisdiction, keyClass).key),
      ),
      ...(["us", "eu"] as const).map((home) => mintApiToken(TAG_SECRET, home).token),
    ];
    for (const secret of secrets) {
      for (const text of [
        `OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${secret}"`,
        `key: '${secret}',`,
        `https://t.example/i/${secret}/v1/events`,
        `KEY=${secret}\n`,
      ]) {
        expect(found(text)).toEqual([secret]);
      }
    }
  });

  it("finds nothing in prose about them", () => {
    expect(
      found("keys are tf_us_… or tf_<jurisdiction>_<id>_<secret><tag>, tokens tft_eu_…; tf_us_0123456789_secret"),
    ).toEqual([]);
  });
});
