import { describe, expect, it } from "vitest";
import { DATA_KINDS, DataPlaceSchema } from "../../../schema/api/residency.ts";
import { placesOf, type Tenancy } from "../../../workers/api/routes/residency-places.ts";

const TENANCIES: Tenancy[] = (["us", "eu", "global"] as const).flatMap((residency) =>
  (["us", "eu"] as const).flatMap((primaryRegion) =>
    [true, false].map((emulated) => ({ residency, primaryRegion, emulated })),
  ),
);
const eu: Tenancy = { residency: "eu", primaryRegion: "eu", emulated: false };
const guarantees = (tenancy: Tenancy) =>
  Object.fromEntries(placesOf(tenancy).map(({ data, guarantee }) => [data, guarantee]));

describe("what a tenant is told of its data", () => {
  it.each(TENANCIES)("has one place for each kind of data: %j", (tenancy) => {
    const places = placesOf(tenancy);
    expect(places.map(({ data }) => data)).toEqual([...DATA_KINDS]);
    for (const place of places) expect(DataPlaceSchema.parse(place)).toEqual(place);
  });

  it("pins an EU tenant's storage and objects, and says that TLS, parsing, answers and logs are not pinned", () => {
    expect(guarantees(eu)).toEqual({
      requests: "none",
      events: "operator",
      "rollups and reports": "operator",
      "live view": "platform",
      "telemetry counters": "platform",
      "packs in transit": "platform",
      "dead letters and spill": "platform",
      configuration: "platform",
      people: "platform",
      logs: "none",
      "API answers": "none",
    });
    const [requests] = placesOf(eu);
    expect(requests?.processed).toMatch(/TLS ends.*nearest/);
    expect(requests?.guaranteed_by).toContain("Regional Services");
  });

  it.each(TENANCIES.filter(({ emulated }) => emulated))(
    "claims nothing of the platform when emulated: %j",
    (tenancy) => {
      expect(Object.values(guarantees(tenancy))).not.toContain("platform");
    },
  );

  it.each(TENANCIES.filter(({ residency }) => residency !== "eu"))(
    "claims no pinned transit outside the EU: %j",
    (tenancy) => {
      expect(guarantees(tenancy)["packs in transit"]).toBe("none");
      expect(guarantees(tenancy).people).toBe("none");
    },
  );

  it("pins a global tenant's live view only where its primary region is the EU", () => {
    const live = (primaryRegion: "us" | "eu") =>
      guarantees({ residency: "global", primaryRegion, emulated: false })["live view"];
    expect([live("us"), live("eu")]).toEqual(["none", "platform"]);
  });
});
